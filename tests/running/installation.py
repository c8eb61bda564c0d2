"""A real tree of processes in a folder and on a port of its own, for tests that kill it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from callbox.running import keys, prepared
from callbox.running.postgres import DATABASE, OWNER_ROLE, Cluster
from tests import embedded

READY_WITHIN = 60.0  # seconds; generous, because the machine may be busy


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


class Installation:
    """`callbox serve` under `home`. Prepared files make its first start a warm one."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self.port = free_port()
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CALLBOX_", "DATABASE_", "DJANGO_", "PYTEST_"))
        } | {
            "CALLBOX_HOME": str(home),
            "PORT": str(self.port),
            "PYTHONPATH": str(embedded.ROOT / "src"),
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def furnish(self) -> None:
        """Secrets, and a database that fits the code."""
        keys.make_missing(self.home / "secrets")
        embedded.copy_prepared(self.home / "postgres")
        prepared.mark(self.home / "postgres" / "data", prepared.digest(practice=False))

    # --- running ------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start it, and do not wait."""
        with (self.home / "said").open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "callbox.running.serve"],
                env=self.environ,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        return self.process

    def wait_until_ready(self, seconds: float = READY_WITHIN) -> None:
        """Wait for 200 from `/healthz`."""
        deadline = time.monotonic() + seconds
        while self.health()[0] != 200:
            ended = self.process is not None and self.process.poll() is not None
            assert not ended, self.said()
            assert time.monotonic() < deadline, (self.health(), self.said())
            time.sleep(0.05)

    def wait_until_said(self, words: str, seconds: float = 10.0) -> None:
        """Wait until this stands on its terminal."""
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and answer of `/healthz`; 0 when nobody answers."""
        url = f"http://127.0.0.1:{self.port}/healthz"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except (OSError, ValueError):
            return 0, {}

    def said(self) -> str:
        """Everything on its terminal."""
        return (self.home / "said").read_text()

    def tell(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        assert self.process
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Exit code, and seconds from the signal to the end of the last process."""
        assert self.process
        everyone = self.everyone()
        began = time.monotonic()
        self.tell(number)
        code = self.process.wait(20)
        wait_for_end(everyone, 10)
        return code, time.monotonic() - began

    def clean_up(self) -> None:
        """Leave nothing behind, whatever a test did."""
        kill(self.everyone())
        if self.process:
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    # --- its processes ------------------------------------------------------------------------

    def children(self) -> dict[str, int]:
        """The supervisor's children by name."""
        assert self.process
        names = {"callbox.running.web": "web", "callbox.running.worker": "worker"}
        found = {}
        for pid in children_of(self.process.pid):
            words = command_line(pid)
            for word in words:
                if word in names:
                    found[names[word]] = pid
            if words and words[0].endswith("/bin/postgres"):
                found["postgres"] = pid
        return found

    def everyone(self) -> list[int]:
        """The supervisor and everything below it."""
        if self.process is None or self.process.poll() is not None:
            return []
        found = [self.process.pid]
        for pid in found:
            found += children_of(pid)
        return found

    # --- its database -------------------------------------------------------------------------

    def owner_url(self) -> str:
        """The address of its database, as the owner."""
        return Cluster(self.home).url(OWNER_ROLE, DATABASE)


def children_of(pid: int) -> list[int]:
    """Process ids of a process's children (of any of its threads)."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in tasks.read_text().split()]
    return found


def command_line(pid: int) -> list[str]:
    """The words with which a process was started; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Neither gone nor a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def kill(pids: list[int]) -> None:
    """End processes at once, without a word."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_for_end(pids: list[int], seconds: float) -> None:
    """Wait until none of these processes lives."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < deadline, [(pid, command_line(pid)) for pid in left]
        time.sleep(0.02)
