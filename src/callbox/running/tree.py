"""The supervised tree: PostgreSQL, web and worker, started in order and ended in order.

Run as `python -m callbox.running.tree`. This process imports neither Django nor a database driver,
so that it stays small; everything that needs them happens in its children:

    postgres   the embedded server, unless DATABASE_URL names another
    prepare    short-lived: roles, migrations, the practice city (`callbox.running.prepare`)
    web        pages and live streams on the socket that we opened (`callbox.running.web`)
    worker     jobs and listeners (`callbox.running.worker`)

A child that dies is started again, first at once, then more and more slowly. All of them end with
us, even when we are killed (`launch.py`).
"""

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType

from callbox.running import prepared
from callbox.running.children import Child, launch_prefix
from callbox.running.config import Config
from callbox.running.output import Log, Terminal
from callbox.running.parent import Parent
from callbox.running.postgres import Cluster, PostgresUnusable
from callbox.running.probe import Probe

GRACE = 3.0  # seconds for web and worker to end what they are doing
POSTGRES_GRACE = 1.2  # then PostgreSQL is stopped at once, and repairs itself at the next start
READY_WITHIN = 90.0  # seconds for PostgreSQL: it may have a crash to recover from
MOST_FALSE_STARTS = 5
IMPATIENT_AFTER = 0.7  # seconds: sooner, two signals are one Ctrl-C heard twice


class StartFailed(Exception):
    """The tree cannot be started; the text says why."""


class Tree:
    """All processes of one installation. `run` returns the exit code."""

    def __init__(
        self,
        config: Config,
        environ: Mapping[str, str],
        listener: socket.socket,
        parent: Parent | None = None,
    ) -> None:
        self.parent = parent
        self.config = config
        self.terminal = Terminal()
        self.log = Log(config.log_dir / "callbox.log")
        self.cluster = Cluster(config.home) if config.embedded else None
        self.environ = self._children_environ(environ)
        self.selector = selectors.DefaultSelector()
        self.children: list[Child] = []
        self.stopping_since: float | None = None
        self.impatient = False
        self.false_starts = 0
        self.probe = Probe(config)
        self.postgres = self._postgres()
        fd = listener.fileno()
        self.web = self._python("web", "callbox.running.web", f"--fd={fd}", pass_fds=(fd,))
        self.worker = self._python("worker", "callbox.running.worker")

    # --- what the children are ----------------------------------------------------------------

    def _children_environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        own = {
            "CALLBOX_HOME": str(self.config.home),
            "PYTHONUNBUFFERED": "1",
            # glibc gives every thread a heap of its own; two are plenty and save memory.
            "MALLOC_ARENA_MAX": "2",
        }
        return dict(environ) | own

    def _postgres(self) -> Child | None:
        if self.cluster is None:
            return None
        return Child(
            "postgres",
            self.cluster.command(),
            self.environ,
            Log(self.config.log_dir / "postgres.log"),
            stop_by=signal.SIGINT,
            log_only=(b"LOG:", b"FATAL:  terminating connection due to administrator command"),
        )

    def _python(
        self, name: str, module: str, *arguments: str, pass_fds: tuple[int, ...] = ()
    ) -> Child:
        return Child(
            name,
            [*launch_prefix(signal.SIGTERM), sys.executable, "-m", module, *arguments],
            self.environ,
            Log(self.config.log_dir / f"{name}.log"),
            pass_fds=pass_fds,
        )

    # --- running ------------------------------------------------------------------------------

    def run(self) -> int:
        """Start everything, watch it until a signal says stop, end everything."""
        self._listen_to_signals()
        try:
            self._start()
            while self.stopping_since is None:
                self._tick()
        except (StartFailed, PostgresUnusable) as error:
            self._say(f"Callbox could not start. {error}")
            return 1
        finally:
            self._stop()
            self.terminal.close()
        return 0

    def _listen_to_signals(self) -> None:
        self._wake, wake_by = socket.socketpair()
        self._wake.setblocking(False)
        wake_by.setblocking(False)
        self._wake_by = wake_by
        signal.set_wakeup_fd(wake_by.fileno(), warn_on_full_buffer=False)
        self.selector.register(self._wake, selectors.EVENT_READ)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # wakes the selector

    def _told_to_stop(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self.stopping_since is None:
            self.stopping_since = now
        elif number == signal.SIGINT and now - self.stopping_since > IMPATIENT_AFTER:
            self.impatient = True

    def _start(self) -> None:
        if self.cluster and self.postgres:
            self._start_postgres(self.cluster, self.postgres)
        self._prepare()
        self._launch(self.web)
        self._launch(self.worker)
        self.probe.begin(on_ready=self._wake_up)

    def _wake_up(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_by.send(b"!")

    def _start_postgres(self, cluster: Cluster, postgres: Child) -> None:
        if not cluster.data.exists():
            self._say("Setting up PostgreSQL (once) ...")
        cluster.prepare()
        self._launch(postgres)
        self._until(lambda: cluster.is_ready(postgres.pid), READY_WITHIN, "PostgreSQL")

    def _prepare(self) -> None:
        """Bring the database up to the code, unless it is known to be there already."""
        expected = prepared.digest(practice=self.config.practice)
        folder = self.cluster.data if self.cluster else None
        if folder and prepared.is_current(folder, expected):
            return
        self._say("Preparing the database ...")
        for _ in range(3):
            crashes = self.false_starts
            if self._run_prepare():
                if folder:
                    prepared.mark(folder, expected)
                return
            if self.stopping_since is not None:
                return
            if self.false_starts == crashes:  # it was not PostgreSQL's fault
                break
        raise StartFailed("The database could not be prepared; the lines above say why.")

    def _run_prepare(self) -> bool:
        """True when it did all it had to."""
        child = self._python("prepare", "callbox.running.prepare")
        self._launch(child)
        while self.stopping_since is None and child.died() is None:
            self._tick()
        if self.stopping_since is not None:
            return False
        code = child.died()
        self._leave(child)
        return code == 0

    # --- one turn of the loop -----------------------------------------------------------------

    def _until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while self.stopping_since is None and not condition():
            if time.monotonic() > deadline or self.false_starts > MOST_FALSE_STARTS:
                raise StartFailed(f"{what} does not start; the lines above say why.")
            self._tick(0.02)

    def _tick(self, longest: float = 1.0) -> None:
        """Wait for output, a signal or an end; deal with it."""
        now = time.monotonic()
        due = [c.start_again_at - now for c in self.children if c.start_again_at is not None]
        for key, _ in self.selector.select(max(0.0, min([longest, *due]))):
            if key.fileobj is self._wake:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
            elif isinstance(key.fileobj, Child) and not key.fileobj.pump(self.terminal):
                self.selector.unregister(key.fileobj)
        if self.stopping_since is None:
            self._look_after_children()
            if self.parent and self.parent.was_interrupted():
                self.stopping_since = time.monotonic()

    def _look_after_children(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.died() is not None and child.name != "prepare":
                self._note_death(child, now)
            if child.start_again_at is not None and child.start_again_at <= now:
                self._start_again(child)
        news = self.probe.news()
        if news:
            self._say(news)

    def _note_death(self, child: Child, now: float) -> None:
        code = child.died()
        self._drain(child)
        if child is self.postgres:
            self.false_starts += 1
        wait = child.plan_restart(now)
        how = f"was ended by signal {-code}" if code and code < 0 else f"ended with code {code}"
        self._say(f"{child.name} {how}; starting it again in {wait:.1f} s.")

    def _start_again(self, child: Child) -> None:
        try:
            if child is self.postgres and self.cluster:
                self.cluster.prepare()
            self._launch(child)
        except (OSError, PostgresUnusable) as error:
            wait = child.plan_restart(time.monotonic())
            self._say(f"{child.name} could not be started ({error}); again in {wait:.1f} s.")

    def _launch(self, child: Child) -> None:
        if self.stopping_since is not None:
            return
        child.start(time.monotonic())
        self.selector.register(child, selectors.EVENT_READ)
        if child not in self.children:
            self.children.append(child)

    def _drain(self, child: Child) -> None:
        """Print its last words and let go of its output."""
        if child.pid == 0 and child in [key.fileobj for key in self.selector.get_map().values()]:
            child.pump(self.terminal)
            self.selector.unregister(child)

    def _leave(self, child: Child) -> None:
        self._drain(child)
        child.forget()
        self.children.remove(child)

    # --- ending -------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Web and worker first, so that they can finish; then PostgreSQL."""
        if self.stopping_since is None:
            self.stopping_since = time.monotonic()
        elif self.children:
            self._say("Stopping ...")
        self.probe.end()
        others = [child for child in self.children if child is not self.postgres]
        for child in others:
            child.ask_to_stop()
        self._wait_for_end(others, GRACE)
        for child in others:
            child.kill()
        if self.postgres in self.children and self.postgres:
            self._stop_postgres(self.postgres)

    def _stop_postgres(self, postgres: Child) -> None:
        for stop, seconds in ((signal.SIGINT, POSTGRES_GRACE), (signal.SIGQUIT, 0.5)):
            if postgres.pid:
                os.kill(postgres.pid, stop)
            self._wait_for_end([postgres], seconds)
        postgres.kill()

    def _wait_for_end(self, children: list[Child], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while any(child.pid for child in children):
            left = deadline - time.monotonic()
            if left <= 0 or self.impatient:
                return
            self._tick(min(left, 0.1))

    def _say(self, text: str) -> None:
        self.log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n".encode())
        self.terminal.say(text)
