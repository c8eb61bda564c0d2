"""Forms in, receipts out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import AccountSeen, Malformed, Raw, Refused
from callbox.networks.portal.connector import Portal
from callbox.vocabulary import Addressed, Event, Lane, Media, Outgoing, Said, Unreadable

SAMPLES = Path(__file__).parents[1] / "samples"
PORTAL = Portal(AccountSeen("a1", "portal", "portal"))
MADE_AT = datetime(2026, 5, 14, tzinfo=UTC)


def read(name: str) -> Said:
    (said,) = PORTAL.parse(Raw("form", (SAMPLES / name).read_bytes()))
    assert isinstance(said, Said)
    return said


def answer(text: str = "It was a water main.", **more: Any) -> Outgoing:
    return Outgoing(**{"key": "d1", "made_at": MADE_AT, "text": text, "lane": Lane.PRIVATE} | more)


def test_it_answers_in_private_only() -> None:
    assert PORTAL.abilities() == {"identify", "message", "find", "look", "delete"}


def test_a_first_form_starts_a_conversation_of_its_own_author() -> None:
    said = read("first.json")
    assert (said.addressed, said.lane, said.root_id, said.parent_id) == (
        Addressed.FORM,
        Lane.PRIVATE,
        None,
        None,
    )
    assert said.author is not None
    assert (said.author.external_id, said.author.name) == (said.external_id, "Nadia Example")
    assert (said.language, said.refs) == ("en", {"door": "question"})


def test_a_follow_up_is_by_the_same_author_under_the_first_message() -> None:
    first, second = read("first.json"), read("follow_up.json")
    assert first.author == second.author
    assert second.root_id == first.external_id
    assert second.external_id != first.external_id


def test_nobody_has_to_give_a_name() -> None:
    said = read("no_name.json")
    assert said.author is not None
    assert said.author.name == ""
    assert said.language == "ar"


@pytest.mark.parametrize("body", [b"", b"\xff", b"7", b"[]"])
def test_what_is_not_a_form_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        PORTAL.parse(Raw("form", body))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("id", ""),
        ("id", 7),
        ("at", "yesterday"),
        ("at", "2026-05-14T19:02:11"),
        ("at", "0001-01-01T00:00:00+23:59"),
        ("text", ""),
        ("text", None),
        ("text", "half \ud83d"),
        ("name", "nul \0"),
        ("name", []),
    ],
)
def test_a_form_with_a_part_that_makes_no_sense_is_unreadable(part: str, value: object) -> None:
    body = json.loads((SAMPLES / "first.json").read_text()) | {part: value}
    (event,) = PORTAL.parse(Raw("form", json.dumps(body).encode()))
    assert isinstance(event, Unreadable)
    assert part in event.reason


@given(st.binary())
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    try:
        events = PORTAL.parse(Raw("form", body))
    except Malformed:
        return
    assert all(isinstance(event, Event) for event in events)


PARTS = ("id", "at", "name", "text", "language", "door", "follow_up_of")
ANYTHING = st.none() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)


@given(st.dictionaries(st.sampled_from(PARTS), ANYTHING))
def test_any_object_is_read_or_unreadable(body: dict[str, Any]) -> None:
    (event,) = PORTAL.parse(Raw("form", json.dumps(body).encode()))
    assert isinstance(event, Said | Unreadable)


def test_the_same_key_gives_the_same_receipt() -> None:
    assert PORTAL.message(answer()) == PORTAL.message(answer())
    assert PORTAL.message(answer()).external_id == "portal:d1"
    assert PORTAL.message(answer(key="d2")) != PORTAL.message(answer())


def test_looking_an_answer_up_is_agreeing_to_it() -> None:
    assert PORTAL.find(answer()) == PORTAL.message(answer())
    assert PORTAL.find(answer(" ")) is None
    assert PORTAL.find(answer(lane=Lane.PUBLIC)) is None
    assert not PORTAL.look("portal:d1").gone
    PORTAL.delete("portal:d1")


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (answer(" "), "empty"),
        (answer("x" * 5001), "too_long"),
        (answer(media=(Media(b"", "image/png", "A map"),)), "too_many_images"),
    ],
)
def test_answers_that_do_not_fit_are_refused_with_words(outgoing: Outgoing, code: str) -> None:
    (problem,) = PORTAL.check(outgoing)
    assert problem.code == code
    with pytest.raises(Refused, match=problem.words):
        PORTAL.message(outgoing)


def test_nothing_is_said_in_public_here() -> None:
    assert PORTAL.check(answer("x" * 5000)) == []
    with pytest.raises(Refused, match="private"):
        PORTAL.message(answer(lane=Lane.PUBLIC))
    with pytest.raises(Refused):
        PORTAL.reply(answer())


def test_it_is_always_itself() -> None:
    assert PORTAL.identify().external_id == "portal"
    assert PORTAL.limits().text == 5000
