import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbox.connector import Malformed, Raw
from callbox.networks.bluesky import thread
from callbox.networks.bluesky.parse import events
from callbox.networks.bluesky.raws import raw_of
from callbox.networks.bluesky.tests.fake import DID, Server
from callbox.vocabulary import Addressed, Deleted, Edited, Reacted, Reaction, Said

FOLDER = Path(__file__).resolve().parents[1] / "samples"
SAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
HEARD = {name: one for name, one in SAMPLES.items() if one["kind"] not in ("error", "thread")}


def read(name: str) -> Any:
    """The one event of a sample."""
    [event] = events(Raw.of(SAMPLES[name]["kind"], SAMPLES[name]["body"]))
    return event


def test_a_mention() -> None:
    body, said = SAMPLES["mention"]["body"], read("mention")
    reference = {"uri": body["uri"], "cid": body["cid"]}
    assert isinstance(said, Said)
    assert said.external_id == body["uri"]
    assert said.addressed is Addressed.MENTION
    assert (
        said.text
        == "👋🏽 @harborpolice.test the light at Pier 4 is out https://pier4.example/lights… again"
    )
    assert said.language == "en"
    assert said.said_at == datetime.fromisoformat(body["record"]["createdAt"])
    assert (said.root_id, said.parent_id) == (None, None)
    assert said.refs == {"self": reference, "root": reference}
    assert said.author is not None
    assert said.author.handle == "marisol.test"
    assert said.author.profile_url == f"https://bsky.app/profile/{body['author']['did']}"


def test_a_reply_with_a_picture() -> None:
    body, said = SAMPLES["reply_image"]["body"], read("reply_image")
    above = body["record"]["reply"]
    assert said.addressed is Addressed.REPLY
    assert (said.root_id, said.parent_id) == (above["root"]["uri"], above["parent"]["uri"])
    assert said.refs["root"] == above["root"]
    assert said.refs["parent"] == above["parent"]
    [picture] = said.attachments
    assert (picture.kind, picture.alt) == ("image", "A teal road sign: “Open 12–18”")
    assert body["record"]["embed"]["images"][0]["image"]["ref"]["$link"] in picture.url
    assert said.language == "ar"


def test_a_reply_further_down_keeps_root_and_parent_apart() -> None:
    said = read("reply_deep")
    assert said.root_id != said.parent_id
    assert said.refs["root"]["uri"] == said.root_id


def test_quotes_and_cards() -> None:
    assert read("quote").addressed is Addressed.QUOTE
    assert [one.kind for one in read("quote").attachments] == ["quote"]
    assert [one.kind for one in read("quote_with_image").attachments] == ["image", "quote"]
    [card] = read("mention_card").attachments
    assert (card.kind, card.url, card.title) == (
        "link",
        "https://news.example/harbor",
        "Harbor news",
    )


def test_reactions_name_nobody() -> None:
    for name, reaction in (("like", Reaction.LIKE), ("repost", Reaction.SHARE)):
        body, event = SAMPLES[name]["body"], read(name)
        at = datetime.fromisoformat(body["indexedAt"])
        assert event == Reacted(body["reasonSubject"], reaction, at)


def test_an_edit_and_a_deletion() -> None:
    edited, deleted = read("changed"), read("gone")
    assert isinstance(edited, Edited)
    assert edited.said is not None
    assert edited.text == edited.said.text
    assert edited.said.addressed is Addressed.MENTION
    assert isinstance(deleted, Deleted)
    assert deleted.external_id == edited.external_id == SAMPLES["mention"]["body"]["uri"]


def altered(name: str, record: Mapping[str, Any] | None = None, **parts: Any) -> Raw:
    """A sample with other parts, or with other parts of its record."""
    body = {**SAMPLES[name]["body"], **parts}
    body["record"] = {**body["record"], **(record or {})}
    return Raw.of(SAMPLES[name]["kind"], body)


def test_without_a_profile_the_address_names_the_author() -> None:
    profiles: list[Any] = [None, [], {"did": None, "handle": 7}]
    for profile in profiles:
        [said] = events(altered("mention", author=profile))
        assert isinstance(said, Said)
        assert said.author is not None
        assert said.author.external_id == said.external_id.split("/")[2]
        assert said.author.handle == ""


def test_links_behind_shortened_text_are_kept() -> None:
    facet = {
        "index": {"byteStart": 0, "byteEnd": 3},
        "features": [
            {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/long"},
            {"$type": "app.bsky.richtext.facet#link", "uri": "javascript:alert(1)"},
        ],
    }
    [said] = events(altered("mention", {"facets": [facet, facet]}))
    assert isinstance(said, Said)
    assert [(one.kind, one.url) for one in said.attachments] == [("link", "https://a.example/long")]


def test_video_gallery_and_the_unknown() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafyvideo"}, "mimeType": "video/mp4", "size": 1}
    embeds = [
        ({"$type": "app.bsky.embed.video", "video": blob, "alt": "Smoke"}, "video"),
        ({"$type": "app.bsky.embed.gallery", "items": [{"image": blob, "alt": "Smoke"}]}, "image"),
        ({"$type": "app.bsky.embed.hologram"}, "other"),
        ({"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:a/x.list/1"}}, "other"),
    ]
    for embed, kind in embeds:
        [said] = events(altered("mention", {"embed": embed}))
        assert isinstance(said, Said)
        assert [one.kind for one in said.attachments] == [kind]


def test_the_earlier_time_counts_and_nonsense_does_not() -> None:
    listed_at = datetime.fromisoformat(SAMPLES["mention"]["body"]["indexedAt"])
    for claimed in ("2099-01-01T00:00:00Z", "yesterday", None):
        [said] = events(altered("mention", {"createdAt": claimed}))
        assert isinstance(said, Said)
        assert said.said_at == listed_at


def test_half_characters_do_not_reach_the_database() -> None:
    body = json.dumps({**SAMPLES["mention"]["body"], "record": {"text": "a\ud800b\x00"}})
    [said] = events(Raw("notification", body.encode()))
    assert isinstance(said, Said)
    assert said.text == "a\ufffdb\ufffd"
    assert raw_of("notification", json.loads(body)).json() == json.loads(body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("notification", b"not json"),
        ("notification", b"\xff\xfe\x00"),
        ("notification", b"[" * 100_000),
        ("notification", b"[]"),
        ("notification", b"{}"),
        ("notification", b'{"reason": "mention"}'),
        ("notification", b'{"reason": "like", "reasonSubject": "https://a.example"}'),
        ("changed", b'{"noticed_at": "2026-05-14T14:00:00Z"}'),
        ("changed", b"{}"),
        ("gone", b"{}"),
        ("carrier pigeon", b"{}"),
    ],
)
def test_what_makes_no_sense_is_malformed(kind: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        events(Raw(kind, body))


def test_a_notification_about_something_else_says_nothing() -> None:
    assert events(altered("mention", reason="follow")) == []


def harmless(raw: Raw) -> None:
    """Reading gives events or Malformed, the same ones each time, and their texts are sound."""
    try:
        found = events(raw)
    except Malformed:
        return
    assert found == events(raw)
    assert repr(found).encode()
    for event in found:
        if isinstance(event, Said):
            event.text.encode()
            assert event.said_at.tzinfo is UTC


kinds = st.sampled_from(["notification", "changed", "gone", "other"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(kinds, st.binary(max_size=300))
def test_no_bytes_do_harm(kind: str, body: bytes) -> None:
    harmless(Raw(kind, body))


@given(kinds, json_values)
def test_no_json_does_harm(kind: str, value: Any) -> None:
    harmless(Raw(kind, json.dumps(value).encode()))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a JSON value."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(HEARD)), st.data())
def test_no_damaged_sample_does_harm(name: str, data: st.DataObject) -> None:
    body = json.loads(json.dumps(HEARD[name]["body"]))
    for _ in range(data.draw(st.integers(1, 3))):
        choice = places(body)[1:]
        if not choice:
            break
        [*way, last] = data.draw(st.sampled_from(choice))
        holder = body
        for key in way:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[last] = data.draw(json_values)
        else:
            del holder[last]
    harmless(Raw(HEARD[name]["kind"], json.dumps(body).encode()))


@given(st.sampled_from(sorted(HEARD)), st.data())
def test_no_cut_or_flipped_sample_does_harm(name: str, data: st.DataObject) -> None:
    body = bytearray(Raw.of("x", HEARD[name]["body"]).body)
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    harmless(Raw(HEARD[name]["kind"], bytes(body[: data.draw(st.integers(0, len(body)))])))


def test_a_captured_thread_reads_in_order() -> None:
    server = Server(getPostThread=SAMPLES["thread"]["body"])
    found = server.connector().context("at://did:plc:a/app.bsky.feed.post/3l6oveex3ii2l")
    assert [said.text for said in found] == [
        "Harbor Road opens at noon. #Traffic",
        "Is this sign right? هل هذا صحيح؟",
        "Thanks!",
    ]


@given(json_values)
def test_no_thread_does_harm(value: Any) -> None:
    body = json.dumps({"thread": value}).encode()
    server = Server(getPostThread=httpx.Response(200, content=body))
    assert server.connector().context("at://did:plc:a/app.bsky.feed.post/1") == []


def test_an_answer_never_stands_before_its_question() -> None:
    def node(number: int, at: str, *replies: Any) -> Any:
        record = {"text": str(number), "createdAt": at}
        if number:
            above = {"uri": f"at://{DID}/app.bsky.feed.post/{number - 1}", "cid": "c"}
            record["reply"] = {"root": above, "parent": above}  # type: ignore[assignment]  # JSON
        uri = f"at://{DID}/app.bsky.feed.post/{number}"
        return {"post": {"uri": uri, "cid": "c", "record": record}, "replies": list(replies)}

    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x", "notFound": True}
    tree = node(0, "2026-05-14T12:00:00Z", node(1, "2001-01-01T00:00:00Z"), gone)
    server = Server(getPostThread={"thread": tree})
    found = thread.around(server.connector()._xrpc, f"at://{DID}/app.bsky.feed.post/0", DID)
    assert [said.text for said in found] == ["0", "1"]
