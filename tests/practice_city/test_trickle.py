"""The trickle by itself, on a street of its own. `test_load` lets it run in a whole city."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callbox.jobs import app
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


def test_it_goes_on_only_while_somebody_looks(alone: Path) -> None:
    now = datetime.now(UTC)
    trickle.go_on(alone, now)
    assert trickle.Place.read(alone).next == 0
    trickle.note_watching(alone)
    trickle.go_on(alone, now)
    assert trickle.Place.read(alone).next == 1
    trickle.go_on(alone, now + trickle.WATCHED_FOR + timedelta(seconds=5))
    assert trickle.Place.read(alone).next == 1


def test_residents_come_by_every_twenty_five_seconds() -> None:
    task = app.periodic_registry.periodic_tasks["callbox.jobs.go_on_talking", ""]
    start = datetime(2026, 5, 14, 12, 1, 1, tzinfo=UTC)
    times = task.croniter
    times.set_current(start)
    assert times.get_next(datetime) == start.replace(second=25)


def test_a_broken_place_is_the_beginning(alone: Path) -> None:
    trickle.remember_posts(alone, {"walk-madison": "p1"})
    beside = next(alone.parent.glob("*.json"))
    shutil.copy(alone, beside)
    assert trickle.Place.read(alone) == trickle.Place()
