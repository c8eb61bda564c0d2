from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import httpx
import pytest

from callbox.connector import (
    AccountSeen,
    AuthDead,
    AuthTransient,
    ConnectorError,
    MemorySession,
    RateLimited,
    Unavailable,
)
from callbox.networks.bluesky.connector import Bluesky
from callbox.networks.bluesky.tests.fake import DID, LOGIN, Server, error

NEW = {**LOGIN, "accessJwt": "access-2", "refreshJwt": "refresh-2"}
STORED = {"access": "access-1", "refresh": "refresh-1", "did": DID, "handle": "harbor.test"}


def expiring(request: httpx.Request) -> Any:
    """A method that takes only the second access token."""
    if request.headers["authorization"] == "Bearer access-2":
        return {"notifications": []}
    return error(400, "ExpiredToken", "Token has expired")


def test_the_first_call_logs_in_and_the_next_ones_do_not() -> None:
    server, session = Server(listNotifications={"notifications": []}), MemorySession()
    for _ in range(3):
        server.connector(session).fetch({})
    assert server.bodies("createSession") == [
        {"identifier": "harbor.test", "password": "app-password"}
    ]
    assert session.read() == STORED


def test_an_expired_token_is_renewed_once_and_kept() -> None:
    server = Server(listNotifications=expiring, refreshSession=NEW)
    session = MemorySession(STORED)
    server.connector(session).fetch({})
    [refresh] = server.called("refreshSession")
    assert refresh.headers["authorization"] == "Bearer refresh-1"
    assert server.called("createSession") == []
    assert session.read() == {**STORED, "access": "access-2", "refresh": "refresh-2"}


def test_a_dead_refresh_token_means_logging_in_again() -> None:
    dead = error(400, "ExpiredToken", "Token has been revoked")
    server = Server(listNotifications=expiring, refreshSession=dead, createSession=NEW)
    session = MemorySession(STORED)
    server.connector(session).fetch({})
    assert len(server.called("createSession")) == 1
    assert session.read()["refresh"] == "refresh-2"


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("down"),
        httpx.ReadTimeout("slow"),
        error(500),
        error(502, "UpstreamFailure"),
        error(503, "NotEnoughResources"),
        error(404),
        httpx.Response(200, json={}),
        httpx.Response(200, json={**NEW, "accessJwt": ""}),
        httpx.Response(200, json={**NEW, "refreshJwt": None}),
        httpx.Response(200, text="<html>"),
    ],
)
def test_a_blip_while_renewing_is_no_revocation(trouble: Any) -> None:
    server = Server(listNotifications=expiring, refreshSession=trouble)
    session = MemorySession(STORED)
    with pytest.raises(AuthTransient):
        server.connector(session).fetch({})
    assert session.read() == STORED
    assert server.called("createSession") == []


def test_a_token_that_is_never_taken_is_not_tried_for_ever() -> None:
    refused = error(401, "InvalidToken")
    server = Server(listNotifications=refused, refreshSession=NEW)
    with pytest.raises(AuthTransient):
        server.connector(MemorySession(STORED)).fetch({})
    assert len(server.called("listNotifications")) == 2
    assert len(server.called("refreshSession")) == 1


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (error(401, "AuthenticationRequired", "Invalid identifier or password"), AuthDead),
        (error(401, "AuthFactorTokenRequired"), AuthDead),
        (error(400, "AccountTakedown"), AuthDead),
        (error(400, "InvalidRequest", "Input/identifier is too long"), AuthDead),
        (httpx.Response(200, json={**LOGIN, "active": False, "status": "suspended"}), AuthDead),
        (httpx.Response(200, json={**LOGIN, "did": "did:plc:somebody-else"}), AuthDead),
        (httpx.Response(200, json={**LOGIN, "accessJwt": ""}), AuthTransient),
        (error(500, "InternalServerError"), AuthTransient),
        (error(404), Unavailable),
        (httpx.ConnectError("down"), Unavailable),
        (error(429, "RateLimitExceeded"), RateLimited),
    ],
)
def test_how_a_login_may_fail(answer: Any, raised: type[ConnectorError]) -> None:
    session = MemorySession()
    with pytest.raises(raised) as failed:
        Server(createSession=answer).connector(session).identify()
    assert "app-password" not in str(failed.value)
    assert session.read() == {}


def test_a_login_needs_something_to_log_in_with() -> None:
    ours = Bluesky(AccountSeen("1", DID, "harbor.test"), transport=httpx.MockTransport(Server()))
    with pytest.raises(AuthDead, match="No handle or app password"):
        ours.identify()


class SharedSession(MemorySession):
    """A session with a lock, as the application's is."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        super().__init__(value)
        self.lock = Lock()

    def renew(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
        with self.lock:
            return super().renew(change)


def test_two_workers_spend_one_refresh_token() -> None:
    server = Server(listNotifications=expiring, refreshSession=NEW)
    session = SharedSession(STORED)
    connectors = [server.connector(session) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda ours: ours.fetch({}), connectors))
    assert len(server.called("refreshSession")) == 1


def test_identify_tells_who_we_are_even_without_the_public_side() -> None:
    seen = {"did": DID, "handle": "harbor.test"}
    server = Server(getSession=seen, getProfile={"displayName": "Harbor Police"})
    identity = server.connector(external_id="").identify()
    assert (identity.external_id, identity.handle, identity.name) == (
        DID,
        "harbor.test",
        "Harbor Police",
    )
    assert identity.profile_url == f"https://bsky.app/profile/{DID}"
    server.answers["getProfile"] = error(502)
    assert server.connector(external_id="").identify().name == ""
