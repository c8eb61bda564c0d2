"""Raws to events, from the samples: both spellings, webhooks, archives, and what makes no sense."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import AccountSeen, Malformed, Raw
from callbox.networks.x.connector import X
from callbox.networks.x.tests.harness import XHarness
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Lane,
    Ours,
    Said,
    Unreadable,
)

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
ANA = "1500000000000000222"
READER = X(AccountSeen("account", "111", "district5"))


def read(name: str) -> list[Event]:
    """A sample as events."""
    kind = XHarness.kind_of(XHarness.__new__(XHarness), name)
    return list(READER.parse(Raw(kind, (SAMPLES / name).read_bytes())))


def said(name: str) -> Said:
    """A sample that is one message."""
    events = read(name)
    assert len(events) == 1
    found = events[0].said if isinstance(events[0], Edited) else events[0]
    assert isinstance(found, Said)
    return found


def test_both_spellings_say_the_same() -> None:
    assert read("post_mention.json") == read("post_mention_older.json")
    assert read("post_long.json") == read("post_long_older.json")
    assert said("post_long.json").text == "@district5 A long story, told to its end."


def test_a_mention() -> None:
    found = said("post_mention.json")
    assert found.author == AuthorSeen(ANA, "ana_p", "Ana", "https://x.com/ana_p")
    assert found.text == "@district5 Is Elm Street closed & until when? https://example.org/elm"
    assert (found.addressed, found.lane, found.root_id) == (Addressed.MENTION, Lane.PUBLIC, None)
    assert found.language == "en"


def test_an_edit_is_of_the_first_version() -> None:
    (event,) = read("post_edited.json")
    assert isinstance(event, Edited)
    assert event.external_id == "2080000000000000001"
    assert event.said is not None
    assert event.said.refs["id"] == "2080000000500000002"
    assert event.edited_at > event.said.said_at or event.said.edited_at is not None


def test_a_quote_with_a_picture() -> None:
    found = said("post_quote_picture.json")
    assert (found.addressed, found.text) == (Addressed.QUOTE, "Good to know")
    assert found.attachments == (
        AttachmentSeen("image", "https://pbs.example/77.jpg", "A closed street"),
        AttachmentSeen("quote", "https://x.com/i/status/2070000000000000009"),
    )
    assert found.refs["summoned"] is True


def test_an_answer_deep_under_our_post_is_addressed_to_us_only_when_it_was_found_there() -> None:
    found = said("reply_deep.json")
    assert (found.addressed, found.refs["ours"]) == (Addressed.REPLY, True)
    assert found.refs["summoned"] is False
    raw = Raw("post", (SAMPLES / "reply_deep.json").read_bytes())
    (elsewhere,) = READER.parse(raw)
    assert isinstance(elsewhere, Said)
    assert elsewhere.addressed is None, "other people's conversations are dropped"


def test_webhooks_say_why_they_call() -> None:
    assert said("activity_mention.json").addressed is Addressed.MENTION
    assert said("activity_reply.json").addressed is Addressed.REPLY
    assert said("activity_reply.json").refs["ours"] is None
    assert said("activity_quote.json").addressed is Addressed.QUOTE
    assert read("activity_delete.json") == []
    assert read("activity_unknown.json") == []


def test_a_message_is_the_same_by_every_way() -> None:
    """Failure mode 8: the webhook's message and the list's are one, and so is our own."""
    listed, pushed = said("dm_message.json"), said("activity_dm.json")
    assert (listed.external_id, listed.root_id) == (pushed.external_id, pushed.root_id)
    assert listed.author == pushed.author
    assert pushed.root_id == "dm:111-1500000000000000222"
    (echo,) = read("activity_dm_sent.json")
    assert isinstance(echo, Ours)
    assert echo.root_id == pushed.root_id
    archived = said("archive-dm_message.json")
    assert archived.root_id == pushed.root_id
    assert archived.author is not None
    assert (archived.author.external_id, archived.author.handle) == (ANA, "")


def test_an_encrypted_message_says_that_it_is_one() -> None:
    found = said("activity_chat.json")
    assert "encrypted" in found.text
    assert found.permalink == "https://x.com/messages"
    assert found.root_id != said("activity_dm.json").root_id, "it cannot be answered in that one"
    assert found.refs == {"encrypted": True}


def test_good_neighbours_of_a_bad_event_are_read() -> None:
    events = read("activity_list_with_a_bad_one.json")
    assert [type(one) for one in events] == [Unreadable, Said, Unreadable]


def test_small_ones() -> None:
    assert read("post_repost.json") == read("dm_joined.json") == []
    assert said("post_arabic.json").language == "ar"
    assert [type(one) for one in read("deleted_post.json")] == [Deleted]
    (own,) = read("archive-post_own.json")
    assert isinstance(own, Ours)
    assert own.text == "Elm Street is open again. https://example.org/elm"
    hostile = said("post_hostile.json")
    assert (hostile.author, hostile.text, hostile.addressed) == (None, "", None)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("dm", (SAMPLES / "dm_hostile.json").read_bytes()),
        ("post", b"{}"),
        ("post", b"[]"),
        ("post", b"\xff\xfe"),
        ("activity", b'{"data":null}'),
        ("activity", b"<html>"),
        ("deleted", b'{"id":"1"}'),
        ("no such kind", b"{}"),
        ("archive:post", b'{"tweet":{}}'),
    ],
)
def test_nonsense_is_malformed(kind: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        READER.parse(Raw(kind, body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "data", "text", "author_id", "payload", "event_type", "users"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(
    st.sampled_from(["post", "reply", "dm", "activity", "deleted", "archive:post", "archive:dm"]),
    JSON,
)
def test_nothing_breaks_the_reader(kind: str, value: object) -> None:
    try:
        events = READER.parse(Raw.of(kind, value))
    except Malformed:
        return
    assert all(isinstance(one, Event) for one in events)
