"""Short ways of making what the tests need."""

from datetime import datetime, timedelta

from callbox.connector import Connector
from callbox.networks.instagram.tests.harness import InstagramHarness
from callbox.vocabulary import Event, Media, Outgoing
from tests.contract.play import polled, read

PICTURE = Media(
    b"\xff\xd8 a picture",
    "image/jpeg",
    "A bicycle rack at the harbor",
    width=1080,
    height=1080,
    url="https://callbox.example/media/1.jpg?signature=abc",
)
VIDEO = Media(b"a video", "video/mp4", "", url="https://callbox.example/media/2.mp4?signature=def")


def post(
    city: InstagramHarness, text: str, *media: Media, key: str = "k1", form: str = "post"
) -> Outgoing:
    """A post of ours, ready to go."""
    return Outgoing(key, city.city.clock, text, media=media or (PICTURE,), form=form)


def poll(connector: Connector, cursor: dict[str, object]) -> tuple[list[Event], dict[str, object]]:
    """Poll until nothing more is to be had, reading every item."""
    raws, after = polled(connector, cursor, 200)
    return read(connector, raws), dict(after)


def later(city: InstagramHarness, **kwargs: float) -> datetime:
    """Time goes on at the stand-in and for us."""
    city.city.clock += timedelta(**kwargs)
    return city.city.clock
