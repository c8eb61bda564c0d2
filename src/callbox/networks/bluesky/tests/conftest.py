"""One AT Protocol network for all network tests of the session, and people on it."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from callbox.networks.bluesky.connector import Bluesky
from callbox.networks.bluesky.tests.make import account_of
from tests.servers.atproto import Credentials, Network, Resident, atproto_network

_numbers = count(1)


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """The network, with the real rate limits on."""
    with atproto_network(rate_limits=True) as running:
        yield running


@pytest.fixture
def department(network: Network) -> Credentials:
    """A fresh account of ours."""
    return network.create_account(f"department{next(_numbers)}")


@pytest.fixture(scope="session")
def ana(network: Network) -> Iterator[Resident]:
    """A resident, the same in all tests: a new account takes a second."""
    resident = network.resident("ana")
    yield resident
    resident.close()


Connect = Callable[[Credentials], Bluesky]


@pytest.fixture
def connect(network: Network) -> Iterator[Connect]:
    """Connectors for accounts of the network, closed at the end."""
    made: list[Bluesky] = []

    def connected(credentials: Credentials) -> Bluesky:
        made.append(Bluesky(account_of(network, credentials)))
        return made[-1]

    yield connected
    for connector in made:
        connector.close()


@pytest.fixture
def ours(department: Credentials, connect: Connect) -> Bluesky:
    """The department's connector."""
    return connect(department)
