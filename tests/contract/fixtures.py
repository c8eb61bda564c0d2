"""Fixtures that the tests of most networks have: a harness for every test, and no deadlines."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

from tests.contract.harness import Harness

H = TypeVar("H", bound=Harness)


def fixture_of(make: Callable[[], H]) -> Callable[[], Iterator[H]]:
    """A fixture by the name to which it is assigned: a harness made anew for every test, and
    closed after it. Requests that the network does not know fail the test there."""

    @pytest.fixture
    def made() -> Iterator[H]:
        harness = make()
        yield harness
        harness.close()

    return made


def without_deadlines() -> None:
    """For property tests: deadlines would measure how busy the machine is, not the code."""
    slow = [HealthCheck.too_slow]
    settings.register_profile("networks", deadline=None, suppress_health_check=slow)
    settings.load_profile("networks")
