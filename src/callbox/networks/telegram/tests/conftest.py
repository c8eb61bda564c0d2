"""A stand-in of Telegram for every test."""

import pytest

from callbox.networks.telegram.connector import Telegram
from callbox.networks.telegram.tests.harness import TelegramHarness
from tests.contract.fixtures import fixture_of, without_deadlines
from tests.servers.telegram import Telegram as Server

without_deadlines()
harness = fixture_of(TelegramHarness)


@pytest.fixture
def server(harness: TelegramHarness) -> Server:
    return harness.server


@pytest.fixture
def bot(harness: TelegramHarness) -> Telegram:
    return harness.connector()
