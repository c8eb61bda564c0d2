"""A town that is built once and given to every test as new.

The town is committed once; each test runs in a transaction that is rolled back, with a copy of the
practice network's file, so that what one test does no other test sees. Tests that need more than
one connection, or transactions that are really over, live in `tests/faults`.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from pytest_django.plugin import DjangoDbBlocker

from callbox.models.accounts import Account
from callbox.networks.practice.street import Street
from callbox.scope import acting_for
from tests import make
from tests.conftest import EMPTY


@pytest.fixture(scope="package")
def _built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    owner_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[make.Town]:
    with django_db_blocker.unblock():
        town = make.town(tmp_path_factory.mktemp("town"))
    town.street.join("ana", "Ana Ejemplo")
    town.street.close()
    yield town
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(EMPTY)


@pytest.fixture
def town(db: None, _built: make.Town, tmp_path: Path) -> Iterator[make.Town]:
    """The town of `make.town`, with Ana on its street."""
    with acting_for(_built.agency.id):
        account = Account.objects.get(pk=_built.account.id)
        path = tmp_path / "street.sqlite3"
        shutil.copy(account.config["path"], path)
        account.config = {"path": str(path)}
        account.save(update_fields=["config"])
    with Street(path) as street:
        yield replace(_built, account=account, street=street)
