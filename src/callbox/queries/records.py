"""Reading the ledger: a conversation's history as people read it, and counts for measures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from callbox.models.people import Member, Unit
from callbox.models.records import Entry
from callbox.vocabulary import Happening


@dataclass(frozen=True, slots=True)
class Past:
    """One entry, with names instead of ids."""

    at: datetime
    happening: Happening
    who: str  # "" for the resident or for Callbox itself: see `actor_kind`
    actor_kind: str
    facts: dict[str, Any]


def history(conversation_id: UUID) -> list[Past]:
    """Everything that happened in a conversation, oldest first, in three statements."""
    rows = list(Entry.objects.filter(conversation_id=conversation_id).order_by("id"))
    named = {str(row.actor_id) for row in rows if row.actor_id}
    named |= {str(row.facts["member"]) for row in rows if row.facts.get("member")}
    members = {str(one.id): one.called for one in Member.objects.filter(pk__in=named)}
    asked = {str(row.facts["unit"]) for row in rows if row.facts.get("unit")}
    units = {str(one.id): one.name for one in Unit.objects.filter(pk__in=asked).only("id", "name")}
    return [
        Past(
            at=row.at,
            happening=Happening(row.happening),
            who=members.get(str(row.actor_id), ""),
            actor_kind=row.actor_kind,
            facts={
                **row.facts,
                "member_name": members.get(str(row.facts.get("member")), ""),
                "unit_name": units.get(str(row.facts.get("unit")), ""),
            },
        )
        for row in rows
    ]


def tally(since: datetime) -> dict[Happening, int]:
    """How often each thing happened since a time: figures come from the ledger alone, so that
    figures and records cannot disagree."""
    rows = Entry.objects.filter(at__gte=since).values_list("happening").annotate(n=Count("id"))
    return {Happening(happening): count for happening, count in rows}
