"""A PostgreSQL of one's own: prepared with a superuser, or with what an owner may do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from callbox.running import doctor
from callbox.running.postgres import ADMIN_ROLE, FLEETING, Cluster
from callbox.running.server import Server
from tests import embedded

pytestmark = pytest.mark.faults


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has prepared."""
    server = Server(Cluster(tmp_path / "theirs", FLEETING), tmp_path / "log")
    server.start()
    yield server
    server.stop()


def run(home: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CALLBOX_", "DATABASE_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=clean
        | {"CALLBOX_HOME": str(home), "PYTHONPATH": str(embedded.ROOT / "src"), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def states(environ: dict[str, str]) -> dict[str, str]:
    return {finding.what: finding.state for finding in doctor.examine(environ)}


def test_a_superuser_once_then_two_roles(bare: Server, tmp_path: Path) -> None:
    url = bare.cluster.url
    environ = {
        "DATABASE_URL": url("callbox_app", "police"),
        "DATABASE_OWNER_URL": url("keeper", "police"),
        "DATABASE_ADMIN_URL": url(ADMIN_ROLE, "postgres"),
    }
    for _ in range(2):  # safe to repeat
        done = run(tmp_path, "callbox.cli", "init-db", **environ)
        assert done.returncode == 0, done.stderr
    del environ["DATABASE_ADMIN_URL"]
    assert states(environ)["tables"] == "bad"
    done = run(tmp_path, "callbox.cli", "migrate", **environ)
    assert done.returncode == 0, done.stderr
    found = states(environ)
    assert {found[what] for what in ("database", "role", "extensions", "tables")} == {"good"}
    with psycopg.connect(environ["DATABASE_OWNER_URL"]) as connection:
        row = connection.execute(
            "SELECT tableowner FROM pg_tables WHERE tablename = 'callbox_entry'"
        ).fetchone()
    assert row == ("keeper",)


def test_an_owner_alone_is_told_what_a_superuser_has_to_run(bare: Server, tmp_path: Path) -> None:
    with psycopg.connect(bare.cluster.url(ADMIN_ROLE, "postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE keeper LOGIN")
        admin.execute("CREATE DATABASE police OWNER keeper")
    environ = {"DATABASE_URL": bare.cluster.url("keeper", "police")}
    done = run(tmp_path, "callbox.cli", "migrate", **environ)
    assert done.returncode == 1
    words, _, statements = done.stderr.partition("DATABASE_ADMIN_URL:")
    assert "“keeper” may not make everything that Callbox needs in the database “police”" in words
    assert states(environ)["role"] == "bad"
    # What it says is what helps.
    with psycopg.connect(bare.cluster.url(ADMIN_ROLE, "police"), autocommit=True) as admin:
        admin.execute(statements)
    done = run(tmp_path, "callbox.cli", "migrate", **environ)
    assert done.returncode == 0, done.stderr
    found = states(environ)
    assert {found[what] for what in ("database", "role", "extensions", "tables")} == {"good"}
    code = (
        "import django; django.setup(); from django.db import connection as c; "
        "print(c.cursor().execute('SELECT current_user, session_user').fetchone())"
    )
    script = tmp_path / "who.py"
    script.write_text(code)
    environ |= {
        "DJANGO_SETTINGS_MODULE": "callbox.settings",
        "PYTHONPATH": f"{tmp_path}:{embedded.ROOT}/src",
    }
    assert run(tmp_path, "who", **environ).stdout == "('callbox_app', 'keeper')\n"


def test_a_superuser_for_everyday_is_found_by_the_doctor(bare: Server) -> None:
    environ = {
        "DATABASE_URL": bare.cluster.url(ADMIN_ROLE, "postgres"),
        "CALLBOX_ASSUME_ROLE": "none",
    }
    finding = next(f for f in doctor.examine(environ) if f.what == "role")
    assert finding.state == "bad"
    assert "passes every wall between agencies" in finding.words


def test_a_server_that_does_not_answer_is_one_clear_sentence(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://callbox_app@127.0.0.1:1/callbox"}
    done = run(tmp_path, "callbox.running.prepare", **environ)
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer: ")
    assert "Traceback" not in done.stderr
    assert states(environ)["database"] == "bad"
    said = run(tmp_path, "callbox.cli", "doctor", "--json", **environ)
    assert said.returncode == 1
    assert '"what": "database"' in said.stdout
