"""Who may speak, since when, and who said so."""

from datetime import timedelta
from uuid import UUID

import pytest

from callbox.actions import people
from callbox.actions.doing import NotPossible
from callbox.models.people import DutyWindow, Grant, Member
from callbox.models.records import Entry
from callbox.queries.people import Me
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Happening, Role, UnitKind
from tests import make
from tests.actions.speaking import after

HOUR = timedelta(hours=1)


def member(town: make.Town, me: Me) -> Member:
    with acting_for(town.agency.id):
        return Member.objects.get(pk=me.member_id)


def path(town: make.Town, code: str = "011") -> str:
    return make.unit(town.agency, code).path


def test_a_grant_runs_from_a_day_until_a_day(town: make.Town) -> None:
    ofield = member(town, town.ofield)
    unit = make.unit(town.agency, "011").id
    people.give(
        town.admin,
        ofield,
        Role.OFFICER,
        unit,
        starts_at=make.now() + HOUR,
        ends_at=make.now() + 3 * HOUR,
    )
    me = make.me(ofield)

    def may(hours: float) -> bool:
        return path(town) in me.standing.paths(Deed.REPLY, make.now() + hours * HOUR)

    assert [may(hours) for hours in (0, 0.9, 1.1, 2.9, 3.1)] == [False, False, True, True, False]
    with acting_for(town.agency.id):
        entry = Entry.objects.filter(happening=Happening.GRANT_GIVEN).latest("id")
        assert entry.actor_id == town.admin.member_id


def test_a_grant_covers_what_is_below_it(town: make.Town) -> None:
    assert town.diaz.standing.paths(Deed.REPLY, make.now()) == {path(town)}
    assert path(town, "1122").startswith(path(town))


def test_nobody_grants_themselves(town: make.Town) -> None:
    with pytest.raises(NotPossible, match="themselves"):
        people.give(
            town.admin, member(town, town.admin), Role.OFFICER, make.unit(town.agency, "PD").id
        )


def test_only_an_administrator_grants(town: make.Town) -> None:
    ofield, unit = member(town, town.ofield), make.unit(town.agency, "007").id
    for me in (town.diaz, town.mockridge):
        with pytest.raises(Denied):
            people.give(me, ofield, Role.SUPERVISOR, unit)
        with pytest.raises(Denied):
            people.set_duty(me, ofield, make.now(), make.now() + HOUR)
        with pytest.raises(Denied):
            people.add_member(
                me, town.agency.id, email="x@y.example", name="X", rank="", signature="X"
            )


def test_nobody_grants_in_another_agency(town: make.Town) -> None:
    other = make.agency("springfield")
    theirs = make.member(other, "Lou Else", Role.OFFICER)
    with pytest.raises(Denied, match="another agency"):
        people.give(town.admin, theirs, Role.OFFICER, make.unit(other, "PD").id)
    with pytest.raises(Denied, match="another agency"):
        people.set_duty(town.admin, theirs, make.now(), make.now() + HOUR)
    with pytest.raises(Denied, match="another agency"):
        people.add_member(
            town.admin, other.id, email="x@y.example", name="X", rank="", signature="X"
        )


def test_an_ended_grant_stays_on_record(town: make.Town) -> None:
    with acting_for(town.agency.id):
        grant = Grant.objects.get(member_id=town.diaz.member_id)
    with pytest.raises(Denied):
        people.end_grant(town.mockridge, grant.id)
    people.end_grant(town.admin, grant.id)
    assert make.me(member(town, town.diaz)).standing.paths(Deed.REPLY, make.now()) == frozenset()
    with acting_for(town.agency.id):
        assert Grant.objects.filter(pk=grant.id).exists()
    for gone in (grant.id, UUID(int=1)):
        with pytest.raises(NotPossible, match="over already"):
            people.end_grant(town.admin, gone)


def test_duty_is_waived_by_a_supervisor_with_a_reason_and_an_end(town: make.Town) -> None:
    diaz = member(town, town.diaz)
    with acting_for(town.agency.id):
        DutyWindow.objects.all().delete()
    assert not make.me(diaz).standing.on_duty(make.now())
    until = make.now() + HOUR
    for me, words in ((town.diaz, "x"), (town.ofield, "x")):
        with pytest.raises(Denied):
            people.waive_duty(me, diaz, until, words)
    with pytest.raises(NotPossible, match="why"):
        people.waive_duty(town.mockridge, diaz, until, "  ")
    with pytest.raises(NotPossible, match="themselves"):
        people.waive_duty(town.mockridge, member(town, town.mockridge), until, "x")
    with pytest.raises(NotPossible, match="before it starts"):
        people.waive_duty(town.mockridge, diaz, make.now() - HOUR, "x")

    window = people.waive_duty(town.mockridge, diaz, until, "Missing child, Garfield Park")
    assert window.waived_by_id == town.mockridge.member_id
    assert make.me(diaz).standing.on_duty(make.now())
    with after(hours=2):
        assert not make.me(diaz).standing.on_duty(make.now())
    with acting_for(town.agency.id):
        assert Entry.objects.filter(happening=Happening.DUTY_WAIVED).count() == 1


def test_one_address_one_login(town: make.Town) -> None:
    with pytest.raises(NotPossible, match="already"):
        people.add_member(
            town.admin,
            town.agency.id,
            email=" DIAZ@Chicago.example",
            name="Other Diaz",
            rank="",
            signature="D",
        )


def test_a_new_member_holds_nothing(town: make.Town) -> None:
    made = people.add_member(
        town.admin, town.agency.id, email="n@e.example", name="New Example", rank="", signature="N"
    )
    assert make.me(made).standing.grants == ()


def test_nothing_ends_before_it_starts(town: make.Town) -> None:
    diaz, unit = member(town, town.diaz), make.unit(town.agency, "011").id
    with pytest.raises(NotPossible):
        people.give(town.admin, diaz, Role.OFFICER, unit, ends_at=make.now() - HOUR)
    with pytest.raises(NotPossible):
        people.set_duty(town.admin, diaz, make.now(), make.now() - HOUR)


def test_a_unit_hangs_below_one_that_is_there(db: None) -> None:
    plan = [people.UnitPlan("A", "A", UnitKind.AREA, "nowhere")]
    with pytest.raises(NotPossible, match="parent"):
        people.create_agency("X", "X", "x", time_zone="UTC", languages=[], units=plan)
