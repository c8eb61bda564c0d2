"""Webhooks of the networks that carry texts, through the product's own door: as they come over the
wire, behind a proxy, twice, and forged."""

from typing import Any

import pytest
from django.test import Client

from callbox.actions import arrivals
from callbox.connector import Signed
from callbox.models.accounts import Account
from callbox.models.inbox import Arrival, Message
from callbox.networks.sms.tests.harness import ANA, SmsHarness
from callbox.networks.telegram.tests.harness import TelegramHarness
from callbox.networks.whatsapp.tests.harness import WhatsAppHarness
from callbox.queries import hooks
from callbox.queries.accounts import connector_for
from callbox.scope import acting_for
from callbox.web import hooks as door
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
US = "https://talk.example.gov"
QUERY = "?b=2&a=%2Bx+y"  # an address may have one, and it is signed as it stands


def _texted(network: SmsHarness, account: Account) -> Signed:
    network.server.hook_url = hooks.address(account) + QUERY
    network.server.text(ANA, "Is the desk open?")
    return network.server.hooks.pop()


def _written(network: WhatsAppHarness, account: Account) -> Signed:
    network.server.hook_url = hooks.address(account)
    network.server.text(ANA.lstrip("+"), "Is the desk open?")
    return network.server.hooks.pop()


def _messaged(network: TelegramHarness, account: Account) -> Signed:
    connector = connector_for(account)
    connector.hooks(hooks.address(account), repair=True)
    connector.close()
    network.server.private("Is the desk open?")
    return network.server.hooks.pop()


@pytest.mark.parametrize(
    ("kind", "called"),
    [(SmsHarness, _texted), (WhatsAppHarness, _written), (TelegramHarness, _messaged)],
)
def test_a_call_is_taken_once_and_a_forged_one_is_not(
    kind: Any, called: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door.nudges, "soon", lambda *_: None)  # we read ourselves, below
    settings.CALLBOX_URL = US
    settings.ALLOWED_HOSTS = ["*"]
    network = kind()
    agency = make.agency()
    account = make.stand_in_account(agency, network)
    request = called(network, account)
    assert [_posted(request) for _ in range(2)] == [200, 200]
    forged = {"x-telegram-bot-api-secret-token": "guessed"}
    assert _posted(request, body=request.body.replace(b"open", b"shut"), **forged) == 403
    arrivals.read(account)
    with acting_for(agency.id):
        assert Arrival.objects.count() == 2
        assert Message.objects.count() == 1
    network.close()


def _posted(request: Signed, body: bytes | None = None, **headers: str) -> int:
    """The status of the answer to a request, which reaches us at an address inside."""
    sent = {**request.headers, **headers, "host": "10.0.0.7:8000"}
    kind = sent.pop("content-type", "application/json")
    response = Client().post(
        request.url.removeprefix(US),
        data=request.body if body is None else body,
        content_type=kind,
        headers=sent,
    )
    return response.status_code
