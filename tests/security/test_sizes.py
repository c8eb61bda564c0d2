"""How much a stranger may send: not what a member may, and no more than is looked at."""

import asyncio
from typing import Any

import pytest

from callbox.running import site
from callbox.web import hooks

PART = 1024 * 1024


def _sent(path: str, parts: int, said: bytes = b"") -> tuple[int, int]:
    """The status of an answer, and how many parts were taken before it."""
    taken = 0
    status = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": bytes(PART), "more_body": taken < parts}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")] + ([(b"content-length", said)] if said else []),
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.9", 4711),
    }
    whole = site.Site(1)
    whole.pages.application = _fine
    asyncio.run(whole.pages(scope, receive, send))
    return status, taken


def _fine(environ: Any, start: Any) -> list[bytes]:
    start("200 OK", [])
    return [b""]


@pytest.mark.parametrize("path", ["/hooks/a/b/", "/sign-in/", "/", "/en/write/", "/media/x/y"])
def test_a_stranger_may_send_a_form_and_no_file(path: str) -> None:
    assert _sent(path, 2) == (200, 2)
    assert _sent(path, 50) == (413, 4)


def test_a_member_may_send_a_video() -> None:
    assert _sent("/staff/posts/", 20) == (200, 20)


@pytest.mark.parametrize("said", [b"99999999", b"9" * 5000])
def test_what_says_that_it_is_too_large_is_not_waited_for(said: bytes) -> None:
    assert _sent("/hooks/a/b/", 50, said) == (413, 0)


def test_every_webhook_that_is_taken_fits() -> None:
    assert hooks.MOST_BYTES < site.OUTSIDE
