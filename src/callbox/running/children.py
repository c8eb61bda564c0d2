"""One process of the tree: started, watched, started again, ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from callbox.running.output import Lines, Log, Terminal

FIRST_WAIT = 0.2  # seconds before the first new start
LONGEST_WAIT = 10.0
HEALTHY_AFTER = 30.0  # seconds of life after which the waiting starts small again


def launch_prefix(stop: signal.Signals, account: str = "-", *, reach: bool = False) -> list[str]:
    """The beginning of a command line: a program that ends with us, by `stop`.

    `account` and `reach` are explained in `launch.py`.
    """
    script = str(Path(__file__).with_name("launch.py"))
    options = [str(os.getpid()), str(int(stop)), account, "1" if reach else "0", "--"]
    return [sys.executable, "-I", "-S", script, *options]


class Backoff:
    """How long to wait before starting a child again: 0.2 s, doubling to 10 s."""

    def __init__(self) -> None:
        self.wait = FIRST_WAIT

    def next(self, lived: float) -> float:
        """Seconds to wait now, for a child that lived this long."""
        if lived >= HEALTHY_AFTER:
            self.wait = FIRST_WAIT
        now, self.wait = self.wait, min(self.wait * 2, LONGEST_WAIT)
        return now


@dataclass(eq=False)
class Child:
    """A program of the tree. `command` already begins with `launch_prefix`.

    Every child leads a process group of its own: Ctrl-C in the terminal reaches the supervisor
    alone, which then ends the others in order.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Log
    stop_by: signal.Signals = signal.SIGTERM
    pass_fds: Sequence[int] = ()
    log_only: tuple[bytes, ...] = ()  # lines that begin like this do not go to the terminal
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float | None = None
    backoff: Backoff = field(default_factory=Backoff)
    last_lines: list[bytes] = field(default_factory=list)
    _lines: Lines = field(default_factory=Lines)

    @property
    def pid(self) -> int:
        """Process id, 0 when it does not run."""
        return self.process.pid if self.process and self.process.poll() is None else 0

    def start(self, now: float) -> None:
        """Start it; its output comes through `fileno`."""
        self.started_at = now
        self.start_again_at = None
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self.environ),
            pass_fds=self.pass_fds,
            process_group=0,
        )
        os.set_blocking(self.fileno(), False)

    def fileno(self) -> int:
        """Where its output can be read."""
        if self.process is None or self.process.stdout is None:
            raise ValueError(f"{self.name} was never started")
        return self.process.stdout.fileno()

    def pump(self, terminal: Terminal) -> bool:
        """Pass on what it said; False when it closed its output."""
        try:
            data = os.read(self.fileno(), 65_536)
        except BlockingIOError:
            return True
        for line in self._lines.feed(data) if data else [self._lines.flush()]:
            self._tell(line, terminal)
        return bool(data)

    def _tell(self, line: bytes, terminal: Terminal) -> None:
        if not line:
            return
        self.log.write(line)
        self.last_lines = [*self.last_lines[-19:], line]
        if not line.startswith(self.log_only):
            terminal.put(f"{self.name:<8}| ".encode() + line)

    def died(self) -> int | None:
        """Its exit code when it has ended since it was started, else None."""
        return self.process.poll() if self.process else None

    def plan_restart(self, now: float) -> float:
        """Note that it ended and when to start it again; seconds from now."""
        wait = self.backoff.next(now - self.started_at)
        self.start_again_at = now + wait
        self.forget()
        return wait

    def forget(self) -> None:
        """Let go of a process that ended."""
        if self.process and self.process.stdout:
            self.process.stdout.close()
        self.process = None

    def ask_to_stop(self) -> None:
        """Send it the signal on which it ends cleanly."""
        if self.pid:
            os.kill(self.pid, self.stop_by)

    def kill(self) -> None:
        """End it, and whatever it started, now."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
