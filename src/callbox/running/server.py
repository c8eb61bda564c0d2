"""An embedded server without a supervisor: for a single command, and for tests."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, SIGQUIT, Signals

from callbox.running.config import Config
from callbox.running.postgres import Cluster, PostgresUnusable
from callbox.running.serve import AlreadyRunning, lock_home, make_home

READY_WITHIN = 60.0  # seconds


class Server:
    """A cluster that runs as our child, and ends with us."""

    def __init__(self, cluster: Cluster, log: Path) -> None:
        self.cluster = cluster
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises PostgresUnusable."""
        self.cluster.prepare()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.cluster.command(), stdout=log, stderr=log, process_group=0
            )
        deadline = time.monotonic() + READY_WITHIN
        while not self.cluster.is_ready(self.process.pid):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise PostgresUnusable(f"PostgreSQL does not start; {self.log} says why.")
            time.sleep(0.01)

    def stop(self, how: Signals = SIGINT) -> None:
        """Stop it: SIGINT leaves whole files behind; SIGQUIT is quicker, and needs a repair."""
        if self.process:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(SIGQUIT)
                self.process.wait(20)


@contextmanager
def database(config: Config) -> Iterator[None]:
    """See to it that the database answers while a command works.

    A server of one's own, or an embedded one that `callbox serve` keeps, is taken as it is.
    Otherwise the embedded server is started for as long as it takes.
    """
    if not config.embedded:
        yield
        return
    make_home(config)
    try:
        lock = lock_home(config)
    except AlreadyRunning:
        yield
        return
    with lock:
        server = Server(Cluster(config.home), config.log_dir / "postgres.log")
        server.start()
        try:
            yield
        finally:
            server.stop()
