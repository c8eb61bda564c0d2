"""One account's page: webhooks, login, what it uses up, its unit, its past, its blocks, its end."""

import io
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from callbox.actions import accounts
from callbox.logins import Layer
from callbox.models.accounts import Account, BlindPeriod, Health, Past, Usage
from callbox.networks import REGISTRY
from callbox.scope import acting_for
from tests import make
from tests.servers.letin import PATH, TOWN, Town, candidate
from tests.web.staff.conftest import Place


@pytest.fixture(autouse=True)
def _letin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(REGISTRY, "letin", PATH)
    for name, value in vars(Town()).items():
        monkeypatch.setattr(TOWN, name, value)
    return


@pytest.fixture
def client(place: Place) -> Client:
    return place.client("administrator")


@pytest.fixture
def account(place: Place) -> Account:
    one = candidate(1)
    return accounts.connect(
        None,
        place.town.agency.id,
        "letin",
        make.unit(place.town.agency, "011").id,
        one.identity,
        config={"plan": "paid", "use": "Answering <people>", "cap": "10"},
        secrets={"client_secret": "hush"},
        session=one.session,
    )


def _url(account: Account, name: str = "") -> str:
    return f"/staff/accounts/{account.id}/" + (f"{name}/" if name else "")


def _page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return unescape(answer.content.decode())


def _health(place: Place, account: Account, **changed: Any) -> None:
    with acting_for(place.town.agency.id):
        Health.objects.filter(account=account).update(**changed)


def test_everything_about_it_is_said(client: Client, place: Place, account: Account) -> None:
    now = make.now()
    _health(
        place,
        account,
        login_ends_at=now + timedelta(days=3),
        layers=[{"name": "Page", "good": False, "words": "Add <it> by hand."}],
        layers_at=now,
        rest_until=now + timedelta(minutes=5),
    )
    with acting_for(place.town.agency.id):
        common = {"agency_id": account.agency_id, "account": account}
        period = now.strftime("%Y-%m")
        for what, amount in (("posts read", 7_500_000), ("replies", 1_000_000)):
            Usage.objects.create(
                **common, budget="money", period=period, what=what, amount=amount, times=3
            )
        Usage.objects.create(**common, budget="money", period="2020-01", what="old", amount=9)
        BlindPeriod.objects.create(**common, began_at=now, ended_at=now, recovered=2, gap=True)
    page = _page(client.get(_url(account)))
    for words in (
        "Its login ends:",
        "Add <it> by hand.",
        "a limit is near",
        "$8.50 of $10.00 this month",
        "posts read",
        "Answering <people>",
        "Paid",
        "2 messages fetched after.",
        "Some could not be had any more.",
        "The town has no likes.",
        f"/hooks/{account.agency_id}/letin/",
    ):
        assert words in page
    assert "hush" not in page
    assert "Its login ends:" in _page(client.get("/staff/accounts/"))
    reader = _page(place.client("officer").get(_url(account)))
    for words in ("Disconnect", "Renew now", "Try it without publishing", f"/hooks/{account.id}"):
        assert words not in reader


def test_a_login_is_renewed(client: Client, place: Place, account: Account) -> None:
    TOWN.ends_at = make.now() + timedelta(days=60)
    assert client.post(_url(account, "renew")).status_code == 302
    with acting_for(place.town.agency.id):
        assert Health.objects.get(account=account).login_ends_at == TOWN.ends_at


def test_webhooks_are_mended(client: Client, account: Account, settings: Any) -> None:
    assert "It is polled." in _page(client.post(_url(account, "mend")), 422)
    settings.CALLBOX_URL = "https://police.example"
    TOWN.layers = [Layer("App", good=True), Layer("Page", good=True)]
    assert client.post(_url(account, "mend")).status_code == 302
    page = _page(client.get(_url(account)))
    assert "The network calls us" in page
    assert "Check again and mend" in page


def test_trying_says_what_works(client: Client, account: Account) -> None:
    page = _page(client.post(_url(account, "try")))
    assert "The login works. It is @page1." in page
    assert "Reading works. Nothing new waits there." in page
    TOWN.down = True
    assert "town.example did not answer." in _page(client.post(_url(account, "try")))


def test_it_goes_to_another_unit(client: Client, place: Place, account: Account) -> None:
    seven = make.unit(place.town.agency, "007")
    assert client.post(_url(account, "move"), {"unit": str(seven.id)}).status_code == 302
    assert "7th District" in _page(client.get(_url(account)))


def test_disconnecting_asks_first(client: Client, place: Place, account: Account) -> None:
    asked = _page(client.get(_url(account, "disconnect")))
    assert "Disconnect @page1?" in asked
    assert "Every message, answer and entry of the record stays." in asked
    TOWN.down = True
    done = client.post(_url(account, "disconnect"), headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == _url(account)
    page = _page(client.get(_url(account)))
    assert "Not connected" in page
    assert "town.example did not answer." in page
    assert "Connect again" in page
    assert "Pause" not in page
    assert "Not connected any more" in _page(client.get("/staff/accounts/"))


def test_blocks_are_shown_and_ended(client: Client, account: Account) -> None:
    assert "Nobody is blocked there." in _page(client.get(_url(account, "blocked")))
    TOWN.blocked = ["ben"]
    assert "@ben" in _page(client.get(_url(account, "blocked")))
    assert client.post(_url(account, "unblock"), {"author": "ben"}).status_code == 302
    assert TOWN.blocked == []


def test_imports_are_begun_stopped_and_resumed(
    client: Client, place: Place, account: Account
) -> None:
    assert "Ask Letin for it" in _page(client.get(_url(account)))
    assert client.post(_url(account, "import")).status_code == 302
    with acting_for(place.town.agency.id):
        past = Past.objects.get(account=account)
        Past.objects.update(seen=30, total=120, taken=4)
    page = _page(client.get(_url(account)))
    assert "30 of 120 read. 4 messages were new." in page
    assert '<progress class="bar" max="120" value="30">' in page
    assert "Ask Letin for it" not in page
    assert client.post(_url(account, f"import/{past.id}/stop")).status_code == 302
    assert "Stopped" in _page(client.get(_url(account)))
    assert client.post(_url(account, f"import/{past.id}/resume")).status_code == 302
    assert "Running" in _page(client.get(_url(account)))


def test_an_archive_that_is_none_is_refused(client: Client, account: Account) -> None:
    url = _url(account, "import/archive")
    assert "Choose the archive file first." in _page(client.post(url), 422)
    file = io.BytesIO(b"not a zip file")
    file.name = "archive.zip"
    assert client.post(url, {"archive": file}).status_code == 422


def test_the_page_asks_the_database_little(client: Client, account: Account, counting: Any) -> None:
    with counting() as count:
        client.get(_url(account))
    assert len(count.statements) <= 18, count.statements
