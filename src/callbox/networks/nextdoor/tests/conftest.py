"""A harness for every test, and no deadlines."""

import pytest

from callbox.networks.nextdoor.connector import Nextdoor
from callbox.networks.nextdoor.tests.harness import NextdoorHarness
from tests.contract.fixtures import fixture_of, without_deadlines
from tests.servers.nextdoor import NextdoorServer

without_deadlines()
town = fixture_of(NextdoorHarness)


@pytest.fixture
def server(town: NextdoorHarness) -> NextdoorServer:
    return town.server


@pytest.fixture
def nextdoor(town: NextdoorHarness) -> Nextdoor:
    return town.connector()
