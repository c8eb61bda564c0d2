"""Values that many tests need."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from callbox.connector import Raw
from callbox.networks.facebook.connector import Facebook
from callbox.vocabulary import Event, Lane, Media, Outgoing, ReplyTo, Said
from tests.contract.answers import reply_to
from tests.servers.facebook import Facebook as Server

KEY = "0123456789abcdef0123456789abcdef"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000a49444154789c6300010000050001"
)


def picture(alt: str = "A road sign") -> Media:
    return Media(PIXEL, "image/png", alt, "sign.png")


def to(said: Said, **more: Any) -> ReplyTo:
    """What an answer to a message is made with."""
    return replace(reply_to(said), **more)


def answer(said: Said, text: str, at: datetime, **more: Any) -> Outgoing:
    """An answer in public, or in private to what is private."""
    lane = more.pop("lane", said.lane)
    parts = {name: more.pop(name) for name in ("answered_privately",) if name in more}
    return Outgoing(more.pop("key", KEY), at, text, lane, reply_to=to(said, **parts), **more)


def pushed(server: Server, connector: Facebook) -> list[Event]:
    """What our webhook was called with since the last time, read."""
    raws: list[Raw] = []
    for body in server.taken():
        raws += connector.receive_hook(server.signed(body)).raws
    return [event for raw in raws for event in connector.parse(raw)]


def said_in(events: Sequence[Event]) -> list[Said]:
    return [event for event in events if isinstance(event, Said)]


def private(said: Said) -> bool:
    return said.lane is Lane.PRIVATE
