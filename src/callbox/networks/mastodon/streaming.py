"""Holding a stream open: server-sent events where the server has them, else a WebSocket.

Mastodon has both, GoToSocial, Pleroma and Akkoma only the second. Where a stream may not be opened
polling goes on, so nothing here ever declares the login dead: only the API itself can say that.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from callbox.connector import AuthTransient, Refused, Unavailable
from callbox.networks.mastodon import frames
from callbox.networks.mastodon.api import Api
from callbox.networks.mastodon.frames import Frame
from callbox.wire import USER_AGENT, Wire, checked_base

SILENCE = 30.0  # seconds without a byte after which a stream of events is taken for lost
SIGN_OF_LIFE = 20.0  # seconds between two Nones on a silent WebSocket (its pings are the library's)
_PATH = "/api/v1/streaming"
_EVENTS = "text/event-stream"
_MAY_NOT = frozenset((401, 403))
_IS_PROTOCOL = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # what a subprotocol may be made of

# The library writes addresses and headers, and so tokens, to its log: it is given one that is off,
# and outside the hierarchy, so that no configuration can turn it on.
_NO_LOG = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001 - see above


class Stream:
    """Our account's stream. `address` is what the server says of itself, and may be missing."""

    def __init__(self, api: Api, address: str) -> None:
        self._api = api
        self._base = streaming_base(api.base, address)
        self._wire = Wire(self._base, api.transport)

    def close(self) -> None:
        self._wire.close()

    def frames(self) -> Iterator[Frame | None]:
        """What comes, None as a sign of life. Ends when the connection does. Raises Unavailable,
        AuthTransient, or Refused (there is no stream here) when it cannot be opened."""
        with self._wire.stream(f"{_PATH}/user", SILENCE, headers=self._headers()) as answer:
            kind = answer.headers.get("content-type", "")
            if answer.status_code == 200 and kind.startswith(_EVENTS):
                yield None
                yield from frames.server_sent(answer.chunks)
                return
            self._check(answer.status_code)
        yield from self._web_socket()

    def _headers(self) -> dict[str, str]:
        return self._api.headers() | {"accept": _EVENTS}

    def _check(self, status: int) -> None:
        """Raise for answers that say “not now”. After any other (404, 405, 426, a web page) the
        server has no such door, and the WebSocket is tried."""
        if status == 429 or (status >= 500 and status != 501):
            raise Unavailable(f"{self._api.host} cannot stream now ({status}).")

    def _web_socket(self) -> Iterator[Frame | None]:
        with self._connected() as socket:
            yield None
            while True:
                try:
                    message = socket.recv(timeout=SIGN_OF_LIFE)
                except TimeoutError:
                    yield None
                    continue
                except (ConnectionClosed, WebSocketException, OSError):
                    return
                yield frames.web_socket(message)

    def _connected(self) -> ClientConnection:
        """A connection, with the token in headers; where the server looks for it only in the
        address, there."""
        with suppress(_TokenUnseen):
            return self._opened({"stream": "user"}, in_headers=True)
        try:
            return self._opened({"stream": "user", "access_token": self._api.token})
        except _TokenUnseen as error:
            raise AuthTransient(f"{self._api.host} did not let us listen.") from error

    def _opened(self, query: dict[str, str], *, in_headers: bool = False) -> ClientConnection:
        address = f"ws{self._base.removeprefix('http')}{_PATH}?{urlencode(query)}"
        as_protocol = in_headers and _IS_PROTOCOL.fullmatch(self._api.token)
        try:
            return connect(
                address,
                additional_headers=self._bearer() if in_headers else None,
                subprotocols=[Subprotocol(self._api.token)] if as_protocol else None,
                user_agent_header=USER_AGENT,
                proxy=None,
                logger=_NO_LOG,
                open_timeout=10,
                close_timeout=2,
                max_size=frames.MOST,
            )
        except InvalidStatus as error:
            self._refused(error.response.status_code)
        except (WebSocketException, OSError) as error:
            raise Unavailable(
                f"{self._api.host} opened no stream ({type(error).__name__})."
            ) from None
        raise _TokenUnseen

    def _refused(self, status: int) -> None:
        """Raise for a handshake that was answered with an error, but for a missing token."""
        self._check(status)
        if status not in _MAY_NOT and status != 400:
            raise Refused(f"{self._api.host} has no stream ({status}); it is polled instead.")

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._api.token}"}


class _TokenUnseen(Exception):
    """The server answered as if we had sent no token."""


def streaming_base(base: str, address: str) -> str:
    """Where to open the stream. The server names the place, so it gets no further than the same
    kind of place: only a server on this machine may send us to one on this machine."""
    place = re.sub(r"^ws", "http", address.strip(), flags=re.IGNORECASE)
    place = place.rstrip("/").removesuffix(_PATH)
    try:
        named = checked_base(place)
        same_kind = urlsplit(named).scheme == urlsplit(base).scheme
    except (Refused, ValueError):
        return base
    return named if same_kind else base
