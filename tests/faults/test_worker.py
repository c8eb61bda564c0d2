"""The real worker: killed again and again while it hears and answers; the last one finishes."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callbox.networks.practice.faults import Fault
from callbox.networks.practice.street import Street
from tests.faults import chaos

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]


def worker(where: chaos.Grounds, *dies: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.real_worker", *map(str, dies)]
    with (where.folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            command, env=where.environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
        )


def test_workers_die_and_the_last_one_finishes() -> None:
    with chaos.grounds() as where:
        town = where.ask(does="build", **{"with": {"slug": "real", "folder": str(where.folder)}})
        town = town["result"]
        mine = {"agency": town["agency"], "member": town["member"]}
        with Street(town["path"]) as street:
            street.join("ana")
            for number, dies in enumerate(
                (("word", 1, "after"), ("commit", 6, "before"), ("outside", 0, ""))
            ):
                street.post("ana", f"@pd7 Words {number}")
                where.ask(does="work", **{"with": {"agency": town["agency"]}})
                answer = {"text": f"Answer {number}", "which": -1} | mine
                assert where.ask(does="answer", **{"with": answer})["ended"] == "done"
                street.faults.ask(Fault.DUPLICATED, "fetch")
                if dies[0] == "outside":
                    process = worker(where)
                    time.sleep(2.5)
                    process.send_signal(signal.SIGKILL)
                else:
                    process = worker(where, *dies)
                assert process.wait(20) == -signal.SIGKILL

        last = worker(where)
        try:
            found = _until_nothing_is_wrong(where, town)
        finally:
            last.terminate()
            last.wait(20)
        assert found == [], (where.folder / "worker.log").read_text()[-3000:]


def _until_nothing_is_wrong(where: chaos.Grounds, town: dict[str, str]) -> object:
    """What the witness finds once nothing changes any more, or after half a minute."""
    deadline = time.monotonic() + 30
    what = {"agency": town["agency"], "path": town["path"], "forms": []}
    while True:
        found = where.ask(does="check", **{"with": what})["result"]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.5)
