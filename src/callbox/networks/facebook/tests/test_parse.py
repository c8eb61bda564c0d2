"""Every shape in which the network tells of something, and everything that is none."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbox.connector import AccountSeen, Malformed, Raw
from callbox.networks.facebook.connector import Facebook
from callbox.vocabulary import (
    Addressed,
    Deleted,
    Edited,
    Event,
    Hidden,
    Lane,
    Ours,
    Reacted,
    Reaction,
    Reported,
    Said,
    Stage,
    Unreadable,
)

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
AT = datetime.fromtimestamp(1_790_000_000, UTC)


def reader() -> Facebook:
    return Facebook(AccountSeen("acc-1", "1001", "riversidepd"))


def kind(name: str) -> str:
    return name.split("_")[0].replace("-", ":")


def events(name: str) -> list[Event]:
    return list(reader().parse(Raw(kind(name), (SAMPLES / f"{name}.json").read_bytes())))


def one(name: str) -> Any:
    (event,) = events(name)
    return event


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_give_the_same_events(name: str) -> None:
    assert events(name) == events(name)
    assert events(name) or name == "webhook_reaction"


def test_a_comment() -> None:
    said = one("webhook_comment")
    assert isinstance(said, Said)
    assert (said.external_id, said.root_id, said.parent_id) == (
        "5001_5002",
        "1001_5001",
        "1001_5001",
    )
    assert (said.said_at, said.addressed, said.lane) == (AT, Addressed.REPLY, Lane.PUBLIC)
    assert said.author is not None
    assert (said.author.external_id, said.author.name) == ("77001", "Ana Ruiz")
    assert said.refs == {"kind": "comment", "top": "5001_5002"}


def test_a_comment_below_a_comment() -> None:
    said = one("webhook_comment_reply")
    assert (said.root_id, said.parent_id) == ("1001_5001", "5001_5002")
    assert said.refs["top"] == "5001_5002"


def test_other_shapes_of_the_same() -> None:
    """Flat entries, old names of the author, and no author at all."""
    assert one("webhook_flat") == one("webhook_comment")
    assert one("webhook_comment_old_names") == one("webhook_comment")
    assert one("webhook_comment_no_author").author is None
    assert one("comment_no_author").author is None


def test_what_becomes_of_a_comment() -> None:
    """Failure mode 11: an edit says so with the whole message; a removal needs no words."""
    edited = one("webhook_comment_edited")
    assert isinstance(edited, Edited)
    assert (edited.external_id, edited.text) == ("5001_5002", "Is Main St closed today?")
    assert edited.edited_at == datetime.fromtimestamp(1_790_000_400, UTC)
    assert edited.said is not None
    assert edited.said.said_at == AT
    assert one("webhook_comment_removed") == Deleted(
        "5001_5002", datetime.fromtimestamp(1_790_000_005, UTC)
    )
    assert [(e.external_id, e.hidden) for e in events("webhook_comment_hidden")] == [  # type: ignore[union-attr]  # both are Hidden
        ("5001_5002", True),
        ("5001_5002", False),
    ]
    assert all(isinstance(e, Hidden) for e in events("webhook_comment_hidden"))


def test_what_we_said_ourselves() -> None:
    """Failure mode 8."""
    comment = one("webhook_comment_ours")
    assert isinstance(comment, Ours)
    assert comment.root_id == "1001_5001"
    echo = one("webhook_echo")
    assert isinstance(echo, Ours)
    assert (echo.lane, echo.root_id) == (Lane.PRIVATE, "dm:77001")
    assert echo.key == "0123456789abcdef0123456789abcdef"
    assert [type(e) for e in events("webhook_post_ours")] == [Ours]


def test_what_is_not_public_yet_is_no_news() -> None:
    body = (
        (SAMPLES / "webhook_post_ours.json")
        .read_bytes()
        .replace(b'"published": 1', b'"published": 0')
    )
    assert list(reader().parse(Raw("webhook", body))) == []


def test_on_our_page_and_about_us() -> None:
    assert one("webhook_visitor_post").addressed is Addressed.FORM
    assert one("webhook_visitor_post").root_id is None
    photos = one("webhook_visitor_photos").attachments
    assert [(a.kind, a.url[-5:]) for a in photos] == [("image", "1.jpg"), ("image", "2.jpg")]
    album = one("visitor_album").attachments
    assert [a.kind for a in album] == ["image", "video"]
    assert one("webhook_mention").addressed is Addressed.MENTION
    below = one("webhook_mention_in_comment")
    assert (below.external_id, below.root_id, below.refs["kind"]) == (
        "5006_5007",
        "88002_5006",
        "mention",
    )


def test_a_mention_on_our_own_page_is_what_stands_there() -> None:
    """The network tells of it twice, under two fields: one thing, whichever comes first."""
    body = (SAMPLES / "webhook_comment.json").read_bytes()
    mention = body.replace(b'"field": "feed"', b'"field": "mention"')
    assert mention != body
    assert list(reader().parse(Raw("webhook", mention))) == events("webhook_comment")


def test_reviews() -> None:
    assert one("webhook_rating").text == "Recommends this Page.\nThey came at once."
    assert one("webhook_rating").external_id == one("webhook_rating").external_id == "5008"
    assert one("rating").text == "Does not recommend this Page.\nNobody answered."
    assert one("rating").external_id == "5008"
    stars = one("webhook_rating_stars")
    assert stars.text == "Gave 2 of 5 stars."
    assert stars.author.name == "Ana Ruiz"


def test_reactions_are_counted_and_tied_to_nobody() -> None:
    found = events("webhook_reaction")
    assert found == [Reacted("1001_5001", Reaction.LIKE, AT)] * 2


def test_private_messages() -> None:
    said = one("webhook_message")
    assert (said.lane, said.addressed, said.root_id) == (
        Lane.PRIVATE,
        Addressed.DIRECT,
        "dm:77001",
    )
    assert said.said_at == datetime.fromtimestamp(1_790_000_000.123, UTC)
    assert one("webhook_message_seconds").said_at == AT
    assert [a.kind for a in one("webhook_message_files").attachments] == ["image", "link"]
    assert isinstance(one("webhook_standby"), Said)
    assert one("webhook_message_edit").text == "Where do I pick up lost keys?"
    assert isinstance(one("webhook_message_unsent"), Deleted)
    assert [a.kind for a in one("message").attachments] == ["image", "other"]


def test_how_far_a_message_came() -> None:
    """Failure mode 9 begins here: each report says what it says, whatever came before."""
    delivered, reacted = events("webhook_delivery")
    assert isinstance(delivered, Reported)
    assert (delivered.external_id, delivered.stage) == ("m_BBB1", Stage.DELIVERED)
    assert isinstance(reacted, Reacted)


def test_bad_parts_leave_their_neighbours_alone() -> None:
    unknown, said = events("webhook_unknown_verb")
    assert isinstance(unknown, Unreadable)
    assert "transmogrify" in unknown.reason
    assert isinstance(said, Said)
    assert all(isinstance(e, Unreadable) for e in events("webhook_wrong_types"))
    handover = events("webhook_handover")
    assert [type(e) for e in handover] == [Said, Unreadable]


def test_another_accounts_entries_are_left_alone() -> None:
    body = (SAMPLES / "webhook_comment.json").read_bytes().replace(b'"1001"', b'"1002"')
    assert reader().parse(Raw("webhook", body)) == []
    other = json.dumps({"object": "user", "entry": [{"id": "1001"}]}).encode()
    assert list(reader().parse(Raw("webhook", other))) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b'{"object": "page"}', b"\xff"])
def test_what_cannot_be_read_at_all(body: bytes) -> None:
    with pytest.raises(Malformed):
        reader().parse(Raw("webhook", body))


def test_archives_are_readable_again() -> None:
    said = one("archive-message")
    assert (said.author.name, said.text) == ("José Peña", "¿Está abierto? 🙂")
    assert one("archive-post").text == "Feliz día — todo abierto"
    assert isinstance(one("archive-comment"), Ours)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("item", "verb", "from", "id", "post_id", "comment_id", "message", "mid"),
                    *("created_time", "timestamp", "sender", "value", "field", "changes", "text"),
                    *("messaging", "standby", "is_echo", "attachments", "payload", "reaction"),
                ]
            ),
            below,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(entry=_JSON, kind=st.sampled_from(["webhook", "comment", "message", "rating", "tagged"]))
def test_nothing_at_all_breaks_it(entry: object, kind: str) -> None:
    value = {"object": "page", "entry": [entry]} if kind == "webhook" else entry
    try:
        found = reader().parse(Raw.of(kind, value))
    except Malformed:
        return
    assert all(isinstance(event, Event) for event in found)
