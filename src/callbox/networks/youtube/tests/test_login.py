"""Google's login: letting us in, keeping it, losing it."""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from callbox.connector import AccountSeen, AuthDead, AuthTransient, MemorySession, Refused
from callbox.networks.youtube.connector import YouTube
from callbox.networks.youtube.tests.harness import YouTubeHarness
from tests.servers.standin import Fault
from tests.servers.youtube import US, YouTubeServer

BACK = "https://desk.example/accounts/back"
VERIFIER = "v" * 64


class Locked(MemorySession):
    """A session with the lock that a stored one has."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        super().__init__(value)
        self.lock = threading.Lock()

    def renew(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
        with self.lock:
            return super().renew(change)


def blank(town: YouTubeHarness) -> YouTube:
    return YouTube(town.account(""), MemorySession(), now=town.now)


def let_in(youtube: YouTube) -> str:
    """What a member's browser does on Google's page: the code that comes back."""
    answer = httpx.get(youtube.authorize(BACK, "state-1", VERIFIER))
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["state-1"]
    return query["code"][0]


def test_connecting(town: YouTubeHarness) -> None:
    youtube = blank(town)
    (candidate,) = youtube.exchange(let_in(youtube), BACK, VERIFIER)
    assert candidate.identity.external_id == US
    assert candidate.identity.handle == "@policedept"
    session = MemorySession(candidate.session)
    connected = YouTube(town.account(), session, now=town.now)
    assert connected.identify().name == "Police Department"
    connected.close()
    youtube.close()


def test_a_google_account_without_youtube(town: YouTubeHarness, server: YouTubeServer) -> None:
    youtube = blank(town)
    code = let_in(youtube)
    server.fault("GET", "/youtube/v3/channels", Fault.status(200, {"items": []}))
    with pytest.raises(Refused, match="nothing on YouTube"):
        youtube.exchange(code, BACK, VERIFIER)
    youtube.close()


def test_a_code_is_taken_once_and_with_its_proof(town: YouTubeHarness) -> None:
    youtube = blank(town)
    code = let_in(youtube)
    with pytest.raises(AuthDead):
        youtube.exchange(code, BACK, "another proof")
    with pytest.raises(AuthDead):
        youtube.exchange(code, BACK, VERIFIER)
    youtube.close()


def test_a_permission_that_was_left_out(
    town: YouTubeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    youtube = blank(town)
    monkeypatch.setattr(town.server, "_granted", lambda: ["openid"])
    with pytest.raises(Refused, match="tick every box"):
        youtube.exchange(let_in(youtube), BACK, VERIFIER)
    youtube.close()


def test_a_client_that_is_missing(town: YouTubeHarness) -> None:
    bare = YouTube(AccountSeen("1", "", "", {"server": town.server.url}), now=town.now)
    with pytest.raises(Refused, match="client ID"):
        bare.authorize(BACK, "s", VERIFIER)
    bare.close()


def test_the_real_addresses() -> None:
    real = YouTube(AccountSeen("1", "", "", {"client_id": "c"}))
    assert real.authorize(BACK, "s", VERIFIER).startswith("https://accounts.google.com/o/oauth2/")
    real.close()


def test_two_that_renew_at_once_ask_google_once(
    town: YouTubeHarness, server: YouTubeServer
) -> None:
    """Failure mode 2: whoever comes second finds the first one's token."""
    town.say("Is Main St closed?")
    session = Locked({**town.session().read()})
    server.end_tokens()
    server.fault("POST", "/token", Fault(seconds=0.2))
    pair = [YouTube(town.account(), session, now=town.now) for _ in range(2)]
    threads = [threading.Thread(target=one.fetch, args=({},)) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert server.refreshes == 1
    for one in pair:
        one.close()


@pytest.mark.parametrize("fault", [Fault.dropped(), Fault.status(503), Fault.status(500, {})])
def test_a_blip_is_no_revocation(town: YouTubeHarness, server: YouTubeServer, fault: Fault) -> None:
    """Failure mode 3: Google being away says nothing about the login, and nothing is lost."""
    session = town.session()
    youtube = town.connector(session)
    town.later(hours=2)
    server.fault("POST", "/token", fault)
    with pytest.raises(AuthTransient):
        youtube.renew()
    assert session.read()["refresh_token"] == "1//invented-refresh"
    assert youtube.renew().ends_at is None
    assert youtube.identify().external_id == US


def test_an_empty_token_never_replaces_one(town: YouTubeHarness, server: YouTubeServer) -> None:
    session = town.session()
    youtube = town.connector(session)
    town.later(hours=2)
    server.fault("POST", "/token", Fault.status(200, {"access_token": "", "expires_in": 1}))
    with pytest.raises(AuthTransient):
        youtube.renew()
    assert session.read()["refresh_token"] == "1//invented-refresh"
    youtube.renew()
    assert session.read()["refresh_token"] == "1//invented-refresh"


def test_a_login_that_has_an_end(town: YouTubeHarness, server: YouTubeServer) -> None:
    youtube = town.connector()
    town.later(hours=2)
    body = {"access_token": "ya29.x", "expires_in": 3599, "refresh_token_expires_in": 604_800}
    server.tokens.add("ya29.x")
    server.fault("POST", "/token", Fault.status(200, body))
    ends = youtube.renew().ends_at
    assert ends is not None
    assert timedelta(days=6) < ends - town.now() <= timedelta(days=7)


def test_a_login_that_is_over(town: YouTubeHarness) -> None:
    youtube = town.connector()
    town.revoke()
    with pytest.raises(AuthDead):
        youtube.identify()
    with pytest.raises(AuthDead):
        youtube.fetch({})


def test_a_wrong_client_secret(town: YouTubeHarness) -> None:
    seen = town.account()
    wrong = AccountSeen("1", US, "", seen.config, {"client_secret": "nonsense"})
    youtube = YouTube(wrong, MemorySession({"refresh_token": "x"}), now=town.now)
    with pytest.raises(AuthDead, match="client"):
        youtube.identify()
    youtube.close()


def test_the_login_of_another_account(town: YouTubeHarness) -> None:
    other = YouTube(town.account("UCother"), town.session(), now=town.now)
    with pytest.raises(AuthDead, match="another"):
        other.identify()
    other.close()


def test_disconnecting(town: YouTubeHarness, server: YouTubeServer) -> None:
    youtube = town.connector()
    youtube.revoke()
    assert server.refresh_token == ""
    youtube.revoke()
    assert "token=" not in "".join(call.raw_query for call in server.calls)
