"""Raw input to events: both envelopes, private messages, what polling found, and nonsense."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbox.connector import Malformed, Raw
from callbox.networks.instagram import archive
from callbox.networks.instagram.connector import Instagram
from callbox.networks.instagram.tests.harness import InstagramHarness, account
from callbox.vocabulary import (
    Addressed,
    Deleted,
    Edited,
    Event,
    Hidden,
    Lane,
    Ours,
    Reacted,
    Reported,
    Said,
    Stage,
    Unreadable,
)

SAMPLES = Path(__file__).parent.parent / "samples"
CONNECTOR = Instagram(account("https://graph.example"))
THROUGH_PAGE = Instagram(account("https://graph.example", "facebook"))
KINDS = ("webhook", "webhook:noted", "comment", "gone", "mention", "tag", "message")
KINDS += (archive.POST, archive.MESSAGE, archive.COMMENT)


def events(name: str, connector: Instagram = CONNECTOR) -> list[Event]:
    """The events of a sample."""
    kind = InstagramHarness.kind_of(None, name)  # type: ignore[arg-type]  # needs no state
    return list(connector.parse(Raw(kind, (SAMPLES / f"{name}.json").read_bytes())))


def one(name: str) -> Event:
    """The only event of a sample."""
    (event,) = events(name)
    return event


@pytest.mark.parametrize("name", ["webhook_comment", "webhook_comment-flat", "comment_new"])
def test_a_comment_is_the_same_however_it_comes(name: str) -> None:
    said = one(name)
    assert isinstance(said, Said)
    assert said.addressed is Addressed.REPLY
    assert said.root_id == "17900000000000001"
    assert said.author
    assert said.author.external_id == "66001"
    assert said.refs["top"] == "17900000000000101"


def test_our_own_comment_is_an_echo_and_never_a_message() -> None:
    """Failure mode 8: own posts become cases."""
    ours = one("webhook_own")
    assert isinstance(ours, Ours)
    assert ours.parent_id == "17900000000000101"


def test_a_comment_without_an_author_is_kept() -> None:
    said = one("comment_nameless")
    assert isinstance(said, Said)
    assert said.author is None


def test_a_mention_without_words_says_so() -> None:
    for name in ("webhook_mention", "mention_wordless"):
        said = one(name)
        assert isinstance(said, Said)
        assert said.addressed is Addressed.MENTION
        assert not said.text
        assert "does not pass on the words" in said.attachments[0].title


def test_a_noted_mention_waits_for_its_words() -> None:
    body = (SAMPLES / "webhook_mention.json").read_bytes()
    assert THROUGH_PAGE.parse(Raw("webhook:noted", body)) == ()


def test_mentions_with_their_words() -> None:
    comment, caption = one("mention_comment"), one("mention_caption")
    assert isinstance(comment, Said)
    assert comment.root_id == "17900000000000201"
    assert comment.text.startswith("Thank you")
    assert isinstance(caption, Said)
    assert (caption.external_id, caption.root_id) == ("17900000000000203", None)


def test_private_messages() -> None:
    said = events("webhook_messages")
    assert all(isinstance(each, Said) and each.lane is Lane.PRIVATE for each in said)
    assert {each.root_id for each in said if isinstance(each, Said)} == {"dm:66001"}
    titles = [a.title for each in said if isinstance(each, Said) for a in each.attachments]
    assert "Answers our story" in titles
    assert "A story that mentions us (shown for a day)" in titles
    assert any("does not pass on" in title for title in titles)


def test_a_message_is_the_same_by_webhook_and_by_polling() -> None:
    pushed, polled = events("webhook_messages")[0], one("message_new")
    assert isinstance(pushed, Said)
    assert isinstance(polled, Said)
    assert (pushed.external_id, pushed.root_id) == (polled.external_id, polled.root_id)


def test_unsending_changes_the_message_and_makes_none() -> None:
    """Failure mode 11: an unsend is an update of the message that we hold."""
    found = events("webhook_message-changes")
    kinds = [type(event) for event in found]
    assert kinds == [Edited, Deleted, Reacted, Reported, Ours]
    report = found[3]
    assert isinstance(report, Reported)
    assert report.stage is Stage.READ


def test_messages_come_in_changes_too() -> None:
    assert isinstance(one("webhook_message-field"), Said)


def test_changes_that_polling_found() -> None:
    assert isinstance(one("comment_edited"), Edited)
    edited, hidden = events("comment_hidden")
    assert isinstance(edited, Edited)
    assert isinstance(hidden, Hidden)
    assert isinstance(one("gone_comment"), Deleted)


def test_one_bad_part_leaves_its_neighbours() -> None:
    found = events("webhook_hostile")
    said = [event.external_id for event in found if isinstance(event, Said)]
    assert said == ["17900000000000401", "17900000000000402", "17"]
    assert sum(isinstance(event, Unreadable) for event in found) >= 8
    assert all(event.part for event in found if isinstance(event, Unreadable))


def test_the_words_of_a_download_are_mended() -> None:
    post, message = one("archive-post_two"), one("archive-message_other")
    assert isinstance(post, Ours)
    assert post.text == "Fête du port 🎉"
    assert isinstance(message, Said)
    assert message.text == "¿A qué hora abre la oficina?"
    assert message.author
    assert message.author.name == "Ana López"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_reading_twice_is_reading_once(path: Path) -> None:
    assert events(path.stem) == events(path.stem)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "id entry time changes field value messaging message mid text from media "
                "parent_id timestamp comments mentions messages attachments payload data "
                "comment seen_at changed participants created_time post title "
                "creation_timestamp reaction read sender".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), JSON)
def test_no_json_breaks_the_reading(kind: str, value: object) -> None:
    with contextlib.suppress(Malformed):
        CONNECTOR.parse(Raw.of(kind, value))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.binary(max_size=60))
def test_no_bytes_break_the_reading(kind: str, body: bytes) -> None:
    with contextlib.suppress(Malformed):
        CONNECTOR.parse(Raw(kind, body))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(path.stem for path in SAMPLES.glob("*.json"))), st.data())
def test_no_changed_sample_breaks_the_reading(name: str, data: st.DataObject) -> None:
    """True samples with one value exchanged for anything."""
    value = json.loads((SAMPLES / f"{name}.json").read_text())
    node, path = value, []
    while isinstance(node, (dict, list)) and node:
        keys = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        path.append((node, data.draw(st.sampled_from(keys))))
        node = path[-1][0][path[-1][1]]
        if data.draw(st.booleans()):
            break
    holder, key = path[-1]
    holder[key] = data.draw(JSON)
    kind = InstagramHarness.kind_of(None, name)  # type: ignore[arg-type]  # needs no state
    with contextlib.suppress(Malformed):
        CONNECTOR.parse(Raw.of(kind, value))
