"""Webhooks through the door: stored before they are read, and refused when they are not signed."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from callbox.actions import arrivals
from callbox.connector import HookAnswer, Raw, Refused, Signed
from callbox.models.accounts import Account
from callbox.models.inbox import Arrival, Message
from callbox.networks.practice import hook
from callbox.networks.practice.connector import Practice
from callbox.queries import hooks
from callbox.queries.accounts import StoredMeter, connector_for
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


def _shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the practice network share one address: every body says whose it is."""
    real = Practice.receive_hook

    def receive_hook(self: Practice, request: Signed) -> HookAnswer:
        if request.method == "GET":
            if request.query.get("verify_token") != self.account.secrets["hook_token"]:
                raise Refused("That is not the word that we gave.")
            return HookAnswer(body=request.query["challenge"].encode())
        answer = real(self, request)
        to = request.headers.get("x-test-to", "")
        return HookAnswer([Raw(raw.kind, raw.body, to) for raw in answer.raws])

    monkeypatch.setattr(Practice, "receive_hook", receive_hook)
    monkeypatch.setattr(Practice, "hook_shared", True)


def test_one_address_serves_every_account_of_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = make.town(tmp_path)
    other = make.practice_account(town.agency, tmp_path / "chicago.sqlite3", "traffic")
    _shared(monkeypatch)
    body = json.dumps({"events": [_event(town)]}).encode()
    url = f"/hooks/{town.agency.id}/practice/"

    def post(token_of: Account, to: str) -> int:
        now = str(int(time.time()))
        token = connector_for(token_of).account.secrets["token"]
        signature = hook.signature(token, now, body)
        headers = {"x-practice-time": now, "x-practice-signature": signature, "x-test-to": to}
        answer = Client().post(url, data=body, content_type="application/json", headers=headers)
        return int(answer.status_code)

    # Whichever account's secret fits the signature, the arrival is its addressee's.
    assert post(other, town.account.external_id) == 200
    assert post(town.account, other.external_id) == 200
    assert post(other, "") == 200
    assert post(other, "an account that we do not serve") == 200
    with acting_for(town.agency.id):
        counts = {
            one.handle: Arrival.objects.filter(account=one).count() for one in Account.objects.all()
        }
    assert counts == {"pd11": 1, "traffic": 2}
    assert Client().post(url, data=body, content_type="application/json").status_code == 403
    assert Client().get(f"/hooks/{town.agency.id}/nowhere/").status_code == 404


def test_a_handshake_is_answered_before_anybody_is_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = make.agency()
    _shared(monkeypatch)
    url = f"/hooks/{agency.id}/practice/"
    word = hooks.token(agency.id, "practice")
    good = Client().get(url, {"verify_token": word, "challenge": "1158201444"})
    assert (good.status_code, good.content) == (200, b"1158201444")
    assert Client().get(url, {"verify_token": "guess", "challenge": "1"}).status_code == 403
    assert Client().post(url, data=b"{}", content_type="application/json").status_code == 404


def test_a_signature_is_over_the_address_that_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Failure mode 14: behind a proxy our own idea of the address is another one."""
    town = make.town(tmp_path)
    seen: list[str] = []

    def receive_hook(self: Practice, request: Signed) -> HookAnswer:
        seen.append(request.url)
        return HookAnswer()

    monkeypatch.setattr(Practice, "receive_hook", receive_hook)
    settings.CALLBOX_URL = "https://talk.example.gov"
    path = f"/hooks/{town.agency.id}/{town.account.id}/"
    for query in ("", "?b=2&a=1", "?a=%2B+x&a=%C3%A9", "?sig=a%2Fb%3D"):
        Client().post(f"{path}{query}", data=b"{}", content_type="application/json")
        assert seen[-1] == f"https://talk.example.gov{path}{query}"


def test_what_webhooks_cost_is_counted_once_for_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = make.town(tmp_path)

    def receive_hook(self: Practice, request: Signed) -> HookAnswer:
        self.meter.add("spend", "2026-11", 1000, "event")
        assert self.meter.used("spend", "2026-11") >= 0
        return HookAnswer()

    monkeypatch.setattr(Practice, "receive_hook", receive_hook)
    path = f"/hooks/{town.agency.id}/{town.account.id}/"
    for _ in range(5):
        assert Client().post(path, data=b"{}", content_type="application/json").status_code == 200
    until = time.monotonic() + 10
    meter = StoredMeter(town.agency.id, town.account.id)
    while meter.used("spend", "2026-11") < 5000 and time.monotonic() < until:
        time.sleep(0.02)
    assert meter.used("spend", "2026-11") == 5000
