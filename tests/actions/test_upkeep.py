"""Logins that are kept alive, webhooks that are looked after, and what an account uses up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from callbox.actions import accounts, upkeep
from callbox.actions.doing import NotPossible
from callbox.connector import AuthDead, Connector, Page, Unavailable
from callbox.jobs import rounds
from callbox.logins import Layer, Renewed
from callbox.models.accounts import Account, Health, Usage
from callbox.models.records import Entry
from callbox.networks.practice.connector import Practice
from callbox.queries import hooks
from callbox.queries.accounts import StoredMeter, connector_for
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Happening
from tests import make


def health(town: make.Town) -> Health:
    with acting_for(town.agency.id):
        return Health.objects.get(account=town.account)


def entered(town: make.Town, happening: Happening) -> int:
    with acting_for(town.agency.id):
        return Entry.objects.filter(happening=happening).count()


def renewing(monkeypatch: pytest.MonkeyPatch, outcome: datetime | Exception) -> None:
    def renew(self: Connector) -> Renewed:
        if isinstance(outcome, Exception):
            raise outcome
        return Renewed(outcome)

    monkeypatch.setattr(Practice, "renew", renew)


def test_a_login_is_extended_and_its_end_is_known(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = make.now() + timedelta(days=60)
    renewing(monkeypatch, ends)
    assert upkeep.renew(town.agency.id, town.account.id) == Renewed(ends)
    upkeep.renew(town.agency.id, town.account.id)
    assert health(town).login_ends_at == ends
    assert entered(town, Happening.ACCOUNT_RENEWED) == 1, "only when it moved"
    assert entered(town, Happening.ACCOUNT_LOGIN_ENDING) == 0


def test_a_login_in_its_last_week_is_said_once_a_day(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failure mode 4: a login that can only be extended while it lives."""
    now = make.now()
    renewing(monkeypatch, now + timedelta(days=6))
    upkeep.renew(town.agency.id, town.account.id)
    upkeep.renew(town.agency.id, town.account.id)
    assert entered(town, Happening.ACCOUNT_LOGIN_ENDING) == 1
    with time_machine.travel(now + timedelta(days=1, minutes=1), tick=False):
        renewing(monkeypatch, Unavailable("away"))
        upkeep.renew(town.agency.id, town.account.id)
    assert entered(town, Happening.ACCOUNT_LOGIN_ENDING) == 2, "also when it could not be asked"


def test_a_blip_is_no_revocation_and_a_revocation_is_one(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failure mode 3: trouble while renewing must not end a login."""
    renewing(monkeypatch, Unavailable("503"))
    assert upkeep.renew(town.agency.id, town.account.id) is None
    with acting_for(town.agency.id):
        assert Account.objects.get(pk=town.account.id).state == "on"
    with pytest.raises(NotPossible):
        upkeep.renew_now(town.admin, town.account.id)
    renewing(monkeypatch, AuthDead("revoked"))
    upkeep.renew(town.agency.id, town.account.id)
    with acting_for(town.agency.id):
        assert Account.objects.get(pk=town.account.id).state == "dead"
    with pytest.raises(Denied):
        upkeep.renew_now(town.diaz, town.account.id)


def hooking(monkeypatch: pytest.MonkeyPatch, layers: Sequence[Layer]) -> list[tuple[str, bool]]:
    asked: list[tuple[str, bool]] = []

    def look(self: Connector, url: str, *, repair: bool) -> Sequence[Layer]:
        asked.append((url, repair))
        return layers

    monkeypatch.setattr(Practice, "hooks", look)
    return asked


def test_a_lost_subscription_is_noticed_and_made_again(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Failure mode 12: the page's own subscription is gone, and nobody notices."""
    settings.CALLBOX_URL = "https://talk.example.gov"
    broken = [Layer("app", good=True), Layer("page", good=False, words="It is gone.")]
    asked = hooking(monkeypatch, broken)
    upkeep.look_after_hooks(town.agency.id, town.account.id)
    assert health(town).layers[1] == {"name": "page", "good": False, "words": "It is gone."}
    assert entered(town, Happening.HOOKS_BROKEN) == 1
    url = f"https://talk.example.gov/hooks/{town.agency.id}/{town.account.id}/"
    assert asked == [(url, True)]
    hooking(monkeypatch, [Layer("app", good=True), Layer("page", good=True)])
    upkeep.look_after_hooks(town.agency.id, town.account.id)
    upkeep.look_after_hooks(town.agency.id, town.account.id)
    assert entered(town, Happening.HOOKS_MENDED) == 1
    assert len(upkeep.look_now(town.admin, town.account.id, repair=True)) == 2


def test_without_a_public_address_there_is_nothing_to_look_at(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = hooking(monkeypatch, [])
    assert upkeep.look_after_hooks(town.agency.id, town.account.id) is None
    assert asked == []
    with pytest.raises(NotPossible, match="polled"):
        upkeep.look_now(town.admin, town.account.id, repair=False)


def test_the_word_of_a_handshake_is_ours_alone(town: make.Town) -> None:
    mine = hooks.token(town.agency.id, "practice")
    assert mine != hooks.token(town.account.id, "practice")
    assert mine != hooks.token(town.agency.id, "other")
    connector = connector_for(town.account)
    assert connector.account.secrets["hook_token"] == mine
    assert connector.account.config["hook_url"] == "", "no network can reach a loopback address"
    connector.close()


def test_what_is_used_up_is_counted_across_processes(town: make.Town) -> None:
    first = StoredMeter(town.agency.id, town.account.id)
    second = StoredMeter(town.agency.id, town.account.id)
    first.add("spend", "2026-11", 5_000, "post read")
    second.add("spend", "2026-11", 5_000, "post read")
    second.add("spend", "2026-11", 15_000, "post made")
    second.add("spend", "2026-12", 1, "post made")
    assert first.used("spend", "2026-11") == 25_000
    assert first.used("units", "2026-11") == 0
    with acting_for(town.agency.id):
        row = Usage.objects.get(what="post read")
    assert (row.amount, row.times) == (10_000, 2)


def test_polling_rests_when_the_network_says_that_a_limit_is_near(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = make.now() + timedelta(minutes=10)
    calls = []

    def fetch(self: Connector, cursor: object) -> Page:
        calls.append(cursor)
        return Page((), {"at": 1}, more=True, rest_until=until)

    monkeypatch.setattr(Practice, "fetch", fetch)
    accounts.collect(town.agency.id, town.account.id)
    accounts.collect(town.agency.id, town.account.id)
    assert len(calls) == 1
    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        accounts.collect(town.agency.id, town.account.id)
    assert len(calls) == 2


@pytest.mark.parametrize(("seconds", "times"), [(20, 30), (60, 10), (300, 2)])
def test_every_account_is_polled_as_often_as_its_network_bears(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, seconds: int, times: int
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Practice, "poll_seconds", seconds)
    monkeypatch.setitem(rounds.__globals__, "later", lambda job, **_: asked.append(job))
    for timestamp in range(0, 600, 20):
        rounds(town.agency.id, timestamp)
    assert asked.count("collect") == times
