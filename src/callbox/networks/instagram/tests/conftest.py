"""Instagram's stand-in, once through each login product."""

from collections.abc import Iterator

import pytest

from callbox.networks.instagram.tests.harness import InstagramHarness, ThroughPage


@pytest.fixture(params=[InstagramHarness, ThroughPage], ids=["instagram", "facebook"])
def city(request: pytest.FixtureRequest) -> Iterator[InstagramHarness]:
    """Our account on the stand-in, with each of the two logins."""
    made: InstagramHarness = request.param()
    yield made
    made.close()


@pytest.fixture
def alone() -> Iterator[InstagramHarness]:
    """With Instagram Login only, for what is the same with both."""
    made = InstagramHarness()
    yield made
    made.close()


@pytest.fixture
def paged() -> Iterator[ThroughPage]:
    """Through the Page only."""
    made = ThroughPage()
    yield made
    made.close()
