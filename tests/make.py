"""The cast of the tests: plain typed functions, one click from their definition.

Diaz answers in the 11th District, Mockridge supervises there, Ofield answers in the 7th and must
see nothing of the 11th, Admin runs the installation. Ana is a resident.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from callbox.actions import accounts, people
from callbox.actions.people import UnitPlan
from callbox.logins import Identity
from callbox.models.accounts import Account
from callbox.models.people import Agency, Member, Unit
from callbox.networks.practice.street import Street
from callbox.queries.people import Me, describe
from callbox.scope import acting_for
from callbox.vocabulary import Role, UnitKind
from tests.contract.harness import Harness

PASSWORD = "four plain words here"
UNITS = (
    UnitPlan("PD", "Police Department", UnitKind.DEPARTMENT),
    UnitPlan("A4", "Area 4", UnitKind.AREA, "PD"),
    UnitPlan("011", "11th District", UnitKind.DISTRICT, "A4"),
    UnitPlan("1122", "Beat 1122", UnitKind.BEAT, "011"),
    UnitPlan("A1", "Area 1", UnitKind.AREA, "PD"),
    UnitPlan("007", "7th District", UnitKind.DISTRICT, "A1"),
)


def now() -> datetime:
    return datetime.now(UTC)


def agency(slug: str = "chicago") -> Agency:
    """An agency with a small tree of units."""
    return people.create_agency(
        f"{slug.title()} Police Department",
        slug[:3].upper(),
        slug,
        time_zone="America/Chicago",
        languages=["en", "es"],
        units=UNITS,
    )


def unit(of: Agency, code: str) -> Unit:
    with acting_for(of.id):
        return Unit.objects.get(code=code)


def member(
    of: Agency,
    name: str,
    role: Role,
    code: str = "011",
    *,
    on_duty: bool = True,
    rank: str = "Ofc.",
) -> Member:
    """A member with one grant, on duty from an hour ago until in an hour."""
    home = unit(of, code)
    last = name.split()[-1]
    made = people.add_member(
        None,
        of.id,
        email=f"{last.lower()}@{of.slug}.example",
        name=name,
        rank=rank,
        signature=f"{rank} {last}, {home.name}",
        password=PASSWORD,
        home_unit_id=home.id,
    )
    people.give(None, made, role, home.id, starts_at=now() - timedelta(days=1))
    if on_duty:
        people.set_duty(None, made, now() - timedelta(hours=1), now() + timedelta(hours=1))
    return made


def me(of: Member) -> Me:
    with acting_for(of.agency_id):
        return describe(of, now())


@dataclass(frozen=True, slots=True)
class Town:
    """An agency with its cast, one practice account, and the street it is on."""

    agency: Agency
    account: Account
    street: Street
    diaz: Me
    mockridge: Me
    ofield: Me
    admin: Me

    def collect(self) -> None:
        """What the worker does by itself: poll the account."""
        accounts.collect(self.agency.id, self.account.id)


def practice_account(of: Agency, path: Path, handle: str = "pd11", **config: object) -> Account:
    """An account of the agency on the practice network at `path`."""
    with Street(path) as street:
        token = street.join_agency(handle, "11th District")
    settings = {"path": str(path), **config}
    identity, session = accounts.try_login("practice", settings, {"token": token})
    return accounts.connect(
        None,
        of.id,
        "practice",
        unit(of, "011").id,
        identity,
        config=settings,
        secrets={"token": token},
        session=session,
    )


def town(folder: Path, slug: str = "chicago", **config: object) -> Town:
    """Everything that a test of the loop needs."""
    made = agency(slug)
    path = folder / f"{slug}.sqlite3"
    account = practice_account(made, path, **config)
    return Town(
        agency=made,
        account=account,
        street=Street(path),
        diaz=me(member(made, "Rosa Diaz", Role.OFFICER)),
        mockridge=me(member(made, "Ann Mockridge", Role.SUPERVISOR, rank="Sgt.")),
        ofield=me(member(made, "Sam Ofield", Role.OFFICER, "007")),
        admin=me(member(made, "Ida Admin", Role.ADMINISTRATOR, "PD", rank="")),
    )


def portal_account(of: Agency) -> Account:
    """The agency's own “Talk with us” pages."""
    return accounts.connect(
        None,
        of.id,
        "portal",
        unit(of, "PD").id,
        Identity("portal", "portal", "Talk with us"),
        config={},
        secrets={},
    )


def stand_in_account(of: Agency, harness: Harness, code: str = "011") -> Account:
    """An account on a network's stand-in, as the wizard would have connected it."""
    connector = harness.connector(harness.session())
    seen = connector.account
    return accounts.connect(
        None,
        of.id,
        connector.key,
        unit(of, code).id,
        Identity(seen.external_id, seen.handle or connector.key, connector.name),
        config=seen.config,
        secrets=seen.secrets,
        session=connector.session.read(),
    )


def one(ids: "list[UUID]") -> UUID:
    """The only one."""
    assert len(ids) == 1, ids
    return ids[0]
