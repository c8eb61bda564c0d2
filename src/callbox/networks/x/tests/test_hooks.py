"""Webhooks: the handshake, the signature over raw bytes, and what they stand on."""

import base64
import hmac
import json
from dataclasses import replace

import pytest

from callbox.connector import Refused, Signed
from callbox.networks.x import hooks
from callbox.networks.x.connector import X
from callbox.networks.x.tests.harness import HOOK_URL, XHarness
from callbox.vocabulary import Deleted, Said
from tests.servers.standin import Fault
from tests.servers.x import ANA, US, XStandIn


def test_the_handshake(connector: X) -> None:
    """The answer is the token's own signature, as X's page shows it."""
    request = Signed("GET", HOOK_URL + "?crc_token=abc", {}, b"", {"crc_token": "abc"})
    answer = connector.receive_hook(request)
    digest = hmac.new(XStandIn.consumer_secret.encode(), b"abc", "sha256").digest()
    wanted = {"response_token": "sha256=" + base64.b64encode(digest).decode()}
    assert (json.loads(answer.body), answer.content_type) == (wanted, "application/json")
    assert answer.raws == ()
    with pytest.raises(Refused):
        connector.receive_hook(replace(request, query={}))


def test_the_signature_is_over_the_bytes_that_came(x: XHarness, connector: X) -> None:
    """Failure mode 14: the same JSON, written another way, is another body."""
    body = '{ "data" : {"event_type":"post.mention.create", "payload":{"id":"7"}, "note":"é"} }'
    signed = x.signed(body.encode())
    assert connector.receive_hook(signed).raws[0].body == body.encode()
    for forged in (
        json.dumps(json.loads(body)).encode(),
        body.encode() + b"\n",
        body.replace("é", "\\u00e9").encode(),
        b"",
    ):
        with pytest.raises(Refused, match="signature"):
            connector.receive_hook(replace(signed, body=forged))
    with pytest.raises(Refused, match="signature"):
        connector.receive_hook(replace(signed, headers={}))


def test_nobody_can_call_without_a_secret(x: XHarness) -> None:
    account = replace(x.account(), secrets={})
    made = X(account, now=x.clock)
    with pytest.raises(Refused, match="consumer secret"):
        made.receive_hook(x.signed(b"{}"))


def test_it_is_handed_to_the_account_that_it_is_for(x: XHarness, connector: X) -> None:
    x.x.say(ANA, "@district5 Hello?")
    (raw,) = x.pushed()
    assert (raw.to, raw.kind) == (US, "activity")
    assert [type(one) for one in connector.parse(raw)] == [Said]


def test_a_deletion_of_our_own_is_heard(x: XHarness, connector: X) -> None:
    """Failure mode 11."""
    ours = x.x.say(US, "Elm Street is closed.")
    x.x.remove(ours.id)
    events = [event for raw in x.pushed() for event in connector.parse(raw)]
    assert [(type(one), one.external_id) for one in events if isinstance(one, Deleted)] == [
        (Deleted, ours.id)
    ]


def test_what_cannot_be_read_is_kept_for_the_quarantine(x: XHarness, connector: X) -> None:
    answer = connector.receive_hook(x.signed(b"not json"))
    assert [(raw.body, raw.to) for raw in answer.raws] == [(b"not json", "")]


def test_repeated_and_reordered_they_say_the_same(x: XHarness, connector: X) -> None:
    x.x.say(ANA, "@district5 one")
    x.x.say(ANA, "@district5 two")
    raws = x.pushed()
    forward = [connector.parse(raw) for raw in raws]
    assert [connector.parse(raw) for raw in [*raws[::-1], *raws]] == [*forward[::-1], *forward]


# --- what they stand on -----------------------------------------------------------------------


def test_everything_is_made_once(x: XHarness, connector: X) -> None:
    """Failure mode 12: what is missing is named, made, and then stands."""
    seen = connector.hooks(HOOK_URL, repair=False)
    assert [one.good for one in seen] == [False]
    mended = connector.hooks(HOOK_URL, repair=True)
    assert all(one.good for one in mended)
    assert len(mended) == 1 + len(hooks.EVENTS)
    again = connector.hooks(HOOK_URL, repair=True)
    assert [one.good for one in again] == [True] * len(mended)
    assert len(x.x.webhooks) == 1
    assert {one["event_type"] for one in x.x.subscriptions} == set(hooks.EVENTS)
    assert {one["filter"]["user_id"] for one in x.x.subscriptions} == {US}


def test_a_lost_subscription_is_noticed_and_mended(x: XHarness, connector: X) -> None:
    """Failure mode 12."""
    connector.hooks(HOOK_URL, repair=True)
    x.x.subscriptions.pop(1)
    bad = [one for one in connector.hooks(HOOK_URL, repair=False) if not one.good]
    assert [one.name for one in bad] == ["Answers to our posts"]
    assert all(one.good for one in connector.hooks(HOOK_URL, repair=True))


def test_an_address_that_x_switched_off_is_asked_again_and_replayed(
    x: XHarness, connector: X
) -> None:
    connector.hooks(HOOK_URL, repair=True)
    next(iter(x.x.webhooks.values()))["valid"] = False
    assert connector.hooks(HOOK_URL, repair=False)[0].good is False
    assert "24 hours" in connector.hooks(HOOK_URL, repair=True)[0].words
    (asked,) = x.x.replays
    assert len(asked["from_date"]) == 12
    next(iter(x.x.webhooks.values()))["valid"] = False
    x.x.fault("POST", "/2/webhooks/replay", Fault.status(403))
    assert "Polling" in connector.hooks(HOOK_URL, repair=True)[0].words


def test_a_subscription_that_the_plan_does_not_have_is_said_and_the_others_are_made(
    x: XHarness, connector: X
) -> None:
    no = Fault.status(403, {"detail": "Not in plan"})
    x.x.fault("POST", "/2/activity/subscriptions", no)
    layers = connector.hooks(HOOK_URL, repair=True)
    bad = [one for one in layers if not one.good]
    assert len(bad) == 1
    assert "Not in plan" in bad[0].words
    assert "Polling" in bad[0].words


def test_an_event_without_a_direction_is_taken_without(x: XHarness, connector: X) -> None:
    x.x.fault("POST", "/2/activity/subscriptions", Fault())  # the mentions, as they are
    x.x.fault("POST", "/2/activity/subscriptions", Fault.status(400, {"detail": "direction"}))
    assert all(one.good for one in connector.hooks(HOOK_URL, repair=True))
    filters = {one["event_type"]: one["filter"] for one in x.x.subscriptions}
    assert "direction" not in filters["post.reply.create"]
    assert filters["post.quote.create"]["direction"] == "inbound"


@pytest.mark.parametrize(
    "url",
    [
        "http://callbox.example/hooks/x/",
        "https://callbox.example:8443/hooks/x/",
        "https://callbox.example/" + "a" * 200,
        "https://[bad/",
        "",
    ],
)
def test_addresses_that_x_does_not_call(url: str, x: XHarness, connector: X) -> None:
    (layer,) = connector.hooks(url, repair=True)
    assert not layer.good
    assert layer.words
    assert x.x.calls == []


def test_without_an_app_token_polling_is_named(x: XHarness) -> None:
    made = X(replace(x.account(), secrets={}), now=x.clock)
    (layer,) = made.hooks(HOOK_URL, repair=True)
    assert "once a minute" in layer.words
