"""The token life that networks with OAuth 2 share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from callbox import oauth
from callbox.connector import AuthDead, AuthTransient, MemorySession, Unavailable

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
OLD = {"access_token": "old", "refresh_token": "once", "more": 1}


def keep(before: oauth.Held, answer: Mapping[str, Any]) -> oauth.Held:
    return oauth.kept(before, answer, NOW, 600)


def test_the_page_carries_the_proof() -> None:
    # The verifier and its challenge of RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    page = oauth.page(
        "https://network.example/in", "app", ["a", "b"], back="x", state="s", verifier=verifier
    )
    query = parse_qs(urlsplit(page).query)
    assert query["code_challenge"] == ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]
    assert query["scope"] == ["a b"]
    assert verifier not in page


@pytest.mark.parametrize("answer", [{}, {"refresh_token": ""}, {"refresh_token": None}])
def test_an_answer_without_a_refresh_token_leaves_the_old_one(answer: dict[str, Any]) -> None:
    kept = keep(OLD, {"access_token": "new", "expires_in": 60, **answer})
    assert (kept["access_token"], kept["refresh_token"], kept["more"]) == ("new", "once", 1)
    assert oauth.ends_at(kept) == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("lives", [None, 0, -1, True, "60", 10**30])
def test_what_is_no_time_to_live_is_the_usual_one(lives: object) -> None:
    kept = keep({}, {"access_token": "new", "expires_in": lives})
    assert oauth.ends_at(kept) == NOW + timedelta(seconds=600)


def test_a_refresh_token_is_spent_once() -> None:
    session, asked = MemorySession(OLD), []

    def ask(form: Mapping[str, str]) -> Mapping[str, Any]:
        asked.append(form["refresh_token"])
        return {"access_token": "new", "refresh_token": "next"}

    for _ in range(2):  # the second one knew the old token too
        held = oauth.renewed(session, lambda now: now["access_token"] != "old", ask, keep, "over")
        assert held["access_token"] == "new"
    assert asked == ["once"]


def test_a_network_that_is_away_says_nothing_about_the_login() -> None:
    session = MemorySession(OLD)

    def ask(form: Mapping[str, str]) -> Mapping[str, Any]:
        raise Unavailable("down")

    with pytest.raises(AuthTransient):
        oauth.renewed(session, lambda _: False, ask, keep, "over")
    assert session.read() == OLD


def test_nothing_to_renew_with_is_the_end() -> None:
    session = MemorySession({"access_token": "old"})
    with pytest.raises(AuthDead, match="over"):
        oauth.renewed(session, lambda _: False, lambda _: {}, keep, "over")
