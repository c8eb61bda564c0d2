"""The only writer of history.

`enter` writes a line in the transaction of the deed it speaks of: no deed without its line, no line
without its deed. Lines are append-only (the web and worker roles cannot change them). The sealer
(`callbox.sealer`) chains them afterwards, in batches, so that writers never wait for each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from callbox import bulk
from callbox.ids import new_id
from callbox.models.records import Entry
from callbox.moment import now_utc
from callbox.scope import agency_id
from callbox.vocabulary import ActorKind, Happening


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it."""

    kind: ActorKind
    id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class Line:
    """One line to enter. `facts` hold what a reader needs and no message text: texts are kept once,
    where they can be put under a hold, redacted or disposed of by rule."""

    happening: Happening
    subject_kind: str
    subject_id: UUID
    actor: Actor = SYSTEM
    conversation_id: UUID | None = None
    at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


_held: ContextVar[list[Line] | None] = ContextVar("callbox_ledger_held", default=None)


def enter(
    happening: Happening,
    subject_kind: str,
    subject_id: UUID,
    actor: Actor = SYSTEM,
    *,
    conversation_id: UUID | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> None:
    """Enter one line. `at` defaults to now."""
    enter_all([Line(happening, subject_kind, subject_id, actor, conversation_id, at, facts)])


@contextmanager
def together() -> Iterator[None]:
    """Hold every line back, and enter all of them in one statement, in the order of their times,
    when leaving: for a past that is played (`callbox.moment`). Left by an exception nothing is
    entered, as its transaction leaves nothing either."""
    lines: list[Line] = []
    token = _held.set(lines)
    try:
        yield
    finally:
        _held.reset(token)
    enter_all(sorted(lines, key=lambda line: line.at or now_utc()))


def enter_all(lines: Sequence[Line]) -> None:
    """Enter many lines in one statement."""
    now, held = now_utc(), _held.get()
    if held is not None:
        held.extend(replace(line, at=line.at or now) for line in lines)
        return
    agency = agency_id()
    bulk.insert(
        Entry,
        [
            {
                "id": new_id(),
                "agency_id": agency,
                "happening": line.happening.value,
                "at": line.at or now,
                "actor_kind": line.actor.kind.value,
                "actor_id": line.actor.id,
                "subject_kind": line.subject_kind,
                "subject_id": line.subject_id,
                "conversation_id": line.conversation_id,
                "facts": dict(line.facts),
            }
            for line in lines
        ],
    )
