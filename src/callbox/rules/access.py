"""Who may do what: the whole role × deed table, and the rules around it. No I/O, no clock.

Sources: policing R2 (authority per person and unit, dated), R3 (on duty only), R7, R22, R36.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from callbox.vocabulary import Deed, Role

_READ = frozenset({Deed.READ, Deed.SEE_ACCOUNTS, Deed.SEE_MEMBERS})
_ANSWER = _READ | {
    Deed.REPLY,
    Deed.NOTE,
    Deed.ASSIGN,
    Deed.CLOSE,
    Deed.MERGE,
    Deed.WITHDRAW,
    Deed.LIKE,
}
_LEAD = _ANSWER | {Deed.HIDE, Deed.TAKE_OVER, Deed.WAIVE_DUTY, Deed.VERIFY}

#: The table. A deed that stands in no row of a member's roles is refused.
TABLE: dict[Role, frozenset[Deed]] = {
    Role.OFFICER: frozenset(_ANSWER),
    Role.SUPERVISOR: frozenset(_LEAD),
    Role.NEWS_AFFAIRS: frozenset(_LEAD | {Deed.RUN_ACCOUNTS, Deed.PUBLISH}),
    Role.RECORDS: frozenset(_READ | {Deed.READ_DELETED, Deed.VERIFY, Deed.NOTE}),
    # Tips have a room of their own; until it exists a handler reads nothing here.
    Role.TIP_HANDLER: frozenset({Deed.SEE_ACCOUNTS}),
    Role.OVERSIGHT: frozenset(_READ | {Deed.READ_DELETED, Deed.VERIFY}),
    # Runs the installation; does not read what people write to the department.
    Role.ADMINISTRATOR: frozenset(
        {Deed.SEE_ACCOUNTS, Deed.RUN_ACCOUNTS, Deed.SEE_MEMBERS, Deed.GRANT, Deed.VERIFY}
    ),
}

#: Deeds that speak or act towards the public: on duty only (policing R3, S02-03-10 III.C).
ON_DUTY_ONLY = frozenset({Deed.REPLY, Deed.CLOSE, Deed.WITHDRAW, Deed.LIKE, Deed.HIDE})

#: Roles that duty windows bind. Command staff and civilians of record are not volunteers.
BOUND_BY_DUTY = frozenset({Role.OFFICER})

#: Deeds about the installation, not about one conversation: any unit's grant will do.
EVERYWHERE = frozenset(
    {
        Deed.PUBLISH,
        Deed.VERIFY,
        Deed.SEE_ACCOUNTS,
        Deed.RUN_ACCOUNTS,
        Deed.SEE_MEMBERS,
        Deed.GRANT,
        Deed.WAIVE_DUTY,
    }
)


class Denied(Exception):
    """A member may not do this. `str()` says why, and what would help."""


@dataclass(frozen=True, slots=True)
class Held:
    """One grant as the rules see it. `path` is the unit's path, "/CPD/BOP/A4/011/"."""

    role: Role
    path: str
    starts_at: datetime
    ends_at: datetime | None = None

    def runs(self, now: datetime) -> bool:
        """Whether it is in force. The start counts, the end does not."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member holds: grants and duty windows (from, to)."""

    grants: tuple[Held, ...] = ()
    duty: tuple[tuple[datetime, datetime], ...] = field(default=())
    active: bool = True

    def on_duty(self, now: datetime) -> bool:
        """Whether a duty window (or a waiver, which is one) is open."""
        return any(start <= now < end for start, end in self.duty)

    def paths(self, deed: Deed, now: datetime) -> frozenset[str]:
        """Unit paths under which this deed is granted, duty aside."""
        if not self.active:
            return frozenset()
        return frozenset(
            held.path for held in self.grants if held.runs(now) and deed in TABLE[held.role]
        )

    def roles(self, now: datetime) -> frozenset[Role]:
        """Roles in force now."""
        return frozenset(held.role for held in self.grants if held.runs(now))


def covers(paths: Iterable[str], unit_path: str) -> bool:
    """Whether a unit is one of these, or below one of these."""
    return any(unit_path.startswith(path) for path in paths)


def refusal(standing: Standing, deed: Deed, unit_path: str, now: datetime) -> str:
    """Why this may not be done, in words; "" when it may. `unit_path` "" is the whole agency."""
    if not standing.active:
        return "This login is switched off. Ask your administrator."
    holding = [held for held in standing.grants if held.runs(now) and deed in TABLE[held.role]]
    if not holding:
        return f"Your role does not include “{deed.value.replace('_', ' ')}”."
    if deed not in EVERYWHERE:
        holding = [held for held in holding if unit_path.startswith(held.path)]
    if not holding:
        return "This belongs to a unit outside your grant. Ask a supervisor there."
    bound = all(held.role in BOUND_BY_DUTY for held in holding)
    if deed in ON_DUTY_ONLY and bound and not standing.on_duty(now):
        return "You are off duty. A supervisor can let you act outside your hours, on record."
    return ""


def require(standing: Standing, deed: Deed, unit_path: str, now: datetime) -> None:
    """Raise Denied, with its reason, unless this may be done."""
    words = refusal(standing, deed, unit_path, now)
    if words:
        raise Denied(words)
