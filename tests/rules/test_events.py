"""Whether an event is fit to be kept."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.rules.events import faults_of
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Hidden,
    Ours,
    Reacted,
    Reaction,
    Said,
    Unreadable,
)

AT = datetime(2026, 5, 14, tzinfo=UTC)
SAID = Said("m1", AT, AuthorSeen("a1"), "Hello", Addressed.MENTION)
GOOD: tuple[Event, ...] = (
    SAID,
    replace(SAID, author=None, root_id="r", parent_id="p", edited_at=AT),
    Edited("m1", AT, "x", SAID),
    Deleted("m1", AT),
    Hidden("m1", AT, hidden=True),
    Reacted("p1", Reaction.LIKE, AT),
    Ours("p1", AT, "Yes"),
)


@pytest.mark.parametrize("event", GOOD, ids=lambda event: type(event).__name__)
def test_good_events_have_no_faults(event: Event) -> None:
    assert faults_of(event) == ""


@pytest.mark.parametrize("bad", ["", "x" * 501, "a\0b", "a\nb", "a\u202eb"])
@pytest.mark.parametrize("event", GOOD, ids=lambda event: type(event).__name__)
def test_no_id_can_be_of_any_kind(event: Event, bad: str) -> None:
    name = "target_id" if isinstance(event, Reacted) else "external_id"
    assert "id" in faults_of(replace(event, **{name: bad}))  # type: ignore[type-var,arg-type]  # all are dataclasses


@pytest.mark.parametrize("year", [1, 1999, 2200, 9999])
def test_no_time_can_be_out_of_all_reason(year: int) -> None:
    then = AT.replace(year=year)
    wrong = (
        replace(SAID, said_at=then),
        replace(SAID, edited_at=then),
        Edited("m1", then, "x"),
        Edited("m1", AT, "x", replace(SAID, said_at=then)),
        Deleted("m1", then),
        Hidden("m1", then, hidden=False),
        Reacted("p1", Reaction.LIKE, then),
        Ours("p1", then, "Yes"),
    )
    assert {faults_of(event) for event in wrong} == {"A time is out of all reason."}


@pytest.mark.parametrize("author", ["", "x" * 301, "\t"])
def test_an_author_has_an_id(author: str) -> None:
    assert "author" in faults_of(replace(SAID, author=AuthorSeen(author)))


def test_what_was_unreadable_says_where() -> None:
    assert faults_of(Unreadable("no text", "entry[3]")) == "entry[3]: no text"
    assert faults_of(Unreadable("no text")) == "no text"


@given(st.none() | st.integers() | st.text() | st.lists(st.integers()))
def test_what_is_no_event_is_said_to_be_none(value: object) -> None:
    assert "no event" in faults_of(value)  # type: ignore[arg-type]  # that is the point
