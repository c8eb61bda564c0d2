"""Batches of random runs in which processes and the database are killed; each is told by its seed.

A batch has a town of its own: residents write, members answer, the network fails in its many ways,
and meanwhile workers, web processes and database servers die. After each run everything is left to
work undisturbed, and then `witness` must find nothing. The same seed makes the same plan.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from callbox.networks.practice.faults import Fault
from callbox.networks.practice.street import Street
from callbox.running import postgres
from tests import embedded

RUNS = 10  # in a batch
#: Nothing is lost when a server is killed, while the machine goes on: no need to sync to disk.
SURVIVES = postgres.FLEETING | {"synchronous_commit": "on", "full_page_writes": "on"}
CALLER = {
    "CALLBOX_ENCRYPTION_KEY": "e1" * 32,
    "CALLBOX_SIGNING_KEY": "51" * 32,
    "CALLBOX_SECRET_KEY": "a key for tests, which keep nothing secret: 0123456789",
    "CALLBOX_LOG_LEVEL": "ERROR",
}


@dataclass
class Tally:
    """What was done to it."""

    runs: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def killed(self, what: str) -> None:
        self.kills[what] = self.kills.get(what, 0) + 1


class Grounds:
    """A database server and a nursery, for any number of batches. Close it."""

    def __init__(self) -> None:
        self.server = embedded.started(SURVIVES)
        self.folder = Path(tempfile.mkdtemp(prefix="callbox-faults-"))
        self._log = (self.folder / "nursery.log").open("wb")
        root = Path(__file__).resolve().parents[2]
        self.environ = {
            **os.environ,
            **CALLER,
            "DATABASE_URL": self.server.url(),
            "CALLBOX_HOME": str(self.folder),
            "CALLBOX_FAULTS": str(self.folder),
            "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}",
        }
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=self.environ,
            cwd=root,
            text=True,
        )

    def close(self) -> None:
        with self.nursery:  # closes its pipes
            self.nursery.kill()
        self._log.close()
        embedded.stopped(self.server)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, **task: Any) -> dict[str, Any]:
        """Have one process forked for a task; how it ended."""
        if self.nursery.stdin is None or self.nursery.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        self.nursery.stdin.write(json.dumps(task) + "\n")
        self.nursery.stdin.flush()
        line = self.nursery.stdout.readline()
        if not line:
            raise RuntimeError((self.folder / "nursery.log").read_text())
        answer: dict[str, Any] = json.loads(line)
        return answer

    # --- killing the database -----------------------------------------------------------------

    def kill_backend(self) -> bool:
        """SIGKILL the process that serves one connection: the server ends all others and starts
        again. False when nobody was connected."""
        before = self._started_at()
        with psycopg.connect(self.server.url(postgres.ADMIN_ROLE), autocommit=True) as intruder:
            row = intruder.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = 'callbox_app' LIMIT 1"
            ).fetchone()
        if row is None:
            return False
        os.kill(row[0], signal.SIGKILL)
        deadline = time.monotonic() + 20
        while self._started_at() in (before, None):
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not come back")
            time.sleep(0.02)
        return True

    def restart(self) -> None:
        """Stop the whole server at once, as a power cut would, and start it again."""
        self.server.stop(signal.SIGQUIT)
        self.server.start()

    def _started_at(self) -> datetime | None:
        """When the server's processes started; None while it takes no connections."""
        try:
            with psycopg.connect(self.server.url(postgres.ADMIN_ROLE), autocommit=True) as asking:
                row = asking.execute(
                    "SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
                ).fetchone()
        except psycopg.OperationalError:
            return None
        return row[0] if row else None


@contextmanager
def grounds() -> Iterator[Grounds]:
    """Grounds, closed at the end."""
    found = Grounds()
    try:
        yield found
    finally:
        found.close()


FAULTS: tuple[tuple[Fault, str], ...] = (
    (Fault.LOST_AFTER, "reply"),
    (Fault.LOST_AFTER, "reply"),
    (Fault.LOST_BEFORE, "reply"),
    (Fault.LOST_AFTER, "message"),
    (Fault.UNAVAILABLE, "any"),
    (Fault.UNAVAILABLE, "find"),
    (Fault.AUTH_TRANSIENT, "reply"),
    (Fault.RATE_LIMITED, "reply"),
    (Fault.REFUSED, "reply"),
    (Fault.DUPLICATED, "fetch"),
    (Fault.SHUFFLED, "fetch"),
    (Fault.MALFORMED, "fetch"),
)


#: Where a process is killed; what stands here twice, twice as often.
HOWS: dict[str, tuple[str, ...]] = {
    "work": ("statement", "commit", "look", "word", "word", "word", "outside"),
    "answer": ("statement", "commit", "outside"),
    "second_thoughts": ("statement", "commit", "outside"),
    "hooked": ("statement", "commit", "outside"),
    "wrote": ("statement", "commit", "outside"),
}
NAMES = {
    "work": "a worker",
    "answer": "a web process with a reply",
    "second_thoughts": "a web process with a withdrawal",
    "hooked": "a web process with a webhook",
    "wrote": "a web process with a form",
}


class Batch:
    """One town and its runs, all drawn from one seed."""

    def __init__(self, where: Grounds, seed: int, tally: Tally) -> None:
        self.where, self.seed, self.tally = where, seed, tally
        self.chance = random.Random(seed)
        self.offset = 0.0
        self.said = 0
        self.forms: list[str] = []
        town = self._sure("build", slug=f"s{seed}", folder=str(where.folder))
        self.agency, self.member = town["agency"], town["member"]
        self.accounts, self.form, self.path = town["accounts"], town["form"], town["path"]
        self.street = Street(self.path, now=self._now)
        for name in ("ana", "ben", "cleo"):
            self.street.join(name)

    def close(self) -> None:
        self.street.close()

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    # --- processes ----------------------------------------------------------------------------

    def _sure(self, does: str, **what: Any) -> Any:
        """A process that nobody disturbs: it has to succeed."""
        answer = self.where.ask(does=does, offset=self.offset, **{"with": what})
        if answer["ended"] != "done":
            raise AssertionError(f"seed {self.seed}: {does} {answer}")
        return answer["result"]

    def _doomed(self, does: str, **what: Any) -> bool:
        """A process that will probably be killed. True when it came to its end."""
        task: dict[str, Any] = {"does": does, "offset": self.offset, "with": what}
        how = self.chance.choice(HOWS[does])
        if how == "outside":
            task["killed_after"] = self.chance.uniform(5, 120)
        else:
            most = {"statement": 60, "commit": 12, "look": 3, "word": 1}[how]
            number = 1 + int(most * self.chance.random() ** 2)
            task["dies"] = [how, number, self.chance.choice(("before", "after"))]
        answer = self.where.ask(**task)
        if answer["ended"] == "killed":
            self.tally.killed(f"{NAMES[does]}: {how}")
        elif answer["ended"] == "raised":
            raise AssertionError(f"seed {self.seed}: {does} {answer['error']}")
        return bool(answer["ended"] == "done")

    def _without_database(self, does: str, **what: Any) -> None:
        """A process whose database goes away under it. It may fail; it may not do harm."""
        delay = self.chance.uniform(0.02, 0.2)
        gone: Callable[[], object]
        if self.chance.random() < 0.5:
            gone, name = self.where.kill_backend, "a backend of the database"
        else:
            gone, name = self.where.restart, "the database server"

        task: dict[str, Any] = {"does": does, "offset": self.offset, "with": what}
        # The server ends with the thread that started it, so that is the main one.
        process = threading.Thread(target=lambda: self.where.ask(**task))
        process.start()
        time.sleep(delay)
        gone()
        process.join()
        self.tally.killed(name)

    # --- what people do -----------------------------------------------------------------------

    def _number(self) -> int:
        self.said += 1
        return self.said

    def _residents(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            who = self.chance.choice(("ana", "ben", "cleo"))
            handle = self.chance.choice(("pd11", "pd7"))
            mine = [post for post in self.street.said_by(who) if not post.gone]
            text = f"@{handle} Words {self._number()}"
            deed = self.chance.choice(("post", "post", "reply", "edit", "delete", "direct"))
            if deed == "direct":
                self.street.direct(who, handle, text)
            elif deed == "post" or not mine:
                self.street.post(who, text)
            elif deed == "reply":
                self.street.reply(who, self.chance.choice(mine).id, text)
            elif deed == "edit":
                post = self.chance.choice(mine)
                self.street.edit(who, post.id, f"{post.text} +{self.said}")
            elif len(mine) > 1:
                self.street.delete(who, self.chance.choice(mine).id)

    def _network_fails(self) -> None:
        for fault, operation in self.chance.sample(FAULTS, self.chance.choice((0, 1, 1, 2))):
            self.street.faults.ask(fault, operation, seconds=30)

    def _members(self) -> None:
        for _ in range(self.chance.randint(1, 2)):
            words = f"Answer {self._number()}"
            what = {"member": self.member, "text": words, "which": self.chance.randrange(1000)}
            say = self._doomed if self.chance.random() < 0.4 else self._sure
            say("answer", agency=self.agency, **what)

    def _web(self) -> None:
        """A push and a form, sent again until somebody says that they have it."""
        if self.chance.random() < 0.5:
            handle = self.chance.choice(("pd11", "pd7"))
            push = {"account": self.accounts[handle], "path": self.path, "after": 0}
            if not self._doomed("hooked", agency=self.agency, **push):
                status = self._sure("hooked", agency=self.agency, **push)
                if status != 200:
                    raise AssertionError(f"seed {self.seed}: a push got {status}")
        if self.chance.random() < 0.5:
            number = f"f{self.seed}-{self._number()}"
            form = {"account": self.form, "number": number, "text": f"Form {number}"}
            if not self._doomed("wrote", agency=self.agency, **form):
                self._sure("wrote", agency=self.agency, **form)
            self.forms.append(number)

    # --- a run --------------------------------------------------------------------------------

    def run(self) -> list[str]:
        """One run; what is wrong afterwards."""
        self.tally.runs += 1
        self._residents()
        self._network_fails()
        self._web()
        self._doomed("work", agency=self.agency)
        self._members()
        self.offset += self.chance.choice((2, 15, 15, 100))
        if self.chance.random() < 0.12:
            self._without_database("work", agency=self.agency)
        else:
            self._doomed("work", agency=self.agency)
        if self.chance.random() < 0.3:
            self._doomed("second_thoughts", agency=self.agency, member=self.member)
            self._doomed("work", agency=self.agency)
        self.street.faults.clear()
        if self.chance.random() < 0.4:
            # No echo may come to the rescue: what was sent is found by looking for it.
            self.street.faults.ask(Fault.UNAVAILABLE, "fetch", times=None)
            self.offset += 100 + self._sure("recover", agency=self.agency, patience=5)
            self.street.faults.clear()
        self.offset += 100 + self._sure("recover", agency=self.agency)
        if self.chance.random() < 0.1:
            self._sure("poll", agency=self.agency)
        found = self._sure("check", agency=self.agency, path=self.path, forms=self.forms)
        return [f"seed {self.seed}, run {self.tally.runs}: {one}" for one in found]


def batch(where: Grounds, seed: int, tally: Tally, runs: int = RUNS) -> None:
    """A batch of runs; problems go to the tally, and end the batch."""
    town = Batch(where, seed, tally)
    try:
        for _ in range(runs):
            found = town.run()
            if found:
                tally.problems += found
                return
    finally:
        town.close()
