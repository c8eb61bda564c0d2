"""The only writer of history.

`enter` writes a line in the transaction of the deed it speaks of: no deed without its line, no line
without its deed. Lines are append-only (the web and worker roles cannot change them). The sealer
(`callbox.sealer`) chains them afterwards, in batches, so that writers never wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from callbox import bulk
from callbox.ids import new_id
from callbox.models.records import Entry
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


def enter_all(lines: Sequence[Line]) -> None:
    """Enter many lines in one statement."""
    now = datetime.now(UTC)
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
