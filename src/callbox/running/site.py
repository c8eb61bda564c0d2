"""The whole site as one ASGI application: live streams here, everything else as pages."""

from typing import Any, cast

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from callbox.running.pages import WSGI, Message, Pages, Receive, Send
from callbox.web import live

LIVE_PATH = "/live/"
FORM = 16 * 1024 * 1024  # bytes that come in one request with the largest file
OUTSIDE = 3 * 1024 * 1024  # from strangers: forms without files, and what networks send


class Site:
    """Routes by path. `begin` and `end_streams` bracket the life of the LISTEN connection.

    Under another ASGI server than ours the lifespan messages do the same.
    """

    def __init__(self, threads: int, streams: Any = live) -> None:
        most = {
            "/staff/": settings.CALLBOX_MOST_MEDIA_BYTES + FORM,
            "/practice/": FORM,
            "": OUTSIDE,
        }
        self.pages = Pages(cast("WSGI", get_wsgi_application()), threads, most)
        self.streams = streams
        self._open = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"].startswith(LIVE_PATH):
            await self.streams.live(scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    async def begin(self) -> None:
        """Start listening for news; safe to repeat."""
        if not self._open:
            self._open = True
            await self.streams.start()

    async def end_streams(self) -> None:
        """End every open stream, which would otherwise hold up the stop; safe to repeat."""
        if self._open:
            self._open = False
            await self.streams.stop()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.end_streams()
                await send({"type": "lifespan.shutdown.complete"})
                return
