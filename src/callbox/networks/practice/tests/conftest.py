"""A street with one agency and two residents, and a connector logged in to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callbox.connector import AccountSeen
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.street import Street
from callbox.networks.practice.tests.make import Make


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    with Street(tmp_path / "street.sqlite3") as street:
        street.join_agency("chicago_pd", "Chicago Police", "secret")
        street.join("nadia", "Nadia Example")
        street.join("tomek", "Tomek Przykład")
        yield street


@pytest.fixture
def make(street: Street) -> Iterator[Make]:
    """Makes connectors to the street; their sleep is no time at all."""
    made: list[Practice] = []

    def make(**config: Any) -> Practice:
        account = AccountSeen(
            "a1",
            "u1",
            "chicago_pd",
            config={"path": str(street.ground.path), **config},
            secrets={"token": "secret"},
        )
        practice = Practice(account)
        practice.sleep = lambda seconds: None
        made.append(practice)
        return practice

    yield make
    for practice in made:
        practice.close()


@pytest.fixture
def practice(make: Make) -> Practice:
    return make()
