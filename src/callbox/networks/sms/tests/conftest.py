"""A Twilio account on loopback for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from callbox.networks.sms.connector import Sms
from callbox.networks.sms.tests.harness import SmsHarness
from tests.servers.twilio import Twilio

# Deadlines would measure how busy the machine is, not the code.
settings.register_profile("sms", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sms")


@pytest.fixture
def harness() -> Iterator[SmsHarness]:
    made = SmsHarness()
    yield made
    made.close()


@pytest.fixture
def server(harness: SmsHarness) -> Twilio:
    return harness.server


@pytest.fixture
def sms(harness: SmsHarness) -> Sms:
    return harness.connector()
