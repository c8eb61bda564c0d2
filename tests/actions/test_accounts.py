"""How well we hear through an account, and saying so."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine

from callbox.actions import accounts
from callbox.actions.doing import NotPossible
from callbox.connector import AuthDead, RateLimited, Unavailable
from callbox.logins import Identity
from callbox.models.accounts import Account, BlindPeriod, Health
from callbox.models.inbox import ContextPost, Message
from callbox.models.records import Entry
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.faults import Fault
from callbox.queries import conversations
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Happening, Said
from tests import make
from tests.actions.hearing import at, said, take


def health(town: make.Town) -> Health:
    with acting_for(town.agency.id):
        return Health.objects.get(account=town.account)


def blind(town: make.Town) -> list[BlindPeriod]:
    with acting_for(town.agency.id):
        return list(BlindPeriod.objects.order_by("began_at"))


def account(town: make.Town) -> Account:
    with acting_for(town.agency.id):
        return Account.objects.get(pk=town.account.id)


def entered(town: make.Town, happening: Happening) -> int:
    with acting_for(town.agency.id):
        return Entry.objects.filter(happening=happening).count()


def test_an_outage_is_said_after_a_minute_and_what_was_missed_is_counted(town: make.Town) -> None:
    town.collect()
    last = health(town).checked_at
    town.street.faults.ask(Fault.UNAVAILABLE, "fetch", times=4)
    began = make.now() + timedelta(seconds=5)
    for seconds, is_blind in ((0, False), (30, False), (60, True), (90, True)):
        with time_machine.travel(began + timedelta(seconds=seconds), tick=False):
            town.collect()
        assert (health(town).blind_since is not None) is is_blind, seconds
    row = health(town)
    assert (row.blind_since, row.error_kind) == (last, "Unavailable")
    (period,) = blind(town)
    assert (period.began_at, period.ended_at) == (last, None)
    assert entered(town, Happening.ACCOUNT_BLIND) == 1

    for number in range(3):
        town.street.post("ana", f"@pd11 while you were blind {number}")
    with time_machine.travel(began + timedelta(seconds=120), tick=False):
        town.collect()
    row, (period,) = health(town), blind(town)
    assert (row.blind_since, row.failing_since, row.error_words) == (None, None, "")
    assert period.ended_at == began + timedelta(seconds=120)
    assert (period.recovered, period.gap) == (3, False)
    assert entered(town, Happening.ACCOUNT_SEES_AGAIN) == 1


def test_a_short_stumble_is_nobody_s_business(town: make.Town) -> None:
    town.collect()
    town.street.faults.ask(Fault.UNAVAILABLE, "fetch", times=1)
    town.collect()
    assert health(town).failing_since is not None
    town.collect()
    assert health(town).failing_since is None
    assert blind(town) == []


def test_a_hole_in_what_a_network_gives_is_a_blind_period_of_its_own(town: make.Town) -> None:
    town.collect()
    before = health(town).checked_at
    town.street.post("ana", "@pd11 forgotten by the network")
    agency = town.street.people.called("pd11").n
    town.street.log.forget(agency, town.street.log.last(agency))
    town.street.post("ana", "@pd11 still there")
    town.collect()
    (period,) = blind(town)
    assert (period.gap, period.began_at) == (True, before)
    assert period.ended_at is not None
    with acting_for(town.agency.id):
        assert Message.objects.count() == 1


def test_a_revoked_login_is_said_at_once_and_found_when_it_works_again(town: make.Town) -> None:
    town.collect()
    town.street.faults.ask(Fault.AUTH_DEAD, "fetch")
    town.collect()
    assert (account(town).state, len(blind(town))) == ("dead", 1)
    town.street.post("ana", "@pd11 Anybody there?")
    town.collect()  # a dead account is not polled
    with acting_for(town.agency.id):
        assert not Message.objects.exists()

    accounts.check(town.agency.id, town.account.id)
    assert account(town).state == "on"
    assert entered(town, Happening.ACCOUNT_RESUMED) == 1
    town.collect()
    assert [period.recovered for period in blind(town)] == [1]
    assert blind(town)[0].ended_at is not None


def test_a_rate_limit_is_kept(town: make.Town) -> None:
    until = make.now() + timedelta(seconds=40)
    with patch.object(Practice, "fetch", side_effect=RateLimited("Slow down.", until)) as fetch:
        town.collect()
        town.collect()
        assert fetch.call_count == 1
    assert health(town).limited_until == until
    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        town.collect()
    assert health(town).limited_until is None


def test_a_check_tells_what_it_finds(town: make.Town) -> None:
    with patch.object(Practice, "identify", side_effect=Unavailable("Down.")):
        accounts.check(town.agency.id, town.account.id)
    assert (health(town).error_words, account(town).state) == ("Down.", "on")
    accounts.check(town.agency.id, town.account.id)
    assert health(town).error_words == ""
    with patch.object(Practice, "identify", side_effect=AuthDead("Revoked.")):
        accounts.check(town.agency.id, town.account.id)
    assert account(town).state == "dead"
    accounts.check(town.agency.id, make.UUID(int=1))


def test_pausing_stops_hearing_until_somebody_resumes(town: make.Town) -> None:
    with pytest.raises(Denied):
        accounts.pause(town.diaz, town.account.id, paused=True)
    with pytest.raises(NotPossible):
        accounts.pause(town.admin, make.UUID(int=1), paused=True)
    accounts.pause(town.admin, town.account.id, paused=True)
    town.street.post("ana", "@pd11 Hello?")
    town.collect()
    with acting_for(town.agency.id):
        assert not Message.objects.exists()
    accounts.pause(town.admin, town.account.id, paused=False)
    town.collect()
    with acting_for(town.agency.id):
        assert Message.objects.count() == 1
    assert entered(town, Happening.ACCOUNT_PAUSED) == 1
    assert entered(town, Happening.ACCOUNT_RESUMED) == 1


def test_connecting_again_keeps_the_account_and_seals_its_secrets(town: make.Town) -> None:
    who = Identity("u1", "pd11", "11th District")
    unit = make.unit(town.agency, "011").id
    before = account(town)
    for member, agency in ((town.diaz, town.agency.id), (town.admin, make.UUID(int=3))):
        with pytest.raises(Denied):
            accounts.connect(member, agency, "practice", unit, who, config={}, secrets={})
    again = accounts.connect(
        town.admin,
        town.agency.id,
        "practice",
        unit,
        Identity(before.external_id, "pd11", "11th"),
        config=before.config,
        secrets={"token": "a secret word"},
    )
    assert (again.id, again.state) == (before.id, "on")
    assert again.approved_by_id == town.admin.member_id
    assert b"a secret word" not in bytes(account(town).secrets)


def test_context_is_kept_beside_and_never_work(town: make.Town) -> None:
    town.street.join("ben", "Ben")
    root = town.street.post("ben", "Who knows about the street light?")
    town.street.reply("ana", root.id, "@pd11 do you?")
    town.collect()
    mine = town.street.said_by("ana")[0].id
    accounts.fetch_context(town.agency.id, town.account.id, mine)
    accounts.fetch_context(town.agency.id, town.account.id, mine)
    with acting_for(town.agency.id):
        context = ContextPost.objects.get()
        assert (context.who, context.ours) == ("Ben", False)
        assert Message.objects.count() == 1


def test_odd_context_stops_nothing(town: make.Town) -> None:
    around = [said("c1"), said("x" * 600), Said("c2", at(1), None, "a\0", None)]
    with patch.object(Practice, "context", return_value=around):
        accounts.fetch_context(town.agency.id, town.account.id, "c0")
    with acting_for(town.agency.id):
        assert ContextPost.objects.count() == 2
    with patch.object(Practice, "context", side_effect=Unavailable("Down.")):
        accounts.fetch_context(town.agency.id, town.account.id, "c0")


def test_what_was_context_and_is_then_said_to_us_is_shown_once(town: make.Town) -> None:
    with patch.object(Practice, "context", return_value=[said("m1", addressed=None)]):
        accounts.fetch_context(town.agency.id, town.account.id, "m0")
    take(town, said("m1"))
    with acting_for(town.agency.id):
        home = Message.objects.get().conversation_id
        found = conversations.find(town.diaz, home, make.now())
        assert found is not None
        kinds = [item.kind for item in conversations.thread(town.diaz, found, make.now()).items]
    assert kinds == ["message"]


def test_trying_a_login_says_who_it_is(town: make.Town) -> None:
    config = {"path": town.account.config["path"]}
    with pytest.raises(AuthDead):
        accounts.try_login("practice", config, {"token": "wrong"})
    with pytest.raises(LookupError):
        accounts.try_login("gopher", {}, {})
