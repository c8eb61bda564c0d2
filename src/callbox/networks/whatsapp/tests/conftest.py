"""A stand-in of WhatsApp for every test."""

import pytest

from callbox.networks.whatsapp.connector import WhatsApp
from callbox.networks.whatsapp.tests.harness import WhatsAppHarness
from tests.contract.fixtures import fixture_of, without_deadlines
from tests.servers.whatsapp import WhatsApp as Server

without_deadlines()
harness = fixture_of(WhatsAppHarness)


@pytest.fixture
def server(harness: WhatsAppHarness) -> Server:
    return harness.server


@pytest.fixture
def whatsapp(harness: WhatsAppHarness) -> WhatsApp:
    return harness.connector()
