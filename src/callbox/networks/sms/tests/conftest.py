"""A Twilio account on loopback for every test."""

import pytest

from callbox.networks.sms.connector import Sms
from callbox.networks.sms.tests.harness import SmsHarness
from tests.contract.fixtures import fixture_of, without_deadlines
from tests.servers.twilio import Twilio

without_deadlines()
harness = fixture_of(SmsHarness)


@pytest.fixture
def server(harness: SmsHarness) -> Twilio:
    return harness.server


@pytest.fixture
def sms(harness: SmsHarness) -> Sms:
    return harness.connector()
