"""Django's pages under an ASGI server, without Django's own bridge.

Django costs about 2 ms a request under ASGI and 0.2 ms under WSGI, so pages are made by its WSGI
handler on a few threads. This bridge takes a thread only while a page is being made: the request
has arrived in full before, and the answer is sent after, so that a slow or hostile connection
occupies no thread. Answers that turn out long are passed on piece by piece instead, so that a large
export needs no large memory.
"""

import asyncio
import contextvars
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
WSGI = Callable[[Environ, Callable[..., object]], Iterable[bytes]]

IN_MEMORY = 512 * 1024  # bytes of a request body; more goes to a temporary file
AT_ONCE = 1024 * 1024  # bytes of an answer sent in one go; beyond, piece by piece
_Body = tempfile.SpooledTemporaryFile[bytes]
MOST_BODY = 64 * 1024 * 1024  # bytes of a request; Django's own limits are tighter


class TooLarge(Exception):
    """The request's body is beyond all measure."""


class Gone(Exception):
    """The other side hung up before its request was complete."""


class Pages:
    """An ASGI application (http only) around a WSGI one."""

    def __init__(
        self, application: WSGI, threads: int, most_body: Mapping[str, int] | None = None
    ) -> None:
        self.application = application
        self.most_body = most_body or {}  # bytes of a request, by the beginning of its path
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            body = await _body(receive, self._most(scope))
        except Gone:
            return
        except TooLarge:
            await _refuse(send, 413, b"Too large.")
            return
        loop = asyncio.get_running_loop()
        page = _Page(scope, body, send, loop)
        run = contextvars.copy_context().run
        try:
            await loop.run_in_executor(self.threads, run, page.make, self.application)
            await page.finish()
        finally:
            body.close()

    def _most(self, scope: Message) -> int:
        """How much a request may bring; raises TooLarge when it says that it brings more, before
        any of it has come."""
        path = scope["path"]
        found = (most for start, most in self.most_body.items() if path.startswith(start))
        most = next(found, MOST_BODY)
        said = dict(scope["headers"]).get(b"content-length", b"")
        if said.isdigit() and (len(said) > 15 or int(said) > most):
            raise TooLarge
        return most


async def _body(receive: Receive, most: int) -> _Body:
    """The whole request body. Raises TooLarge or Gone."""
    file = _Body(IN_MEMORY)  # closed by the page
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            file.close()
            raise Gone
        size += len(part := message.get("body", b""))
        if size > most:
            file.close()
            raise TooLarge
        if part:
            file.write(part)
        if not message.get("more_body", False):
            file.seek(0)
            return file


async def _refuse(send: Send, status: int, words: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(words))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})


class _Page:
    """One request on its way through a thread."""

    def __init__(
        self,
        scope: Message,
        body: _Body,
        send: Send,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.environ = environ(scope, body)
        self.send = send
        self.loop = loop
        self.start: Message = {}
        self.parts: list[bytes] = []
        self.waiting = 0  # bytes in `parts`
        self.started = False

    # --- on the thread ------------------------------------------------------------------------

    def make(self, application: WSGI) -> None:
        """Run the application; keep its answer, or pass on what is too long to keep."""
        answer = application(self.environ, self._start_response)
        try:
            for part in answer:
                self.parts.append(part)
                self.waiting += len(part)
                if self.waiting > AT_ONCE:
                    asyncio.run_coroutine_threadsafe(self._pass_on(), self.loop).result()
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        self.start = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [(k.lower().encode("latin1"), v.encode("latin1")) for k, v in headers],
        }
        return self.parts.append

    # --- on the loop --------------------------------------------------------------------------

    async def _pass_on(self, *, more: bool = True) -> None:
        if not self.started:
            self.started = True
            await self.send(self.start)
        body, self.parts, self.waiting = b"".join(self.parts), [], 0
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def finish(self) -> None:
        """Send what is left."""
        await self._pass_on(more=False)


def environ(scope: Message, body: Any) -> Environ:
    """A request in WSGI's words (PEP 3333)."""
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    root = scope.get("root_path", "")
    values: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root.encode().decode("latin1"),
        "PATH_INFO": scope["path"].removeprefix(root).encode().decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _add_header(values, name.decode("latin1"), value.decode("latin1"))
    if "CONTENT_LENGTH" not in values:  # a chunked body: its size is known by now
        values["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
        body.seek(0)
    return values


def _add_header(values: Environ, name: str, value: str) -> None:
    # "X_Real" and "X-Real" would become the same key; only the one with a hyphen is a header
    # that a proxy in front of us controls.
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
    values[key] = f"{values[key]},{value}" if key in values else value
