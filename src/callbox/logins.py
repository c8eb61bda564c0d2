"""What connecting an account, and staying connected, is made of. No Django, no I/O.

A connector (`callbox.connector`) says with these values what it needs from a member who connects an
account, which webhooks it depends on, and what it may spend.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing the connect wizard asks for.

    `record` marks what is kept for the record rather than for the network (plan, approved use,
    date of approval: policing R15); the wizard does not go on without it. `login` marks a secret
    that is the login itself: with it, nobody has to say yes on the network's own page. `place`
    marks what says where secrets are sent (each "url" and "path" does): secrets that are known
    already are not used at another one.
    """

    name: str
    label: str
    secret: bool = False
    default: str = ""
    help: str = ""
    required: bool = True
    kind: str = "text"  # "text" | "date" | "number" | "url" | "path" (a file of this machine)
    choices: tuple[tuple[str, str], ...] = ()  # (value, label); empty: anything can be typed
    record: bool = False
    login: bool = False
    place: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission that a login asks the network for, and why we need it."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a login turned out to be: stored when an account is connected."""

    external_id: str
    handle: str
    name: str = ""
    profile_url: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One account that a login opens: what to store if the member picks it.

    `config` and `secrets` are laid over what was typed; `session` is the login itself. `lacking`
    says what this login may not do there, in words; the member sees it before they pick.
    """

    identity: Identity
    session: Mapping[str, Any] = field(default_factory=dict, repr=False)
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the subscriptions that webhooks need, and whether it stands. `words` say what is
    wrong and, where we cannot mend it, what a member has to do."""

    name: str
    good: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a message's picture or file can be fetched from, and with which headers. Headers are
    sent to `url` only, never along a redirect to another host. Either may hold a login: `repr`
    shows neither."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Barrier:
    """Why something cannot be done here, in words for the member; `link` is where it can be done by
    hand."""

    words: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """Something that using a network uses up: money, or a day's units.

    `unit` is "usd_micros" (millionths of a dollar) or "units"; `period` says when it starts again
    ("month" | "day"); `cap_setting` names the setting in `config` that limits it, if a member may,
    and `cap` the network's own limit.
    """

    name: str
    label: str
    unit: str = "units"
    period: str = "day"
    cap_setting: str = ""
    cap: int | None = None


class Meter(Protocol):
    """Counts what an account uses up, across processes. `period` is the connector's own key
    ("2026-11", "2026-11-23"), so that a day ends where the network says that it ends."""

    def used(self, budget: str, period: str) -> int:
        """How much of a budget is used up in this period."""
        ...

    def add(self, budget: str, period: str, amount: int, what: str) -> None:
        """Count `amount` more, for `what` (the connector's own word, shown to members)."""
        ...


class MemoryMeter:
    """A meter that lives as long as its object: for tests and for trying a login."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, int, str]] = []

    def used(self, budget: str, period: str) -> int:
        return sum(line[2] for line in self.lines if line[:2] == (budget, period))

    def add(self, budget: str, period: str, amount: int, what: str) -> None:
        self.lines.append((budget, period, amount, what))


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of keeping a login alive: when it ends, None for never (or nobody can say)."""

    ends_at: datetime | None = None
