"""Reading who somebody is and what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from callbox import sql
from callbox.models.people import Agency, DutyWindow, Grant, Member, Unit, User
from callbox.rules.access import TABLE, Held, Standing
from callbox.vocabulary import Deed, Role


class NotAMember(LookupError):
    """A login without a member behind it."""


@dataclass(frozen=True, slots=True)
class Me:
    """The member at work: who, for which agency, holding what. Read once per request."""

    agency_id: UUID
    member_id: UUID
    name: str
    called: str
    signature: str
    standing: Standing
    home_unit_id: UUID | None = None
    languages: tuple[str, ...] = ()
    preferences: Mapping[str, Any] = field(default_factory=dict)

    def may(self, deed: Deed, now: datetime) -> bool:
        """Whether some unit's grant holds this deed; each action asks again for its own unit."""
        return bool(self.standing.paths(deed, now))


def me(user: User, now: datetime) -> Me:
    """The member behind a login, as `describe` gives them. Call inside
    `acting_for(user.agency_id)`; one statement, because every page begins with it.

    Raises NotAMember.
    """
    values = {"agency": user.agency_id, "user": user.pk, "now": now}
    found = sql.rows(_ME, values)
    if not found:
        raise NotAMember(user.email)
    pk, name, rank, signature, home, languages, preferences, active, grants, duty = found[0]
    return Me(
        agency_id=user.agency_id,
        member_id=pk,
        name=name,
        called=Member(name=name, rank=rank).called,
        signature=signature,
        standing=Standing(
            grants=tuple(
                Held(Role(role), path, _time(start), _time(end) if end else None)
                for role, path, start, end in grants
            ),
            duty=tuple((_time(start), _time(end)) for start, end in duty),
            active=active,
        ),
        home_unit_id=home,
        languages=tuple(languages),
        preferences=preferences,
    )


_ME = """
SELECT m.id, m.name, m.rank, m.signature, m.home_unit_id, m.languages, m.preferences::json,
    m.active,
    coalesce((
        SELECT json_agg(json_build_array(g.role, u.path, g.starts_at, g.ends_at))
        FROM callbox_grant g
        JOIN callbox_unit u ON u.agency_id = g.agency_id AND u.id = g.unit_id
        WHERE g.agency_id = m.agency_id AND g.member_id = m.id
    ), '[]'),
    coalesce((
        SELECT json_agg(json_build_array(d.starts_at, d.ends_at))
        FROM callbox_dutywindow d
        WHERE d.agency_id = m.agency_id AND d.member_id = m.id AND d.ends_at > %(now)s
    ), '[]')
FROM callbox_member m
WHERE m.agency_id = %(agency)s AND m.user_id = %(user)s
"""


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)


def describe(member: Member, now: datetime) -> Me:
    """A member as `Me`, with grants in force or to come and duty windows not yet over."""
    grants = (
        Grant.objects.filter(member=member)
        .annotate(path=F("unit__path"))
        .values_list("role", "path", "starts_at", "ends_at")
    )
    duty = DutyWindow.objects.filter(member=member, ends_at__gt=now)
    return Me(
        agency_id=member.agency_id,
        member_id=member.id,
        name=member.name,
        called=member.called,
        signature=member.signature,
        standing=Standing(
            grants=tuple(Held(Role(role), path, start, end) for role, path, start, end in grants),
            duty=tuple(duty.values_list("starts_at", "ends_at")),
            active=member.active,
        ),
        home_unit_id=member.home_unit_id,
        languages=tuple(member.languages),
        preferences=member.preferences,
    )


def agencies() -> list[UUID]:
    """Ids of all agencies of this installation: for jobs that go round."""
    return list(Agency.objects.order_by("created_at").values_list("id", flat=True))


def the_agency() -> Agency | None:
    """The agency that this installation's public pages speak for: the first one made."""
    return Agency.objects.order_by("created_at").first()


def unit_path(unit_id: UUID) -> str:
    """Where a unit hangs in the tree."""
    return Unit.objects.values_list("path", flat=True).get(pk=unit_id)


def units_below(paths: frozenset[str]) -> list[UUID]:
    """Ids of these units and all below them."""
    ids: list[UUID] = []
    for unit, path in Unit.objects.values_list("id", "path"):
        if any(path.startswith(one) for one in paths):
            ids.append(unit)
    return ids


def holding(deed: Deed, unit_path: str, now: datetime) -> set[UUID]:
    """Ids of the members who hold a grant for this deed in this unit."""
    rows = Grant.objects.annotate(path=F("unit__path")).values_list(
        "member_id", "role", "path", "starts_at", "ends_at"
    )
    return {
        member
        for member, role, path, start, end in rows
        if deed in TABLE[Role(role)]
        and unit_path.startswith(path)
        and Held(Role(role), path, start, end).runs(now)
    }
