"""What an administrator who means ill can reach with the wizard that connects accounts: neither the
secrets that others typed there, nor this machine."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from callbox.logins import Setting
from callbox.models.accounts import Account, Connecting
from callbox.models.people import User
from callbox.networks import REGISTRY, connector_class
from callbox.rules import connecting as rules
from callbox.scope import acting_for
from callbox.sealing import seal, unseal
from callbox.vocabulary import Role
from tests import make
from tests.servers.letin import PATH, TOWN, Town

LOGIN = "/staff/accounts/connect/letin/login/"
ELSEWHERE = "https://evil.example"


@pytest.fixture(autouse=True)
def _letin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, "letin", PATH)
    for name, value in vars(Town()).items():
        monkeypatch.setattr(TOWN, name, value)


@pytest.fixture
def town(tmp_path: Path) -> make.Town:
    return make.town(tmp_path)


@pytest.fixture
def client(town: make.Town) -> Client:
    member = make.member(town.agency, "Ada Ministrator", Role.ADMINISTRATOR, "PD")
    client = Client()
    client.force_login(User.objects.get(pk=member.user_id))
    return client


def _connected(town: make.Town) -> Account:
    config = {"client_id": "app-1", "server": "https://town.example", "plan": "paid", "use": "x"}
    with acting_for(town.agency.id):
        return Account.objects.create(
            agency_id=town.agency.id,
            network="letin",
            external_id="page-1",
            handle="@page1",
            name="Page 1",
            unit=make.unit(town.agency, "011"),
            approved_at=make.now(),
            connected_at=make.now(),
            config=config,
            secrets=seal({"client_secret": "hush"}),
            session=seal({"token": "hush"}),
        )


def _typed(town: make.Town, **changed: str) -> dict[str, str]:
    return {
        "client_id": "app-1",
        "client_secret": "",
        "server": "https://town.example",
        "plan": "paid",
        "use": "x",
        "approved_on": "2026-01-02",
        "unit": str(make.unit(town.agency, "011").id),
        **changed,
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("source", ["like", "again"])
def test_stored_secrets_are_not_sent_to_another_server(
    town: make.Town, client: Client, source: str
) -> None:
    account = _connected(town)
    known = {source: str(account.id)}
    refused = client.post(LOGIN, _typed(town, server=ELSEWHERE, **known))
    assert refused.status_code == 422
    assert "another server than before" in refused.content.decode()
    assert "hush" not in refused.content.decode()
    with acting_for(town.agency.id):
        assert not Connecting.objects.exists()
    for same in ("https://town.example", "https://town.example/", "  https://town.example ", ""):
        assert client.post(LOGIN, _typed(town, server=same, **known)).status_code == 200
    anew = _typed(town, server=ELSEWHERE, client_secret="another", **known)
    assert client.post(LOGIN, anew).status_code == 200
    with acting_for(town.agency.id):
        begun = Connecting.objects.latest("began_at")
        assert unseal(begun.sealed)["secrets"] == {"client_secret": "another"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("server", ["http://127.0.0.1:9200", "https://localhost", "http://[::1]:1"])
def test_the_web_leads_nobody_to_this_machine(
    town: make.Town, client: Client, settings: Any, server: str
) -> None:
    typed = _typed(town, server=server, client_secret="x")
    refused = client.post(LOGIN, typed)
    assert refused.status_code == 422
    assert "whoever runs this machine" in refused.content.decode()
    settings.CALLBOX_PRACTICE = True
    assert client.post(LOGIN, typed).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_web_opens_no_file_of_this_machine(
    town: make.Town, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "made"
    typed = {"path": str(file), "token": "x", "unit": str(make.unit(town.agency, "011").id)}
    refused = client.post("/staff/accounts/connect/practice/login/", typed)
    assert refused.status_code == 422
    assert "whoever runs this machine" in refused.content.decode()
    assert not file.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "server", ["https://[", "https://a:b", "https://a:99999", "https://[::z]/"]
)
def test_an_address_that_cannot_be_read_is_a_problem_and_no_crash(
    town: make.Town, client: Client, server: str
) -> None:
    refused = client.post(LOGIN, _typed(town, server=server, client_secret="x"))
    assert refused.status_code == 422
    assert "Write a whole address" in refused.content.decode()


@pytest.mark.parametrize(
    ("place", "home"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("mail.localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("http://[::ffff:7f00:1]:80/", True),
        ("https://169.254.169.254/latest", True),
        ("https://[fe80::1]", True),
        ("10.0.0.7", False),  # many mail servers are in the house
        ("mail.example.org", False),
        ("https://localhost.example.org", False),
        ("https://[", False),  # said by its own rule
        ("", False),
    ],
)
def test_which_places_are_this_machine(place: str, home: bool) -> None:
    asked = [Setting("server", "Server", place=True)]
    assert rules.at_home(asked, {"server": place}, {}) == (["server"] if home else [])
    assert rules.at_home(asked, {"server": place}, {"server": place}) == []


@pytest.mark.parametrize("network", REGISTRY)
def test_every_network_says_where_its_secrets_go(network: str) -> None:
    """A setting that looks like a server's address is marked as one."""
    for one in connector_class(network).settings:
        if one.name.endswith(("server", "service", "host", "port", "security")):
            assert one.place or one.kind == "url", one.name


def test_nothing_typed_crashes_the_rules() -> None:
    asked = [Setting("server", "S", kind="url"), Setting("n", "N", kind="number")]
    for value in ("https://[", "²", "\x00", "http://\ud800", "https://a b", "//", "9" * 4001):
        typed = {"server": value, "n": value}
        rules.faults(asked, typed, frozenset(), date(2026, 1, 1))
        rules.moved(asked, typed, {})
        rules.at_home(asked, typed, {})
