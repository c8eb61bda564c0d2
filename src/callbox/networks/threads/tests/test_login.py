"""Connecting: the code, the token's life, the handshake."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from callbox.connector import AuthDead, AuthTransient, MemorySession, Refused, Signed
from callbox.networks.threads.tests.harness import HOOK_TOKEN, ThreadsHarness, account
from tests.servers.standin import Fault
from tests.servers.threads import HANDLE, PROFILE, TOKEN

BACK = "https://callbox.example/connect/back"


def aged(city: ThreadsHarness, days: float, hours: float = 0) -> MemorySession:
    """A login that is so old."""
    issued = city.city.clock - timedelta(days=days, hours=hours)
    ends = issued + timedelta(days=60)
    held = {"token": TOKEN, "issued_at": issued.isoformat(), "ends_at": ends.isoformat()}
    return MemorySession({**held, "containers": {"k": {"made_at": issued.isoformat()}}})


def test_logging_in(city: ThreadsHarness) -> None:
    connector = city.connector(MemorySession())
    address = connector.authorize(BACK, "state-1", "verifier")
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"][0].split(",") == [scope.name for scope in connector.scopes]
    given = city.city.approve(address)
    assert given["state"] == "state-1"
    (candidate,) = connector.exchange(given["code"], BACK, "verifier")
    identity = candidate.identity
    assert (identity.external_id, identity.handle) == (PROFILE, HANDLE)
    assert city.connector(MemorySession(candidate.session)).identify() == identity
    with pytest.raises(AuthDead):
        connector.exchange(given["code"], BACK, "verifier")
    own = city.as_account(account("")).authorize(BACK, "s", "v")
    assert own.startswith("https://www.threads.net/oauth/authorize?")
    with pytest.raises(Refused):
        city.as_account(account(city.city.url, app_id="")).authorize(BACK, "s", "v")


def test_a_login_is_extended_in_time_and_never_too_early(city: ThreadsHarness) -> None:
    """Failure mode 4: due at 50 days, refused under 24 hours, over when it is over."""
    young = aged(city, 0, hours=23)
    city.connector(young).renew()
    city.connector(aged(city, 49)).renew()
    assert not city.city.made("GET", "/refresh_access_token")
    due = aged(city, 51)
    renewed = city.connector(due).renew()
    assert due.read()["token"] != TOKEN
    assert due.read()["containers"]
    assert renewed.ends_at == city.city.clock + timedelta(days=60)
    with pytest.raises(AuthDead, match="run out"):
        city.connector(aged(city, 61)).renew()


def test_a_blip_while_extending_is_no_revocation(city: ThreadsHarness) -> None:
    due = aged(city, 51)
    city.city.fault("GET", "/refresh_access_token", Fault.status(503))
    with pytest.raises(AuthTransient):
        city.connector(due).renew()
    city.city.fault("GET", "/refresh_access_token", Fault.status(200, {"access_token": ""}))
    with pytest.raises(AuthTransient):
        city.connector(due).renew()
    assert due.read()["token"] == TOKEN


def test_a_login_that_ends_in_the_middle(city: ThreadsHarness) -> None:
    connector = city.connector()
    connector.identify()
    city.revoke()
    with pytest.raises(AuthDead):
        connector.publish(city.answer(city.say("Is it open?"), "Since noon.", "k1"))


def test_the_handshake(city: ThreadsHarness) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": HOOK_TOKEN, "hub.challenge": "11580"}
    asked = Signed("GET", "https://callbox.example/hooks", {}, b"", query)
    assert city.connector().receive_hook(asked).body == b"11580"
    wrong = Signed("GET", asked.url, {}, b"", {**query, "hub.verify_token": "no"})
    with pytest.raises(Refused):
        city.connector().receive_hook(wrong)
