"""`/healthz`, part by part."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.test import Client

from callbox.running import presence


@pytest.fixture
def heartbeat(owner_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A worker's row, seen by everybody, and a connection on which to move it."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        yield connection
        connection.execute("DELETE FROM procrastinate_workers")


@pytest.mark.django_db
def test_no_worker(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "web": "ready",
        "database": "ready",
        "worker": "not running",
    }


@pytest.mark.django_db
def test_a_worker_at_work_and_a_stuck_one(
    client: Client, app_url: str, heartbeat: psycopg.Connection[tuple[object, ...]]
) -> None:
    # A worker that was killed leaves its heartbeat behind; without its lock that counts nothing.
    assert client.get("/healthz").json()["worker"] == "not running"
    with psycopg.connect(app_url, autocommit=True) as worker:
        worker.execute(presence.ANNOUNCE, presence.PARAMETERS)
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["ready"]) == (200, True)
        heartbeat.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - '1 min'::interval"
        )
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["worker"]) == (503, "stuck")


@pytest.mark.django_db
def test_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "QUESTION", "SELECT no_such_thing()")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "does not answer"


def test_needs_no_host_name_and_takes_no_posts(client: Client, db: None) -> None:
    assert client.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 503
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_an_answer_is_cached_nowhere_and_logged_nowhere(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no-store" in client.get("/healthz").headers["cache-control"]
    assert "healthz" not in capsys.readouterr().err


@pytest.mark.django_db
def test_costs_one_statement(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        client.get("/healthz")
