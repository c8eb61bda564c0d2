"""X signs its events with the secret with which it has us answer its handshake, which anybody can
start: what we sign for a stranger must never be taken for an event."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import Refused, Signed
from callbox.networks.x import hooks

SECRET = "a consumer secret"
URL = "https://talk.example.gov/hooks/a/x/"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _signed_for(token: str) -> str:
    """What a stranger is told who asks for a handshake."""
    answer = hooks.receive(Signed("GET", URL, {}, b"", {"crc_token": token}), SECRET, NOW)
    signature: str = json.loads(answer.body)["response_token"]
    return signature


def _forged(token: str) -> None:
    signature = hooks.signature(SECRET, token.encode())
    headers = {hooks.SIGNATURE: signature}
    hooks.receive(Signed("POST", URL, headers, token.encode(), {}), SECRET, NOW)


@pytest.mark.parametrize(
    "event",
    [
        '{"data":{"event_type":"dm.received","payload":{"id":"7"}}}',
        "{}",
        "[]",
        '"text"',
        " 7",
        "",
        "7\n",
        "x" * 201,
    ],
)
def test_an_event_is_never_signed_for_a_stranger(event: str) -> None:
    with pytest.raises(Refused):
        _signed_for(event)


@given(st.text(max_size=40) | st.from_regex(r"[A-Za-z0-9._~+/=-]{1,210}", fullmatch=True))
def test_what_is_signed_for_a_stranger_is_never_an_event(token: str) -> None:
    try:
        _signed_for(token)
    except Refused:
        return
    with pytest.raises(Refused):
        _forged(token)


@pytest.mark.parametrize(
    "token", ["9b4507b3-9040-4669-9ca3-6b94edb50553", "YTE4N2Uy+MzQtZDk5/Zi00==", "a_b.c~d"]
)
def test_tokens_as_x_makes_them_are_answered(token: str) -> None:
    assert _signed_for(token) == hooks.signature(SECRET, token.encode())
