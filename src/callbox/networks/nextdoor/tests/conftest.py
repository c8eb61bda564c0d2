"""A harness for every test, and no deadlines: they would measure how busy the machine is."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from callbox.networks.nextdoor.connector import Nextdoor
from callbox.networks.nextdoor.tests.harness import NextdoorHarness
from tests.servers.nextdoor import NextdoorServer

settings.register_profile("nextdoor", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nextdoor")


@pytest.fixture
def town() -> Iterator[NextdoorHarness]:
    made = NextdoorHarness()
    yield made
    made.close()


@pytest.fixture
def server(town: NextdoorHarness) -> NextdoorServer:
    return town.server


@pytest.fixture
def nextdoor(town: NextdoorHarness) -> Nextdoor:
    return town.connector()
