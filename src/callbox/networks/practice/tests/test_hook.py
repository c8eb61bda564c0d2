"""Webhooks: what is signed comes in, whatever is not stays out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbox.connector import AccountSeen, Malformed, Refused, Signed
from callbox.networks.practice import hook
from callbox.networks.practice.connector import Practice

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
TOKEN = "a token"


def _request(body: bytes, *, at: datetime = NOW, **headers: str) -> Signed:
    time = str(int(at.timestamp()))
    signed = {
        "x-practice-time": time,
        "x-practice-signature": hook.signature(TOKEN, time, body),
    }
    return Signed("POST", "https://pd.example/hooks/1/2/", signed | headers, body)


def _connector() -> Practice:
    return Practice(AccountSeen("1", "u1", "pd", {}, {"token": TOKEN}), now=lambda: NOW)


def test_a_signed_request_gives_its_events() -> None:
    body = json.dumps({"events": [{"type": "like"}, "nonsense"]}).encode()
    raws = _connector().receive_hook(_request(body)).raws
    assert [raw.json() for raw in raws] == [{"type": "like"}, "nonsense"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-practice-signature": "sha256=00"},
        {"x-practice-signature": ""},
        {"x-practice-signature": "ü"},
        {"x-practice-time": ""},
        {"x-practice-time": "9" * 400},
        {"x-practice-time": "-1"},
    ],
)
def test_a_wrong_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refused):
        _connector().receive_hook(_request(b'{"events": []}', **headers))


def test_an_old_request_is_refused_even_when_signed() -> None:
    with pytest.raises(Refused):
        _connector().receive_hook(_request(b'{"events": []}', at=NOW - timedelta(minutes=6)))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"events": 3}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_list_of_events_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        _connector().receive_hook(_request(body))


def test_too_many_events_are_malformed() -> None:
    body: Any = json.dumps({"events": [0] * (hook.MOST_EVENTS + 1)}).encode()
    with pytest.raises(Malformed):
        _connector().receive_hook(_request(body))
