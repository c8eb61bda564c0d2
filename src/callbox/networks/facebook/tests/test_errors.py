"""What this network's own codes mean, and when polling rests."""

from datetime import timedelta

import pytest

from callbox.connector import AuthDead, RateLimited, Refused
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.conftest import Reader
from callbox.networks.facebook.tests.harness import Clock
from tests.servers.facebook import Facebook as Server
from tests.servers.graph import fault_answer
from tests.servers.standin import Answer, Fault


def test_polling_stops_before_the_limit(server: Server, connector: Facebook, clock: Clock) -> None:
    """The headers say how much is used up: at 90 % polling rests; what members say still goes."""
    assert connector.fetch({}).rest_until is None
    server.use_up(89)
    assert connector.fetch({}).rest_until is None
    server.use_up(93, minutes=12)
    assert connector.fetch({}).rest_until == clock() + timedelta(minutes=12)
    assert connector.history({}).rest_until == clock() + timedelta(minutes=12)
    connector.like(server.post("Post"), {})


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001, 80002, 80006, 80008])
def test_a_limit_ends_when_the_network_says(
    server: Server, connector: Facebook, clock: Clock, code: int
) -> None:
    server.use_up(100, minutes=25)
    answer = fault_answer(code, "Limit reached", status=403)
    server.fault("GET", "/v25.0/me", Fault(Answer(403, answer.body, server.usage)))
    with pytest.raises(RateLimited) as caught:
        connector.identify()
    assert caught.value.until == clock() + timedelta(minutes=25)


def test_this_networks_own_codes(server: Server, connector: Facebook) -> None:
    post = server.post("Post")
    for code, error, words in (
        (551, Refused, "cannot be written to"),
        (1404078, AuthDead, "Connect the account again"),
        (368, Refused, "for its rules"),
        (200, Refused, "it needs pages_manage_engagement"),
    ):
        answer = fault_answer(code, "Requires pages_manage_engagement")
        server.fault("POST", "/v25.0/*/likes", Fault(answer))
        with pytest.raises(error, match=words):
            connector.like(post, {})


def test_the_next_page_is_asked_of_the_network_only(server: Server, read: Reader) -> None:
    """`paging.next` of the stand-in is an address elsewhere, with our token in it."""
    for n in range(60):
        server.visit(f"Post {n}")
    assert len(read()) == 60
    assert all("access_token" not in call.query for call in server.calls)
