"""The trickle by itself, on a street of its own. `test_load` lets it run in a whole city."""

import shutil
from pathlib import Path

import pytest

from callbox.networks.practice.street import Street
from callbox.practice_city import trickle
from callbox.practice_city.content import city


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A street on which only our accounts are."""
    file = tmp_path / "practice.sqlite3"
    with Street(file) as street:
        for account in city().accounts.values():
            street.join_agency(account.handle, account.name)
    return file


def test_an_item_that_cannot_be_done_is_passed_over(alone: Path) -> None:
    assert not trickle.step(alone)  # it answers a post that was never published here
    assert trickle.Place.read(alone).next == 1


def test_the_trickle_begins_again_after_the_last_item(alone: Path) -> None:
    place = trickle.Place(next=len(city().trickle) - 1)
    place.write(alone)
    trickle.step(alone)
    assert trickle.Place.read(alone).next == 0


def test_a_broken_place_is_the_beginning(alone: Path) -> None:
    trickle.remember_posts(alone, {"walk-madison": "p1"})
    beside = next(alone.parent.glob("*.json"))
    shutil.copy(alone, beside)
    assert trickle.Place.read(alone) == trickle.Place()
