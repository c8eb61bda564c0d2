"""One harness per network and test; the networks are those of the registry, all of them."""

from collections.abc import Iterator

import pytest

from callbox.networks import REGISTRY
from tests.contract.harness import Harness, harness_class


@pytest.fixture(params=[name for name in sorted(REGISTRY) if harness_class(name).on_a_wire])
def wired(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A network that can fail: all of them but our own pages."""
    made = harness_class(request.param)()
    yield made
    made.close()


@pytest.fixture(params=sorted(REGISTRY))
def harness(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A network with our account on it, and Ana."""
    made = harness_class(request.param)()
    yield made
    made.close()
