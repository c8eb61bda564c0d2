"""Writing to the department, and getting a key."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from callbox.actions import arrivals
from callbox.actions.doing import now_utc
from callbox.models.accounts import Account
from callbox.models.inbox import Arrival, Message, Version
from callbox.models.portal import PortalKey, PortalTry
from callbox.scope import acting_for
from callbox.web.portal import limits
from callbox.web.portal.copy import LANGUAGES, words
from tests import make
from tests.web.portal.conftest import Town, page, send, ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.web.portal.site")]


def test_the_first_page_is_in_the_readers_language(town: Town, client: Client) -> None:
    asked = [
        ("pl-PL,pl;q=0.9", "/pl/"),
        ("zh-TW", "/zh/"),
        ("fr", "/en/"),
        ("", "/en/"),
    ]
    for accepted, to in asked:
        response = client.get("/", headers={"accept-language": accepted})
        assert response.headers["Location"] == to


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_page_speaks_every_language(town: Town, client: Client, code: str) -> None:
    for address in ("", "talk/", "key/", "talk/sent/"):
        html = page(client, f"/{code}/{address}")
        assert f'<html lang="{code}" dir="{LANGUAGES[code].direction}">' in html
        assert all(number in html for number in ("911", "988", "311"))
        assert "{" not in html.replace("{{", "")
        assert "<script" not in html
        assert "style=" not in html
        assert len(html.encode()) < 20_000


def test_a_language_that_is_not_there_is_said_so(town: Town, client: Client) -> None:
    response = client.get("/xx/")
    assert response.status_code == 404
    assert words("en")["not_found"] in response.content.decode()


def test_without_an_agency_the_pages_say_whom_to_call(client: Client) -> None:
    response = client.get("/es/")
    assert response.status_code == 503
    assert "311" in response.content.decode()


def test_without_an_account_too(client: Client) -> None:
    make.agency()
    assert client.get("/en/talk/").status_code == 503


def test_words_are_kept_as_they_were_written_and_reach_the_inbox(
    town: Town, client: Client
) -> None:
    text = "¿Por qué cerraron Monroe?\r\n  El bus no vino. <b>Gracias</b>"
    send(client, text, "es", name="  Ana \n Ejemplo ", door="question")
    with acting_for(town.agency.id):
        message = Message.objects.select_related("author", "conversation").get()
        version = Version.objects.get()
        assert Arrival.objects.get().state == "read"
    assert version.text == text.replace("\r\n", "\n")
    assert (version.language, message.author.name) == ("es", "Ana Ejemplo")
    assert (message.addressed, message.lane, message.refs) == (
        "form",
        "private",
        {"door": "question"},
    )


def test_the_key_is_shown_once_and_kept_nowhere(town: Town, client: Client) -> None:
    key = send(client, "Is the park open?")
    assert len(key.split()) == 5
    assert words("en")["key_gone"] in page(client, "/en/talk/sent/")
    with acting_for(town.agency.id):
        kept = repr(list(PortalKey.objects.values())) + repr(list(Arrival.objects.values()))
    assert not any(word in kept for word in key.split()[:4] if len(word) > 4)


def test_a_double_click_is_one_message_and_both_keys_open_it(town: Town, client: Client) -> None:
    form = {"ticket": ticket(client, "/en/talk/"), "text": "Is the park open?"}
    for _ in range(2):
        client.post("/en/talk/", form)
    with acting_for(town.agency.id):
        assert Message.objects.count() == 1
        assert PortalKey.objects.values("root_id").distinct().count() == 1


def test_an_old_form_sent_again_gives_no_key_to_the_first_conversation(
    town: Town, client: Client
) -> None:
    form = {"ticket": ticket(client, "/en/talk/"), "text": "Is the park open?"}
    client.post("/en/talk/", form)
    with acting_for(town.agency.id):
        PortalKey.objects.update(made_at=now_utc() - timedelta(minutes=3))
    client.post("/en/talk/", form)
    with acting_for(town.agency.id):
        assert PortalKey.objects.values("root_id").distinct().count() == 2
        assert Message.objects.count() == 2


def test_only_we_name_messages(town: Town, client: Client) -> None:
    for forged in ("", "0197c1f0-6a11-7d3e-8a55-3f2f6c0d9b01", ticket(client, "/en/talk/") + "x"):
        response = client.post("/en/talk/", {"ticket": forged, "text": "Let me in"})
        assert response.status_code == 422
        html = response.content.decode()
        assert "Let me in" in html
        assert words("en")["wrong_old"] in html
    with acting_for(town.agency.id):
        assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ({"text": " \n "}, "wrong_empty"),
        ({"text": "x" * 10_001}, "wrong_long"),
        ({"text": "Hello", "name": "y" * 81}, "wrong_name"),
        ({"text": "Hello", "website": "http://spam.test"}, "wrong_trap"),
    ],
)
def test_what_is_wrong_is_said_kindly_and_the_words_stay(
    town: Town, client: Client, form: dict[str, str], name: str
) -> None:
    sent = client.post("/en/talk/", {"ticket": ticket(client, "/en/talk/")} | form)
    assert sent.status_code == 422
    html = sent.content.decode()
    assert words("en")[name].split("{")[0] in html
    assert form["text"].strip() in html
    assert "spam.test" not in html
    with acting_for(town.agency.id):
        assert not Arrival.objects.exists()


def test_ten_thousand_characters_are_taken(town: Town, client: Client) -> None:
    send(client, "ž" * 10_000)
    with acting_for(town.agency.id):
        assert len(Version.objects.get().text) == 10_000


def test_a_flood_waits_with_its_words_and_others_do_not(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FORMS", limits.Limit("form", 2, timedelta(hours=1)))
    for n in range(2):
        send(client, f"Message {n}")
    form = {"ticket": ticket(client, "/en/talk/"), "text": "Message 2"}
    full = client.post("/en/talk/", form)
    assert full.status_code == 422
    assert "Message 2" in full.content.decode()
    elsewhere = client.post("/en/talk/", form, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302
    with acting_for(town.agency.id):
        kept = repr(list(PortalTry.objects.values()))
        PortalTry.objects.update(at=now_utc() - timedelta(minutes=61))
    assert "192.0.2.7" not in kept
    assert client.post("/en/talk/", form).status_code == 302


def test_words_are_safe_when_reading_them_fails(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(account: Account, at_hand: object = None) -> None:
        raise OperationalError("the server went away")

    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "read", broken)
        key = send(client, "Is the park open?")
    client.post("/en/key/", {"key": key})
    assert words("en")["kept"] in page(client, "/en/key/conversation/")
    with acting_for(town.agency.id):
        account = Account.objects.get()
    arrivals.read(account)
    assert "Is the park open?" in page(client, "/en/key/conversation/")


def test_tips_are_pointed_to_where_they_are_taken(town: Town, client: Client) -> None:
    assert words("en")["tip_none"] in page(client, "/en/")
    with acting_for(town.agency.id):
        Account.objects.update(config={"tips_url": "https://www.cpdtip.com"})
    for address in ("/en/", "/en/talk/"):
        html = page(client, address)
        assert 'href="https://www.cpdtip.com"' in html
        assert "cpdtip.com" in html
    with acting_for(town.agency.id):
        Account.objects.update(config={"tips_url": "javascript:alert(1)"})
    assert "javascript:" not in page(client, "/en/")


def test_the_form_is_guarded_against_other_sites(town: Town, settings: Settings) -> None:
    strict = Client(enforce_csrf_checks=True)
    form = {"ticket": ticket(strict, "/en/talk/"), "text": "Hello"}
    strict.cookies.clear()
    assert strict.post("/en/talk/", form).status_code == 403


def test_nothing_is_left_in_the_browser(town: Town, client: Client) -> None:
    for address in ("/en/talk/", "/en/key/", "/en/talk/sent/"):
        assert "no-store" in client.get(address).headers["Cache-Control"]
