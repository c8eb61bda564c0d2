"""X in both spellings of its fields, and our account on it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from callbox.networks.x.connector import X
from callbox.networks.x.tests.harness import XHarness
from tests.contract.fixtures import fixture_of


@pytest.fixture(params=["post", "tweet"])
def both(request: pytest.FixtureRequest) -> Iterator[XHarness]:
    """X, in one spelling and in the other. Calls that X does not describe fail the test."""
    harness = XHarness(request.param, behind=timedelta())
    yield harness
    harness.close()


x = fixture_of(lambda: XHarness(behind=timedelta()))  # in its current spelling


@pytest.fixture
def connector(x: XHarness) -> X:
    """Our account's connector."""
    return x.connector()
