"""What the tests of the contract do over and over: hear everything, speak, and wait for neither."""

from collections.abc import Iterable, Sequence
from typing import Any

from callbox.connector import Connector, Raw
from callbox.vocabulary import Event, Lane, Outgoing, Receipt, Said
from tests.contract.harness import SAY_PRIVATE, SAY_PUBLIC, Harness

MOST_PAGES = 60


class Ears:
    """Everything that comes from a network, through whichever door it has."""

    def __init__(self, harness: Harness, connector: Connector) -> None:
        self.harness = harness
        self.connector = connector
        self.cursor: Any = {}

    def polled(self) -> list[Raw]:
        """What polling gives from where we were, page by page."""
        if "fetch" not in self.connector.abilities():
            return []
        found, self.cursor = polled(self.connector, self.cursor)
        return found

    def heard(self) -> list[Raw]:
        """What polling gives, and what was pushed."""
        return [*self.polled(), *self.harness.pushed()]

    def events(self) -> list[Event]:
        """The same, read."""
        return read(self.connector, self.heard())


def polled(connector: Connector, cursor: Any, most: int = MOST_PAGES) -> tuple[list[Raw], Any]:
    """What polling gives from a cursor on, and the cursor after it. Raises AssertionError when
    there is more after `most` pages."""
    found: list[Raw] = []
    for _ in range(most):
        page = connector.fetch(cursor)
        found += page.items
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("polling never ends")


def read(connector: Connector, raws: Iterable[Raw]) -> list[Event]:
    """Raws as events."""
    return [event for raw in raws for event in connector.parse(raw)]


def addressed(events: Iterable[Event]) -> list[Said]:
    """What was said to us, each message once."""
    found: dict[str, Said] = {}
    for event in events:
        if isinstance(event, Said) and event.addressed is not None:
            found.setdefault(event.external_id, event)
    return list(found.values())


def lanes(harness: Harness) -> Sequence[bool]:
    """In which ways Ana can write to us: False in public, True in private."""
    ways = {SAY_PUBLIC: False, SAY_PRIVATE: True}
    return [private for name, private in ways.items() if name in harness.residents_can]


def speak(connector: Connector, outgoing: Outgoing) -> Receipt:
    """Answer in the lane of the answer."""
    private = outgoing.lane is Lane.PRIVATE
    return connector.message(outgoing) if private else connector.reply(outgoing)


def can_answer(connector: Connector, *, private: bool) -> bool:
    """Whether the network takes an answer in this lane."""
    return ("message" if private else "reply") in connector.abilities()
