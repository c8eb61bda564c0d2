"""What every test gets: the embedded PostgreSQL of this session, and settings of a test's own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test.testcases import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from callbox.running.database import address
from callbox.running.postgres import DATABASE, OWNER_ROLE
from tests import embedded

# Django is set up before any conftest is read, from an environment that is the developer's own.
# Tests must not depend on it, nor touch its folder.
settings.CALLBOX_PRACTICE = False
settings.CALLBOX_ENCRYPTION_KEY = "e1" * 32
settings.CALLBOX_SIGNING_KEY = "51" * 32
settings.SECRET_KEY = "a key for tests, which keep nothing secret: 0123456789"

_SERVER = pytest.StashKey[embedded.Server]()


def pytest_configure(config: pytest.Config) -> None:
    """With pytest-xdist, the controller starts the one server that all workers share."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker and getattr(config.option, "numprocesses", None):
        config.stash[_SERVER] = embedded.started()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the server is."""
    node.workerinput["postgres_home"] = str(node.config.stash[_SERVER].home)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server that we started, if any."""
    if _SERVER in config.stash:
        embedded.stopped(config.stash[_SERVER])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """What webhooks ask for afterwards is asked before the tables are emptied."""
    web = sys.modules.get("callbox.web.nudges")
    assert web is None or web.nudges.rest()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> embedded.Server:
    """The running server. Started by the first test that needs it."""
    config = request.config
    if hasattr(config, "workerinput"):
        return embedded.Server(Path(config.workerinput["postgres_home"]))
    if _SERVER not in config.stash:
        config.stash[_SERVER] = embedded.started()
    return config.stash[_SERVER]


@pytest.fixture(scope="session")
def database_name(request: pytest.FixtureRequest, postgres: embedded.Server) -> str:
    """This worker's own database."""
    if not hasattr(request.config, "workerinput"):
        return DATABASE
    name = f"{DATABASE}_{request.config.workerinput['workerid']}"
    postgres.copy_database(name)
    return name


@pytest.fixture(scope="session")
def owner_url(postgres: embedded.Server, database_name: str) -> str:
    """The address of this worker's database for the owner of its tables."""
    return postgres.url(OWNER_ROLE, database_name)


@pytest.fixture(scope="session")
def app_url(postgres: embedded.Server, database_name: str) -> str:
    """The address of this worker's database for `callbox_app`, as which tests run."""
    return postgres.url(database=database_name)


@pytest.fixture(scope="session")
def django_db_setup(
    app_url: str, owner_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Instead of pytest-django's: point Django at this worker's database, as `callbox_app`."""
    connections["default"].close()
    connections["default"].settings_dict.update(address(app_url))
    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = app_url, owner_url
    empty_as_owner(owner_url)
    yield
    with django_db_blocker.unblock():
        connections.close_all()


def empty_as_owner(owner_url: str) -> None:
    """Have `transaction=True` tests emptied by the owner: `callbox_app` may not truncate."""

    def teardown(_: TransactionTestCase) -> None:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '10s'")
            connection.execute(EMPTY)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]  # see above


EMPTY = """
DO $$
DECLARE tables text;
BEGIN
  SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') INTO tables
  FROM pg_tables
  WHERE schemaname = 'public'
    AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission');
  EXECUTE 'TRUNCATE ' || tables;
END $$;
"""


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    """Files that code writes go to a folder of the session, not to the developer's `.callbox`."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    settings.HOME = home
    settings.MEDIA_ROOT = home / "media"
