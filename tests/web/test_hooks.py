"""Webhooks through the door: stored before they are read, and refused when they are not signed."""

import json
import time
from pathlib import Path

import pytest
from django.test import Client

from callbox.actions import arrivals
from callbox.models.inbox import Arrival, Message
from callbox.networks.practice import hook
from callbox.queries.accounts import connector_for
from callbox.scope import acting_for
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def _post(town: make.Town, body: bytes, **headers: str) -> int:
    now = str(int(time.time()))
    token = connector_for(town.account).account.secrets["token"]
    signed = {
        "x-practice-time": now,
        "x-practice-signature": hook.signature(token, now, body),
    } | headers
    answer = Client().post(
        f"/hooks/{town.agency.id}/{town.account.id}/",
        data=body,
        content_type="application/json",
        headers=signed,
    )
    return int(answer.status_code)


def _event(town: make.Town) -> dict[str, object]:
    """What the network would push: its own event for a post of a resident."""
    town.street.join("ana", "Ana")
    town.street.post("ana", "@pd11 When is the next beat meeting?")
    with acting_for(town.agency.id):
        connector = connector_for(town.account)
    page = connector.fetch({})
    connector.close()
    found: dict[str, object] = page.items[0].json()
    return found


def test_a_signed_push_is_stored_then_read_and_playing_it_again_changes_nothing(
    tmp_path: Path,
) -> None:
    town = make.town(tmp_path)
    body = json.dumps({"events": [_event(town), {"type": "no such verb"}]}).encode()
    assert _post(town, body) == 200
    with acting_for(town.agency.id):
        assert Arrival.objects.filter(state="new").count() == 2
        assert Message.objects.count() == 0
    arrivals.read(town.account)
    assert _post(town, body) == 200
    arrivals.read(town.account)
    with acting_for(town.agency.id):
        assert Message.objects.count() == 1
        bad = Arrival.objects.filter(state="quarantined")
        assert bad.count() == 2
        assert all(one.reason for one in bad)


def test_what_is_not_signed_stores_nothing(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    assert _post(town, b'{"events": []}', **{"x-practice-signature": "sha256=00"}) == 403
    assert _post(town, b"not json") == 400
    assert _post(town, b"x" * (1024 * 1024 + 1)) == 413
    with acting_for(town.agency.id):
        assert not Arrival.objects.exists()


def test_an_account_or_agency_that_is_not_there_is_404(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    other = make.agency("springfield")
    for agency, account in ((other.id, town.account.id), (town.account.id, town.account.id)):
        answer = Client().post(f"/hooks/{agency}/{account}/", b"{}", "application/json")
        assert answer.status_code == 404
