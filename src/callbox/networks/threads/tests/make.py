"""Short ways of making what the tests need."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import Connector, Raw
from callbox.networks.threads.tests.harness import ThreadsHarness
from callbox.vocabulary import Event, Media, Outgoing

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
    events: list[Event] = []
    for _ in range(200):
        page = connector.fetch(cursor)
        cursor = dict(page.cursor)
        events += [event for raw in page.items for event in connector.parse(raw)]
        if not page.more:
            return events, cursor
    raise AssertionError("polling never ends")


def read(connector: Connector, raws: Sequence[Raw]) -> list[Event]:
    """The events in some raws."""
    return [event for raw in raws for event in connector.parse(raw)]


def later(city: ThreadsHarness, **kwargs: float) -> datetime:
    """Time goes on at the stand-in and for us."""
    city.city.clock += timedelta(**kwargs)
    return city.city.clock
