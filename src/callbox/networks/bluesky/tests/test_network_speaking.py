"""Speaking, on a real network: what residents see of what the connector wrote."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from callbox.connector import (
    AccountSeen,
    AuthDead,
    MemorySession,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.bluesky.connector import Bluesky
from callbox.networks.bluesky.tests.conftest import Connect
from callbox.networks.bluesky.tests.make import account_of, media, outgoing, ref
from callbox.vocabulary import Outgoing, Receipt, ReplyTo
from tests.servers.atproto import Credentials, Network, Resident, client, until

pytestmark = pytest.mark.network


def under(post: Mapping[str, Any]) -> ReplyTo:
    """A reply under a resident's post, with nothing remembered of it but its address."""
    return ReplyTo(post["uri"], post["uri"], None)


def shown(resident: Resident, receipt: Receipt) -> Mapping[str, Any]:
    """Our post, once the resident sees it."""
    return until(lambda: resident.sees(receipt.external_id))


def told(resident: Resident, receipt: Receipt) -> list[str]:
    """Why the resident was notified of our post."""
    found = resident.notifications()
    return [one["reason"] for one in found if one["uri"] == receipt.external_id]


def answers(resident: Resident, uri: str) -> list[str]:
    """What the resident sees under a post."""
    replies = resident.thread(uri)["thread"].get("replies", [])
    return [reply["post"]["uri"] for reply in replies if "post" in reply]


def test_a_reply_is_seen_and_its_author_notified(ours: Bluesky, ana: Resident) -> None:
    post = _seen(ana, ana.post("Is the pool open?"))
    receipt = ours.reply(outgoing("Yes, until eight", reply_to=under(post), language="en"))
    view = shown(ana, receipt)
    assert view["record"]["reply"] == {"root": ref(post), "parent": ref(post)}
    assert view["record"]["langs"] == ["en"]
    assert receipt.refs["self"] == ref(view)
    assert receipt.permalink.endswith(receipt.external_id[-13:])
    until(lambda: told(ana, receipt) == ["reply"])
    seen = ours.look(receipt.external_id)
    assert (seen.gone, seen.text, seen.refs["self"]) == (False, "Yes, until eight", ref(view))


def test_what_can_be_clicked_is_what_was_meant(
    ours: Bluesky, ana: Resident, connect: Connect
) -> None:
    text = (
        f"👮🏽‍♀️ שלום \u2067@{ana.handle}\u2069: siehe (https://city.example/a?b=ü). "
        "pd.gov #NoiséReport @nobody.invalid"
    )
    receipt = ours.publish(outgoing(text))
    view = shown(ana, receipt)
    body = view["record"]["text"].encode()
    found = {
        body[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): facet["features"]
        for facet in view["record"]["facets"]
    }
    kind = "app.bsky.richtext.facet"
    assert found == {
        f"@{ana.handle}": [{"$type": f"{kind}#mention", "did": ana.did}],
        "https://city.example/a?b=ü": [
            {"$type": f"{kind}#link", "uri": "https://city.example/a?b=ü"}
        ],
        "pd.gov": [{"$type": f"{kind}#link", "uri": "https://pd.gov"}],
        "#NoiséReport": [{"$type": f"{kind}#tag", "tag": "NoiséReport"}],
    }
    until(lambda: told(ana, receipt) == ["mention"])


def test_twice_with_one_key_says_once(ours: Bluesky, ana: Resident) -> None:
    post = _seen(ana, ana.post("Hello?"))
    answer = outgoing("Hello", reply_to=under(post), media=(media(),))
    first, second = ours.reply(answer), ours.reply(answer)
    assert first == second
    assert ours.find(answer) == first
    until(lambda: answers(ana, post["uri"]) == [first.external_id])


def test_once_said_stays_said_when_the_second_try_differs(ours: Bluesky, ana: Resident) -> None:
    said = outgoing("Hello")
    first = ours.publish(said)
    changed = Outgoing(said.key, said.made_at, "Hello again")
    assert ours.publish(changed) == first
    assert shown(ana, first)["record"]["text"] == "Hello"


class Losing(httpx.BaseTransport):
    """A real connection that breaks after the server has done what it was asked."""

    def __init__(self) -> None:
        self.inner = httpx.HTTPTransport()
        self.losing = ""
        self.calls: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path.rsplit("/", 1)[-1])
        response = self.inner.handle_request(request)
        if self.losing and self.losing in request.url.path:
            response.read()
            response.close()
            raise httpx.ReadError("connection lost")
        return response

    def close(self) -> None:
        self.inner.close()


def test_a_lost_answer_is_unknown_and_then_found(
    network: Network, department: Credentials, ana: Resident
) -> None:
    transport = Losing()
    ours = Bluesky(account_of(network, department), transport=transport)
    post = _seen(ana, ana.post("Anybody there?"))
    answer = outgoing("We are", reply_to=under(post))
    assert ours.find(answer) is None
    transport.losing = "putRecord"
    with pytest.raises(OutcomeUnknown):
        ours.reply(answer)
    receipt = ours.find(answer)
    assert receipt is not None
    assert answers_soon(ana, post["uri"]) == [receipt.external_id]
    ours.close()


def answers_soon(resident: Resident, uri: str) -> list[str]:
    return until(lambda: answers(resident, uri))


def test_pictures_go_with_their_descriptions(ours: Bluesky, ana: Resident) -> None:
    receipt = ours.publish(outgoing("", media=(media("A map"), media("Its legend"))))
    [one, two] = shown(ana, receipt)["embed"]["images"]
    assert (one["alt"], two["alt"]) == ("A map", "Its legend")
    assert one["aspectRatio"] == {"width": 64, "height": 48}
    with client("") as calls:
        picture = calls.get(one["fullsize"])
    assert (picture.status_code, picture.headers["content-type"][:6]) == (200, "image/")


def test_a_hidden_reply_is_hidden_and_others_rules_stay(
    ours: Bluesky, department: Credentials, network: Network, ana: Resident
) -> None:
    receipt = ours.publish(outgoing("Road works on Main"))
    root = receipt.refs["self"]
    shown(ana, receipt)
    bad = _seen(ana, ana.post("Spam", reply_to=root))
    good = _seen(ana, ana.post("Thanks", reply_to=root))
    mentioned = [{"$type": "app.bsky.feed.threadgate#mentionRule"}]
    with closing(Resident(network.service_url, department)) as ourselves:
        ourselves.limit_replies(root, mentioned)
    ours.hide(bad["uri"], root["uri"])
    ours.hide(bad["uri"], root["uri"])
    until(lambda: _hidden(ana, root["uri"]) == [bad["uri"]])
    assert _gate(ana, root["uri"])["allow"] == mentioned
    assert good["uri"] in answers(ana, root["uri"])
    ours.unhide(bad["uri"], root["uri"])
    ours.unhide(bad["uri"], root["uri"])
    until(lambda: _hidden(ana, root["uri"]) == [])


def test_hiding_makes_the_threadgate_when_there_is_none(ours: Bluesky, ana: Resident) -> None:
    receipt = ours.publish(outgoing("Open day"))
    root = receipt.refs["self"]
    shown(ana, receipt)
    bad = ana.post("Spam", reply_to=root)
    until(lambda: answers(ana, root["uri"]))
    ours.unhide(bad["uri"], root["uri"])
    ours.hide(bad["uri"], root["uri"])
    until(lambda: _hidden(ana, root["uri"]) == [bad["uri"]])
    assert "allow" not in _gate(ana, root["uri"])
    with pytest.raises(Refused):
        ours.hide(root["uri"], bad["uri"])


def test_two_who_hide_at_once_lose_nothing(
    ours: Bluesky,
    connect: Connect,
    department: Credentials,
    ana: Resident,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receipt = ours.publish(outgoing("Open day"))
    root = receipt.refs["self"]
    shown(ana, receipt)
    one, two = ana.post("Spam 1", reply_to=root), ana.post("Spam 2", reply_to=root)
    other = connect(department)
    meanwhile = partial(other.hide, two["uri"], root["uri"])
    _interrupted(monkeypatch, ours, "com.atproto.repo.putRecord", meanwhile)
    ours.hide(one["uri"], root["uri"])
    until(lambda: sorted(_hidden(ana, root["uri"])) == sorted([one["uri"], two["uri"]]))


def test_a_closed_thread_is_refused_before_it_is_silently_hidden(
    ours: Bluesky, ana: Resident
) -> None:
    post = ana.post("Just saying")
    ana.limit_replies(post)
    until(lambda: "threadgate" in (ana.sees(post["uri"]) or {}))
    answer = outgoing("We hear you", reply_to=under(post))
    with pytest.raises(Refused, match="does not let"):
        ours.reply(answer)
    assert ours.find(answer) is None
    ana.delete(post["uri"])
    until(lambda: ana.sees(post["uri"]) is None)
    with pytest.raises(Refused, match="gone"):
        ours.reply(answer)


def test_deleting_and_looking(ours: Bluesky, ana: Resident) -> None:
    said = outgoing("A mistake")
    receipt = ours.publish(said)
    assert not ours.look(receipt.external_id).gone  # the public side may not have it yet
    shown(ana, receipt)
    ours.delete(receipt.external_id)
    ours.delete(receipt.external_id)
    until(lambda: ours.look(receipt.external_id).gone)
    assert ours.find(said) is None
    with pytest.raises(Refused):
        ours.delete(ana.post("Not yours")["uri"])


def test_a_post_written_long_before_it_went_out_is_there(ours: Bluesky, ana: Resident) -> None:
    scheduled = Outgoing("scheduled", datetime.now(UTC) - timedelta(days=2), "Tomorrow at eight")
    receipt = ours.publish(scheduled)
    assert ours.look(receipt.external_id).text == "Tomorrow at eight"
    shown(ana, receipt)
    assert ours.look(receipt.external_id).text == "Tomorrow at eight"


def test_twice_liked_is_once(ours: Bluesky, ana: Resident) -> None:
    post = _seen(ana, ana.post("Thank you, officers"))
    ours.like(post["uri"], {"self": ref(post)})
    ours.like(post["uri"], {})
    until(lambda: (ana.sees(post["uri"]) or {})["likeCount"] == 1)
    ours.like(post["uri"], {})
    likes = [one for one in ana.notifications() if one.get("reasonSubject") == post["uri"]]
    assert [one["reason"] for one in likes] == ["like"]


def test_the_server_counts_characters_as_we_do(ours: Bluesky) -> None:
    for letter in ("a", "é", "e\u0301", "👨‍👩‍👧‍👦", "🇺🇸", "한", "👮🏽‍♀️"):
        most = min(300, 3000 // len(letter.encode()))
        assert ours.measure(letter * most) == most
        assert ours.publish(outgoing(letter * most)).external_id
    [problem] = ours.check(outgoing("a" * 301))
    assert problem.code == "too_long"
    with pytest.raises(Refused, match="1 too many"):
        ours.publish(outgoing("a" * 301))


def test_one_login_serves_many_connectors(network: Network, department: Credentials) -> None:
    session, transport = MemorySession(), Losing()
    for _ in range(5):
        ours = Bluesky(account_of(network, department), session, transport=transport)
        ours.fetch({})
        assert ours.identify().external_id == department.did
    assert transport.calls.count("com.atproto.server.createSession") == 1
    expired = {**session.read(), "access": "expired"}
    session.renew(lambda _: expired)
    ours.fetch({})
    assert transport.calls.count("com.atproto.server.refreshSession") == 1
    session.renew(lambda now: {**now, "access": "expired", "refresh": "revoked"})
    ours.fetch({})
    assert transport.calls.count("com.atproto.server.createSession") == 2
    ours.close()


def test_a_wrong_password_is_a_dead_login(network: Network, department: Credentials) -> None:
    account = account_of(network, department)
    wrong = AccountSeen("1", "", account.handle, account.config, {"password": "wrong"})
    ours = Bluesky(wrong)
    with pytest.raises(AuthDead, match="Invalid identifier or password"):
        ours.identify()
    ours.close()


def test_too_many_logins_say_when_to_come_back(network: Network) -> None:
    server = {"service": network.service_url}
    ours = Bluesky(AccountSeen("1", "", "nobody.test", server, {"password": "wrong"}))
    login = {"identifier": "nobody.test", "password": "wrong"}
    address = "/xrpc/com.atproto.server.createSession"
    with ThreadPoolExecutor(10) as pool, client(network.service_url) as calls:
        list(pool.map(lambda _: calls.post(address, json=login), range(30)))
    with pytest.raises(RateLimited) as limited:
        ours.identify()
    assert 0 < (limited.value.until - ours.now()).total_seconds() <= 300
    ours.close()


def test_a_network_that_is_down_did_nothing(network: Network, department: Credentials) -> None:
    account = account_of(network, department)
    session = MemorySession()
    with closing(Bluesky(account, session)) as before:
        before.identify()
    gone = {**account.config, "service": "http://127.0.0.1:9"}
    ours = Bluesky(AccountSeen("1", account.external_id, account.handle, gone), session)
    for call in (
        lambda: ours.publish(outgoing("Hello")),
        lambda: ours.fetch({}),
        lambda: ours.find(outgoing("Hello")),
    ):
        with pytest.raises(Unavailable):
            call()
    ours.close()


def _seen(resident: Resident, post: Mapping[str, Any]) -> Mapping[str, Any]:
    until(lambda: resident.sees(post["uri"]))
    return post


def _gate(resident: Resident, uri: str) -> Mapping[str, Any]:
    record: Mapping[str, Any] = resident.thread(uri).get("threadgate", {}).get("record", {})
    return record


def _hidden(resident: Resident, uri: str) -> list[str]:
    return list(_gate(resident, uri).get("hiddenReplies", []))


def _interrupted(
    patch: pytest.MonkeyPatch, ours: Bluesky, method: str, deed: Callable[[], None]
) -> None:
    """Let `deed` happen right before the connector's next call of `method`."""
    original = ours._xrpc.procedure

    def procedure(name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if name == method:
            patch.undo()
            deed()
        return original(name, body)

    patch.setattr(ours._xrpc, "procedure", procedure)
