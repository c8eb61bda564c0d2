"""The bridge from ASGI to WSGI, and the site that it is part of."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from callbox.running import pages, site
from callbox.running.pages import Environ, Pages

Start = Callable[..., object]


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.9", 4711),
    } | changes


def ask(
    application: Callable[[Environ, Start], Iterable[bytes]] | Any,
    request: dict[str, Any],
    *parts: bytes,
    hangs_up: bool = False,
) -> list[dict[str, Any]]:
    """What is sent for this request, whose body comes in these parts."""
    coming: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": hangs_up or number < len(parts) - 1}
        for number, part in enumerate(parts or (b"",))
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(application(request, receive, send))
    return sent


def body_of(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def echo(environ: Environ, start: Start) -> Iterable[bytes]:
    start(
        "200 OK",
        [("X-Length", environ["CONTENT_LENGTH"]), ("Set-Cookie", "a"), ("Set-Cookie", "b")],
    )
    return [environ["wsgi.input"].read()]


def test_a_short_answer_is_one_start_and_one_body() -> None:
    sent = ask(Pages(echo, 1), scope(method="POST"), b"one ", b"two")
    assert sent == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"x-length", b"7"), (b"set-cookie", b"a"), (b"set-cookie", b"b")],
        },
        {"type": "http.response.body", "body": b"one two", "more_body": False},
    ]


def test_a_large_body_arrives_whole() -> None:
    part = bytes(200_000)
    sent = ask(Pages(echo, 1), scope(method="POST"), *[part] * 10)
    assert len(body_of(sent)) == 2_000_000


def test_a_body_beyond_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_BODY", 5)
    sent = ask(Pages(echo, 1), scope(method="POST"), b"123", b"456")
    assert sent[0]["status"] == 413


def test_whoever_hangs_up_early_takes_no_thread() -> None:
    called = []
    sent = ask(Pages(lambda *_: called.append(1) or [], 1), scope(), b"half", hangs_up=True)
    assert (sent, called) == ([], [])


def test_a_long_answer_goes_out_in_pieces_and_is_closed() -> None:
    closed = threading.Event()

    class Long:
        def __iter__(self) -> Any:
            return iter([bytes(300_000)] * 20)

        def close(self) -> None:
            closed.set()

    def application(_: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        return Long()

    sent = ask(Pages(application, 1), scope())
    assert len(body_of(sent)) == 6_000_000
    assert max(len(message.get("body", b"")) for message in sent) <= pages.AT_ONCE + 300_000
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
    assert closed.is_set()


def test_a_request_in_wsgis_words() -> None:
    seen: Environ = {}

    def application(environ: Environ, start: Start) -> Iterable[bytes]:
        seen.update(environ)
        start("204 No Content", [])
        return []

    headers = [
        (b"host", b"talk.example"),
        (b"cookie", b"a=1"),
        (b"x-twice", b"1"),
        (b"x-twice", b"2"),
        (b"x_forwarded_for", b"forged"),
        (b"content-type", b"text/plain"),
    ]
    ask(
        Pages(application, 1),
        scope(path="/caf\u00e9", query_string=b"q=%20", headers=headers, scheme="https"),
    )
    assert seen["PATH_INFO"] == "/caf\u00e9".encode().decode("latin1")
    assert (seen["QUERY_STRING"], seen["wsgi.url_scheme"]) == ("q=%20", "https")
    assert (seen["HTTP_X_TWICE"], seen["HTTP_COOKIE"]) == ("1,2", "a=1")
    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"]) == ("text/plain", "0")
    assert (seen["REMOTE_ADDR"], seen["SERVER_PORT"]) == ("127.0.0.9", "8000")
    # A proxy in front cleans X-Forwarded-For; its double with an underscore must not slip through.
    assert "HTTP_X_FORWARDED_FOR" not in seen


# --- the site -------------------------------------------------------------------------------------


class Streams:
    """A double of `callbox.web.live`."""

    def __init__(self) -> None:
        self.did: list[str] = []

    async def start(self) -> None:
        self.did.append("start")

    async def stop(self) -> None:
        self.did.append("stop")

    async def live(self, scope: Any, receive: Any, send: Any) -> None:
        self.did.append(scope["path"])


def test_live_paths_go_to_the_streams_and_others_to_pages() -> None:
    streams = Streams()
    whole = site.Site(1, streams)
    ask(whole, scope(path="/live/"))
    sent = ask(whole, scope(path="/lively", headers=[(b"host", b"localhost")]))
    assert streams.did == ["/live/"]
    assert sent[0]["status"] == 404


def test_streams_begin_and_end_once() -> None:
    streams = Streams()
    whole = site.Site(1, streams)

    async def life() -> None:
        await whole.end_streams()
        await whole.begin()
        await whole.begin()
        await whole.end_streams()
        await whole.end_streams()

    asyncio.run(life())
    assert streams.did == ["start", "stop"]


def test_another_servers_lifespan_does_the_same() -> None:
    streams = Streams()
    coming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(site.Site(1, streams)({"type": "lifespan"}, receive, send))
    assert streams.did == ["start", "stop"]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_web_socket_is_closed() -> None:
    sent = ask(site.Site(1, Streams()), scope(type="websocket"))
    assert [message["type"] for message in sent] == ["websocket.close"]
