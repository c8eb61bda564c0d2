import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import Connector, Malformed, Raw
from callbox.networks.mastodon.connector import Mastodon
from callbox.networks.mastodon.tests.make import SAMPLES, US, account, sample, status, walk
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Lane,
    Ours,
    Reacted,
    Reaction,
    Said,
    Unreadable,
)

NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
KINDS = (
    "notification", "stream:notification", "status", "status.update", "stream:status.update",
    "stream:update", "gone", "stream:delete", "stream:conversation", "webhook", "",
)  # fmt: skip


def read(name: str, external_id: str = US) -> Event:
    (event,) = Mastodon(account(external_id)).parse(sample(name))
    return event


def said(name: str, external_id: str = US) -> Said:
    event = read(name, external_id)
    assert isinstance(event, Said)
    return event


def parsed(kind: str, body: Any) -> tuple[Event, ...]:
    return tuple(Mastodon(account()).parse(Raw(kind, json.dumps(body).encode())))


def test_a_mention_from_afar() -> None:
    assert said("mastodon_mention") == Said(
        external_id="115580000000000010",
        said_at=datetime(2026, 11, 20, 18, 4, 5, 123000, tzinfo=UTC),
        author=AuthorSeen(
            "109311111111111111", "ana@far.example", "Ana :lamp:", "https://far.example/@ana"
        ),
        text='@dept@social.example hello,\nthe light at 5th & Main is out "again" :lamp:\n\n'
        "I told the city here: https://www.city.example/streets/lights/report?at=5th-and-main "
        "#StreetLights",
        addressed=Addressed.MENTION,
        language="en",
        permalink="https://far.example/@ana/115580000000000010",
        attachments=(
            AttachmentSeen(
                "image",
                "https://social.example/media/11/original/a.jpg",
                "A dark street corner at night",
            ),
            AttachmentSeen(
                "link",
                "https://www.city.example/streets/lights/report?at=5th-and-main",
                title="Report a light",
            ),
        ),
        refs={
            "id": "115580000000000010",
            "visibility": "public",
            "acct": "ana@far.example",
        },
    )


def test_a_followers_only_reply_is_private_and_an_answer_to_us() -> None:
    event = said("mastodon_private_reply")
    assert (event.lane, event.addressed) == (Lane.PRIVATE, Addressed.REPLY)
    assert (event.root_id, event.parent_id) == ("115580000000000001", "115580000000000015")
    assert (
        event.text
        == "[a choice]\n\n@dept@social.example which one fits?\n\n☐ Monday\n☐ Tuesday noon"
    )
    assert [one.kind for one in event.attachments] == ["video"]
    assert event.language == "es-MX"
    assert event.edited_at == datetime(2026, 11, 20, 18, 10, tzinfo=UTC)


def test_a_quote_of_ours() -> None:
    event = said("mastodon_quote")
    assert event.addressed is Addressed.QUOTE
    quote = event.attachments[-1]
    assert (quote.kind, quote.title) == ("quote", "Meeting on Monday.")


def test_a_quote_on_akkoma_has_another_shape() -> None:
    event = said("akkoma_quote", "9uDEPTxxxxxxxxxxxx")
    assert (event.addressed, event.lane) == (Addressed.QUOTE, Lane.PUBLIC)


def test_a_reply_on_gotosocial() -> None:
    event = said("gotosocial_reply", "01HDEPT0000000000000000001")
    assert (event.external_id, event.addressed) == ("01JD9W3QK5S7E2Z8M4N6P0R1T3", Addressed.REPLY)
    assert event.text == (
        "@dept@gts.example still dark, see https://city.example/map/5th\nthanks @ben@far.example"
    )
    assert event.refs["visibility"] == "unlisted"
    assert event.author == AuthorSeen(
        "01J0ANA0000000000000000001", "ana@gts.example", "ana", "https://gts.example/@ana"
    )


def test_a_direct_message_on_pleroma() -> None:
    event = said("pleroma_direct", "9uDEPTxxxxxxxxxxxx")
    assert (event.addressed, event.lane) == (Addressed.DIRECT, Lane.PRIVATE)
    assert event.text == ("@dept@pl.example I saw who broke it.\nPlease do not show my name.")
    assert event.attachments == (
        AttachmentSeen("other", "https://pl.example/media/notes.pdf", "My notes"),
    )
    assert (event.root_id, event.parent_id) == (None, None)


def test_an_edit_repeats_the_whole_message() -> None:
    event = read("mastodon_update")
    assert isinstance(event, Edited)
    assert event.edited_at == datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
    assert event.text.endswith("the light at 6th & Main is out")
    assert event.said is not None
    assert event.said.addressed is Addressed.MENTION


def test_our_own_post_is_an_echo() -> None:
    event = read("mastodon_stream_update_own")
    assert isinstance(event, Ours)
    assert (event.external_id, event.text, event.key) == (
        "115580000000000030", "Meeting on Monday.", "",
    )  # fmt: skip


def test_a_deletion() -> None:
    at = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    assert read("mastodon_stream_delete") == Deleted("115580000000000010", at)


@pytest.mark.parametrize("name", ["mastodon_follow", "pleroma_emoji_reaction"])
def test_other_types_are_not_for_us(name: str) -> None:
    assert Mastodon(account()).parse(sample(name)) == ()


def test_reactions_are_counted_without_the_person() -> None:
    for name, reaction in (("favourite", Reaction.LIKE), ("reblog", Reaction.SHARE)):
        raw = sample(f"mock_notification_{name}")
        owner = json.loads(raw.body)["notification"]["status"]["account"]["id"]
        (event,) = Mastodon(account(owner)).parse(raw)
        assert isinstance(event, Reacted)
        assert event.reaction is reaction
        assert b"ana" not in raw.body
        assert b"ben" not in raw.body
        assert Mastodon(account()).parse(raw) == (), "a reaction to somebody else's post"


def test_nothing_is_addressed_that_does_not_name_answer_or_quote_us() -> None:
    (event,) = parsed("stream:update", {"root_id": None, "status": status("s1")})
    assert isinstance(event, Said)
    assert event.addressed is None


def test_a_boost_says_nothing() -> None:
    assert parsed("stream:update", {"status": status("s1", reblog=status("s2"))}) == ()


def test_a_mention_whose_status_is_gone_is_nothing() -> None:
    assert parsed("notification", {"notification": {"type": "mention", "status": None}}) == ()


def test_hostile_addresses_and_characters_are_left_out() -> None:
    event = said("mastodon_hostile")
    assert event.permalink == ""
    event.text.encode()
    assert "\x00" not in event.text


@pytest.mark.parametrize(
    "body",
    [
        {"notification": {"type": "mention", "status": {"id": "1"}}},
        {"notification": {"type": "mention"}},
        {"notification": []},
        {},
    ],
)
def test_a_bad_part_is_unreadable(body: Any) -> None:
    (event,) = parsed("notification", body)
    assert isinstance(event, Unreadable)
    assert event.part


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b"7", b"{", b"[" * 100_000])
def test_a_body_that_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        Mastodon(account()).parse(Raw("notification", body))


def test_polling_and_streaming_give_the_same_message() -> None:
    body = json.loads(sample("mastodon_private_reply").body)
    assert parsed("notification", body) == parsed("stream:notification", body)


# --- any bytes at all -----------------------------------------------------------------------------

_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet="aZ09@<>&#:/-.T \x00\ud800é", max_size=30)
    | st.sampled_from(
        ["direct", "mention", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
    )
)
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
)


def _is_sound(raw: Raw) -> None:
    """Parsing gives events or Malformed, always the same, and texts that can be stored."""
    connector: Connector = Mastodon(account())
    try:
        events = connector.parse(raw)
    except Malformed:
        return
    assert repr(connector.parse(raw)) == repr(events)
    for event in events:
        repr(event).encode()
        if isinstance(event, Said | Ours | Edited):
            event.text.encode()
            assert event.external_id


@given(kind=st.sampled_from(KINDS), body=st.binary(max_size=200))
def test_any_bytes(kind: str, body: bytes) -> None:
    _is_sound(Raw(kind, body))


@given(kind=st.sampled_from(KINDS), body=_values)
def test_any_json(kind: str, body: Any) -> None:
    _is_sound(Raw(kind, json.dumps(body).encode()))


@given(name=st.sampled_from(NAMES), data=st.data())
def test_samples_with_parts_replaced(name: str, data: st.DataObject) -> None:
    raw = sample(name)
    body = json.loads(raw.body)
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(list(walk(body))))
        holder[key] = data.draw(_values)
        if not list(walk(body)):
            break
    _is_sound(Raw(raw.kind, json.dumps(body).encode()))


@given(name=st.sampled_from(NAMES), data=st.data())
def test_samples_with_bytes_changed(name: str, data: st.DataObject) -> None:
    body = bytearray(sample(name).body)
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    _is_sound(Raw(sample(name).kind, bytes(body[:cut] if data.draw(st.booleans()) else body)))
