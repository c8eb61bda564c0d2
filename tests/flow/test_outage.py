"""Two hours without one network: nothing is lost, nobody else waits, and the record says so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from callbox.actions import accounts
from callbox.models.accounts import Account, BlindPeriod, Health
from callbox.models.inbox import Arrival, Message
from callbox.scope import acting_for
from tests import make
from tests.contract.harness import Harness, harness_class
from tests.servers.standin import Fault

pytestmark = pytest.mark.django_db(transaction=True)

SAID = 240  # two a minute


@pytest.fixture
def away() -> Iterator[Harness]:
    """A network whose interface goes away."""
    made = harness_class("facebook")()
    yield made
    made.close()


def heard(agency: Any, account: Account) -> list[str]:
    with acting_for(agency.id):
        return list(Message.objects.filter(account=account).values_list("external_id", flat=True))


def test_an_outage_of_two_hours_leaves_no_gap_and_starves_nobody(tmp_path: Path, away: Any) -> None:
    """Failure modes 12 and 13: no webhook came, the interface was away, and others go on."""
    town = make.town(tmp_path)
    town.street.join("ana", "Ana Ejemplo")
    account = make.stand_in_account(town.agency, away)
    accounts.collect(town.agency.id, account.id)
    began = make.now()
    away.server.fault("*", "*", Fault.status(503), times=1_000_000)
    neighbours = 0
    for minute in range(0, 120, 10):
        with time_machine.travel(began + timedelta(minutes=minute), tick=False):
            town.street.post("ana", f"@pd11 Meanwhile, at minute {minute}")
            neighbours += 1
            accounts.collect(town.agency.id, account.id)
            town.collect()
        assert len(heard(town.agency, town.account)) == neighbours, "others are heard as ever"
    with acting_for(town.agency.id):
        assert Health.objects.get(account=account).blind_since is not None
        assert Health.objects.get(account=town.account).blind_since is None
    said = [away.say(f"Question number {n}") for n in range(SAID)]
    away.server.taken()  # what would have been pushed is lost: networks give up

    away.server._faults.clear()
    with time_machine.travel(began + timedelta(minutes=121), tick=False):
        rounds = 0
        while len(heard(town.agency, account)) < SAID and rounds < 60:
            accounts.collect(town.agency.id, account.id)
            town.collect()  # everybody's turn comes between two of ours
            rounds += 1
        accounts.collect(town.agency.id, account.id)
    assert sorted(heard(town.agency, account)) == sorted(said)
    with acting_for(town.agency.id):
        period = BlindPeriod.objects.get(account=account)
        assert period.ended_at is not None
        assert (period.gap, period.recovered > 0) == (False, True)
        assert not Arrival.objects.filter(account=account, state="quarantined").exists()
