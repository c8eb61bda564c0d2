"""Logging in and staying so: one refresh at a time, and a blip is no revocation."""

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from callbox.connector import (
    AuthDead,
    AuthTransient,
    MemorySession,
    RateLimited,
    Refused,
)
from callbox.networks.x.connector import X
from callbox.networks.x.tests.harness import XHarness
from tests.servers.standin import Fault

BACK = "https://callbox.example/connect/back"


class LockedSession(MemorySession):
    """A session as the product has it: whoever renews holds the account's lock and sees what is
    stored now."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        super().__init__(value)
        self._lock = threading.Lock()

    def renew(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
        with self._lock:
            return super().renew(change)


def test_a_member_lets_us_in(both: XHarness) -> None:
    connector = both.connector(MemorySession())
    page = connector.authorize(BACK, "state-1", "v" * 64)
    asked = parse_qs(urlsplit(page).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert "v" * 64 not in page
    assert {"dm.read", "tweet.moderate.write", "offline.access"} <= set(asked["scope"][0].split())
    sent_back = httpx.get(page, follow_redirects=False).headers["location"]
    code = parse_qs(urlsplit(sent_back).query)["code"][0]
    (candidate,) = connector.exchange(code, BACK, "v" * 64)
    assert (candidate.identity.external_id, candidate.identity.handle) == ("111", "district5")
    assert candidate.identity.profile_url == "https://x.com/district5"
    assert both.connector(MemorySession(candidate.session)).identify() == candidate.identity
    with pytest.raises(AuthDead, match="client ID and its secret"):
        connector.exchange(code, BACK, "v" * 64)


def test_the_real_page_is_on_the_site_and_not_on_the_api(x: XHarness) -> None:
    config = {**x.config, "server": "https://api.x.com"}
    account = x.account()
    made = X(type(account)(account.id, "111", "district5", config, account.secrets), now=x.clock)
    assert made.authorize(BACK, "s", "v").startswith("https://x.com/i/oauth2/authorize?")
    made.close()


def test_a_token_that_ends_in_the_middle_is_renewed_once(x: XHarness) -> None:
    connector = x.connector()
    connector.identify()
    x.x.expire()
    assert connector.identify().external_id == "111"
    assert x.x.renewals == 1


def test_two_workers_spend_one_refresh_token_once(x: XHarness) -> None:
    """Failure mode 2: both find that the token is over; one renews, the other takes what it got."""
    session = LockedSession(x.session().read())
    x.clock.pass_(hours=3)
    workers = [x.connector(session) for _ in range(6)]
    threads = [threading.Thread(target=worker.identify) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert x.x.renewals == 1
    assert workers[0].identify().external_id == "111"


def test_a_blip_while_renewing_is_no_revocation(x: XHarness) -> None:
    """Failure mode 3: what stood stays, and works when X is back."""
    session = x.session()
    before = session.read()
    x.clock.pass_(hours=3)
    x.x.fault("POST", "/2/oauth2/token", Fault.status(503))
    x.x.fault("POST", "/2/oauth2/token", Fault.dropped())
    for _ in range(2):
        with pytest.raises(AuthTransient):
            x.connector(session).renew()
        assert session.read() == before
    assert x.connector(session).renew().ends_at is None
    assert session.read()["access_token"] != before["access_token"]


def test_an_empty_refresh_token_overwrites_nothing(x: XHarness) -> None:
    """Failure mode 3, the other half."""
    session = x.session()
    kept = session.read()["refresh_token"]
    x.clock.pass_(hours=3)
    answer = {"token_type": "bearer", "expires_in": 7200, "access_token": "next"}
    for empty in ({}, {"refresh_token": ""}, {"refresh_token": None}):
        x.x.fault("POST", "/2/oauth2/token", Fault.status(200, answer | empty))
        x.connector(session).renew()
        assert session.read()["refresh_token"] == kept
        x.clock.pass_(hours=3)


def test_a_login_that_is_over_is_dead(x: XHarness) -> None:
    connector = x.connector()
    x.x.end_logins()
    with pytest.raises(AuthDead, match="Connect the account again"):
        connector.identify()
    with pytest.raises(AuthDead):
        x.connector(MemorySession()).identify()


def test_too_many_logins_are_a_limit(x: XHarness) -> None:
    session = x.session()
    x.clock.pass_(hours=3)
    x.x.fault("POST", "/2/oauth2/token", Fault.status(429))
    with pytest.raises(RateLimited):
        x.connector(session).renew()


def test_disconnecting_gives_both_tokens_back(x: XHarness) -> None:
    session = x.session()
    x.connector(session).revoke()
    x.connector(session).revoke()
    assert not x.x.tokens
    assert not x.x.refresh


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"plan": ""}, "plan"),
        ({"use_case": "  "}, "approved use"),
        ({"approved_on": ""}, "date"),
        ({"approved_on": "soon"}, "cannot be read"),
        ({"approved_on": "2999-01-01"}, "later day"),
    ],
)
def test_without_approval_on_record_it_stays_off(changed: dict[str, str], words: str) -> None:
    """Policing R15."""
    harness = XHarness(config=changed)
    connector = harness.connector()
    for call in (
        connector.identify,
        lambda: connector.fetch({}),
        lambda: connector.authorize(BACK, "s", "v"),
        lambda: connector.look("1"),
        lambda: connector.receive_hook(harness.signed(b"{}")),
        lambda: connector.hooks("https://callbox.example/hooks/x/", repair=True),
    ):
        with pytest.raises(Refused, match=words):
            call()
    assert harness.x.calls == []
    harness.close()
