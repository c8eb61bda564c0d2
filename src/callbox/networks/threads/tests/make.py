"""Short ways of making what the tests need."""

from datetime import datetime, timedelta
from typing import Any

from callbox.connector import Connector
from callbox.networks.threads.tests.harness import ThreadsHarness
from callbox.vocabulary import Event, Media, Outgoing
from tests.contract.play import polled, read

PICTURE = Media(
    b"\x89PNG a picture",
    "image/png",
    "A bicycle rack at the harbor",
    width=1080,
    height=1080,
    url="https://callbox.example/media/1.png?signature=abc",
)
VIDEO = Media(
    b"a video",
    "video/mp4",
    "The parade on Main Street",
    url="https://callbox.example/media/2.mp4?signature=def",
)


def post(city: ThreadsHarness, text: str, *media: Media, key: str = "k1", **more: Any) -> Outgoing:
    """A post of ours, ready to go."""
    return Outgoing(key, city.city.clock, text, media=media, **more)


def poll(connector: Connector, cursor: dict[str, object]) -> tuple[list[Event], dict[str, object]]:
    """Poll until nothing more is to be had, reading every item."""
    raws, after = polled(connector, cursor, 200)
    return read(connector, raws), dict(after)


def later(city: ThreadsHarness, **kwargs: float) -> datetime:
    """Time goes on at the stand-in and for us."""
    city.city.clock += timedelta(**kwargs)
    return city.city.clock
