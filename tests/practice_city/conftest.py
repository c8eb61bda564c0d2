"""The practice city in a database, built once for all tests that only look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from callbox.models.people import Agency
from callbox.practice_city.load import load
from callbox.scope import acting_for


@dataclass(frozen=True, slots=True)
class Built:
    """The city, when it was built, and the practice network's file."""

    agency: Agency
    now: datetime
    file: Path


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Built]:
    """The city as a first start builds it, seen from inside its agency; rolled back at the end."""
    file = tmp_path_factory.mktemp("street") / "practice.sqlite3"
    with django_db_blocker.unblock(), transaction.atomic():
        now = datetime.now(UTC)
        agency = load(now, file)
        assert agency is not None
        with acting_for(agency.id):
            yield Built(agency, now, file)
        transaction.set_rollback(True)


@pytest.fixture
def rolled_back(built: Built) -> Iterator[None]:
    """What the test does in the city's database is undone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
