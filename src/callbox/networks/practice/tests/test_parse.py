"""Reading: samples from the server, and anything else that bytes can be."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import AccountSeen, Malformed, Raw
from callbox.networks.practice.connector import Practice
from callbox.vocabulary import (
    Addressed,
    Deleted,
    Edited,
    Event,
    Hidden,
    Lane,
    Ours,
    Reacted,
    Said,
    Unreadable,
)

SAMPLES = {path.stem: path for path in (Path(__file__).parents[1] / "samples").glob("*.json")}
PRACTICE = Practice(AccountSeen("a1", "u1", "chicago_pd"))

KINDS: dict[str, type[Any]] = {
    "mention": Said,
    "reply": Said,
    "direct": Said,
    "own": Ours,
    "own_reply": Ours,
    "own_private": Ours,
    "edit": Edited,
    "delete": Deleted,
    "hide": Hidden,
    "show": Hidden,
    "like": Reacted,
}


def read(name: str) -> Event:
    (event,) = PRACTICE.parse(Raw("event", SAMPLES[name].read_bytes()))
    return event


def test_every_sample_is_read_as_its_kind() -> None:
    assert {name: type(read(name)) for name in SAMPLES} == KINDS


def test_a_mention_starts_a_thread_and_says_why_it_is_ours() -> None:
    said = read("mention")
    assert isinstance(said, Said)
    assert (said.addressed, said.lane, said.root_id, said.parent_id, said.language) == (
        Addressed.MENTION,
        Lane.PUBLIC,
        None,
        None,
        "en",
    )
    assert said.author is not None
    assert (said.author.external_id, said.author.handle) == ("u2", "nadia")
    assert said.permalink == "/practice/thread/2/#p2"


def test_a_private_message_is_in_the_private_lane() -> None:
    said = read("direct")
    assert isinstance(said, Said)
    assert (said.addressed, said.lane) == (Addressed.DIRECT, Lane.PRIVATE)


def test_an_edit_carries_the_whole_message() -> None:
    edited = read("edit")
    assert isinstance(edited, Edited)
    assert edited.said is not None
    assert edited.said.text == edited.text == "Światła na naszej ulicy nie działają od lutego."
    assert edited.said.edited_at == edited.edited_at


def test_an_echo_brings_the_key_back() -> None:
    ours = read("own_reply")
    assert isinstance(ours, Ours)
    assert (ours.key, ours.root_id, ours.parent_id) == ("d-2", "p2", "p2")


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1", b"7", b"[]", b'"text"', b"[" * 100_000])
def test_what_is_not_an_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        PRACTICE.parse(Raw("event", body))


@given(st.binary())
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    try:
        events = PRACTICE.parse(Raw("event", body))
    except Malformed:
        return
    assert all(isinstance(event, Event) for event in events)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample in which one or two values were replaced by anything."""
    body = json.loads(SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))].read_text())
    for _ in range(draw(st.integers(1, 2))):
        place = body
        while True:
            name = draw(st.sampled_from(sorted(place)))
            if isinstance(place[name], dict) and place[name] and draw(st.booleans()):
                place = place[name]
                continue
            place[name] = draw(JSON)
            break
    return json.dumps(body).encode()


@given(damaged())
def test_a_damaged_event_is_read_or_unreadable_and_always_the_same(body: bytes) -> None:
    events = PRACTICE.parse(Raw("event", body))
    assert events == PRACTICE.parse(Raw("event", body))
    (event,) = events
    assert isinstance(event, Event)
    if isinstance(event, Said):
        assert event.said_at.utcoffset() is not None
        event.text.encode()  # a database can keep it
        assert "\0" not in event.text


@pytest.mark.parametrize("text", ["half \ud83d", "nul \0"])
def test_text_that_no_database_can_keep_is_unreadable(text: str) -> None:
    body = json.loads(SAMPLES["mention"].read_text())
    body["post"]["text"] = text
    (event,) = PRACTICE.parse(Raw("event", json.dumps(body).encode()))
    assert isinstance(event, Unreadable)
