"""Raw input to events: Threads' own envelope, what polling found, and nonsense."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbox.connector import Malformed, Raw
from callbox.networks.threads.connector import Threads
from callbox.networks.threads.tests.harness import account
from callbox.vocabulary import Addressed, Deleted, Edited, Event, Hidden, Ours, Said, Unreadable

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
CONNECTOR = Threads(account("https://graph.example"))
KINDS = ("webhook", "reply", "mention", "gone")


def events(name: str) -> list[Event]:
    """The events of a sample."""
    kind = name.split("_")[0]
    return list(CONNECTOR.parse(Raw(kind, (SAMPLES / f"{name}.json").read_bytes())))


def one(name: str) -> Event:
    """The only event of a sample."""
    (event,) = events(name)
    return event


def test_a_reply_is_the_same_by_webhook_and_by_polling() -> None:
    pushed, polled = one("webhook_reply"), one("reply_new")
    assert isinstance(pushed, Said)
    assert isinstance(polled, Said)
    assert pushed == replace(polled, first_words=True)  # a webhook is never about an edit
    assert pushed.addressed is Addressed.REPLY
    assert (pushed.root_id, pushed.parent_id) == ("18000000000000001", "18000000000000001")
    assert pushed.refs["top"] is True


def test_a_reply_below_another_is_not_at_the_top() -> None:
    said = one("reply_nested")
    assert isinstance(said, Said)
    assert (said.root_id, said.parent_id) == ("18000000000000001", "18000000000000002")
    assert said.refs["top"] is False


@pytest.mark.parametrize("name", ["webhook_own", "webhook_publish", "reply_own"])
def test_our_own_words_are_echoes(name: str) -> None:
    """Failure mode 8: own posts become cases."""
    assert isinstance(one(name), Ours)


def test_mentions_and_quotes() -> None:
    mention, other, quote = one("webhook_mention"), one("mention_other"), one("mention_quote")
    assert isinstance(mention, Said)
    assert isinstance(other, Said)
    assert isinstance(quote, Said)
    assert mention.addressed is other.addressed is Addressed.MENTION
    assert quote.addressed is Addressed.QUOTE
    assert quote.attachments[-1].kind == "quote"
    assert other.author
    assert other.author.external_id == "@ben"


def test_what_comes_with_a_reply() -> None:
    said = one("reply_media")
    assert isinstance(said, Said)
    kinds = [each.kind for each in said.attachments]
    assert kinds == ["image", "video", "link", "image", "other"]
    assert said.attachments[0].alt == "A street"
    assert said.attachments[-1].title == "A poll: Yes / No"


def test_changes_that_polling_found() -> None:
    assert isinstance(one("reply_edited"), Edited)
    edited, hidden = events("reply_hidden")
    assert isinstance(edited, Edited)
    assert isinstance(hidden, Hidden)
    assert isinstance(one("gone_reply"), Deleted)
    assert isinstance(one("webhook_delete"), Deleted)


def test_one_bad_part_leaves_its_neighbours() -> None:
    found = events("webhook_hostile")
    assert isinstance(found[0], Said)
    assert found[0].author is None
    bad = [event for event in found if isinstance(event, Unreadable)]
    assert [event.part for event in bad] == [f"values[{number}]" for number in range(1, 6)]
    assert isinstance(one("reply_hostile"), Unreadable)


@pytest.mark.parametrize("name", NAMES)
def test_reading_twice_is_reading_once(name: str) -> None:
    assert events(name) == events(name)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "id time field value values text username timestamp root_post replied_to post "
                "seen_at changed children data quoted_post poll_attachment option_a owner "
                "deleted_at".split()
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
@given(st.sampled_from(NAMES), st.data())
def test_no_changed_sample_breaks_the_reading(name: str, data: st.DataObject) -> None:
    """True samples with one value exchanged for anything."""
    value = json.loads((SAMPLES / f"{name}.json").read_text())
    holder, key, node = None, None, value
    while isinstance(node, (dict, list)) and node:
        keys = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        holder, key = node, data.draw(st.sampled_from(keys))
        node = holder[key]
        if data.draw(st.booleans()):
            break
    assert holder is not None
    holder[key] = data.draw(JSON)
    with contextlib.suppress(Malformed):
        CONNECTOR.parse(Raw.of(name.split("_")[0], value))
