from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from callbox.connector import (
    AccountSeen,
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.mastodon.connector import Mastodon
from callbox.networks.mastodon.tests.make import (
    NOW,
    FakeServer,
    answer_to,
    ok,
    page_of_html,
    said,
    status,
)

ME = "/api/v1/accounts/verify_credentials"
STATUSES = "/api/v1/statuses"


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def test_identify(server: FakeServer) -> None:
    me = {"id": "1093", "acct": "dept", "url": "https://social.example/@dept", "display_name": ""}
    server.on("GET", ME, ok(me | {"username": "dept"}))
    identity = server.connector().identify()
    assert (identity.external_id, identity.handle) == ("1093", "dept@social.example")
    assert (identity.name, identity.profile_url) == ("dept", "https://social.example/@dept")
    assert server.asked[0].headers["authorization"] == "Bearer the-token"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(401, "The access token is invalid"), AuthDead),
        (said(403, "Your login is currently disabled"), AuthDead),
        (said(403, "Your login is currently pending approval"), AuthDead),
        (said(403, "Invalid credentials."), AuthDead),
        (said(403, "Something else"), AuthDead),
        (page_of_html(401), AuthTransient),
        (page_of_html(502), Unavailable),
        (said(503, "There was a temporary problem"), Unavailable),
        (page_of_html(200), Unavailable),
        (httpx.Response(200, content=b'{"id": "1'), Unavailable),
        (ok({"id": "1", "suspended": True}), AuthDead),
        (ok({"version": "1.0"}), Refused),
        (httpx.Response(301, headers={"location": "https://evil.example"}), Refused),
        (said(429, "Too many requests"), RateLimited),
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable),
    ],
)
def test_logging_in_fails(
    server: FakeServer, answer: httpx.Response | Exception, error: type[ConnectorError]
) -> None:
    server.on("GET", ME, answer)
    with pytest.raises(error) as raised:
        server.connector().identify()
    assert "the-token" not in str(raised.value)


def test_the_server_is_quoted_in_its_own_words(server: FakeServer) -> None:
    server.on("GET", ME, said(403, "Your login is currently disabled"))
    with pytest.raises(AuthDead, match="Your login is currently disabled"):
        server.connector().identify()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(401, "The access token was revoked"), AuthDead),
        (said(403, "This action is outside the authorized scopes"), AuthDead),
        (said(403, "This action is not allowed"), Refused),
        (said(404, "Record not found"), Refused),
        (said(422, "Validation failed: Text character limit of 500 exceeded"), Refused),
        (said(422, "Cannot attach files that have not finished processing."), Unavailable),
        (said(413, "Too large"), Refused),
        (page_of_html(502), OutcomeUnknown),
        (said(500, "Oops"), OutcomeUnknown),
        (page_of_html(200), OutcomeUnknown),
        (httpx.Response(200, content=b'{"error": "trunc'), OutcomeUnknown),
        (ok({}), OutcomeUnknown),
        (said(429, "Too many requests"), RateLimited),
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ConnectTimeout("no"), Unavailable),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.RemoteProtocolError("cut"), OutcomeUnknown),
    ],
)
def test_posting_fails(
    server: FakeServer, answer: httpx.Response | Exception, error: type[ConnectorError]
) -> None:
    server.on("POST", STATUSES, answer)
    with pytest.raises(error):
        server.connector().reply(answer_to())
    assert server.paths("POST") == [STATUSES], "nothing is tried twice"


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"x_ratelimit_reset": "2026-11-20T19:04:00.000000Z"}, NOW + timedelta(minutes=4)),
        ({"x_ratelimit_reset": str(int(NOW.timestamp()) + 30)}, NOW + timedelta(seconds=30)),
        ({"retry_after": "90"}, NOW + timedelta(seconds=90)),
        ({"x_ratelimit_reset": "soon"}, NOW + timedelta(minutes=1)),
        ({"x_ratelimit_reset": "nan"}, NOW + timedelta(minutes=1)),
        ({"x_ratelimit_reset": "9999-12-31T00:00:00Z"}, NOW + timedelta(hours=1)),
    ],
)
def test_a_rate_limit_ends_when_the_server_says(
    server: FakeServer, headers: dict[str, str], until: datetime
) -> None:
    server.on("GET", ME, said(429, "Too many requests", **headers))
    with pytest.raises(RateLimited) as raised:
        server.connector().identify()
    assert raised.value.until == until.astimezone(UTC)


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "ключ"])
def test_a_token_that_cannot_be_one(token: str) -> None:
    held = AccountSeen("1", "1", "dept", {"server": "social.example"}, {"token": token})
    with pytest.raises(AuthDead):
        Mastodon(held).identify()


@pytest.mark.parametrize(
    "address", ["", "http://social.example", "ftp://x", "https://a:b@c.example"]
)
def test_a_server_address_that_cannot_be_one(address: str) -> None:
    held = AccountSeen("1", "1", "dept", {"server": address}, {"token": "t"})
    with pytest.raises(Refused):
        Mastodon(held).identify()


def test_parsing_needs_no_server() -> None:
    assert Mastodon(AccountSeen("1", "1", "dept")).abilities() >= {"fetch", "listen", "find"}
    assert "hide" not in Mastodon.abilities()


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.look("s1"),
        lambda c: c.delete("s1"),
        lambda c: c.context("s1"),
    ],
)
def test_a_web_page_is_no_proof_that_a_post_is_gone(
    server: FakeServer, act: Callable[[Mastodon], object]
) -> None:
    for method, path in (("GET", f"{STATUSES}/s1"), ("DELETE", f"{STATUSES}/s1")):
        server.on(method, path, page_of_html(404))
    with pytest.raises(Refused):
        act(server.connector())


def test_gone_is_a_fact_and_not_a_failure(server: FakeServer) -> None:
    connector = server.connector()
    assert connector.look("s1").gone
    assert list(connector.context("s1")) == []
    connector.delete("s1")


def test_ids_cannot_change_the_path(server: FakeServer) -> None:
    server.connector().look("../../v1/accounts?x#y")
    assert server.asked[0].url.raw_path == b"/api/v1/statuses/..%2F..%2Fv1%2Faccounts%3Fx%23y"


def test_like_twice_is_once(server: FakeServer) -> None:
    server.on("POST", f"{STATUSES}/s1/favourite", ok(status("s1", favourited=True)))
    connector = server.connector()
    connector.like("s1", {})
    connector.like("s1", {})
    connector.close()
