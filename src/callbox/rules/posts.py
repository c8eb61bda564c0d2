"""How a delivery may move, and what becomes of an error. No I/O, no clock."""

from datetime import datetime, timedelta

from callbox.vocabulary import DeliveryState as S
from callbox.vocabulary import Stage

#: Every move there is. Anything else is a fault of ours and raises.
MOVES: dict[S, frozenset[S]] = {
    # SENT without SENDING: tried before, and an echo shows that it arrived then after all.
    S.QUEUED: frozenset({S.SENDING, S.WITHDRAWN, S.FAILED, S.SENT}),
    # Back to QUEUED only when the network certainly did nothing (RateLimited, Unavailable).
    S.SENDING: frozenset({S.SENT, S.FAILED, S.UNKNOWN, S.QUEUED}),
    # Found, or certainly not there and safe to send again under the same key, or given up on.
    S.UNKNOWN: frozenset({S.SENT, S.QUEUED, S.FAILED}),
    S.FAILED: frozenset({S.QUEUED, S.SENT}),  # a person tries again; an echo proves us wrong
    S.SENT: frozenset({S.WITHDRAWN}),
    S.WITHDRAWN: frozenset(),
}

HOLD = timedelta(seconds=10)  # a public reply waits this long, so that it can be taken back
LEASE = timedelta(seconds=90)  # longer than any connector call: then its worker is dead
IN_FLIGHT = timedelta(seconds=30)  # how long a request may still be on its way after we gave up
MOST_ATTEMPTS = 6
MOST_LOOKS = 8


class BadMove(RuntimeError):
    """A delivery was asked to move where it cannot."""


def move(current: S, to: S) -> S:
    """The new state. Raises BadMove for a move that is not in MOVES."""
    if to not in MOVES[current]:
        raise BadMove(f"{current} → {to}")
    return to


def backoff(attempt: int) -> timedelta:
    """How long to wait before trying again: 5 s doubling, at most 10 minutes."""
    return timedelta(seconds=min(5 * 2 ** max(attempt - 1, 0), 600))


def look_again(looks: int) -> timedelta:
    """How long to wait before reconcile looks again: 3 s tripling, at most 15 minutes."""
    return timedelta(seconds=min(3 * 3 ** max(looks - 1, 0), 900))


def lease_over(sending_since: datetime | None, now: datetime) -> bool:
    """Whether whoever was sending is certainly not sending any more."""
    return sending_since is None or now - sending_since > LEASE


#: How far each stage is. Reports come in any order; only a later stage counts, and failing is last.
STAGES: dict[Stage, int] = {Stage.SENT: 1, Stage.DELIVERED: 2, Stage.READ: 3, Stage.FAILED: 4}


def further(stored: str, reported: Stage) -> bool:
    """Whether a report says more than what is known (`stored` "" is nothing). What was delivered or
    read has arrived: a failure reported after that is about something else and is not believed."""
    if not stored:
        return True
    known = Stage(stored)
    if reported is Stage.FAILED:
        return known is Stage.SENT
    return STAGES[reported] > STAGES[known]
