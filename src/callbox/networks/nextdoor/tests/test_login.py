"""Nextdoor's login: letting us in, keeping it, losing it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from callbox.connector import AccountSeen, AuthDead, AuthTransient, MemorySession, Refused
from callbox.networks.nextdoor.connector import Nextdoor
from callbox.networks.nextdoor.tests.harness import NextdoorHarness
from tests.servers.nextdoor import AGENCY, CLIENT, US, NextdoorServer
from tests.servers.standin import Fault

BACK = "https://desk.example/accounts/back"
VERIFIER = "v" * 64


def blank(town: NextdoorHarness) -> Nextdoor:
    return Nextdoor(town.account(""), MemorySession(), now=town.now)


def let_in(nextdoor: Nextdoor) -> str:
    """What a member's browser does on Nextdoor's page: the code that comes back."""
    answer = httpx.get(nextdoor.authorize(BACK, "state-1", VERIFIER))
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["state-1"]
    return query["code"][0]


def test_connecting(town: NextdoorHarness) -> None:
    nextdoor = blank(town)
    (candidate,) = nextdoor.exchange(let_in(nextdoor), BACK, VERIFIER)
    assert (candidate.identity.external_id, candidate.config["profile"]) == (AGENCY, US)
    assert candidate.identity.name == "Police Department"
    assert candidate.session["access_token"]
    with pytest.raises(AuthDead):
        nextdoor.exchange("code-unknown", BACK, VERIFIER)
    nextdoor.close()


def test_the_real_address() -> None:
    real = Nextdoor(AccountSeen("1", "", "", {"client_id": CLIENT}))
    assert real.authorize(BACK, "s", VERIFIER).startswith("https://www.nextdoor.com/v3/authorize/?")
    bare = Nextdoor(AccountSeen("1", "", ""))
    with pytest.raises(Refused):
        bare.authorize(BACK, "s", VERIFIER)


def test_a_neighbour_is_no_agency(town: NextdoorHarness, server: NextdoorServer) -> None:
    server.agency = False
    with pytest.raises(AuthDead, match="neighbour"):
        town.connector().identify()


def test_the_login_of_another_agency(town: NextdoorHarness) -> None:
    other = Nextdoor(town.account("999"), town.session(), now=town.now)
    with pytest.raises(AuthDead, match="another"):
        other.identify()
    other.close()


def test_a_login_without_renewal_says_when_it_ends(town: NextdoorHarness) -> None:
    nextdoor = town.connector()
    ends = nextdoor.renew().ends_at
    assert ends is not None
    town.later(days=364)
    assert nextdoor.renew().ends_at == ends
    town.later(days=2)
    with pytest.raises(AuthDead, match="ended"):
        nextdoor.fetch({})


def test_a_login_is_extended_in_its_last_month(
    town: NextdoorHarness, server: NextdoorServer
) -> None:
    """Failure mode 4: in good time, and only then."""
    server.refresh_token = "nd-refresh"
    session = MemorySession({**town.session().read(), "refresh_token": "nd-refresh"})
    nextdoor = town.connector(session)
    first = nextdoor.renew().ends_at
    assert first is not None
    town.later(days=340)
    later = nextdoor.renew().ends_at
    assert later is not None
    assert later > first + timedelta(days=300)
    assert nextdoor.renew().ends_at == later
    assert len(server.made("POST", "/v2/token")) == 1


@pytest.mark.parametrize("fault", [Fault.dropped(), Fault.status(503), Fault.status(400, {})])
def test_a_blip_is_no_revocation(
    town: NextdoorHarness, server: NextdoorServer, fault: Fault
) -> None:
    """Failure mode 3: what we have is good until its own end, whatever becomes of renewing."""
    server.refresh_token = "nd-refresh"
    session = MemorySession({**town.session().read(), "refresh_token": "nd-refresh"})
    nextdoor = town.connector(session)
    town.later(days=340)
    server.fault("POST", "/v2/token", fault)
    with pytest.raises(AuthTransient):
        nextdoor.renew()
    assert session.read()["refresh_token"] == "nd-refresh"
    assert nextdoor.identify().external_id == AGENCY


def test_there_is_no_login(town: NextdoorHarness) -> None:
    nextdoor = blank(town)
    with pytest.raises(AuthDead):
        nextdoor.identify()
    nextdoor.close()
