"""Short ways to play scenes with X."""

from collections.abc import Mapping
from typing import Any

from callbox.networks.x.connector import X
from callbox.networks.x.tests.harness import XHarness
from callbox.vocabulary import Event, Outgoing


def heard(connector: X, cursor: Mapping[str, Any]) -> tuple[list[Event], Mapping[str, Any]]:
    """Poll until there is no more: every event, and the cursor."""
    events: list[Event] = []
    for _ in range(50):
        page = connector.fetch(cursor)
        events += [event for raw in page.items for event in connector.parse(raw)]
        cursor = page.cursor
        if not page.more:
            return events, cursor
    raise AssertionError("it never ends")


def outgoing(x: XHarness, text: str, **kwargs: Any) -> Outgoing:
    """A text that is made now."""
    return Outgoing(f"key-{text}", x.clock(), text, **kwargs)
