"""A Page on loopback, its connector, and a clock that tests move."""

from collections.abc import Iterator

import pytest

from callbox.connector import Connector, Raw
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.harness import Clock, account, session
from callbox.vocabulary import Event
from tests.servers.facebook import Facebook as Server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[Server]:
    """Closing it raises for every call that Meta's own nodes do not know."""
    with Server(clock) as made:
        yield made


@pytest.fixture
def connector(server: Server, clock: Clock) -> Iterator[Facebook]:
    made = Facebook(account(server.url), session(clock()), now=clock)
    yield made
    made.close()


class Reader:
    """Polls from where it was, and reads."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.cursor: dict[str, object] = {}
        self.gaps = 0
        self.steps = 0

    def __call__(self) -> list[Event]:
        """Everything new, page by page."""
        found: list[Raw] = []
        for _ in range(60):
            page = self.connector.fetch(self.cursor)
            found += page.items
            self.cursor = dict(page.cursor)
            self.gaps += page.gap
            self.steps += 1
            if not page.more:
                return [event for raw in found for event in self.connector.parse(raw)]
        raise AssertionError("polling never ends")


@pytest.fixture
def read(connector: Facebook) -> Reader:
    return Reader(connector)
