"""Raw input of any kind is kept, read or put aside with a reason, and harms no neighbour."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbox.actions import arrivals
from callbox.actions.doing import NotPossible
from callbox.connector import Connector, Raw
from callbox.models.accounts import Health
from callbox.models.inbox import Arrival, Conversation, EarlyEvent, Message, Version
from callbox.models.records import Entry
from callbox.networks.practice.connector import Practice
from callbox.rules.access import Denied
from callbox.rules.text import shown
from callbox.scope import acting_for
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Happening,
    Said,
    Unreadable,
)
from tests import make
from tests.actions.hearing import at, said, texts

Json = dict[str, Any]


def body(number: int = 1, text: str = "Hello?", **more: Any) -> Json:
    """An event as the practice network's server writes it."""
    post = {
        "id": f"p{number}",
        "author": {"id": "u9", "handle": "ana", "name": "Ana"},
        "at": at(number).isoformat(),
        "text": text,
    }
    return {"type": "mention", "at": at(number).isoformat(), "post": post} | more


def take_in(town: make.Town, *bodies: Json | bytes) -> arrivals.Taken:
    raws = [Raw("event", one) if isinstance(one, bytes) else Raw.of("event", one) for one in bodies]
    return arrivals.take_in(town.account, raws, "poll")


def stored(town: make.Town) -> list[tuple[str, str]]:
    """State and reason of every arrival, oldest first."""
    with acting_for(town.agency.id):
        return list(Arrival.objects.order_by("id").values_list("state", "reason"))


def messages(town: make.Town) -> list[str]:
    with acting_for(town.agency.id):
        rows = Message.objects.order_by("said_at")
        return list(rows.values_list("external_id", flat=True))


BAD: dict[str, Json | bytes] = {
    "not JSON": b"{",
    "not text": b"\xff\xfe\x00",
    "not an object": b"[]",
    "deeper than any reader goes": b"[" * 100_000,
    "an unknown verb": body(7, type="levitate"),
    "no post": {"type": "mention", "at": at(7).isoformat()},
    "no moment": body(7, at="yesterday"),
    "an empty id": body(7, post=body(7)["post"] | {"id": ""}),
    "an id that no column holds": body(7, post=body(7)["post"] | {"id": "x" * 501}),
    "an id with a line break": body(7, post=body(7)["post"] | {"id": "a\nb"}),
    "an author without an id": body(7, post=body(7)["post"] | {"author": {"id": " \t"}}),
    "a time out of all reason": body(7, post=body(7)["post"] | {"at": "0001-01-01T00:00:00Z"}),
    "NUL in the text": body(7, "a\0b"),
    "more than we keep": json.dumps(body(7, "x" * 10_000_000)).encode(),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_put_aside_and_harms_no_neighbour(
    town: make.Town, bad: Json | bytes
) -> None:
    taken = take_in(town, body(1), bad, body(2))
    assert taken.messages == 2
    assert messages(town) == ["p1", "p2"]
    states = stored(town)
    assert [state for state, _ in states] == ["read", "quarantined", "read"]
    assert states[1][1], "a reason"
    with acting_for(town.agency.id):
        entry = Entry.objects.get(happening=Happening.ARRIVAL_QUARANTINED)
        kept = Arrival.objects.get(pk=entry.subject_id)
        raw = bad if isinstance(bad, bytes) else Raw.of("event", bad).body
        assert bytes(kept.body) == raw[: arrivals.MOST_BYTES]


TEXTS = {
    "markup": '<script>alert(1)</script><img src=x onerror="x">',
    "reversed": "\u202eevil\u202c \u2066isolate\u2069",
    "a tower": "Z" + "\u0335\u0321\u0337\u0345\u0489" * 200 + "algo",
    "emoji": "👩🏽‍🚒🏳️‍🌈" * 40,
    "long": "word " * 40_000,
    "lines": "\r\n" * 1000 + "\u2028\u2029\x0b",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_people_write_is_kept_as_it_is(town: make.Town, text: str) -> None:
    take_in(town, body(1, text))
    (kept,) = texts(town, "p1")
    assert kept == text or (len(kept) == 50_000 and kept.endswith("[…]"))
    with acting_for(town.agency.id):
        preview = Conversation.objects.get().preview
    assert len(preview) <= 240
    assert shown(preview) == preview


def test_one_bad_part_of_an_arrival_leaves_its_good_parts(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts(self: Connector, raw: Raw) -> Sequence[Event]:
        return [said("p1"), Unreadable("no text", "entry[1]"), said("p2", 1)]

    monkeypatch.setattr(Practice, "parse", parts)
    take_in(town, b"{}")
    assert messages(town) == ["p1", "p2"]
    assert stored(town) == [("quarantined", "entry[1]: no text")]


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RecursionError()])
def test_a_reader_that_breaks_breaks_nothing_else(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real = Practice.parse

    def breaks(self: Practice, raw: Raw) -> Sequence[Event]:
        if b"p2" in raw.body:
            raise error
        return real(self, raw)

    monkeypatch.setattr(Practice, "parse", breaks)
    take_in(town, body(1), body(2), body(3))
    assert messages(town) == ["p1", "p3"]
    assert stored(town)[1][1] == f"Our reader broke on it ({type(error).__name__})."


NAIVE = at(1).replace(tzinfo=None)
IMPOSSIBLE: dict[str, Event] = {
    "a time without a zone": Said("p2", NAIVE, None, "", Addressed.MENTION),
    "an author of nobody": said("p2", author=AuthorSeen("")),
    "an edit of another message": Edited("p2", at(1), "", said("")),
    "something that is no event": object(),  # type: ignore[dict-item]  # that is the point
    "refs that the database refuses": said("p2", refs={"size": float("nan")}),
    "refs that are no JSON": said("p2", refs={"when": at(1)}),
    "a deletion at no time": Deleted("p2", None),  # type: ignore[arg-type]  # that is the point
}


@pytest.mark.parametrize("event", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_a_connector_should_never_give_stops_nobody(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, event: Event
) -> None:
    real = Practice.parse

    def odd(self: Practice, raw: Raw) -> Sequence[Event]:
        return [event] if b"p2" in raw.body else real(self, raw)

    monkeypatch.setattr(Practice, "parse", odd)
    take_in(town, body(1), body(2), body(3))
    assert messages(town) == ["p1", "p3"]
    assert stored(town)[1][0] == "quarantined"


# --- not for us -----------------------------------------------------------------------------------


def test_what_is_not_for_us_is_emptied_and_counted(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overheard(self: Connector, raw: Raw) -> Sequence[Event]:
        return [said("p1", text="To a friend", addressed=None)]

    monkeypatch.setattr(Practice, "parse", overheard)
    take_in(town, body(1, "To a friend"), body(2, "To a friend"))
    assert stored(town) == [("dropped", ""), ("dropped", "")]
    with acting_for(town.agency.id):
        assert [bytes(row.body) for row in Arrival.objects.all()] == [b"", b""]
        assert Health.objects.get().dropped == 2
        for table in (Message, Version, Conversation, EarlyEvent):
            assert not table.objects.exists()


# --- read later, read again -----------------------------------------------------------------------


def test_what_was_stored_and_not_read_is_read_by_whoever_comes(town: make.Town) -> None:
    raws = [Raw.of("event", body(number)) for number in range(1, 4)]
    arrivals.store(town.account, raws, "hook", read_later=True)
    assert messages(town) == []
    assert arrivals.read(town.account).messages == 3
    assert arrivals.read(town.account).messages == 0


def test_a_cursor_goes_with_what_it_covers(town: make.Town) -> None:
    arrivals.take_in(town.account, [Raw.of("event", body(1))], "poll", cursor={"seq": 7})
    with acting_for(town.agency.id):
        assert Health.objects.get().cursor == {"seq": 7}


def test_after_a_fix_it_is_read_again(town: make.Town, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Practice.parse

    def breaks(self: Practice, raw: Raw) -> Sequence[Event]:
        raise TypeError

    monkeypatch.setattr(Practice, "parse", breaks)
    take_in(town, body(1), body(2))
    assert messages(town) == []
    with pytest.raises(Denied):
        arrivals.run_again(town.diaz, town.account.id)
    assert arrivals.run_again(town.admin, town.account.id).messages == 0  # not fixed yet
    assert [state for state, _ in stored(town)] == ["quarantined"] * 2

    monkeypatch.setattr(Practice, "parse", real)
    assert arrivals.run_again(town.admin, town.account.id).messages == 2
    assert stored(town) == [("read", ""), ("read", "")]
    with acting_for(town.agency.id):
        assert list(Arrival.objects.values_list("runs", flat=True)) == [3, 3]
        assert Entry.objects.filter(happening=Happening.ARRIVAL_RERUN).count() == 2
    with pytest.raises(NotPossible):
        arrivals.run_again(town.admin, make.UUID(int=1))


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    junk=st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=20),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["type", "post", "id", "at"]), inner)
                ),
                max_leaves=8,
            ).map(lambda value: json.dumps(value).encode()),
        ),
        max_size=5,
    )
)
def test_whatever_comes_ends_in_a_state_and_raises_nothing(
    town: make.Town, junk: list[bytes]
) -> None:
    take_in(town, *junk, body(1), *junk)
    assert messages(town) == ["p1"]
    assert {state for state, _ in stored(town)} <= {"read", "quarantined"}
