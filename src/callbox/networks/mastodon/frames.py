"""The two ways in which servers write stream events, read from bytes that may be anything.

`https://docs.joinmastodon.org/methods/streaming/`: server-sent events carry the payload as it is;
WebSocket frames carry it inside JSON, once more encoded. A frame that makes no sense is passed
over: polling finds what it told.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callbox.networks.mastodon.values import ident
from callbox.values import mapping, text

MOST = 2 * 1024 * 1024  # bytes of one line; no status comes near
_MOST_LINES = 64  # of data in one event; servers write one


@dataclass(frozen=True, slots=True)
class Frame:
    """One event: its name, and its payload as text (JSON, or a bare id for a deletion)."""

    event: str
    payload: str

    def json(self) -> dict[str, object]:
        """The payload when it is an object, else an empty one."""
        try:
            return dict(mapping(json.loads(self.payload)))
        except (ValueError, RecursionError):
            return {}

    def id(self) -> str:
        """The payload as an id."""
        return ident(self.payload.strip().strip('"'))


def server_sent(chunks: Iterable[bytes]) -> Iterator[Frame | None]:
    """Events of a `text/event-stream`; None for each comment line, the server's heartbeat."""
    event, data = "", list[str]()
    for line in _lines(chunks):
        if not line:
            if event and data:
                yield Frame(event, "\n".join(data))
            event, data = "", []
        elif line.startswith(":"):
            yield None
        else:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            event = value if name == "event" else event
            data += [value] if name == "data" and len(data) < _MOST_LINES else []


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines of a byte stream. One longer than `MOST` ends it: nobody honest sends that."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if b"\n" not in chunk:
            if len(kept) > MOST:
                return
            continue
        *whole, rest = kept.split(b"\n")
        kept = bytearray(rest)
        for line in whole:
            yield line.rstrip(b"\r").decode("utf-8", "replace")


def web_socket(message: str | bytes) -> Frame | None:
    """The event of one WebSocket message, or None."""
    try:
        body = mapping(json.loads(message))
    except (ValueError, RecursionError):
        return None
    event, payload = text(body.get("event")), body.get("payload")
    if not event or payload is None:
        return None
    return Frame(event, payload if isinstance(payload, str) else json.dumps(payload))
