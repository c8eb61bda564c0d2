"""Threads' stand-in, with our profile on it."""

from collections.abc import Iterator

import pytest

from callbox.networks.threads.tests.harness import ThreadsHarness


@pytest.fixture
def city() -> Iterator[ThreadsHarness]:
    """The stand-in; requests that Threads does not know fail the test."""
    made = ThreadsHarness()
    yield made
    made.close()
