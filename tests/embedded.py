"""One embedded PostgreSQL for a test session, in a fraction of a second.

The first session after a change of migrations makes a cluster, prepares its database as `make run`
does, and keeps the stopped files in `.cache`. Every session starts a copy of them; every worker of
pytest-xdist gets a database of its own, copied from the prepared one. Roles are those of
production: tests run as `callbox_app`, under row security, and own nothing.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from callbox.running import postgres, prepared, roles, server
from callbox.running.config import APP_ROLE

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
OLD = 24 * 3600  # seconds after which an unused prepared cluster is removed


class Server(server.Server):
    """A running cluster under `home`, ended with the process that started it."""

    def __init__(self, home: Path, extra: dict[str, str] | None = None) -> None:
        settings = postgres.FLEETING if extra is None else extra
        super().__init__(postgres.Cluster(home, settings), home / "postgres.log")
        self.home = home

    def url(self, role: str = APP_ROLE, database: str = postgres.DATABASE) -> str:
        """A connection address."""
        return self.cluster.url(role, database)

    def copy_database(self, name: str) -> None:
        """Make another database with everything that the prepared one has."""
        with psycopg.connect(
            self.url(postgres.ADMIN_ROLE, "postgres"), autocommit=True
        ) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    *map(sql.Identifier, (name, postgres.OWNER_ROLE, postgres.DATABASE))
                )
            )


def started(extra: dict[str, str] | None = None) -> Server:
    """A server of this session's own, on prepared files. `stopped` ends and removes it.

    `extra` settings instead of the fleeting ones: benchmarks want a server that syncs.
    """
    home = Path(tempfile.mkdtemp(prefix="callbox-test-"))
    copy_prepared(home / "postgres")
    running = Server(home, extra)
    running.start()
    return running


def stopped(running: Server) -> None:
    """End a session's server and remove its files."""
    running.stop(signal.SIGQUIT)
    shutil.rmtree(running.home, ignore_errors=True)


def copy_prepared(folder: Path) -> None:
    """Put the files of a prepared, stopped cluster there."""
    with _cache_lock():
        shutil.copytree(_prepared(), folder)
    _own(folder)


@contextlib.contextmanager
def _cache_lock() -> Iterator[None]:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepared() -> Path:
    """The stopped, prepared cluster for the code as it stands; made when missing."""
    folder = CACHE / f"postgres-{_digest()}"
    if not folder.is_dir():
        _remove_old()
        _make(folder)
    os.utime(folder)
    return folder


def _digest() -> str:
    total = hashlib.sha256(prepared.digest(practice=False).encode())
    for module in (postgres, roles):
        total.update(Path(module.__file__).read_bytes())
    return total.hexdigest()[:16]


def _remove_old() -> None:
    for folder in CACHE.glob("postgres-*"):
        if folder.stat().st_mtime < time.time() - OLD:
            shutil.rmtree(folder, ignore_errors=True)


def _make(folder: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="callbox-prepare-"))
    new = Server(home)
    try:
        new.start()
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CALLBOX_", "DATABASE_", "DJANGO_"))
        } | {
            "CALLBOX_HOME": str(home),
            "DATABASE_URL": new.url(),
            "DATABASE_OWNER_URL": new.url(postgres.OWNER_ROLE),
            "DATABASE_ADMIN_URL": new.url(postgres.ADMIN_ROLE, "postgres"),
            "PYTHONPATH": str(ROOT / "src"),
        }
        command = [sys.executable, "-m", "callbox.running.prepare"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"The test database could not be prepared:\n{done.stderr}")
        new.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(new.cluster.folder, folder)
    finally:
        stopped(new)


def _own(folder: Path) -> None:
    """Copies belong to whoever copied; the server's account has to own them."""
    account = postgres.account()
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
