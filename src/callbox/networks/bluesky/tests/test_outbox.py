from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks import connector_class
from callbox.networks.bluesky.connector import Bluesky
from callbox.networks.bluesky.tests.fake import DID, NOW, Server, error
from callbox.networks.bluesky.tests.make import media
from callbox.networks.bluesky.tid import tid
from callbox.vocabulary import AuthorSeen, Lane, Media, Outgoing, ReplyTo

MADE_AT = datetime(2026, 5, 14, 13, 59, 30, 123456, tzinfo=UTC)
PARENT = {"uri": "at://did:plc:ana/app.bsky.feed.post/3l6oveex3ii2l", "cid": "cidp"}
ROOT = {"uri": "at://did:plc:theo/app.bsky.feed.post/3l6oveex3ii2k", "cid": "cidr"}
ANA = AuthorSeen("did:plc:ana", "ana.test")
GATE = {"allow": [{"$type": "app.bsky.feed.threadgate#mentionRule"}], "custom": 1}


def answer(text: str = "Thank you", **more: Any) -> Outgoing:
    refs = {"self": PARENT, "root": ROOT}
    to = ReplyTo(PARENT["uri"], ROOT["uri"], ANA, refs)
    return Outgoing("delivery", MADE_AT, text, reply_to=to, **more)


def taking(**more: Any) -> Server:
    """A server that shows the parent and takes what is put."""
    put = {"uri": "at://x", "cid": "cid1"}
    return Server(**{"getPosts": {"posts": [PARENT]}, "putRecord": put, **more})


def test_a_reply_as_it_is_sent() -> None:
    server = taking()
    receipt = server.connector().reply(answer("@ana.test thank you", language="en"))
    [body] = server.bodies("putRecord")
    assert body["record"] == {
        "$type": "app.bsky.feed.post",
        "text": "@ana.test thank you",
        "createdAt": "2026-05-14T13:59:30.123Z",
        "langs": ["en"],
        "reply": {"root": ROOT, "parent": PARENT},
        "facets": [
            {
                "index": {"byteStart": 0, "byteEnd": 9},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ana"}],
            }
        ],
    }
    assert body["swapRecord"] is None
    uri = f"at://{DID}/app.bsky.feed.post/{body['rkey']}"
    assert receipt.external_id == uri
    assert receipt.refs == {"self": {"uri": uri, "cid": "cid1"}, "root": ROOT, "parent": PARENT}
    assert receipt.permalink == f"https://bsky.app/profile/{DID}/post/{body['rkey']}"
    assert server.called("resolveHandle") == []  # its author's DID is known


def test_every_attempt_sends_the_same() -> None:
    server = taking()
    for _ in range(2):
        server.connector().reply(answer())
    one, two = server.bodies("putRecord")
    assert one == two


def test_a_reply_without_remembered_versions_asks_for_them() -> None:
    post = {**PARENT, "record": {"reply": {"root": ROOT, "parent": ROOT}}}
    server = taking(getPosts={"posts": [post]})
    to = ReplyTo(PARENT["uri"], ROOT["uri"], None)
    server.connector().reply(Outgoing("delivery", MADE_AT, "Hello", reply_to=to))
    [body] = server.bodies("putRecord")
    assert body["record"]["reply"] == {"root": ROOT, "parent": PARENT}


def test_what_was_already_sent_is_found_before_it_is_refused() -> None:
    """The first call's answer was lost, and then the thread was closed."""
    earlier = {"cid": "cid1", "value": {"text": "Thank you"}}
    closed = {**PARENT, "viewer": {"replyDisabled": True}}
    for posts in ([], [closed]):
        server = taking(getPosts={"posts": posts}, getRecord=earlier)
        assert server.connector().reply(answer()).refs["self"]["cid"] == "cid1"
        assert server.called("putRecord") == []
        server.answers["getRecord"] = error(400, "RecordNotFound")
        with pytest.raises(Refused):
            server.connector().reply(answer())


def test_a_record_that_is_there_is_success() -> None:
    earlier = {"cid": "cid1", "value": {"text": "Thank you"}}
    server = taking(putRecord=error(400, "InvalidSwap"), getRecord=earlier)
    assert server.connector().reply(answer()).refs["self"]["cid"] == "cid1"
    server.answers["getRecord"] = error(400, "RecordNotFound")
    with pytest.raises(Unavailable):
        server.connector().reply(answer())


def test_what_may_have_happened_is_unknown() -> None:
    for trouble in (error(500), httpx.ReadTimeout("slow"), httpx.WriteError("cut")):
        with pytest.raises(OutcomeUnknown):
            taking(putRecord=trouble).connector().publish(answer())


def test_trouble_before_the_post_is_written_did_nothing() -> None:
    for trouble in (error(500), httpx.ReadTimeout("slow"), httpx.ConnectError("down")):
        for method in ("uploadBlob", "getPosts", "resolveHandle"):
            server = taking(uploadBlob={"blob": {"ref": {"$link": "b"}}}, resolveHandle={"did": ""})
            server.answers[method] = trouble
            with pytest.raises(Unavailable):
                server.connector().reply(answer("@theo.test look", media=(media(),)))
            assert server.called("putRecord") == []


def test_pictures_are_uploaded_with_their_kind() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafy"}, "mimeType": "image/png", "size": 3}
    server = taking(uploadBlob={"blob": blob})
    server.connector().publish(Outgoing("d", MADE_AT, "", media=(Media(b"abc", "image/png", "A"),)))
    [upload] = server.called("uploadBlob")
    assert (upload.content, upload.headers["content-type"]) == (b"abc", "image/png")
    [body] = server.bodies("putRecord")
    assert body["record"]["embed"]["images"] == [{"image": blob, "alt": "A"}]


@pytest.mark.parametrize(
    ("outgoing", "codes"),
    [
        (answer(), []),
        (answer("👨‍👩‍👧‍👦" * 100), []),
        (answer("a" * 301), ["too_long"]),
        (answer("👨‍👩‍👧‍👦" * 121), ["too_long"]),
        (answer("  \n"), ["empty"]),
        (answer("", media=(media(),)), []),
        (answer("\ud83d"), ["broken"]),
        (answer(lane=Lane.PRIVATE), ["private"]),
        (answer(media=(media(),) * 5), ["too_many_images"]),
        (answer(media=(media(" "),) * 2), ["alt_missing"]),
        (answer(media=(media("a" * 2001),)), ["alt_long"]),
        (answer(media=(Media(b"", "image/tiff", "A"),)), ["image_type"]),
        (answer(media=(Media(bytes(1_000_001), "image/png", "A"),)), ["image_size"]),
    ],
)
def test_what_does_not_fit_is_said_before_and_never_sent(
    outgoing: Outgoing, codes: list[str]
) -> None:
    server = taking(uploadBlob={"blob": {}})
    problems = server.connector().check(outgoing)
    assert [problem.code for problem in problems] == codes
    if codes:
        with pytest.raises(Refused, match=problems[0].words[:20]):
            server.connector().reply(outgoing)
        assert server.calls == [call for call in server.calls if call[0] == "createSession"]


def test_limits_and_measure_agree() -> None:
    ours = Server().connector()
    limits = ours.limits()
    assert (limits.text, limits.unit, limits.images) == (300, "graphemes", 4)
    assert ours.measure("👮🏽‍♀️é") == 2


def test_the_abilities_are_those_of_the_network() -> None:
    assert connector_class("bluesky") is Bluesky
    absent = {"message", "edit", "listen", "receive_hook"}
    wanted = {"identify", "fetch", "context", "reply", "publish", "find", "look", "delete"}
    assert Bluesky.abilities() == wanted | {"hide", "unhide", "like"}
    assert Bluesky.abilities().isdisjoint(absent)


def test_hiding_keeps_everything_else_in_the_threadgate() -> None:
    root = f"at://{DID}/app.bsky.feed.post/3l6oveex3ii2l"
    server = Server(getRecord={"cid": "gate1", "value": GATE}, putRecord={})
    server.connector().hide(PARENT["uri"], root)
    [body] = server.bodies("putRecord")
    assert (body["collection"], body["rkey"]) == ("app.bsky.feed.threadgate", "3l6oveex3ii2l")
    assert body["swapRecord"] == "gate1"
    assert body["record"] == {**GATE, "hiddenReplies": [PARENT["uri"]]}


def test_a_full_or_busy_threadgate_says_so() -> None:
    root = f"at://{DID}/app.bsky.feed.post/3l6oveex3ii2l"
    full = {**GATE, "hiddenReplies": [f"at://x/{number}" for number in range(300)]}
    server = Server(getRecord={"cid": "gate1", "value": full}, putRecord={})
    with pytest.raises(Refused, match="at most 300"):
        server.connector().hide(PARENT["uri"], root)
    server = Server(getRecord={"cid": "g", "value": GATE}, putRecord=error(400, "InvalidSwap"))
    with pytest.raises(Unavailable, match="by others"):
        server.connector().hide(PARENT["uri"], root)
    assert len(server.called("putRecord")) == 4


@pytest.mark.parametrize("bad", ["", "3l6oveex3ii2l", "https://a.example", "at://did:plc:a/x/y"])
def test_ids_of_other_things_are_refused(bad: str) -> None:
    ours = Server().connector()
    root = f"at://{DID}/app.bsky.feed.post/3l6oveex3ii2l"
    for call in (
        ours.look,
        ours.delete,
        lambda uri: ours.hide(uri, root),
        lambda uri: ours.like(uri, {}),
    ):
        with pytest.raises(Refused):
            call(bad)


YOUNG, OLD = tid("any", NOW - timedelta(minutes=5)), tid("any", NOW - timedelta(minutes=11))


@pytest.mark.parametrize(
    ("commit", "rkey", "gone"),
    [
        ({"rev": YOUNG}, OLD, False),  # written long ago, sent just now
        ({"rev": OLD}, OLD, True),  # hidden by the network
        (error(404, "XRPCNotSupported"), YOUNG, False),
        (error(404, "XRPCNotSupported"), OLD, True),
        ({"rev": 7}, OLD, True),
    ],
)
def test_what_the_public_side_does_not_show_may_only_be_new(
    commit: Any, rkey: str, gone: bool
) -> None:
    record = {"cid": "c", "value": {"text": "Hello"}}
    server = Server(getPostThread=error(400, "NotFound"), getRecord=record, getLatestCommit=commit)
    seen = server.connector().look(f"at://{DID}/app.bsky.feed.post/{rkey}")
    assert (seen.gone, seen.text) == (gone, "" if gone else "Hello")
    server.answers["getRecord"] = error(400, "RecordNotFound")
    assert server.connector().look(f"at://{DID}/app.bsky.feed.post/{rkey}").gone


def test_what_others_posted_is_gone_when_it_is_not_shown() -> None:
    blocked = {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://x", "blocked": True}
    for answer in (error(400, "NotFound"), {"thread": blocked}):
        assert Server(getPostThread=answer).connector().look(PARENT["uri"]).gone


def test_a_like_is_not_repeated() -> None:
    server = Server(getPosts={"posts": [{**PARENT, "viewer": {"like": "at://x"}}]}, putRecord={})
    server.connector().like(PARENT["uri"], {})
    assert server.called("putRecord") == []
    server.answers["getPosts"] = {"posts": [PARENT]}
    for _ in range(2):
        server.connector().like(PARENT["uri"], {})
    one, two = server.bodies("putRecord")
    assert one == two
    assert one["record"]["subject"] == PARENT
    server.answers["getPosts"] = {"posts": []}
    with pytest.raises(Refused, match="gone"):
        server.connector().like(PARENT["uri"], {})
