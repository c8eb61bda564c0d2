"""The wizard: through a network's own page, with what was typed, again, and wrongly."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from callbox.logins import Layer
from callbox.models.accounts import Account, Connecting, Health
from callbox.networks import REGISTRY
from callbox.scope import acting_for
from callbox.sealing import unseal
from tests import make
from tests.servers.letin import PATH, TOWN, Town, candidate
from tests.web.staff.conftest import Place

LOGIN = "/staff/accounts/connect/letin/login/"
BACK = "/staff/accounts/connect/back/"


@pytest.fixture(autouse=True)
def _letin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(REGISTRY, "letin", PATH)
    for name, value in vars(Town()).items():
        monkeypatch.setattr(TOWN, name, value)
    TOWN.accounts = [candidate(1)]
    return


@pytest.fixture
def client(place: Place) -> Client:
    return place.client("administrator")


def _typed(place: Place, **changed: str) -> dict[str, str]:
    unit = make.unit(place.town.agency, "007")
    return {
        "client_id": "app-1",
        "client_secret": "hush",
        "server": "https://town.example",
        "plan": "paid",
        "use": "Answering residents",
        "approved_on": "2026-01-02",
        "cap": "500",
        "unit": str(unit.id),
        **changed,
    }


def _page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return unescape(answer.content.decode())


def _leave(client: Client, place: Place, **changed: str) -> dict[str, str]:
    """Fill in the form; what the network is told by the address that it leads to."""
    page = _page(client.post(LOGIN, _typed(place, **changed)))
    href = page.split('id="away"')[0].rsplit('href="', 1)[1].split('"')[0]
    return dict(parse_qsl(urlsplit(href).query))


def _say_yes(asked: dict[str, str], code: str = "c1") -> dict[str, str]:
    """A member says yes on the network's page: what they are sent back with."""
    TOWN.codes[code] = asked["code_challenge"]
    return {"state": asked["state"], "code": code}


def _accounts(place: Place) -> list[Account]:
    with acting_for(place.town.agency.id):
        rows = Account.objects.filter(network="letin").select_related("unit", "approved_by")
        return list(rows.order_by("external_id"))


def test_before_you_begin_everything_is_said(client: Client, place: Place) -> None:
    page = _page(client.get("/staff/accounts/connect/letin/"))
    for words in (
        "Answer in public",
        "The town has no likes.",
        "Make an app on town.example.",
        "To answer them.",
        f"/hooks/{place.town.agency.id}/letin/",
        BACK,
        "no public https address",
    ):
        assert words in page


def test_through_the_networks_own_page(client: Client, place: Place) -> None:
    asked = _leave(client, place)
    assert asked["redirect_uri"].endswith(BACK)
    answer = client.get(BACK, _say_yes(asked))
    assert answer.status_code == 302
    [account] = _accounts(place)
    assert answer["Location"] == f"/staff/accounts/connect/done/?a={account.id}"
    assert (account.handle, account.unit.name, account.state) == ("@page1", "7th District", "on")
    assert account.config["plan"] == "paid"
    assert account.approved_by.name == "Pat Administrator"
    assert unseal(account.secrets) == {"client_secret": "hush", "page": "secret-1"}
    assert unseal(account.session) == {"token": "token-1"}
    assert "hush" not in str(account.config)
    page = _page(client.get(answer["Location"]))
    assert "What people say to it comes to 7th District." in page
    with acting_for(place.town.agency.id):
        assert not Connecting.objects.exists()


def test_a_state_is_used_once_by_one_member_within_an_hour(client: Client, place: Place) -> None:
    sent = _say_yes(_leave(client, place))
    assert "Begin once more" in _page(place.client("news_affairs").get(BACK, sent), 422)
    assert client.get(BACK, sent).status_code == 302
    assert "Begin once more" in _page(client.get(BACK, sent), 422)
    late = _say_yes(_leave(client, place), "c2")
    with acting_for(place.town.agency.id):
        Connecting.objects.update(began_at=make.now() - timedelta(minutes=61))
    assert "Begin once more" in _page(client.get(BACK, late), 422)
    assert "Begin once more" in _page(client.get(BACK), 422)
    assert len(_accounts(place)) == 1


def test_the_state_is_stored_as_a_digest_and_secrets_are_sealed(
    client: Client, place: Place
) -> None:
    asked = _leave(client, place)
    with acting_for(place.town.agency.id):
        row = Connecting.objects.get()
    stored = bytes(row.state_digest) + bytes(row.sealed)
    assert asked["state"].encode() not in stored
    assert b"hush" not in stored


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "You did not let Callbox in"),
        ("invalid_scope", "does not grant one of the permissions"),
        ("server_error", "a problem of its own"),
        ("nonsense", "sent no code back"),
    ],
)
def test_a_no_is_explained_and_nothing_typed_is_lost(
    client: Client, place: Place, error: str, words: str
) -> None:
    asked = _leave(client, place, use="Answering <people>")
    page = _page(client.get(BACK, {"state": asked["state"], "error": error}), 422)
    assert words in page
    assert 'value="Answering <people>"' in page
    assert "hush" not in page
    assert "We know it from before." in page
    begun = page.split('name="begun" value="')[1].split('"')[0]
    again = _typed(place, client_secret="", begun=begun)
    href = _page(client.post(LOGIN, again)).split('id="away"')[0].rsplit('href="', 1)[1]
    asked = dict(parse_qsl(urlsplit(href.split('"')[0]).query))
    assert client.get(BACK, _say_yes(asked)).status_code == 302
    [account] = _accounts(place)
    assert unseal(account.secrets)["client_secret"] == "hush"


def test_a_code_that_is_not_taken(client: Client, place: Place) -> None:
    asked = _leave(client, place)
    page = _page(client.get(BACK, {"state": asked["state"], "code": "made-up"}), 422)
    assert "The town did not take the code." in page
    assert 'value="app-1"' in page
    assert _accounts(place) == []


def test_several_accounts_at_once(client: Client, place: Place) -> None:
    TOWN.accounts = [candidate(1), candidate(2), candidate(3, lacking="You may not post there.")]
    answer = client.get(BACK, _say_yes(_leave(client, place)))
    pick = answer["Location"]
    page = _page(client.get(pick))
    assert "This login opens 3 accounts." in page
    assert "You may not post there." in page
    assert "token-1" not in page
    assert "Pick an account first." in _page(client.post(pick, {}), 422)
    seven, eleven = (make.unit(place.town.agency, code).id for code in ("007", "011"))
    data = {"account": ["page-1", "page-3"], "unit_page-1": seven, "unit_page-3": eleven}
    missing = {**data, "unit_page-3": ""}
    assert "Say which unit owns it." in _page(client.post(pick, missing), 422)
    done = client.post(pick, data)
    assert done.status_code == 302
    made = _accounts(place)
    assert [(one.handle, one.unit.code) for one in made] == [("@page1", "007"), ("@page3", "011")]
    assert "@page3" in _page(client.get(done["Location"]))
    assert client.get(pick).status_code == 404
    assert "Begin once more" in _page(client.post(pick, data), 422)


def test_one_account_that_lacks_something_is_shown_first(client: Client, place: Place) -> None:
    TOWN.accounts = [candidate(1, lacking="You may not post there.")]
    answer = client.get(BACK, _say_yes(_leave(client, place)))
    assert "/pick/" in answer["Location"]
    assert _accounts(place) == []


def test_what_is_missing_is_marked_and_the_rest_stays(client: Client, place: Place) -> None:
    tomorrow = (make.now() + timedelta(days=2)).date().isoformat()
    page = _page(
        client.post(
            LOGIN,
            _typed(place, use="", plan="gold", approved_on=tomorrow, cap="many", sign_on=tomorrow),
        ),
        422,
    )
    for words in (
        "Fill this in first.",
        "Pick one of the list.",
        "That day is still to come.",
        "Write a whole number",
        "not still to come",
    ):
        assert words in page
    assert 'value="app-1"' in page
    assert "hush" not in page
    with acting_for(place.town.agency.id):
        assert not Connecting.objects.exists()


def test_the_app_of_another_account_is_used_too(client: Client, place: Place) -> None:
    client.get(BACK, _say_yes(_leave(client, place)))
    [first] = _accounts(place)
    page = _page(client.get(LOGIN, {"like": str(first.id)}))
    assert 'value="app-1"' in page
    assert "hush" not in page
    TOWN.accounts = [candidate(2)]
    asked = _leave(client, place, client_secret="", like=str(first.id))
    assert client.get(BACK, _say_yes(asked, "c2")).status_code == 302
    both = _accounts(place)
    assert unseal(both[1].secrets) == {"client_secret": "hush", "page": "secret-2"}


def test_a_dead_account_is_connected_again_and_only_that(client: Client, place: Place) -> None:
    client.get(BACK, _say_yes(_leave(client, place)))
    [dead] = _accounts(place)
    with acting_for(place.town.agency.id):
        Account.objects.filter(pk=dead.id).update(state="dead")
    url = f"{LOGIN}?again={dead.id}"
    assert url in _page(client.get("/staff/accounts/"))
    assert "@page1" in _page(client.get(url))
    TOWN.accounts = [candidate(2)]
    asked = _leave(client, place, client_secret="", again=str(dead.id))
    other = _page(client.get(BACK, _say_yes(asked, "c2")), 422)
    assert "This login belongs to @page2, not to @page1." in other
    assert 'value="app-1"' in other
    TOWN.accounts = [candidate(2), candidate(3)]
    asked = _leave(client, place, client_secret="", again=str(dead.id))
    other = client.get(BACK, _say_yes(asked, "c4"))
    unit = str(make.unit(place.town.agency, "007").id)
    picked = client.post(other["Location"], {"account": "page-2", "unit_page-2": unit})
    assert "This login belongs to @page2, not to @page1." in _page(picked, 422)
    TOWN.accounts = [candidate(2), candidate(1)]
    asked = _leave(client, place, client_secret="", again=str(dead.id))
    assert "/done/" in client.get(BACK, _say_yes(asked, "c3"))["Location"]
    [alive] = _accounts(place)
    assert (alive.id, alive.state) == (dead.id, "on")


def test_what_was_begun_elsewhere_is_not_ours(client: Client, place: Place) -> None:
    """Another member's, another agency's, another network's: nothing of it can be had."""
    asked = _leave(client, place)
    page = _page(client.get(BACK, {"state": asked["state"], "error": "access_denied"}), 422)
    begun = page.split('name="begun" value="')[1].split('"')[0]
    colleague = place.client("news_affairs")
    refused = colleague.post(LOGIN, _typed(place, client_secret="", begun=begun))
    assert "Begin once more" in _page(refused, 422)
    assert colleague.get(f"/staff/accounts/connect/pick/{begun}/").status_code == 404
    practice = "/staff/accounts/connect/practice/login/"
    assert client.post(practice, {"begun": begun}).status_code == 422
    assert client.post(LOGIN, _typed(place, like="nonsense")).status_code == 422


def test_a_login_that_was_typed(client: Client, place: Place, settings: Any) -> None:
    settings.CALLBOX_PRACTICE = True
    token = place.town.street.join_agency("pd7", "7th District")
    unit = make.unit(place.town.agency, "007")
    url = "/staff/accounts/connect/practice/login/"
    data = {"path": str(place.file), "token": token, "unit": str(unit.id)}
    wrong = _page(client.post(url, {**data, "token": "nonsense"}), 422)
    assert "nonsense" not in wrong
    assert str(place.file) in wrong
    assert client.post(url, {**data, "unit": ""}).status_code == 422
    assert client.post(url, data).status_code == 302
    with acting_for(place.town.agency.id):
        assert Account.objects.get(handle="pd7").unit_id == unit.id
    page = _page(client.get("/staff/accounts/connect/practice/"))
    assert str(place.file) not in page


def test_webhooks_and_the_end_of_the_login_are_looked_at_at_once(
    client: Client, place: Place, settings: Any
) -> None:
    settings.CALLBOX_URL = "https://police.example"
    TOWN.layers = [Layer("App", good=True), Layer("Page", good=False, words="Add it by hand.")]
    TOWN.ends_at = datetime(2031, 1, 5, tzinfo=UTC)
    answer = client.get(BACK, _say_yes(_leave(client, place)))
    with acting_for(place.town.agency.id):
        health = Health.objects.get(account__network="letin")
    assert [one["good"] for one in health.layers] == [True, False]
    assert health.login_ends_at == TOWN.ends_at
    assert "Add it by hand." in _page(client.get(answer["Location"]))
    before = _page(client.get("/staff/accounts/connect/letin/"))
    assert f"https://police.example/hooks/{place.town.agency.id}/letin/" in before
    assert "no public https address" not in before


def test_the_form_asks_the_database_little(client: Client, place: Place, counting: Any) -> None:
    for url, most in (
        ("/staff/accounts/connect/", 12),
        ("/staff/accounts/connect/letin/", 10),
        (LOGIN, 16),
    ):
        with counting() as count:
            client.get(url)
        assert len(count.statements) <= most, (url, count.statements)
