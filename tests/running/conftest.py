"""Installations for tests that run, break and mend them."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running.installation import Installation


def furnish(made: list[Installation], **environ: str) -> Installation:
    """An installation that is ready to start."""
    # Not pytest's folder: its long names are a test of their own.
    installation = Installation(Path(tempfile.mkdtemp(prefix="callbox-run-")), **environ)
    made.append(installation)
    installation.furnish()
    return installation


@pytest.fixture
def furnished() -> Iterator[Callable[..., Installation]]:
    """Makes installations that are ready to start; cleans up after each."""
    made: list[Installation] = []
    yield lambda **environ: furnish(made, **environ)
    for installation in made:
        installation.clean_up()


@pytest.fixture
def running(furnished: Callable[..., Installation]) -> Installation:
    """An installation that answers, for tests that end it."""
    installation = furnished()
    installation.start()
    return installation


@pytest.fixture(scope="module")
def lasting() -> Iterator[Installation]:
    """An installation that answers, shared by tests that leave it answering."""
    made: list[Installation] = []
    furnish(made).start()
    yield made[0]
    made[0].clean_up()
