"""A process that has Django at hand and forks others, which do one thing each and may die of it.

Starting Python and Django takes a second, a fork some milliseconds: so hundreds of processes can be
killed in a minute. One line of JSON comes in, one goes out::

    {"does": "work", "with": {...}, "offset": 120, "dies": ["commit", 3, "after"]}
    {"ended": "killed" | "done" | "raised", "result": ..., "error": "..."}

`offset` moves the clock of the child forward, in seconds; `dies` arms it (`doomed.arm`), and
`killed_after` has it killed from outside after so many milliseconds.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
django.setup()

import time_machine  # noqa: E402  # Django has to be set up first
from django.db import connections  # noqa: E402

from tests.faults import doomed, lives  # noqa: E402


def child(task: Mapping[str, Any], answer: int) -> None:
    """What a forked process does: one life, and never returns."""
    code = 1
    said: dict[str, Any] = {}
    try:
        with time_machine.travel(datetime.now(UTC) + timedelta(seconds=task.get("offset", 0))):
            if task.get("dies"):
                doomed.arm(*task["dies"])
            said = {"result": getattr(lives, task["does"])(**task.get("with", {}))}
        code = 0
    except BaseException:  # noqa: BLE001  # told to whoever asked
        said = {"error": traceback.format_exc()}
    os.write(answer, json.dumps(said).encode())
    os._exit(code)


def live(task: Mapping[str, Any]) -> dict[str, Any]:
    """Fork one process, and tell how it ended."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        child(task, writer)
    os.close(writer)
    if task.get("killed_after") is not None:
        time.sleep(task["killed_after"] / 1000)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader, "rb") as answer:
        said = answer.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"ended": "killed"}
    ended = "done" if os.WEXITSTATUS(status) == 0 else "raised"
    return {"ended": ended} | json.loads(said or "{}")


def main() -> None:
    lives.warm_up(os.environ["CALLBOX_FAULTS"])
    connections.close_all()  # a connection may not be shared with who is forked
    for line in sys.stdin:
        sys.stdout.write(json.dumps(live(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
