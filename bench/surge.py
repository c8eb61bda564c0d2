"""A bad night: 200 webhooks a second from four networks, while the worker has its hands full.

`python -m bench surge [seconds]`. Requests are sent when their time has come, whether or not those
before have been answered, and each is timed from then: a slow answer cannot hide the ones behind
it. One in twenty is sent twice. The floor is an empty endpoint of the bare server, under the same
load from the same machine.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench import ground

NETWORKS = ("facebook", "instagram", "x", "threads")
RATE = 200
SENDERS = 24
BACKLOG = 40_000  # arrivals that the worker is busy with
TWICE = 20  # one in so many is sent a second time

EMPTY = """
import sys, uvicorn
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One request, and when it is due (seconds after the beginning)."""

    at: float
    path: str
    headers: dict[str, str]
    body: bytes


def main(seconds: int = 60) -> None:
    """Print answers' times beside the floor, and what was lost or doubled; exit 1 if anything."""
    from callbox.connector import Signed  # noqa: PLC0415  # cheap, and keeps `--help` cheap too

    with ground.database():
        from tests import make  # noqa: PLC0415  # after Django is set up

        agency = make.agency()
        harnesses = {name: _harness(name) for name in NETWORKS}
        accounts = {name: make.stand_in_account(agency, one) for name, one in harnesses.items()}
        each = seconds * RATE // len(NETWORKS)
        requests: dict[str, list[Signed]] = {
            name: [one.hook() for _ in range(each)] for name, one in harnesses.items()
        }
        shots = _shots(agency, accounts, requests)
        floor = _floor(shots)
        _backlog(agency)
        with ground.web() as port, _worker() as worker:
            _fire(port, shots[:RATE])  # warm: connections and plans; these are repeated below
            busy = _cpu(worker)
            took, statuses = _fire(port, shots)
            busy = (_cpu(worker) - busy) / (shots[-1].at or 1)
            lost, doubled = _settled(agency, accounts, each)
        for one in harnesses.values():
            one.close()
    _say(took, floor, busy, lost, doubled)
    bad = [status for status in statuses if status != 200]
    if lost or doubled or bad:
        sys.exit(f"{len(bad)} not answered with 200, {lost} lost, {doubled} doubled")


def _harness(name: str) -> Any:
    from tests.contract.harness import harness_class  # noqa: PLC0415

    return harness_class(name)()


def _shots(agency: Any, accounts: dict[str, Any], requests: dict[str, list[Any]]) -> list[Shot]:
    """All requests in turn, one network after the other, some of them twice."""
    mixed = [
        (name, signed)
        for together in zip(*[[(n, s) for s in some] for n, some in requests.items()], strict=True)
        for name, signed in together
    ]
    shots = []
    for number, (name, signed) in enumerate(mixed):
        query = urlsplit(signed.url).query
        path = f"/hooks/{agency.id}/{accounts[name].id}/" + (f"?{query}" if query else "")
        shot = Shot(number / RATE, path, dict(signed.headers), signed.body)
        shots += [shot, shot] if number % TWICE == 0 else [shot]
    return shots


def _fire(port: int, shots: Sequence[Shot]) -> tuple[list[float], list[int]]:
    """Send every request at its time; how long each took from then, and its status."""
    began = time.perf_counter() + 0.2

    def some(mine: Sequence[Shot]) -> list[tuple[float, int]]:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        found = []
        for shot in mine:
            due = began + shot.at
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", shot.path, shot.body, shot.headers)
            answer = connection.getresponse()
            answer.read()
            found.append((time.perf_counter() - due, answer.status))
        return found

    with ThreadPoolExecutor(SENDERS) as pool:
        parts = list(pool.map(some, [shots[n::SENDERS] for n in range(SENDERS)]))
    all_of_them = [one for part in parts for one in part]
    return [took for took, _ in all_of_them], [status for _, status in all_of_them]


def _floor(shots: Sequence[Shot]) -> list[float]:
    """The same requests to an endpoint that does nothing, of the same server program."""
    import socket  # noqa: PLC0415

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", EMPTY, str(port)])
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        few = [one for one in shots if one.at <= 15]
        return _fire(port, few)[0]
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _worker() -> Iterator[int]:
    """A real worker, as busy as it can be; its process id."""
    environ = os.environ | {"PYTHONPATH": "src"}
    process = subprocess.Popen([sys.executable, "-m", "callbox.running.worker"], env=environ)
    try:
        time.sleep(3)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _cpu(pid: int) -> float:
    """Seconds of a processor that a process has had."""
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123  # not a file that lies anywhere
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _backlog(agency: Any) -> None:
    """Work for the worker, all through: arrivals of a fifth account that wait to be read."""
    from bench.receive import raws  # noqa: PLC0415
    from callbox.actions import arrivals  # noqa: PLC0415
    from callbox.effects import later  # noqa: PLC0415
    from callbox.scope import acting_for  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    account = make.portal_account(agency)
    for _ in range(0, BACKLOG, 1000):
        arrivals.store(account, raws(1000), "hook")
    with acting_for(agency.id):
        later("read_arrivals", account_id=account.id)


def _settled(agency: Any, accounts: dict[str, Any], each: int) -> tuple[int, int]:
    """Wait until everything is read; how many messages are missing, and how many too many."""
    from callbox.models.inbox import Arrival, Message  # noqa: PLC0415
    from callbox.scope import acting_for  # noqa: PLC0415

    ids = [one.id for one in accounts.values()]
    until = time.monotonic() + 180
    while time.monotonic() < until:
        with acting_for(agency.id):
            if not Arrival.objects.filter(account_id__in=ids, state="new").exists():
                break
        time.sleep(1)
    with acting_for(agency.id):
        have = {pk: Message.objects.filter(account_id=pk).count() for pk in ids}
        bad = Arrival.objects.filter(account_id__in=ids, state="quarantined").count()
    missing = sum(max(each - count, 0) for count in have.values())
    return missing + bad, sum(max(count - each, 0) for count in have.values())


def _say(
    took: Sequence[float], floor: Sequence[float], busy: float, lost: int, doubled: int
) -> None:
    rows = []
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("slowest", 1.0)):
        ours = 1000 * ground.percentile(took, share)
        theirs = 1000 * ground.percentile(floor, share)
        rows.append((f"{name}, ms", ours, theirs, ours / theirs))
    rows += [
        ("requests", len(took), len(floor), ""),
        ("worker, share of a processor", busy, "", ""),
        ("lost", lost, "", ""),
        ("doubled", doubled, "", ""),
    ]
    ground.table(
        f"{RATE} webhooks a second from {len(NETWORKS)} networks",
        ("", "ours", "empty endpoint", "ratio"),
        rows,
    )


if __name__ == "__main__":
    main(*[int(one) for one in sys.argv[1:]])
