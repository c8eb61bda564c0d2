"""The test network leaves nothing behind, however the tests end."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.atproto import until

pytestmark = pytest.mark.network

ROOT = Path(__file__).resolve().parents[5]
RUNNER = """
import time
from tests.servers.atproto import atproto_network
with atproto_network() as network:
    print(network.keeper_id, flush=True)
    time.sleep(600)
"""


def children() -> dict[int, list[int]]:
    """Every living process with its children (zombies do not count)."""
    found: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it has just ended
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if state != "Z":
            found.setdefault(int(parent), []).append(int(stat.parent.name))
    return found


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    below = children()
    found = [pid]
    for one in found:
        found += below.get(one, [])
    return found


def alive(pids: list[int]) -> list[int]:
    living = {pid for group in children().values() for pid in group}
    return [pid for pid in pids if pid in living]


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder for temporary files that the database's system account may enter too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def runner(scratch: Path) -> Iterator[subprocess.Popen[str]]:
    """A test run of its own that holds a network."""
    environment = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("victim", ["the test run", "the keeper"])
def test_nothing_outlives_a_kill(runner: subprocess.Popen[str], victim: str) -> None:
    assert runner.stdout is not None
    keeper = int(runner.stdout.readline())
    started = tree(keeper)
    assert len(started) > 5  # the keeper, PostgreSQL and its workers, the network
    os.kill(runner.pid if victim == "the test run" else keeper, signal.SIGKILL)
    until(lambda: not alive(started))


def test_a_clean_end_removes_the_data(runner: subprocess.Popen[str], scratch: Path) -> None:
    assert runner.stdout is not None
    keeper = int(runner.stdout.readline())
    started = tree(keeper)
    assert list(scratch.glob("callbox-atproto-*"))
    runner.send_signal(signal.SIGINT)
    runner.wait(timeout=30)
    until(lambda: not alive(started))
    assert not list(scratch.glob("callbox-atproto-*"))
