"""Threads' stand-in, with our profile on it."""

from callbox.networks.threads.tests.harness import ThreadsHarness
from tests.contract.fixtures import fixture_of

city = fixture_of(ThreadsHarness)
