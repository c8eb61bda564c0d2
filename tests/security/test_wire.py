"""What a server repeats of our login is stored nowhere and shown to nobody."""

import httpx
import pytest

from callbox.connector import AccountSeen, ConnectorError
from callbox.networks.mastodon.connector import Mastodon
from callbox.wire import Wire

TOKEN = "hush-hush-4711"


def _repeats(request: httpx.Request) -> httpx.Response:
    said = request.headers.get("authorization", "nothing")
    return httpx.Response(401, json={"error": f"Malformed login {said}!"})


def _wire(answer: httpx.MockTransport) -> Wire:
    return Wire("https://town.example", answer)


@pytest.mark.parametrize("login", [f"Bearer {TOKEN}", TOKEN, f"Basic {TOKEN}=="])
def test_a_refusal_does_not_hold_the_login(login: str) -> None:
    wire = _wire(httpx.MockTransport(_repeats))
    for call in (wire.read, wire.write):
        answer = call("GET", "/", headers={"authorization": login})
        assert TOKEN not in answer.text
        assert answer.json()["error"].startswith("Malformed login")
    wire.close()


def test_an_answer_stays_what_it_was() -> None:
    def fine(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": TOKEN})

    wire = _wire(httpx.MockTransport(fine))
    answer = wire.read("GET", "/", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.json() == {"access_token": TOKEN}
    assert wire.read("GET", "/").json() == {"access_token": TOKEN}
    wire.close()


def test_short_logins_and_none_change_nothing() -> None:
    wire = _wire(httpx.MockTransport(_repeats))
    assert "nothing" in wire.read("GET", "/").text
    assert "Bearer a!" in wire.read("GET", "/", headers={"authorization": "Bearer a"}).text
    wire.close()


def test_members_are_not_shown_the_token_of_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    account = AccountSeen("1", "2", "@pd", {"server": "https://town.example"}, {"token": TOKEN})
    connector = Mastodon(account)
    monkeypatch.setattr(
        httpx.Client, "_transport_for_url", lambda *_: httpx.MockTransport(_repeats)
    )
    with pytest.raises(ConnectorError) as caught:
        connector.identify()
    assert TOKEN not in str(caught.value)
    connector.close()
