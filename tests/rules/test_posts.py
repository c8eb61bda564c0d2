"""How a delivery may move: no path says anything twice, and none ends in the dark."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from callbox.rules.posts import LEASE, MOVES, BadMove, backoff, lease_over, look_again, move
from callbox.vocabulary import DeliveryState as S

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(S)
    assert MOVES[S.WITHDRAWN] == frozenset()


@pytest.mark.parametrize("current", S)
@pytest.mark.parametrize("to", S)
def test_what_is_not_in_the_table_is_refused(current: S, to: S) -> None:
    if to in MOVES[current]:
        assert move(current, to) is to
    else:
        with pytest.raises(BadMove):
            move(current, to)


def test_every_state_can_still_come_to_an_end() -> None:
    ends = {S.SENT, S.FAILED, S.WITHDRAWN}
    reaching = set(ends)
    while True:
        more = {state for state in S if MOVES[state] & reaching} - reaching
        if not more:
            break
        reaching |= more
    assert reaching == set(S)


def test_nothing_goes_to_the_network_but_from_the_queue() -> None:
    assert {state for state in S if S.SENDING in MOVES[state]} == {S.QUEUED}


def test_what_may_have_gone_out_is_never_taken_back_as_if_it_had_not() -> None:
    assert S.WITHDRAWN not in MOVES[S.SENDING] | MOVES[S.UNKNOWN]


class OneDelivery(RuleBasedStateMachine):
    """A delivery, a network that ignores keys, and everything that can happen between them.

    The members' and the worker's side moves by `move` alone, and follows what `actions.deliveries`
    does; the network knows how often it was really said.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = S.QUEUED
        self.said = 0  # on the network
        self.in_call: str | None = None  # what the call under way will turn out to be
        self.looked = 0
        self.echo_waits = False

    def to(self, state: S) -> None:
        self.state = move(self.state, state)

    @precondition(lambda self: self.state is S.QUEUED)
    @rule(what=st.sampled_from(["done", "lost before", "lost after", "refused", "down"]))
    def worker_sends(self, what: str) -> None:
        self.to(S.SENDING)
        self.in_call, self.looked = what, 0
        if what in ("done", "lost after"):
            self.said += 1
            self.echo_waits = True

    @precondition(lambda self: self.state is S.SENDING and self.in_call is not None)
    @rule()
    def call_ends(self) -> None:
        after = {"done": S.SENT, "refused": S.FAILED, "down": S.QUEUED}
        self.to(after.get(str(self.in_call), S.UNKNOWN))
        self.in_call = None

    @precondition(lambda self: self.state is S.SENDING)
    @rule()
    def worker_dies_and_is_noticed(self) -> None:
        self.in_call = None
        self.to(S.UNKNOWN)

    @precondition(lambda self: self.state is S.UNKNOWN)
    @rule(can_see=st.booleans())
    def reconcile_looks(self, can_see: bool) -> None:
        if can_see and self.said:
            self.to(S.SENT)
        elif can_see:
            self.looked += 1
            if self.looked == 2:
                self.to(S.FAILED)

    @precondition(lambda self: self.echo_waits and self.state in (S.SENDING, S.UNKNOWN, S.FAILED))
    @rule()
    def echo_comes(self) -> None:
        self.echo_waits = False
        self.in_call = None
        self.to(S.SENT)

    @precondition(lambda self: self.state is S.FAILED)
    @rule()
    def member_tries_again(self) -> None:
        self.to(S.QUEUED)

    @precondition(lambda self: self.state is S.QUEUED)
    @rule()
    def member_takes_it_back(self) -> None:
        self.to(S.WITHDRAWN)

    @rule()
    def time_passes(self) -> None:
        """Nothing has to happen."""

    @invariant()
    def never_said_twice(self) -> None:
        assert self.said <= 1

    @invariant()
    def what_is_called_sent_was_said(self) -> None:
        assert self.state is not S.SENT or self.said == 1

    @invariant()
    def what_was_said_is_never_called_failed_or_taken_back(self) -> None:
        assert self.state not in (S.FAILED, S.WITHDRAWN) or self.said == 0


TestOneDelivery = OneDelivery.TestCase


@given(st.integers(0, 40))
def test_waits_grow_and_stay_within_reason(number: int) -> None:
    for wait, least, most in (
        (backoff, timedelta(seconds=5), timedelta(minutes=10)),
        (look_again, timedelta(seconds=3), timedelta(minutes=15)),
    ):
        assert least <= wait(number) <= wait(number + 1) <= most


def test_a_lease_is_over_when_nobody_can_be_sending_any_more() -> None:
    assert lease_over(None, NOW)
    assert not lease_over(NOW, NOW + LEASE)
    assert lease_over(NOW, NOW + LEASE + timedelta(microseconds=1))
