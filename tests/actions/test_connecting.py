"""Connecting, disconnecting, giving away, trying; and the same from a terminal."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import typer
from django.urls import reverse
from rich.console import Console
from typer.testing import CliRunner

from callbox.actions import connecting, tending
from callbox.actions.connecting import Expired, Wanted
from callbox.actions.doing import NotPossible
from callbox.connector import AuthDead
from callbox.models.accounts import Account, Connecting, Health, Past
from callbox.models.records import Entry
from callbox.networks import REGISTRY
from callbox.queries.people import Me
from callbox.rules.access import Denied
from callbox.running import terminal
from callbox.scope import acting_for
from callbox.sealing import unseal
from tests import make
from tests.make import Town as City
from tests.servers.letin import PATH, TOWN, Town, candidate

BACK = "https://police.example/back/"


@pytest.fixture(autouse=True)
def _letin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(REGISTRY, "letin", PATH)
    for name, value in vars(Town()).items():
        monkeypatch.setattr(TOWN, name, value)
    TOWN.accounts = [candidate(1)]
    return


@pytest.fixture
def wanted(town: City) -> Wanted:
    unit = make.unit(town.agency, "007").id
    return Wanted("letin", unit, {"client_id": "app-1"}, {"client_secret": "hush"})


def _left(me: Me, wanted: Wanted) -> str:
    """Leave for the network's page and say yes there: the state; the code is "c1"."""
    asked = parse_qs(urlsplit(connecting.leave(me, wanted, BACK)).query)
    TOWN.codes["c1"] = asked["code_challenge"][0]
    return asked["state"][0]


def _connected(me: Me, wanted: Wanted) -> Account:
    begun = connecting.come_back(me, _left(me, wanted))
    connecting.exchange(me, begun, "c1", BACK)
    [account] = connecting.pick(me, begun.id, {"page-1": wanted.unit_id})
    return account


def _entered(town: City, account: Account) -> list[str]:
    with acting_for(town.agency.id):
        rows = Entry.objects.filter(subject_id=account.id).order_by("id")
        return list(rows.values_list("happening", flat=True))


def test_only_who_runs_accounts_connects(town: City, wanted: Wanted) -> None:
    with pytest.raises(Denied):
        connecting.leave(town.diaz, wanted, BACK)
    with pytest.raises(Denied):
        connecting.log_in(town.diaz, wanted)
    with pytest.raises(Denied):
        connecting.known(town.diaz, "practice", town.account.id, login=True)
    with pytest.raises(Denied):
        connecting.disconnect(town.diaz, town.account.id)
    with pytest.raises(Denied):
        tending.move(town.diaz, town.account.id, wanted.unit_id)


def test_a_state_is_for_one_member_and_one_time(town: City, wanted: Wanted) -> None:
    state = _left(town.admin, wanted)
    with pytest.raises(Expired):
        connecting.come_back(town.mockridge, state)
    begun = connecting.come_back(town.admin, state)
    assert begun.wanted.secrets == {"client_secret": "hush"}
    with pytest.raises(Expired):
        connecting.come_back(town.admin, state)
    with pytest.raises(Expired):
        connecting.under_way(town.mockridge, begun.id)
    with pytest.raises(AuthDead):
        connecting.exchange(town.admin, begun, "made-up", BACK)


def test_what_waited_is_gone_once_it_is_used(town: City, wanted: Wanted) -> None:
    account = _connected(town.admin, wanted)
    with acting_for(town.agency.id):
        assert not Connecting.objects.exists()
    assert _entered(town, account) == ["account_connected"]
    assert unseal(account.session) == {"token": "token-1"}


def test_disconnecting_wipes_before_it_tells_the_network(town: City, wanted: Wanted) -> None:
    account = _connected(town.admin, wanted)
    with acting_for(town.agency.id):
        past = Past.objects.create(
            agency_id=town.agency.id,
            account=account,
            source="network",
            began_at=make.now(),
            moved_at=make.now(),
        )
    TOWN.down = True
    assert "did not answer" in connecting.disconnect(town.admin, account.id)
    with acting_for(town.agency.id):
        account.refresh_from_db()
        past.refresh_from_db()
    assert (account.state, bytes(account.secrets), bytes(account.session)) == ("off", b"", b"")
    assert past.state == "stopped"
    assert _entered(town, account)[-1] == "account_disconnected"
    with pytest.raises(NotPossible):
        connecting.disconnect(town.admin, account.id)
    with pytest.raises(NotPossible):
        tending.try_out(town.admin, account.id)
    TOWN.down = False
    again = _connected(town.admin, wanted)
    assert (again.id, again.state) == (account.id, "on")
    assert connecting.disconnect(town.admin, account.id) == ""
    assert TOWN.revoked == ["token-1"]


def test_an_account_goes_to_another_unit(town: City) -> None:
    seven = make.unit(town.agency, "007")
    assert tending.move(town.admin, town.account.id, seven.id).unit_id == seven.id
    assert _entered(town, town.account)[-1] == "account_moved"
    with pytest.raises(NotPossible):
        tending.move(town.admin, town.account.id, town.account.id)


def test_trying_keeps_nothing(town: City) -> None:
    town.street.join("ana", "Ana")
    town.street.post("ana", "@pd11 When is the next meeting?")
    with acting_for(town.agency.id):
        before = Health.objects.get(account=town.account).cursor
    found = tending.try_out(town.admin, town.account.id)
    assert [(one.name, one.good) for one in found] == [("login", True), ("reading", True)]
    assert int(found[1].words) >= 1
    with acting_for(town.agency.id):
        assert Health.objects.get(account=town.account).cursor == before


def test_blocks_are_shown_and_ended_on_record(town: City, wanted: Wanted) -> None:
    account = _connected(town.admin, wanted)
    TOWN.blocked = ["ben"]
    assert [one.handle for one in tending.blocked(town.admin, account.id)] == ["@ben"]
    tending.unblock(town.admin, account.id, "ben")
    assert TOWN.blocked == []
    assert _entered(town, account)[-1] == "act_done"


# --- in a terminal ----------------------------------------------------------------------------


def _said(do: Callable[[], object], *lines: str) -> tuple[str, Exception | None]:
    app = typer.Typer()
    app.command()(lambda: do() and None)
    done = CliRunner().invoke(app, input="\n".join([*lines, ""]))
    return done.output, done.exception if isinstance(done.exception, Exception) else None


ANSWERS = ("app-1", "hush", "", "paid", "Answering", "2026-01-02", "", "007", "", "")


def test_the_address_to_come_back_to_is_the_wizards() -> None:
    assert reverse("staff:connect_back") == terminal.BACK


def test_a_terminal_connects_too(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    TOWN.accounts = [candidate(1), candidate(2, lacking="You may not post there.")]
    real = connecting.leave

    def leave(me: Me, wanted: Wanted, back: str) -> str:
        url = real(me, wanted, back)
        TOWN.codes["c1"] = parse_qs(urlsplit(url).query)["code_challenge"][0]
        return url

    monkeypatch.setattr(connecting, "leave", leave)
    output, error = _said(
        lambda: terminal.connect(town.admin, "letin", Console()), *ANSWERS, "c1", "3", "1,2", "", ""
    )
    assert error is None, output
    assert "hush" not in output
    assert "You may not post there." in output
    with acting_for(town.agency.id):
        rows = list(Account.objects.filter(network="letin").order_by("external_id"))
    assert [(one.handle, one.unit_id) for one in rows] == [
        ("@page1", make.unit(town.agency, "007").id),
        ("@page2", make.unit(town.agency, "007").id),
    ]
    assert rows[0].approved_by_id == town.admin.member_id
    assert terminal.account(town.admin, "@page1").id == rows[0].id
    with pytest.raises(LookupError):
        terminal.account(town.admin, "@page9")


@pytest.mark.parametrize(
    "pasted",
    [
        "https://x.example/back/?error=access_denied",
        "https://x.example/sign-in/?next=/back/%3Ferror%3Daccess_denied",
    ],
)
def test_a_terminal_says_why_not(town: City, pasted: str) -> None:
    output, error = _said(
        lambda: terminal.connect(town.admin, "letin", Console()), *ANSWERS, pasted
    )
    assert "access_denied" in str(error), output


def test_a_terminal_asks_until_it_fits(town: City) -> None:
    wrong = (*ANSWERS[:3], "gold", "paid", "Answering", "soon", *ANSWERS[5:7], "nowhere")
    lines = (*wrong, "007", "Nobody", "", "", "https://x.example/?error=access_denied")
    output, _ = _said(lambda: terminal.connect(town.admin, "letin", Console()), *lines)
    for words in ("Pick one of the list.", "Write a day", "One of: "):
        assert words in output


def test_what_nobody_finished_is_forgotten(town: City, wanted: Wanted) -> None:
    _left(town.admin, wanted)
    connecting.forget_begun(town.agency.id)
    with acting_for(town.agency.id):
        assert Connecting.objects.count() == 1
        Connecting.objects.update(began_at=make.now() - connecting.LASTS * 2)
    connecting.forget_begun(town.agency.id)
    with acting_for(town.agency.id):
        assert not Connecting.objects.exists()
