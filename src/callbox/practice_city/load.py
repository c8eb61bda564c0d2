"""Build the practice city in an empty database: agency, members, accounts, and their last week.

Nothing is written past the deeds (`callbox.actions`): history and ledger are as true as if the city
had lived here. It is one transaction, so a start that is interrupted leaves nothing half built.
"""

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction

from callbox import ledger
from callbox.actions import accounts, people
from callbox.agency_data import UnitData
from callbox.agency_data import read as read_agency
from callbox.models.accounts import Account
from callbox.models.people import Agency, Member, Unit, User
from callbox.moment import at, now_utc
from callbox.networks.practice.street import Street
from callbox.practice_city import duty, trickle
from callbox.practice_city.checks import AGENCY, PORTAL
from callbox.practice_city.content import city
from callbox.practice_city.past import Past
from callbox.practice_city.plans import AccountPlan, City, MemberPlan
from callbox.queries.people import Me, describe, the_agency
from callbox.scope import acting_for

PASSWORD = "practice-city"  # noqa: S105  # demo logins exist in practice mode only, on loopback
TIME_ZONE = "America/Chicago"
TIPS_URL = "https://www.cpdtip.com"  # where Chicago really takes tips: our pages point there
_BEGAN = timedelta(days=260)
_ENOUGH = timedelta(days=8)  # before the first turn of any conversation


def load(now: datetime, file: Path) -> Agency | None:
    """Build the city as it stands at `now`, its practice network in `file`.

    None, and nothing done, when there is an agency already.
    """
    if the_agency() is not None:
        return None
    _clear(file)
    plan = city()
    with _undisturbed(), transaction.atomic(), at(now - _BEGAN):
        agency = _agency()
        with acting_for(agency.id), ledger.together(), Street(file, now=now_utc) as street:
            _Builder(plan, agency, street, now).build(file)
    return agency


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector, which takes a fifth of the time of this many small deeds."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _clear(file: Path) -> None:
    """A city that begins anew begins on an empty street."""
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _agency() -> Agency:
    data = read_agency(AGENCY)
    return people.create_agency(
        "Chicago Police Department",
        "CPD",
        AGENCY,
        time_zone=TIME_ZONE,
        languages=["en", "es", "pl", "zh", "ar"],
        units=[_unit(unit, data.outlines) for unit in data.units],
    )


def _unit(unit: UnitData, outlines: Mapping[str, Mapping[str, object]]) -> people.UnitPlan:
    return people.UnitPlan(
        code=unit.code,
        name=unit.name,
        kind=unit.kind,
        parent=unit.parent or "",
        station=asdict(unit.station) if unit.station else {},
        boundary=outlines.get(unit.code),
    )


class _Builder:
    """Everything after the agency itself. Works inside one scope and one transaction."""

    def __init__(self, plan: City, agency: Agency, street: Street, now: datetime) -> None:
        self._plan = plan
        self._agency = agency
        self._street = street
        self._now = now
        self._units: dict[str, UUID] = dict(Unit.objects.values_list("code", "id"))
        self._members: dict[str, Member] = {}

    def build(self, file: Path) -> None:
        """Members, accounts and residents, then the past; then the trickle knows where it is."""
        for member in self._plan.members.values():
            self._members[member.key] = self._member(member)
        self._logins()
        self._on_duty()
        for resident in self._plan.residents.values():
            self._street.join(resident.handle, resident.name)
        oldest_first = sorted(self._plan.accounts.values(), key=lambda one: -one.approved_days_ago)
        connected = {one.key: self._account(one, file) for one in oldest_first}
        past = Past(self._plan, self._street, connected, self._mes(), self._units)
        past.play(self._now)
        trickle.remember_posts(file, past.posts)

    def _member(self, plan: MemberPlan) -> Member:
        member = people.add_member(
            None,
            self._agency.id,
            email=plan.email,
            name=plan.name,
            rank=plan.rank,
            signature=plan.signature,
            password=None,
            home_unit_id=self._units[plan.unit],
            languages=plan.languages,
        )
        for grant in plan.grants:
            until = grant.until_days_ago
            people.give(
                None,
                member,
                grant.role,
                self._units[grant.unit],
                starts_at=self._now - timedelta(days=grant.from_days_ago),
                ends_at=None if until is None else self._now - timedelta(days=until),
            )
        return member

    def _logins(self) -> None:
        """One password for all demo logins, hashed once: hashing is slow on purpose."""
        shown = [plan.email for plan in self._plan.members.values() if plan.demo]
        User.objects.filter(email__in=shown).update(password=make_password(PASSWORD))

    def _on_duty(self) -> None:
        deeds = self._deeds()
        zone = ZoneInfo(TIME_ZONE)
        for plan in self._plan.members.values():
            for start, end in duty.windows(plan.duty, deeds[plan.key], self._now, zone):
                people.set_duty(None, self._members[plan.key], start, end)

    def _deeds(self) -> Mapping[str, list[datetime]]:
        """When each member did something."""
        found: dict[str, list[datetime]] = defaultdict(list)
        for conversation in self._plan.conversations.values():
            for turn in conversation.turns:
                found[getattr(turn, "by", "")].append(self._now - timedelta(minutes=turn.ago))
        return found

    def _account(self, plan: AccountPlan, file: Path) -> Account:
        config, secrets = {}, {}
        if plan.network != PORTAL:
            config["path"] = str(file)
            secrets["token"] = self._street.join_agency(plan.handle, plan.name)
        else:
            config["tips_url"] = TIPS_URL
        approved = self._now - timedelta(days=plan.approved_days_ago)
        with at(approved):
            identity, session = accounts.try_login(plan.network, config, secrets)
            return accounts.connect(
                None,
                self._agency.id,
                plan.network,
                self._units[plan.unit],
                identity,
                config=config,
                secrets=secrets,
                session=session,
                approved_by=self._members[plan.approved_by].id,
                approved_at=approved,
            )

    def _mes(self) -> dict[str, Me]:
        return {key: describe(one, self._now - _ENOUGH) for key, one in self._members.items()}


def logins(plan: City) -> Iterator[str]:
    """Lines that tell a person how to sign in: one login per role."""
    shown = [member for member in plan.members.values() if member.demo]
    width = max(len(member.email) for member in shown)
    yield f"Demo logins (password: {PASSWORD})"
    yield from (f"  {member.email:<{width}}  {member.demo}" for member in shown)
