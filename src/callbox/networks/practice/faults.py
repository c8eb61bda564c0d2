"""What can be made to go wrong on the practice network, and how its server says that it did."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """Every way of failing that a network has. The values are stored."""

    AUTH_DEAD = "auth_dead"  # the login was revoked
    AUTH_TRANSIENT = "auth_transient"  # logging in fails for now
    RATE_LIMITED = "rate_limited"  # too many calls; over at a known time
    WINDOW_CLOSED = "window_closed"  # too late for this answer
    REFUSED = "refused"  # never, as it stands
    UNAVAILABLE = "unavailable"  # the server is down, and did nothing
    LOST_BEFORE = "lost_before"  # no answer came, and nothing was done
    LOST_AFTER = "lost_after"  # no answer came, but it *was* done
    SLOW = "slow"  # answers late
    ECHO_FIRST = "echo_first"  # its event stream shows the post before the call returns
    MALFORMED = "malformed"  # an event that makes no sense comes along
    DUPLICATED = "duplicated"  # every event comes twice
    SHUFFLED = "shuffled"  # events come newest first


class Trouble(Exception):
    """The server says no, or says nothing. `until` goes with RATE_LIMITED, `since` with
    WINDOW_CLOSED; `str()` is the server's own words."""

    def __init__(self, fault: Fault, words: str, moment: datetime | None = None) -> None:
        super().__init__(words)
        self.fault = fault
        self.moment = moment


READS = ("identify", "fetch", "listen", "context", "find", "look")
WRITES = ("reply", "message", "publish", "edit", "delete", "hide", "unhide", "like")
OPERATIONS = READS + WRITES
ANY = "any"  # whichever fitting operation is called next

_ONLY: dict[Fault, tuple[str, ...]] = {
    Fault.WINDOW_CLOSED: ("reply", "message", "edit", "delete"),
    Fault.LOST_BEFORE: WRITES,
    Fault.LOST_AFTER: WRITES,
    Fault.ECHO_FIRST: ("reply", "message", "publish"),
    Fault.MALFORMED: ("fetch", "listen"),
    Fault.DUPLICATED: ("fetch", "listen"),
    Fault.SHUFFLED: ("fetch", "listen"),
}

_WORDS: dict[Fault, str] = {
    Fault.AUTH_DEAD: "This login was revoked.",
    Fault.AUTH_TRANSIENT: "Logging in does not work right now.",
    Fault.RATE_LIMITED: "Too many calls. Slow down.",
    Fault.WINDOW_CLOSED: "It is too late to do this here.",
    Fault.REFUSED: "The network does not take this.",
    Fault.UNAVAILABLE: "The network is down.",
    Fault.LOST_BEFORE: "No answer came.",
    Fault.LOST_AFTER: "No answer came.",
}


def operations_of(fault: Fault) -> tuple[str, ...]:
    """The operations that can fail in this way."""
    return _ONLY.get(fault, OPERATIONS)


def words_of(fault: Fault) -> str:
    """What the server says when it fails in this way; "" where it says nothing."""
    return _WORDS.get(fault, "")


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault that waits to be played.

    `times` counts down; None means until it is taken away. `seconds` is how long SLOW and
    ECHO_FIRST take, and how long RATE_LIMITED and its like last; `until` is that end.
    """

    id: int
    operation: str
    fault: Fault
    times: int | None
    seconds: float
    until: datetime | None
