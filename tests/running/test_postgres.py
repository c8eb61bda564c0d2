"""The embedded server's files: made, protected and repaired."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from callbox.running import postgres, prepared
from callbox.running.config import load
from callbox.running.postgres import ADMIN_ROLE, FLEETING, Cluster
from callbox.running.server import Server, database
from tests import embedded

pytestmark = pytest.mark.faults


@pytest.fixture
def home(tmp_path: Path) -> Path:
    embedded.copy_prepared(tmp_path / "postgres")
    return tmp_path


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    made = Server(Cluster(home, FLEETING), home / "log")
    yield made
    if made.process and made.process.poll() is None:
        made.stop(signal.SIGQUIT)


def test_a_new_cluster_is_made_from_nothing(tmp_path: Path) -> None:
    made = Server(Cluster(tmp_path, FLEETING), tmp_path / "log")
    made.start()
    try:
        with psycopg.connect(made.cluster.url(ADMIN_ROLE, "postgres")) as connection:
            row = connection.execute(
                "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding),"
                " current_setting('data_checksums'), current_setting('listen_addresses')"
                " FROM pg_database WHERE datname = 'postgres'"
            ).fetchone()
        assert row == ("b", "C.UTF-8", "UTF8", "on", "")
    finally:
        made.stop()
    assert made.process
    assert made.process.returncode == 0


def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").touch()
    Cluster(tmp_path, FLEETING).prepare()
    assert not half.exists()
    assert (tmp_path / "postgres" / "data" / "PG_VERSION").read_text() == "18\n"


def test_a_number_that_now_belongs_to_another_process_is_no_server(server: Server) -> None:
    """After a crash of the machine: the file is there, and its process id is somebody else's."""
    pid_file = server.cluster.data / "postmaster.pid"
    pid_file.write_text(
        f"{os.getpid()}\n{server.cluster.data}\n1\n5432\n{server.cluster.socket_dir}\n"
    )
    server.start()
    assert server.process
    assert server.cluster.is_ready(server.process.pid)


def test_a_long_home_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long-name-" * 9)
    embedded.copy_prepared(home / "postgres")
    server = Server(Cluster(home, FLEETING), tmp_path / "log")
    assert not server.cluster.socket_dir.is_relative_to(home)
    server.start()
    try:
        with psycopg.connect(server.cluster.url("callbox_app")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("callbox_app",)
        assert server.cluster.socket_dir.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        server.cluster.socket_dir.rmdir()


def test_a_socket_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    home = tmp_path / ("long-name-" * 9)
    embedded.copy_prepared(home / "postgres")
    cluster = Cluster(home, FLEETING)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cluster.socket_dir.symlink_to(elsewhere)
    try:
        with pytest.raises(postgres.PostgresUnusable, match="belongs to somebody else"):
            cluster.prepare()
    finally:
        cluster.socket_dir.unlink()


def test_another_account_gets_no_connection(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if somebody else had started it: then we are the stranger.
    monkeypatch.setattr(postgres, "caller", lambda: "somebody-else")
    server = Server(Cluster(home, FLEETING), home / "log")
    server.start()
    try:
        for role in (ADMIN_ROLE, "callbox_owner", "callbox_app"):
            with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
                psycopg.connect(server.cluster.url(role))
    finally:
        server.stop(signal.SIGQUIT)


def test_the_supervisors_account_is_not_the_servers_when_root(server: Server) -> None:
    server.start()
    assert server.process
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    uid = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1]
    assert int(uid) == server.cluster.account.uid
    assert int(uid) != 0


def test_a_single_command_starts_the_server_and_stops_it(home: Path) -> None:
    config = load({"CALLBOX_HOME": str(home)})
    with database(config), psycopg.connect(Cluster(home).url("callbox_app")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_the_application_owns_nothing_and_cannot_rise(server: Server) -> None:
    server.start()
    with psycopg.connect(server.cluster.url("callbox_app"), autocommit=True) as connection:
        for forbidden in (
            "SET ROLE callbox_owner",
            "SET ROLE callbox_admin",
            "CREATE TABLE mine ()",
            "CREATE ROLE friend",
            "ALTER TABLE callbox_entry DISABLE ROW LEVEL SECURITY",
            "UPDATE callbox_entry SET id = id",
            "DELETE FROM callbox_entry",
            "TRUNCATE callbox_entry",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def test_a_mark_tells_whether_the_database_fits_the_code(tmp_path: Path) -> None:
    now = prepared.digest(practice=False)
    assert not prepared.is_current(tmp_path, now)
    prepared.mark(tmp_path, now)
    assert prepared.is_current(tmp_path, now)
    assert not prepared.is_current(tmp_path, prepared.digest(practice=True))
