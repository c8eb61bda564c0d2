"""The life of a login: in time, once, and never lost to a blip."""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from callbox.connector import AuthDead, AuthTransient, ConnectorError, MemorySession, RateLimited
from callbox.meta.tokens import Exchange, Grant, Token, kept_alive
from callbox.wire import Wire
from tests.meta.conftest import NAMED, NOW, TOKEN, answer, fault

DAY = timedelta(days=1)
LONGER = Grant("fb_exchange_token", "/oauth/access_token", "fb_exchange_token")
REFRESH = Grant("th_refresh_token", "/refresh_access_token", "", by_get=True)


class Locked(MemorySession):
    """A session as the product keeps it: one at a time, re-read under the lock."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        super().__init__(value)
        self._lock = threading.Lock()

    def renew(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
        with self._lock:
            return super().renew(change)


def session(age: timedelta, life: timedelta = 60 * DAY) -> Locked:
    issued = NOW - age
    return Locked({**Token(TOKEN, issued, issued + life).stored(), "page": "kept"})


def exchange(handler: Callable[[httpx.Request], httpx.Response]) -> Exchange:
    wire = Wire("https://graph.example", httpx.MockTransport(handler))
    return Exchange(wire, NAMED, lambda: NOW)


def extender(handler: Callable[[httpx.Request], httpx.Response]) -> Callable[[Token], Token]:
    traded = exchange(handler)
    return lambda token: traded.longer(LONGER, token.value)


def fresh(request: httpx.Request) -> httpx.Response:
    return answer(200, {"access_token": "new", "expires_in": 5_184_000})


@pytest.mark.parametrize("age", [timedelta(0), 23 * timedelta(hours=1), 49 * DAY])
def test_it_is_left_alone_until_it_is_due(age: timedelta) -> None:
    """Failure mode 4: a young one is not taken, and one in the middle of its life needs nothing."""
    kept = session(age)
    assert kept_alive(kept, extender(_never), lambda: NOW).ends_at == NOW - age + 60 * DAY


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError("asked too early")


@pytest.mark.parametrize("age", [50 * DAY, 59 * DAY])
def test_it_is_extended_in_time(age: timedelta) -> None:
    """Failure mode 4: from the 50th day on; what else is kept beside it stays."""
    kept = session(age)
    assert kept_alive(kept, extender(fresh), lambda: NOW).ends_at == NOW + 60 * DAY
    assert (kept.read()["token"], kept.read()["page"]) == ("new", "kept")


def test_one_that_has_run_out_is_over() -> None:
    """Failure mode 4: asking would be of no use."""
    with pytest.raises(AuthDead, match="run out"):
        kept_alive(session(60 * DAY), extender(_never), lambda: NOW)
    with pytest.raises(AuthDead):
        kept_alive(Locked({}), extender(_never), lambda: NOW)


def test_one_without_an_end_needs_nothing() -> None:
    kept = Locked(Token(TOKEN, NOW - 300 * DAY).stored())
    assert kept_alive(kept, extender(_never), lambda: NOW).ends_at is None


def _lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("lost", request=request)


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (lambda request: answer(503, b"sorry"), AuthTransient),
        (lambda request: answer(500, fault(2)), AuthTransient),
        (lambda request: answer(401, b"<html>a proxy</html>"), AuthTransient),
        (lambda request: answer(200, {"access_token": ""}), AuthTransient),
        (lambda request: answer(200, {}), AuthTransient),
        (lambda request: answer(200, b"<html>"), AuthTransient),
        (lambda request: answer(400, fault(4)), RateLimited),
        (_lost, AuthTransient),
    ],
)
def test_a_blip_is_no_revocation(
    handler: Callable[[httpx.Request], httpx.Response], error: type[ConnectorError]
) -> None:
    """Failure mode 3: the old login stays, and an empty one never takes its place."""
    kept = session(55 * DAY)
    before = dict(kept.read())
    with pytest.raises(error):
        kept_alive(kept, extender(handler), lambda: NOW)
    assert kept.read() == before


def test_one_that_was_revoked_is_over() -> None:
    with pytest.raises(AuthDead, match="password"):
        kept_alive(session(55 * DAY), extender(lambda r: answer(400, fault(190, 460))), lambda: NOW)


def test_two_that_extend_at_once_ask_once() -> None:
    """Failure mode 2: whoever comes second finds a fresh login and leaves it as it is."""
    asked: list[str] = []

    def slow(request: httpx.Request) -> httpx.Response:
        asked.append(parse_qs(request.content.decode())["fb_exchange_token"][0])
        return fresh(request)

    kept = session(55 * DAY)
    extend = extender(slow)
    threads = [
        threading.Thread(target=kept_alive, args=(kept, extend, lambda: NOW)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [TOKEN]
    assert kept.read()["token"] == "new"


def test_how_a_token_is_given_up() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return fresh(request)

    exchange(handler).longer(LONGER, TOKEN, {"client_secret": "s"})
    exchange(handler).longer(REFRESH, TOKEN)
    form, got = seen
    assert form.method == "POST"
    assert TOKEN not in str(form.url)
    assert parse_qs(form.content.decode())["grant_type"] == ["fb_exchange_token"]
    assert got.method == "GET"
    assert TOKEN not in str(got.url)
    assert got.headers["authorization"] == f"Bearer {TOKEN}"
    assert got.url.params["grant_type"] == "th_refresh_token"


def test_a_code_is_traded() -> None:
    wrapped = {"data": [{"access_token": "short", "user_id": "7"}]}
    found = exchange(lambda r: answer(200, wrapped)).code("/oauth/access_token", {"code": "c"})
    assert (found["access_token"], found["user_id"]) == ("short", "7")
    for body, error in ((fault(100, 36009), AuthDead), (fault(2), ConnectorError)):
        with pytest.raises(error):
            exchange(lambda r, body=body: answer(400, body)).code("/x", {"code": "c"})  # type: ignore[misc]  # bound now
    with pytest.raises(AuthTransient):
        exchange(lambda r: answer(200, {})).code("/x", {"code": "c"})
