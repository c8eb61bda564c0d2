"""What X's answers mean: ended by its own word, and never repeated where that changes nothing."""

from datetime import timedelta

import httpx
import pytest

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.x import errors
from callbox.networks.x.tests.harness import XHarness
from callbox.networks.x.tests.play import heard, outgoing
from callbox.vocabulary import Said
from tests.servers.standin import Fault
from tests.servers.x import ANA, US


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"errors": [{"message": "bad"}], "title": "Invalid Request"}, Refused),
        (401, {"title": "Unauthorized"}, AuthDead),
        (403, {"detail": "You are not permitted to perform this action."}, Refused),
        (404, {"title": "Not Found"}, Refused),
        (408, None, Unavailable),
        (500, {"title": "Internal Error"}, Unavailable),
        (503, None, Unavailable),
        (301, None, Unavailable),
    ],
)
def test_reading(x: XHarness, status: int, body: object, kind: type[ConnectorError]) -> None:
    connector = x.connector()
    x.x.fault("GET", "/2/users/me", Fault.status(status, body), times=2)
    with pytest.raises(kind):
        connector.identify()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.status(400, {"title": "Invalid Request"}), Refused),
        (Fault.status(403, {"detail": "Duplicate content"}), Refused),
        (Fault.status(500), OutcomeUnknown),
        (Fault.status(503), OutcomeUnknown),
        (Fault.dropped(), OutcomeUnknown),
        (Fault.after_success(), OutcomeUnknown),
        (Fault.status(201, {"errors": [{"title": "odd"}]}), OutcomeUnknown),
        (Fault.status(201, {"data": {"text": "no id"}}), OutcomeUnknown),
    ],
)
def test_writing(x: XHarness, fault: Fault, kind: type[ConnectorError]) -> None:
    connector = x.connector()
    x.x.fault("POST", "/2/tweets", fault)
    with pytest.raises(kind):
        connector.publish(outgoing(x, "Hello"))


def test_a_network_that_cannot_be_reached_did_nothing(x: XHarness) -> None:
    connector = x.connector()
    x.x.close()
    with pytest.raises(Unavailable):
        connector.publish(outgoing(x, "Hello"))
    x.clock.pass_(hours=3)
    with pytest.raises(AuthTransient):
        connector.publish(outgoing(x, "Hello"))


def test_a_limit_ends_when_its_header_says(x: XHarness) -> None:
    """A 429 whose reset is ignored is met again at once, and again."""
    connector = x.connector()
    x.limit_next(613)
    with pytest.raises(RateLimited) as limited:
        connector.publish(outgoing(x, "Hello"))
    left = limited.value.until - x.clock()
    assert timedelta(seconds=608) < left <= timedelta(seconds=613)


def test_a_limit_of_messages_does_not_hold_up_mentions(x: XHarness) -> None:
    """Failure mode 13: each part of a poll has its own pace and its own limit."""
    connector = x.connector()
    reset = str(int((x.clock() + timedelta(minutes=10)).timestamp()))
    x.x.fault("GET", "/2/dm_events", Fault.status(429, headers={"x-rate-limit-reset": reset}))
    x.say("Is Elm Street closed?")
    x.say("Are you there?", private=True)
    events, cursor = heard(connector, {})
    assert [one.text for one in events if isinstance(one, Said)] == [
        "@district5 Is Elm Street closed?"
    ]
    x.say("Still closed?")
    events, cursor = heard(connector, cursor)
    assert len(events) == 1
    assert len(x.x.made("GET", "/2/dm_events")) == 1, "asked again before its time"
    x.clock.pass_(minutes=10)
    events, _ = heard(connector, cursor)
    assert [one.text for one in events] == ["Are you there?"]


def test_a_final_no_does_not_wedge_what_comes_after(x: XHarness) -> None:
    """X's 403 for an answer that nobody summoned is final, whatever we believed: Refused, with its
    words, and the next answer goes out."""
    connector = x.connector()
    asked = x.say("Is Elm Street closed?")
    answer = x.answer(asked, "Until six.", "k")
    x.x.posts[asked].text = "Never mind"  # it names nobody any more
    with pytest.raises(Refused, match="mentioned or quoted"):
        connector.reply(answer)
    other = x.say("And Oak Street?")
    assert connector.reply(x.answer(other, "Open.", "k2")).external_id


def test_parts_that_are_missing_do_not_hide_the_rest(both: XHarness) -> None:
    """A 200 may carry errors beside its data."""
    ours = both.x.say(US, "Elm Street is closed.")
    both.x.say(ANA, "Until when?", parent=ours.id)
    _, cursor = heard(both.connector(), {})
    other = both.x.say(US, "Oak Street too.")
    both.clock.pass_(minutes=6)
    both.x.remove(ours.id)
    events, _ = heard(both.connector(), cursor)
    assert {one.external_id for one in events} == {ours.id, other.id}


def test_words_of_x_are_shown_and_nothing_else() -> None:
    shown = {
        '{"detail":"Why"}': "Why",
        '{"errors":[{"message":"Old"}]}': "Old",
        '{"error":"invalid_request","error_description":"Bad token"}': "Bad token",
        "[]": "",
        "<html>": "",
        "": "",
    }
    for body, words in shown.items():
        assert errors.said_by(httpx.Response(400, content=body.encode())) == words
