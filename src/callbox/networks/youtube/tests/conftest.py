"""A harness for every test, and no deadlines."""

import pytest

from callbox.networks.youtube.connector import YouTube
from callbox.networks.youtube.tests.harness import YouTubeHarness
from tests.contract.fixtures import fixture_of, without_deadlines
from tests.servers.youtube import YouTubeServer

without_deadlines()
town = fixture_of(YouTubeHarness)


@pytest.fixture
def server(town: YouTubeHarness) -> YouTubeServer:
    return town.server


@pytest.fixture
def youtube(town: YouTubeHarness) -> YouTube:
    return town.connector()
