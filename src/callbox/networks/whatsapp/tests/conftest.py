"""A stand-in of WhatsApp for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from callbox.networks.whatsapp.connector import WhatsApp
from callbox.networks.whatsapp.tests.harness import WhatsAppHarness
from tests.servers.whatsapp import WhatsApp as Server

# Deadlines would measure how busy the machine is, not the code.
settings.register_profile("whatsapp", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatsapp")


@pytest.fixture
def harness() -> Iterator[WhatsAppHarness]:
    made = WhatsAppHarness()
    yield made
    made.close()


@pytest.fixture
def server(harness: WhatsAppHarness) -> Server:
    return harness.server


@pytest.fixture
def whatsapp(harness: WhatsAppHarness) -> WhatsApp:
    return harness.connector()
