"""A server that streams over WebSocket only, on loopback: GoToSocial, Pleroma and others do.

It speaks just enough HTTP for the connector to find the stream, and looks for the token where it is
told to: `header`, `protocol` (Pleroma, which repeats it), `quiet protocol` (GoToSocial, which does
not), or `query`.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

TOKEN = "the-token"


class SocketServer:
    """What it sends is `messages`, then it closes; what it saw is `opened`."""

    def __init__(self, token_in: str, messages: Sequence[str | bytes]) -> None:
        self.url = ""
        self.opened: list[str] = []
        self.answers: dict[str, tuple[HTTPStatus, Any]] = {}
        self.status = HTTPStatus.UNAUTHORIZED
        self.hold = threading.Event()
        self.hold.set()
        self._token_in = token_in
        self._messages = messages

    def handle(self, connection: ServerConnection) -> None:
        try:
            for message in self._messages:
                connection.send(message)
            self.hold.wait(20)
        except ConnectionClosed:
            return

    def process(self, connection: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path)
        if "upgrade" not in request.headers:
            status, body = self.answers.get(path.path, (HTTPStatus.NOT_FOUND, {"error": "no"}))
            return connection.respond(status, json.dumps(body))
        self.opened.append(request.path)
        if parse_qs(path.query).get("stream") == ["user"] and self._token(request) == TOKEN:
            return None
        return connection.respond(self.status, "no")

    def _token(self, request: Request) -> str:
        if self._token_in == "header":
            return request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._token_in == "query":
            return parse_qs(urlsplit(request.path).query).get("access_token", [""])[0]
        if self._token_in.endswith("protocol"):
            return request.headers.get("sec-websocket-protocol", "")
        return ""

    def select(
        self, _connection: ServerConnection, offered: Sequence[Subprotocol]
    ) -> Subprotocol | None:
        return offered[0] if offered and self._token_in == "protocol" else None


@contextmanager
def socket_server(token_in: str, messages: Sequence[str | bytes] = ()) -> Iterator[SocketServer]:
    """Start one, and end it."""
    made = SocketServer(token_in, messages)
    server = serve(
        made.handle, "127.0.0.1", 0, process_request=made.process, select_subprotocol=made.select
    )
    made.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    streaming = {"configuration": {"urls": {"streaming": made.url.replace("http", "ws")}}}
    made.answers["/api/v2/instance"] = (HTTPStatus.OK, streaming)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.hold.set()
        server.shutdown()
        thread.join(5)


def frame(event: str, payload: Any) -> str:
    """An event as servers write it: JSON within JSON; a deletion's payload is a bare id."""
    inner = payload if isinstance(payload, str) else json.dumps(payload)
    return json.dumps({"stream": ["user"], "event": event, "payload": inner})
