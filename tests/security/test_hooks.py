"""The doors that anybody can knock at: webhooks from strangers, and from networks gone astray."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory

from callbox.connector import AccountSeen, AuthDead, HookAnswer, Refused, Signed, Unavailable
from callbox.ids import new_id
from callbox.models.inbox import Arrival
from callbox.networks import REGISTRY, connector_class
from callbox.networks.practice import hook
from callbox.networks.practice.connector import Practice
from callbox.queries.accounts import connector_for
from callbox.scope import acting_for
from callbox.web import hooks
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS")


def _called(network: str, secrets: dict[str, str], request: Signed) -> HookAnswer:
    return connector_class(network)(AccountSeen("new", "", "", {}, secrets)).receive_hook(request)


@pytest.mark.parametrize("network", REGISTRY)
def test_no_network_takes_a_call_before_a_secret_is_stored(network: str) -> None:
    """An empty secret signs as well as any: without one, nothing may be taken."""
    now = str(int(time.time()))
    headers = {
        "x-practice-time": now,
        "x-practice-signature": hook.signature("", now, b"{}"),
        "x-telegram-bot-api-secret-token": "",
    }
    for method in METHODS:
        for secrets in ({}, {"token": "", "app_secret": "", "auth_token": ""}):
            request = Signed(method, "https://a.example/", headers, b"{}", {})
            with pytest.raises((Refused, AuthDead)):
                _called(network, secrets, request)


@pytest.mark.parametrize("network", [*REGISTRY, "nowhere"])
def test_a_shared_address_that_nobody_uses_answers_strangers_with_no(network: str) -> None:
    agency = make.agency()
    for method in METHODS:
        answer = Client().generic(method, f"/hooks/{agency.id}/{network}/", b"{}")
        assert answer.status_code in (403, 404), (network, method)


@pytest.mark.parametrize("error", [Refused, AuthDead, Unavailable])
def test_a_refusal_says_nothing_about_what_is_set_up_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    town = make.town(tmp_path)

    def receive_hook(self: Practice, request: Signed) -> HookAnswer:
        raise error("The plan of @pd11 is missing.")

    monkeypatch.setattr(Practice, "receive_hook", receive_hook)
    answer = Client().post(f"/hooks/{town.agency.id}/{town.account.id}/", b"{}", "text/plain")
    assert (answer.status_code, answer.content) == (403, b"Not taken.\n")
    assert answer["X-Content-Type-Options"] == "nosniff"
    with acting_for(town.agency.id):
        assert not Arrival.objects.exists()


def test_an_own_network_has_no_shared_address(tmp_path: Path) -> None:
    """Every account's secret is tried there, so it exists only where a network needs it."""
    town = make.town(tmp_path)
    now, body = str(int(time.time())), b'{"events": []}'
    token = connector_for(town.account).account.secrets["token"]
    headers = {"x-practice-time": now, "x-practice-signature": hook.signature(token, now, body)}
    url = f"/hooks/{town.agency.id}/practice/"
    answer = Client().post(url, body, "application/json", headers=headers)
    assert answer.status_code == 404


@pytest.mark.parametrize("length", ["²", "-1", "1e9", "9" * 5000, "1048577", " "])
def test_a_length_that_makes_no_sense_is_too_large(length: str) -> None:
    request: Any = RequestFactory().post("/hooks/", b"", "text/plain")
    request.META["CONTENT_LENGTH"] = length
    assert hooks.receive_shared(request, new_id(), "x").status_code == 413
