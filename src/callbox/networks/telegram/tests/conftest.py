"""A stand-in of Telegram for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from callbox.networks.telegram.connector import Telegram
from callbox.networks.telegram.tests.harness import TelegramHarness
from tests.servers.telegram import Telegram as Server

# Deadlines would measure how busy the machine is, not the code.
settings.register_profile("telegram", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("telegram")


@pytest.fixture
def harness() -> Iterator[TelegramHarness]:
    made = TelegramHarness()
    yield made
    made.close()


@pytest.fixture
def server(harness: TelegramHarness) -> Server:
    return harness.server


@pytest.fixture
def bot(harness: TelegramHarness) -> Telegram:
    return harness.connector()
