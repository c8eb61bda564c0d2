"""The whole tree, started, broken and mended as an operator and bad luck would."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import psycopg
import pytest

from callbox.running.config import APP_ROLE
from callbox.running.postgres import Cluster
from tests import embedded
from tests.running.installation import Installation, is_alive, kill, wait_for_end

pytestmark = pytest.mark.faults
STREAMS = 50


def test_starts_answers_and_stops_cleanly(running: Installation) -> None:
    status, answer = running.health()
    assert (status, answer) == (
        200,
        {"ready": True, "web": "ready", "database": "ready", "worker": "ready"},
    )
    running.wait_until_said(f"Callbox is ready: http://127.0.0.1:{running.port}")
    assert set(running.children()) == {"postgres", "web", "worker"}
    code, seconds = running.stop(signal.SIGTERM)
    assert code == 0
    assert seconds < 5
    # A clean stop leaves nothing to recover: the next start finds the database shut down.
    log = (running.home / "log" / "postgres.log").read_text()
    assert "database system is shut down" in log
    began = time.monotonic()
    running.start()
    assert time.monotonic() - began < 15  # 2 s on a quiet machine
    assert "not properly shut down" not in (running.home / "log" / "postgres.log").read_text()
    assert running.stop(signal.SIGINT)[0] == 0


@pytest.mark.parametrize("name", ["web", "worker", "postgres"])
def test_a_killed_process_is_replaced(lasting: Installation, name: str) -> None:
    before = lasting.children()
    kill([before[name]])
    deadline = time.monotonic() + 30
    while lasting.children().get(name) in (None, before[name]):
        assert time.monotonic() < deadline, lasting.said()
        time.sleep(0.05)
    lasting.wait_until_ready(30)
    after = lasting.children()
    assert set(after) == set(before)
    lasting.wait_until_said(f"{name} was ended by signal 9")


def test_a_killed_supervisor_takes_everything_along(running: Installation) -> None:
    assert running.process
    others = [pid for pid in running.everyone() if pid != running.process.pid]
    kill([running.process.pid])
    wait_for_end(others, 8)
    running.process.wait()
    running.start()
    assert running.stop()[0] == 0


def test_everything_killed_at_once_loses_nothing(running: Installation) -> None:
    with psycopg.connect(running.owner_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE proof (said text)")
        connection.execute("INSERT INTO proof VALUES ('kept')")
    everyone = running.everyone()
    assert len(everyone) >= 8
    kill(everyone)
    wait_for_end(everyone, 5)
    assert running.process
    running.process.wait()
    running.start()
    assert "not properly shut down" in (running.home / "log" / "postgres.log").read_text()
    with psycopg.connect(running.owner_url(), autocommit=True) as connection:
        assert connection.execute("SELECT said FROM proof").fetchall() == [("kept",)]


def test_a_database_that_outlived_its_supervisor_is_taken_down_first(
    furnished: Callable[..., Installation],
) -> None:
    installation = furnished()
    orphan = embedded.Server(installation.home)
    orphan.start()
    assert orphan.process
    installation.start()
    assert orphan.process.wait(5) == 0
    assert installation.children()["postgres"] != orphan.process.pid


def test_web_keeps_connections_waiting_while_it_is_replaced(lasting: Installation) -> None:
    kill([lasting.children()["web"]])
    # Nobody is refused: the supervisor holds the socket open, and the new process answers.
    with socket.create_connection(("127.0.0.1", lasting.port), timeout=30) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 ")


def test_ctrl_c_ends_open_streams_in_time(running: Installation) -> None:
    environ = running.environ | {
        "DATABASE_URL": Cluster(running.home).url(APP_ROLE),
        "PYTHONPATH": f"{embedded.ROOT / 'src'}:{embedded.ROOT}",
    }
    command = [sys.executable, "-m", "tests.running.sign_in"]
    cookie = subprocess.check_output(command, env=environ, text=True).strip()
    request = f"GET /live/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
    streams = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(STREAMS)]
    try:
        for stream in streams:
            stream.sendall(request)
        for stream in streams:
            stream.settimeout(20)
            assert b"text/event-stream" in stream.recv(4096)
        code, seconds = running.stop(signal.SIGINT)
        assert code == 0
        assert seconds < 5
        for stream in streams:
            while stream.recv(4096):  # each stream was ended, not cut off
                pass
    finally:
        for stream in streams:
            stream.close()


def test_the_second_ctrl_c_does_not_wait(running: Installation) -> None:
    web = running.children()["web"]
    os.kill(web, signal.SIGSTOP)  # it will not hear the first one
    everyone = running.everyone()
    running.tell(signal.SIGINT)
    time.sleep(1.0)
    assert is_alive(web)
    running.tell(signal.SIGINT)
    wait_for_end(everyone, 2)


def test_two_installations_side_by_side(furnished: Callable[..., Installation]) -> None:
    one, other = furnished(), furnished()
    one.launch()
    other.launch()
    one.wait_until_ready()
    other.wait_until_ready()
    assert one.stop()[0] == 0
    assert other.health()[0] == 200


def test_a_second_start_in_the_same_home_says_so(lasting: Installation) -> None:
    assert lasting.process
    second = subprocess.run(
        [sys.executable, "-m", "callbox.running.serve"],
        env=lasting.environ | {"PORT": "8999"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 3
    assert second.stderr == (
        f"Callbox already runs in {lasting.home} (process {lasting.process.pid}, "
        f"http://127.0.0.1:{lasting.port}). Stop that one first, or give this one a folder of its "
        "own with CALLBOX_HOME.\n"
    )
    assert lasting.health()[0] == 200


def test_a_taken_port_says_so(furnished: Callable[..., Installation]) -> None:
    installation = furnished()
    with socket.create_server(("127.0.0.1", installation.port)):
        process = installation.launch()
        assert process.wait(20) == 3
    assert installation.said() == (
        f"Port {installation.port} is taken by another program. "
        f"Choose another one: PORT={installation.port + 1}\n"
    )


def test_nobody_reading_the_output_stops_nothing(furnished: Callable[..., Installation]) -> None:
    installation = furnished(CALLBOX_LOG_LEVEL="DEBUG")
    reader, writer = os.pipe()
    installation.process = subprocess.Popen(
        [sys.executable, "-m", "callbox.running.serve"],
        env=installation.environ,
        stdout=writer,
        stderr=writer,
        start_new_session=True,
    )
    os.close(writer)
    deadline = time.monotonic() + 60
    while installation.health()[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for _ in range(400):  # far more words than a pipe holds
        installation.health()
    os.close(reader)  # the terminal is torn away
    assert installation.health()[0] == 200
    assert installation.stop()[0] == 0


def test_the_supervisor_stays_small() -> None:
    code = (
        "import sys, callbox.running.serve; "
        "print([m for m in ('django', 'psycopg', 'asyncio', 'uvicorn') if m in sys.modules])"
    )
    environ = os.environ | {"PYTHONPATH": str(embedded.ROOT / "src")}
    said = subprocess.check_output([sys.executable, "-c", code], text=True, env=environ)
    assert said == "[]\n"
