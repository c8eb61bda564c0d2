"""What every benchmark stands on: a durable embedded server, an agency, and a table to print."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import django
from rich.console import Console
from rich.table import Table


@contextmanager
def database() -> Iterator[None]:
    """A server with production's settings (it syncs), Django pointed at it as `callbox_app`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
    home = Path(tempfile.mkdtemp(prefix="callbox-bench-home-"))
    os.environ["CALLBOX_HOME"] = str(home)
    os.environ["CALLBOX_ENCRYPTION_KEY"] = "e1" * 32
    os.environ["CALLBOX_SIGNING_KEY"] = "51" * 32
    os.environ["CALLBOX_SECRET_KEY"] = "a key for benchmarks, which keep nothing secret 0123456789"
    django.setup()
    # Only now: these need Django's settings.
    from django.db import connections  # noqa: PLC0415

    from callbox.running.database import address  # noqa: PLC0415
    from tests import embedded  # noqa: PLC0415

    server = embedded.started({})
    try:
        connections["default"].close()
        connections["default"].settings_dict.update(address(server.url()))
        os.environ["DATABASE_URL"] = server.url()
        os.environ["DATABASE_OWNER_URL"] = server.url("callbox_owner")
        os.environ["DATABASE_ADMIN_URL"] = server.url("callbox_admin")
        yield
    finally:
        connections.close_all()
        embedded.stopped(server)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def web() -> Iterator[int]:
    """The real web process on a free port of this machine; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = os.environ | {"PORT": str(port), "PYTHONPATH": "src", "CALLBOX_PRACTICE": "1"}
    process = subprocess.Popen([sys.executable, "-m", "callbox.running.web"], env=environ)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes, by the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def typical(work: Callable[[], object], times: int) -> float:
    """The median of several calls: this machine is shared, so single figures lie."""
    return median(seconds(work) for _ in range(times))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print figures, one line each."""
    out = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        out.add_column(column, justify="left" if index == 0 else "right")
    for row in rows:
        out.add_row(*(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    Console(file=sys.stdout, width=110).print(out)
