"""Live pages: server-sent events that carry topics and nothing else.

One connection per process listens to PostgreSQL; every open page hears the topics of its own agency
and fetches what it may see. Permissions therefore live in views alone.
"""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.db import connection as database
from django.http import HttpRequest

from callbox.effects import LIVE
from callbox.practice_city import trickle, where

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)
HEARTBEAT = 15.0  # seconds; keeps proxies and the page's own "am I live?" clock content
MOST_QUEUED = 100  # topics waiting for one slow page; beyond, it is told to read everything again


class Hub:
    """Who listens, and the one connection that hears for all of them."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[str], str] = {}
        self._task: asyncio.Task[None] | None = None
        self.closing = asyncio.Event()

    async def start(self) -> None:
        self.closing.clear()
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """End every stream, then the connection: an open stream would hold up the server."""
        self.closing.set()
        for queue in list(self._listeners):
            self._put(queue, "")
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def join(self, agency: str) -> asyncio.Queue[str]:
        queue: asyncio.Queue[str] = asyncio.Queue(MOST_QUEUED)
        self._listeners[queue] = agency
        return queue

    def leave(self, queue: asyncio.Queue[str]) -> None:
        self._listeners.pop(queue, None)

    async def _listen(self) -> None:
        wait = 0.2
        while not self.closing.is_set():
            try:
                async with await psycopg.AsyncConnection.connect(
                    _conninfo(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {LIVE}")
                    # Whatever was announced while nobody listened: have every page read again.
                    self._everyone("all")
                    wait = 0.2
                    async for notice in connection.notifies():
                        self._heard(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("live: lost the database (%s); trying again", type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5.0)

    def _heard(self, payload: str) -> None:
        try:
            said = json.loads(payload)
            agency, topics = said["agency"], " ".join(said["topics"])
        except (ValueError, KeyError, TypeError):
            return
        for queue, theirs in list(self._listeners.items()):
            if theirs == agency:
                self._put(queue, topics)

    def _everyone(self, topic: str) -> None:
        for queue in list(self._listeners):
            self._put(queue, topic)

    @staticmethod
    def _put(queue: asyncio.Queue[str], topics: str) -> None:
        if queue.full():
            while not queue.empty():
                queue.get_nowait()
            topics = "all"
        queue.put_nowait(topics)


hub = Hub()


def _conninfo() -> str:
    """libpq's words for the database that Django uses: the same role, the same encryption."""
    named = database.get_connection_params()
    return psycopg.conninfo.make_conninfo(
        **{key: named[key] for key in _CONNECTING if named.get(key)}
    )


_CONNECTING = (
    "dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey",
)  # fmt: skip


async def start() -> None:
    """Begin to listen."""
    await hub.start()


async def stop() -> None:
    """End all streams."""
    await hub.stop()


def _agency_of(cookie_header: str) -> str | None:
    """The agency of whoever is signed in with these cookies, or None."""
    cookies = SimpleCookie(cookie_header)
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    close_old_connections()
    request = HttpRequest()
    request.session = SessionStore(morsel.value)
    user = get_user(request)
    return str(user.agency_id) if user.is_authenticated else None


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """The stream at `/live/`: 403 without a signed-in member."""
    headers = dict(scope["headers"])
    agency = await sync_to_async(_agency_of)(headers.get(b"cookie", b"").decode("latin-1"))
    if agency is None or hub.closing.is_set():
        await _answer(send, 403 if agency is None else 503)
        return
    queue = hub.join(agency)
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        await _pour(queue, gone, send)
    finally:
        gone.cancel()
        hub.leave(queue)


async def _pour(queue: asyncio.Queue[str], gone: "asyncio.Task[None]", send: Send) -> None:
    # The process's number lets a page notice a restart, after which it reads everything again.
    await _event(send, f"event: hello\ndata: {os.getpid()}\n\n")
    while not gone.done() and not hub.closing.is_set():
        getting = asyncio.create_task(queue.get())
        done, _ = await asyncio.wait(
            {getting, gone}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
        )
        if getting not in done:
            getting.cancel()
            if gone not in done:
                await _event(send, "event: beat\ndata: \n\n")
        elif getting.result():
            await _event(send, f"event: topics\ndata: {getting.result()}\n\n")
    if not gone.done():
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _event(send: Send, text: str) -> None:
    if settings.CALLBOX_PRACTICE:
        trickle.note_watching(where.file())
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
