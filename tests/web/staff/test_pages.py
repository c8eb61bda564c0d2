"""Signing in, and the pages about accounts, members and oneself."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from callbox.actions import arrivals
from callbox.connector import Raw
from callbox.models.accounts import Account, BlindPeriod
from callbox.models.people import DutyWindow, Grant, Member, SignInAttempt
from callbox.scope import acting_for
from tests import make
from tests.web.staff.conftest import Place

DIAZ = "diaz@chicago.example"


def _sign_in(client: Client, password: str = make.PASSWORD, **data: str) -> Any:
    return client.post("/sign-in/", {"email": DIAZ, "password": password, **data})


def _text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_signing_in_and_out(place: Place) -> None:
    client = Client()
    assert client.get("/staff/members/")["Location"] == "/sign-in/?next=/staff/members/"
    answer = _sign_in(client, next="/staff/members/")
    assert answer["Location"] == "/staff/members/"
    assert client.get("/staff/")["Location"] == "/staff/inbox/district/"
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/staff/").status_code == 302
    assert client.get("/staff/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_nobody_is_sent_elsewhere(place: Place, target: str) -> None:
    assert _sign_in(Client(), next=target)["Location"] == "/staff/"


def test_too_many_tries_have_to_wait(place: Place) -> None:
    client = Client()
    for _ in range(5):
        answer = _sign_in(client, "not the password")
        assert answer.status_code == 422
        assert "do not go together" in answer.content.decode()
    assert _sign_in(client).status_code == 429
    assert not SignInAttempt.objects.filter(bucket=DIAZ.encode()).exists()
    SignInAttempt.objects.update(at=make.now() - timedelta(minutes=11))
    assert _sign_in(client).status_code == 302
    assert SignInAttempt.objects.count() == 0


def test_who_exists_is_not_told(place: Place) -> None:
    known = _sign_in(Client(), "wrong").content.decode()
    unknown = Client().post("/sign-in/", {"email": "nobody@chicago.example", "password": "wrong"})
    assert known.count("do not go together") == unknown.content.decode().count("do not go together")


def test_demo_logins_are_for_practice_alone(place: Place, settings: Any) -> None:
    client = Client()
    assert "/sign-in/demo/" not in _text(client, "/sign-in/")
    assert client.post("/sign-in/demo/", {"email": DIAZ}).status_code == 404
    settings.CALLBOX_PRACTICE = True
    assert "/sign-in/demo/" in _text(client, "/sign-in/")
    assert client.post("/sign-in/demo/", {"email": DIAZ}).status_code == 404  # not a demo login


def test_accounts_say_how_well_we_hear(place: Place) -> None:
    account = place.town.account
    now = make.now()
    with acting_for(place.town.agency.id):
        BlindPeriod.objects.create(
            agency_id=account.agency_id,
            account=account,
            began_at=now - timedelta(hours=3),
            ended_at=now - timedelta(hours=2),
            recovered=4,
        )
        arrivals.take_in(account, [Raw("event", b"{<b>not json")], "hook")
    shown = _text(place.client("news_affairs"), "/staff/accounts/")
    assert "4 messages fetched after." in shown
    assert "1 arrival could not be read." in shown
    assert "{&lt;b&gt;not json" in shown
    read_only = _text(place.client("officer"), "/staff/accounts/")
    assert "not json" not in read_only
    assert "Read them again" not in read_only


def test_an_account_can_be_paused_and_go_on(place: Place) -> None:
    client, pk = place.client("administrator"), place.town.account.id
    client.post(f"/staff/accounts/{pk}/pause/")
    assert "Paused" in _text(client, "/staff/accounts/")
    with acting_for(place.town.agency.id):
        assert Account.objects.get(pk=pk).state == "paused"
    client.post(f"/staff/accounts/{pk}/resume/")
    with acting_for(place.town.agency.id):
        assert Account.objects.get(pk=pk).state == "on"


def test_roles_are_given_and_ended(place: Place) -> None:
    client, who = place.client("administrator"), place.members["officer"]
    unit = make.unit(place.town.agency, "007")
    url = f"/staff/members/{who.id}/"
    given = client.post(f"{url}give/", {"role": "supervisor", "unit": str(unit.id)})
    assert given.status_code == 302
    with acting_for(place.town.agency.id):
        grant = Grant.objects.get(member=who, role="supervisor")
    assert "7th District" in _text(client, url)
    client.post(f"/staff/members/grants/{grant.id}/end/")
    with acting_for(place.town.agency.id):
        assert Grant.objects.get(pk=grant.id).ends_at is not None
    again = client.post(f"/staff/members/grants/{grant.id}/end/")
    assert "This grant is over already." in again.content.decode()


def test_nobody_gives_roles_to_themselves(place: Place) -> None:
    client, me = place.client("administrator"), place.members["administrator"]
    unit = make.unit(place.town.agency, "PD")
    data = {"role": "supervisor", "unit": str(unit.id)}
    answer = client.post(f"/staff/members/{me.id}/give/", data)
    assert answer.status_code == 422
    assert "Ask a colleague." in answer.content.decode()


def test_hours_are_entered_in_local_time(place: Place) -> None:
    client, who = place.client("administrator"), place.members["officer"]
    data = {"starts": "2031-01-05T09:00", "ends": "2031-01-05T17:00"}
    assert client.post(f"/staff/members/{who.id}/duty/", data).status_code == 302
    with acting_for(place.town.agency.id):
        window = DutyWindow.objects.filter(member=who).latest("starts_at")
    assert window.starts_at.isoformat() == "2031-01-05T15:00:00+00:00"
    wrong = client.post(f"/staff/members/{who.id}/duty/", {"starts": "soon", "ends": "later"})
    assert wrong.status_code == 422


def test_duty_is_waived_with_a_reason(place: Place) -> None:
    client, who = place.client("supervisor"), place.members["officer"]
    url = f"/staff/members/{who.id}/waive/"
    assert "Say why" in client.post(url, {"hours": "2", "reason": " "}).content.decode()
    assert client.post(url, {"hours": "many", "reason": "Storm"}).status_code == 422
    assert client.post(url, {"hours": "2", "reason": "Storm"}).status_code == 302
    assert "Storm" in _text(client, f"/staff/members/{who.id}/")


def test_somebody_new_can_be_added(place: Place) -> None:
    client = place.client("administrator")
    unit = make.unit(place.town.agency, "011")
    data = {"name": "New Person", "email": "new@chicago.example", "unit": str(unit.id)}
    answer = client.post("/staff/members/add/", data)
    assert answer.status_code == 302
    assert "No role yet" in _text(client, answer["Location"])
    again = client.post("/staff/members/add/", data)
    assert "Somebody signs in with this address already." in again.content.decode()


def test_preferences_are_kept(place: Place) -> None:
    client = place.client("officer")
    client.post("/staff/settings/save/", {"theme": "dark", "language": "xx"})
    shown = _text(client, "/staff/settings/")
    assert 'data-theme="dark"' in shown
    assert 'data-keys="off"' in shown
    assert '<html lang="en"' in shown
    client.post("/staff/settings/theme/")
    assert 'data-theme="light"' in _text(client, "/staff/settings/")
    with acting_for(place.town.agency.id):
        kept = Member.objects.get(pk=place.members["officer"].id).preferences
    assert kept["keys"] is False


def test_errors_say_what_and_where_to_go(place: Place) -> None:
    client = place.client("officer")
    missing = client.get("/staff/c/not-an-id/")
    assert missing.status_code == 404
    assert "Nothing is here." in missing.content.decode()
    refused = client.get("/staff/members/add/")
    assert refused.status_code == 403
    assert "Your role does not include “grant”." in refused.content.decode()


def test_what_broke_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("callbox.queries.desk.desk", broken)
    monkeypatch.setattr("callbox.web.staff.frames.desk", broken)
    client = place.client("officer")
    client.raise_request_exception = False
    answer = client.get("/staff/inbox/needs/")
    assert answer.status_code == 500
    assert "Something broke on our side." in answer.content.decode()
    assert "a fault" not in answer.content.decode()


def test_pages_speak_the_language_that_was_chosen(place: Place) -> None:
    client = place.client("officer")
    client.post("/staff/settings/save/", {"language": "ar"})
    shown = _text(client, "/staff/inbox/needs/")
    assert '<html lang="ar" dir="rtl"' in shown
    assert "الوارد" in shown
    assert "Inbox" not in shown


def test_a_language_without_a_catalogue_is_not_claimed(place: Place) -> None:
    polish = Client(headers={"Accept-Language": "pl"}).get("/sign-in/").content.decode()
    spanish = Client(headers={"Accept-Language": "es"}).get("/sign-in/").content.decode()
    assert '<html lang="en"' in polish
    assert '<html lang="es"' in spanish
    assert "Contraseña" in spanish
