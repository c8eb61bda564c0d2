"""Calls: where the token goes, how pages are walked, what an answer may be."""

import json

import httpx
import pytest

from callbox.connector import AuthDead, OutcomeUnknown, Unavailable
from callbox.meta.graph import Graph, proof
from tests.meta.conftest import NAMED, TOKEN, answer, fault, graph


def test_the_token_is_in_the_header_only() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(200, {"id": "1"})

    called = graph(handler, secret="app")
    called.read("/me", {"fields": "id"})
    called.write("POST", "/1/likes", {"a": True, "b": [1], "c": "é"})
    called.write("POST", "/1/messages", {"text": "é"}, as_json=True)
    called.write("DELETE", "/1")
    called.write("POST", "/1/photos", {"a": "b"}, files={"source": ("n.png", b"x", "image/png")})
    for request in seen:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in str(request.url)
        assert TOKEN.encode() not in request.content
        assert request.url.params["appsecret_proof"] == proof(TOKEN, "app")
        assert request.url.path.startswith("/v25.0/")
    assert seen[1].content == b"a=true&b=%5B1%5D&c=%C3%A9"
    assert json.loads(seen[2].content) == {"text": "é"}


def test_no_proof_without_a_secret_and_no_version_without_one() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://graph.example/me"
        return answer(200, {"id": "1"})

    assert graph(handler, version="").read("/me") == {"id": "1"}


def test_pages_are_asked_for_by_cursor() -> None:
    """The address in `paging.next` is never called: it could be anybody's, and holds our token."""
    seen: list[httpx.URL] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        after = request.url.params.get("after", "")
        if after == "b":
            return answer(200, {"data": [{"id": "3"}], "paging": {"cursors": {"after": "c"}}})
        following = "b" if after else "a"
        next_ = f"https://elsewhere.example/?access_token={TOKEN}&after={following}"
        paging = {"cursors": {"after": following}, "next": next_}
        return answer(200, {"data": [{"id": after or "1"}, 7], "paging": paging})

    found = graph(handler).walk("/1/posts", {"limit": 2}, 10)
    assert [one["id"] for one in found] == ["1", "a", "3"]
    assert {url.host for url in seen} == {"graph.example"}
    assert len(list(graph(handler).walk("/1/posts", {}, 2))) == 2


def test_an_edge_that_counts_by_time() -> None:
    next_ = f"https://graph.example/v25.0/1/x?access_token={TOKEN}&until=17&__paging_token=t&evil=1"
    listing = graph(lambda r: answer(200, {"data": [], "paging": {"next": next_}})).listing("/1/x")
    assert listing.next == {"until": "17", "__paging_token": "t"}


def test_what_is_gone_is_none() -> None:
    for code in ((100, 33), (803, 0), (24, 0)):
        assert graph(lambda r, c=code: answer(400, fault(*c))).maybe("/1") is None  # type: ignore[misc]  # bound now
    with pytest.raises(Unavailable):
        graph(lambda r: answer(500, fault(2))).maybe("/1")


def test_answers_that_make_no_sense() -> None:
    with pytest.raises(Unavailable):
        graph(lambda r: answer(200, b"<html>")).read("/1")
    with pytest.raises(OutcomeUnknown):
        graph(lambda r: answer(200, b"<html>")).write("POST", "/1")
    assert graph(lambda r: answer(200, True)).write("POST", "/1") == {"success": True}
    assert graph(lambda r: answer(200, [1])).read("/1") == {}


def test_a_write_without_an_answer() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("lost", request=request)

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    with pytest.raises(OutcomeUnknown):
        graph(lost).write("POST", "/1")
    with pytest.raises(Unavailable):
        graph(away).write("POST", "/1")
    with pytest.raises(Unavailable):
        graph(lost).read("/1")


@pytest.mark.parametrize("token", ["", "with\nline", "ümlaut"])
def test_no_login_is_no_call(token: str) -> None:
    called = Graph("https://graph.example", lambda: token, NAMED)
    with pytest.raises(AuthDead):
        called.read("/me")


def test_several_reads_in_one_call() -> None:
    """What must not stand in an address travels in a body."""
    parts = [{"code": 200, "body": '{"data": {"is_valid": true}}'}, None, {"code": 500}]

    def handler(request: httpx.Request) -> httpx.Response:
        assert "input_token" not in str(request.url)
        return answer(200, parts)

    calls = [{"method": "GET", "relative_url": "debug_token?input_token=x"}]
    assert graph(handler).batch(calls) == [{"data": {"is_valid": True}}, {}, {}]
    with pytest.raises(Unavailable):
        graph(lambda r: answer(200, b"<")).batch(calls)
