"""Instagram's stand-in, once through each login product."""

from collections.abc import Iterator

import pytest

from callbox.networks.instagram.tests.harness import InstagramHarness, ThroughPage
from tests.contract.fixtures import fixture_of


@pytest.fixture(params=[InstagramHarness, ThroughPage], ids=["instagram", "facebook"])
def city(request: pytest.FixtureRequest) -> Iterator[InstagramHarness]:
    """Our account on the stand-in, with each of the two logins."""
    made: InstagramHarness = request.param()
    yield made
    made.close()


alone = fixture_of(InstagramHarness)  # with Instagram Login, for what is the same with both
paged = fixture_of(ThroughPage)
