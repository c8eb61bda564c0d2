"""Connecting a Page and staying connected."""

from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from callbox.connector import AuthDead, AuthTransient, MemorySession, Refused
from callbox.logins import Candidate
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.harness import Clock, account, session
from callbox.vocabulary import Lane, ReplyTo
from tests.servers.facebook import PAGE, PAGE_TOKEN
from tests.servers.facebook import Facebook as Server
from tests.servers.graph import fault_answer
from tests.servers.standin import Fault

BACK = "https://callbox.example/connect/back"
VERIFIER = "v" * 64


def connect(connector: Facebook) -> list[Candidate]:
    """Go to the network's own page, say yes, come back with the code."""
    address = connector.authorize(BACK, "state-1", VERIFIER)
    came = httpx.get(address, follow_redirects=False, trust_env=False).headers["location"]
    query = dict(parse_qsl(urlsplit(came).query))
    assert query["state"] == "state-1"
    return list(connector.exchange(query["code"], BACK, VERIFIER))


def test_a_page_is_connected(server: Server, connector: Facebook, clock: Clock) -> None:
    """The Page with its own login; one where the member may not enough says so, and comes last."""
    page, other = connect(connector)
    assert page.identity.external_id == PAGE
    assert page.session["token"] == PAGE_TOKEN
    assert page.session["ends_at"] is None
    assert page.lacking == ""
    assert "may not: answer and hide comments, publish" in other.lacking
    made = Facebook(account(server.url), MemorySession(page.session), now=clock)
    assert made.identify().handle == "riversidepd"
    made.close()


def test_no_secret_is_in_an_address(server: Server, connector: Facebook) -> None:
    connect(connector)
    connector.renew()
    connector.hooks("https://callbox.example/hooks", repair=True)
    for call in server.calls:
        for secret in (PAGE_TOKEN, server.app_secret, "EAA"):
            assert secret not in call.raw_query


def test_the_real_page_is_asked_for_everything_that_it_needs(connector: Facebook) -> None:
    real = Facebook(account("https://graph.facebook.com"))
    asked = urlsplit(real.authorize(BACK, "s", VERIFIER))
    assert (asked.hostname, asked.path) == ("www.facebook.com", "/v25.0/dialog/oauth")
    scopes = parse_qs(asked.query)["scope"][0].split(",")
    assert scopes == [scope.name for scope in Facebook.scopes]
    configured = Facebook(account("https://graph.facebook.com", config_id="77"))
    query = parse_qs(urlsplit(configured.authorize(BACK, "s", VERIFIER)).query)
    assert query["config_id"] == ["77"]
    assert "scope" not in query


def test_a_code_is_taken_once(server: Server, connector: Facebook) -> None:
    address = connector.authorize(BACK, "s", VERIFIER)
    came = httpx.get(address, follow_redirects=False, trust_env=False).headers["location"]
    code = dict(parse_qsl(urlsplit(came).query))["code"]
    with pytest.raises(AuthDead):
        connector.exchange(code, BACK, "another verifier")
    with pytest.raises(AuthDead):
        connector.exchange(code, BACK, VERIFIER)


def test_a_login_without_a_page_says_what_to_do(server: Server, connector: Facebook) -> None:
    empty = {"data": []}
    server.fault("GET", "/v25.0/me/accounts", Fault.status(200, empty))
    with pytest.raises(AuthDead, match="opens no Page"):
        connect(connector)


@pytest.mark.parametrize(
    ("tasks", "lacking"),
    [
        (["MODERATE", "CREATE_CONTENT", "MESSAGING"], False),
        (["PROFILE_PLUS_MODERATE", "PROFILE_PLUS_CREATE_CONTENT", "PROFILE_PLUS_MESSAGING"], False),
        (["PROFILE_PLUS_FULL_CONTROL"], False),
        (["MANAGE"], False),
        (["MODERATE", "CREATE_CONTENT"], True),
    ],
)
def test_tasks_have_two_spellings(
    server: Server, connector: Facebook, tasks: list[str], lacking: bool
) -> None:
    server.tasks = tasks
    page = next(one for one in connect(connector) if one.identity.external_id == PAGE)
    assert bool(page.lacking) is lacking


def test_a_wrong_secret_is_called_so(server: Server, clock: Clock) -> None:
    seen = account(server.url)
    wrong = type(seen)(seen.id, PAGE, "", seen.config, {"client_secret": "another"})
    made = Facebook(wrong, session(clock()), now=clock)
    with pytest.raises(AuthDead, match="do not belong together"):
        made.exchange("code", BACK, VERIFIER)
    answer = fault_answer(100, "Invalid appsecret_proof provided in the API argument")
    server.fault("GET", "/v25.0/me", Fault(answer))
    with pytest.raises(Refused, match="secret does not belong"):
        made.identify()
    made.close()


def test_what_was_not_allowed_is_explained(server: Server, connector: Facebook) -> None:
    server.declined = ["pages_messaging"]
    page, other = connect(connector)
    to = ReplyTo("m_1", "dm:77001", None, lane=Lane.PRIVATE, refs={"person": "77001"})
    made = Facebook(account(server.url, **page.config))
    barrier = made.barrier("message", to)
    assert barrier is not None
    assert "pages_messaging" in barrier.words
    lesser = Facebook(account(server.url, **other.config))
    barrier = lesser.barrier("hide", ReplyTo("5001_1", "1001_5001", None))
    assert barrier is not None
    assert "MODERATE" in barrier.words


def test_a_members_own_login_is_no_pages(server: Server, clock: Clock) -> None:
    server.tokens["EAAuser"] = "9001"
    made = Facebook(account(server.url), MemorySession({"token": "EAAuser"}), now=clock)
    with pytest.raises(Refused, match="not the login of a Page"):
        made.identify()
    server.violations.clear()  # the point: those fields are no fields of a person
    made.close()


@pytest.mark.parametrize(
    ("subcode", "words"),
    [
        (458, "removed"),
        (459, "security check"),
        (460, "password"),
        (463, "run out"),
        (467, "not valid"),
        (492, "role"),
    ],
)
def test_a_login_that_is_over_says_why(
    server: Server, connector: Facebook, subcode: int, words: str
) -> None:
    """Code 190 is never tried again; a checkpoint (459) sends the member to the network."""
    server.kill(PAGE_TOKEN, subcode)
    for deed in (connector.identify, connector.renew):
        with pytest.raises(AuthDead, match=words) as caught:
            deed()
        assert PAGE_TOKEN not in str(caught.value)
    assert len(server.made("GET", "/v25.0/me")) == 1


def test_a_login_dies_in_the_middle(server: Server, connector: Facebook) -> None:
    connector.identify()
    server.kill(PAGE_TOKEN, 463)
    with pytest.raises(AuthDead, match="run out"):
        connector.fetch({})


def test_a_blip_is_no_revocation(server: Server, connector: Facebook) -> None:
    """Failure mode 3: whatever goes wrong while looking at a login, the login stays."""
    for fault in (Fault.status(503), Fault.dropped(), Fault.status(200, "<html>")):
        server.fault("POST", "/v25.0", fault)
        server.fault("POST", "/v25.0/", fault)
        with pytest.raises(AuthTransient):
            connector.renew()
        server._faults.clear()
    assert connector.session.read()["token"] == PAGE_TOKEN
    assert connector.renew().ends_at is not None


def test_reading_ends_ninety_days_after_the_member_was_here(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    ends_at = connector.renew().ends_at
    assert ends_at is not None
    assert timedelta(days=89) < ends_at - clock() <= timedelta(days=90)


def test_a_login_with_an_end_is_extended(server: Server, clock: Clock) -> None:
    """Failure mode 4: in time, and not before it is a day old."""
    kept = session(clock())
    kept.renew(lambda old: {**old, "ends_at": (clock() + timedelta(days=60)).isoformat()})
    made = Facebook(account(server.url), kept, now=clock)
    made.renew()
    assert server.made("POST", "/v25.0/oauth/access_token") == []
    clock.pass_(days=51)
    renewed = made.renew()
    assert renewed.ends_at is not None
    assert renewed.ends_at > clock() + timedelta(days=59)
    made.close()


def test_a_typed_login_works_too(server: Server, clock: Clock) -> None:
    seen = account(server.url)
    typed = {**seen.secrets, "token": PAGE_TOKEN}
    made = Facebook(type(seen)(seen.id, PAGE, "", seen.config, typed), now=clock)
    assert made.identify().external_id == PAGE
    made.close()
    with pytest.raises(AuthDead, match="no login"):
        Facebook(account(server.url), now=clock).identify()


def test_disconnecting_twice(server: Server, connector: Facebook) -> None:
    server.page_subscription = ["feed"]
    connector.revoke()
    assert server.page_subscription is None
    server.kill(PAGE_TOKEN)
    connector.revoke()
