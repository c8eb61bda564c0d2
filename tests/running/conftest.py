"""Installations for tests that run, break and mend them."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running.installation import Installation


@pytest.fixture
def furnished() -> Iterator[Callable[..., Installation]]:
    """Makes installations that are ready to start; cleans up after each."""
    made: list[Installation] = []

    def make(**environ: str) -> Installation:
        # Not pytest's folder: its long names are a test of their own.
        installation = Installation(Path(tempfile.mkdtemp(prefix="callbox-run-")), **environ)
        installation.furnish()
        made.append(installation)
        return installation

    yield make
    for installation in made:
        installation.clean_up()


@pytest.fixture
def running(furnished: Callable[..., Installation]) -> Installation:
    """An installation that answers."""
    installation = furnished()
    installation.start()
    return installation
