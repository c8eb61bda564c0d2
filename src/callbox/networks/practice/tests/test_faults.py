"""Every fault of the server, and what the connector makes of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
    WindowClosed,
)
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.faults import ANY, READS, WRITES
from callbox.networks.practice.street import Fault, Street, operations_of
from callbox.networks.practice.tests.make import Make, answer_to, outgoing, private_to
from callbox.vocabulary import Ours, Said, Unreadable

ERRORS: dict[Fault, type[ConnectorError]] = {
    Fault.AUTH_DEAD: AuthDead,
    Fault.AUTH_TRANSIENT: AuthTransient,
    Fault.RATE_LIMITED: RateLimited,
    Fault.WINDOW_CLOSED: WindowClosed,
    Fault.REFUSED: Refused,
    Fault.UNAVAILABLE: Unavailable,
    Fault.LOST_BEFORE: OutcomeUnknown,
    Fault.LOST_AFTER: OutcomeUnknown,
}
HEARD = {Fault.SLOW, Fault.ECHO_FIRST, Fault.MALFORMED, Fault.DUPLICATED, Fault.SHUFFLED}


@pytest.fixture
def calls(practice: Practice, street: Street) -> dict[str, Callable[[], Any]]:
    """Every operation, on things that are there."""
    ours = street.post("chicago_pd", "Ask us.").id
    theirs = street.reply("nadia", ours, "Where?").id
    street.direct("nadia", "chicago_pd", "Hello?")

    def listen() -> object:
        stream = practice.listen()
        next(stream)
        street.post("nadia", "@chicago_pd there")
        return next(stream)

    return {
        "identify": practice.identify,
        "fetch": lambda: practice.fetch({}),
        "listen": listen,
        "context": lambda: practice.context(theirs),
        "find": lambda: practice.find(outgoing()),
        "look": lambda: practice.look(ours),
        "reply": lambda: practice.reply(answer_to(theirs)),
        "message": lambda: practice.message(private_to("u2", key="d2")),
        "publish": lambda: practice.publish(outgoing(key="d3")),
        "edit": lambda: practice.edit(ours, outgoing("Ask us!")),
        "delete": lambda: practice.delete(ours),
        "hide": lambda: practice.hide(theirs, ours),
        "unhide": lambda: practice.unhide(theirs, ours),
        "like": lambda: practice.like(theirs, {}),
    }


def test_every_fault_is_known() -> None:
    assert set(ERRORS) | HEARD == set(Fault)


@pytest.mark.parametrize(
    ("fault", "operation"),
    [(fault, operation) for fault in ERRORS for operation in operations_of(fault)],
)
def test_each_fault_becomes_its_error_once(
    calls: dict[str, Callable[[], Any]], street: Street, fault: Fault, operation: str
) -> None:
    street.faults.ask(fault, operation)
    with pytest.raises(ConnectorError) as caught:
        calls[operation]()
    assert type(caught.value) is ERRORS[fault]
    assert str(caught.value)
    street.faults.clear()
    calls[operation]()


def test_a_read_never_has_an_unknown_outcome() -> None:
    assert not set(operations_of(Fault.LOST_AFTER)) & set(READS)
    assert not set(operations_of(Fault.LOST_BEFORE)) & set(READS)


def test_lost_after_has_happened_and_find_sees_it(practice: Practice, street: Street) -> None:
    post = street.post("nadia", "@chicago_pd hi")
    street.faults.ask(Fault.LOST_AFTER, "reply")
    with pytest.raises(OutcomeUnknown):
        practice.reply(answer_to(post.id))
    found = practice.find(answer_to(post.id))
    assert found is not None
    assert [said.id for said in street.said_by("chicago_pd")] == [found.external_id]


def test_lost_before_has_not_happened(practice: Practice, street: Street) -> None:
    street.faults.ask(Fault.LOST_BEFORE)
    with pytest.raises(OutcomeUnknown):
        practice.publish(outgoing())
    assert practice.find(outgoing()) is None


def test_find_can_fail_too(practice: Practice, street: Street) -> None:
    street.faults.ask(Fault.UNAVAILABLE, "find")
    with pytest.raises(Unavailable):
        practice.find(outgoing())


def test_a_rate_limit_ends_when_it_said(street: Street, make: Make) -> None:
    clock = datetime(2026, 5, 14, 12, tzinfo=UTC)
    street.now = street.faults._now = lambda: clock
    practice = make()
    practice.now = lambda: clock
    street.faults.ask(Fault.RATE_LIMITED, "publish", seconds=30)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            practice.publish(outgoing())
        assert caught.value.until == clock + timedelta(seconds=30)
    clock += timedelta(seconds=31)
    practice.publish(outgoing())


def test_faults_are_played_in_order_as_often_as_asked(practice: Practice, street: Street) -> None:
    street.faults.ask(Fault.UNAVAILABLE, "publish", times=2)
    street.faults.ask(Fault.REFUSED, ANY)
    street.faults.ask(Fault.AUTH_TRANSIENT, "like", times=None)
    outcomes = []
    for _ in range(4):
        try:
            practice.publish(outgoing())
            outcomes.append("done")
        except ConnectorError as error:
            outcomes.append(type(error).__name__)
    assert outcomes == ["Unavailable", "Unavailable", "Refused", "done"]
    assert [(p.operation, p.times) for p in street.faults.waiting()] == [("like", None)]
    assert [(call.operation, call.outcome) for call in street.calls()] == [
        ("publish", "unavailable"),
        ("publish", "unavailable"),
        ("publish", "refused"),
        ("publish", "done"),
    ]


def test_faults_that_do_not_fit_are_not_taken(street: Street) -> None:
    for fault, operation in [(Fault.LOST_AFTER, "fetch"), (Fault.SHUFFLED, "reply")]:
        with pytest.raises(ValueError, match="cannot fail"):
            street.faults.ask(fault, operation)
    with pytest.raises(ValueError, match="from 1"):
        street.faults.ask(Fault.SLOW, times=0)


@pytest.mark.parametrize("operation", [*READS, *WRITES])
def test_slow_is_late_and_otherwise_right(
    calls: dict[str, Callable[[], Any]], practice: Practice, street: Street, operation: str
) -> None:
    slept: list[float] = []
    practice.sleep = slept.append
    practice.close()  # so that the next call takes the new sleep
    street.faults.ask(Fault.SLOW, operation, seconds=3)
    calls[operation]()
    assert 3 in slept


def test_an_echo_can_come_before_the_answer(practice: Practice, street: Street) -> None:
    heard: list[object] = []

    def listen_meanwhile(_: float) -> None:
        heard.extend(event.body for event in street.log.after(1, 0, 10))

    practice.sleep = listen_meanwhile
    street.faults.ask(Fault.ECHO_FIRST, "publish")
    practice.publish(outgoing("Hello."))
    assert len(heard) == 1
    assert "Hello." in str(heard[0])


def test_events_can_come_twice_shuffled_or_broken_but_never_get_lost(
    practice: Practice, street: Street
) -> None:
    for n in range(3):
        street.post("nadia", f"@chicago_pd {n}")
    practice.publish(outgoing("Ours."))

    def texts() -> list[str]:
        page = practice.fetch({})
        assert page.cursor == {"seq": 4}
        events = [event for raw in page.items for event in practice.parse(raw)]
        return [e.text if isinstance(e, Said | Ours) else type(e).__name__ for e in events]

    plain = ["@chicago_pd 0", "@chicago_pd 1", "@chicago_pd 2", "Ours."]
    street.faults.ask(Fault.MALFORMED, "fetch")
    assert texts() == [Unreadable.__name__, *plain]
    street.faults.ask(Fault.DUPLICATED, "fetch")
    assert texts() == [text for text in plain for _ in range(2)]
    street.faults.ask(Fault.SHUFFLED, "fetch")
    assert texts() == plain[::-1]
    assert texts() == plain


def test_faults_that_nobody_would_see_wait(practice: Practice, street: Street) -> None:
    street.faults.ask(Fault.SHUFFLED, "fetch")
    street.faults.ask(Fault.DUPLICATED, "fetch")
    street.post("nadia", "@chicago_pd hi")
    assert len(practice.fetch({}).items) == 2
    assert [planned.fault for planned in street.faults.waiting()] == [Fault.SHUFFLED]
