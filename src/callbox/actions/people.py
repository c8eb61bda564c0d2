"""Agencies, units, members, grants and duty: who may speak, since when, and who said so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from callbox import bulk, ledger
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.ids import new_id
from callbox.models.people import Agency, DutyWindow, Grant, Member, Unit, User
from callbox.queries.people import Me
from callbox.rules import access
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Happening, Role, UnitKind


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit to make. `parent` is a code that stands earlier in the list, "" for the top."""

    code: str
    name: str
    kind: UnitKind
    parent: str = ""
    station: Mapping[str, Any] = field(default_factory=dict)
    boundary: Mapping[str, Any] | None = None


def create_agency(
    name: str,
    short_name: str,
    slug: str,
    *,
    time_zone: str,
    languages: Sequence[str],
    units: Sequence[UnitPlan],
    answer_minutes: int = 240,
) -> Agency:
    """Make an agency with its unit tree. Raises NotPossible for a parent that is not there."""
    now = now_utc()
    agency = Agency(
        name=name,
        short_name=short_name,
        slug=slug,
        time_zone=time_zone,
        languages=list(languages),
        answer_minutes=answer_minutes,
        created_at=now,
    )
    with acting_for(agency.id):
        agency.save(force_insert=True)
        bulk.insert(Unit, _unit_rows(agency.id, units))
        ledger.enter(Happening.AGENCY_CREATED, "agency", agency.id, at=now, name=name)
    return agency


def _unit_rows(agency_id: UUID, units: Sequence[UnitPlan]) -> list[dict[str, Any]]:
    made: dict[str, tuple[UUID, str]] = {}
    rows = []
    for unit in units:
        if unit.parent and unit.parent not in made:
            raise NotPossible(f"Unit {unit.code} names a parent that is not above it.")
        parent_id, above = made.get(unit.parent, (None, "/"))
        made[unit.code] = (new_id(), f"{above}{unit.code}/")
        rows.append(
            {
                "id": made[unit.code][0],
                "agency_id": agency_id,
                "parent_id": parent_id,
                "kind": unit.kind.value,
                "code": unit.code,
                "name": unit.name,
                "path": made[unit.code][1],
                "station": dict(unit.station),
                "boundary": dict(unit.boundary) if unit.boundary else None,
            }
        )
    return rows


def add_member(
    me: Me | None,
    agency_id: UUID,
    *,
    email: str,
    name: str,
    rank: str,
    signature: str,
    password: str | None = None,
    home_unit_id: UUID | None = None,
    languages: Sequence[str] = (),
) -> Member:
    """Add a person and their login. They hold nothing until a grant says so.

    `me` None is the set-up. Raises access.Denied, NotPossible for an address that is taken.
    """
    now = now_utc()
    with acting_for(agency_id):
        _may_grant(me, agency_id, now)
        if User.objects.filter(email=email.strip().lower()).exists():
            raise NotPossible("Somebody signs in with this address already.")
        user = User.objects.create_user(email, password, agency_id=agency_id)
        member = Member.objects.create(
            agency_id=agency_id,
            user=user,
            name=name,
            rank=rank,
            signature=signature,
            home_unit_id=home_unit_id,
            languages=list(languages),
            joined_at=now,
        )
        actor = by(me) if me else ledger.SYSTEM
        ledger.enter(Happening.MEMBER_ADDED, "member", member.id, actor, at=now)
        return member


def give(
    me: Me | None,
    member: Member,
    role: Role,
    unit_id: UUID,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Grant:
    """Grant a role in a unit. Nobody grants themselves. Raises access.Denied, NotPossible."""
    now = now_utc()
    with acting_for(member.agency_id):
        _may_grant(me, member.agency_id, now)
        if me is not None and me.member_id == member.id:
            raise NotPossible("Nobody can give a role to themselves. Ask a colleague.")
        starts_at = starts_at or now
        if ends_at is not None and ends_at <= starts_at:
            raise NotPossible("It would end before it starts.")
        grant = Grant.objects.create(
            agency_id=member.agency_id,
            member=member,
            role=role.value,
            unit_id=unit_id,
            starts_at=starts_at,
            ends_at=ends_at,
            given_by_id=me.member_id if me else None,
        )
        ledger.enter(
            Happening.GRANT_GIVEN,
            "grant",
            grant.id,
            by(me) if me else ledger.SYSTEM,
            at=now,
            member=str(member.id),
            role=role.value,
            unit=str(unit_id),
        )
        return grant


def _may_grant(me: Me | None, agency_id: UUID, now: datetime) -> None:
    """Raise Denied unless this member may, in their own agency. None is the set-up."""
    if me is None:
        return
    access.require(me.standing, Deed.GRANT, "", now)
    if me.agency_id != agency_id:
        raise access.Denied("This belongs to another agency.")


def end_grant(me: Me, grant_id: UUID) -> Grant:
    """End a grant now. It stays on record. Raises access.Denied, NotPossible."""
    now = now_utc()
    with acting_for(me.agency_id):
        access.require(me.standing, Deed.GRANT, "", now)
        grant = Grant.objects.select_for_update().filter(pk=grant_id).first()
        if grant is None or (grant.ends_at is not None and grant.ends_at <= now):
            raise NotPossible("This grant is over already.")
        grant.ends_at = now
        grant.save(update_fields=["ends_at"])
        ledger.enter(
            Happening.GRANT_ENDED,
            "grant",
            grant.id,
            by(me),
            at=now,
            member=str(grant.member_id),
            role=grant.role,
        )
        return grant


def set_duty(me: Me | None, member: Member, starts_at: datetime, ends_at: datetime) -> DutyWindow:
    """Enter hours on duty. Raises access.Denied, NotPossible."""
    now = now_utc()
    with acting_for(member.agency_id):
        _may_grant(me, member.agency_id, now)
        return _window(me, member, starts_at, ends_at, Happening.DUTY_SET, now)


def waive_duty(me: Me, member: Member, until: datetime, reason: str) -> DutyWindow:
    """Let a member act outside their hours until a time, with a reason, on record (policing R3).

    Raises access.Denied, NotPossible; nobody waives for themselves.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        access.require(me.standing, Deed.WAIVE_DUTY, "", now)
        if me.member_id == member.id:
            raise NotPossible("Nobody can waive duty for themselves. Ask a colleague.")
        if not reason.strip():
            raise NotPossible("Say why, in a few words.")
        return _window(me, member, now, until, Happening.DUTY_WAIVED, now, reason.strip())


def _window(
    me: Me | None,
    member: Member,
    starts_at: datetime,
    ends_at: datetime,
    happening: Happening,
    now: datetime,
    reason: str = "",
) -> DutyWindow:
    if ends_at <= starts_at:
        raise NotPossible("It would end before it starts.")
    window = DutyWindow.objects.create(
        agency_id=member.agency_id,
        member=member,
        starts_at=starts_at,
        ends_at=ends_at,
        waived_by_id=me.member_id if me and happening is Happening.DUTY_WAIVED else None,
        reason=reason[:200],
    )
    ledger.enter(
        happening,
        "duty",
        window.id,
        by(me) if me else ledger.SYSTEM,
        at=now,
        member=str(member.id),
        starts=starts_at.isoformat(),
        ends=ends_at.isoformat(),
    )
    return window
