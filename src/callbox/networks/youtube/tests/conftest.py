"""A harness for every test, and no deadlines: they would measure how busy the machine is."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from callbox.networks.youtube.connector import YouTube
from callbox.networks.youtube.tests.harness import YouTubeHarness
from tests.servers.youtube import YouTubeServer

settings.register_profile("youtube", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("youtube")


@pytest.fixture
def town() -> Iterator[YouTubeHarness]:
    made = YouTubeHarness()
    yield made
    made.close()


@pytest.fixture
def server(town: YouTubeHarness) -> YouTubeServer:
    return town.server


@pytest.fixture
def youtube(town: YouTubeHarness) -> YouTube:
    return town.connector()
