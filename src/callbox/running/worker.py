"""The worker process: jobs from the database, and listeners that hold streams open.

`python -m callbox.running.worker [--queues alerts,deliveries] [--no-listeners]`. Any number may
run. A job that a stop interrupts stays marked as under way; like after a crash, the sweep in
`callbox.jobs` finds that its worker is gone and has it done again.
"""

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
django.setup()

from procrastinate import PsycopgConnector  # noqa: E402  # Django has to be set up first
from procrastinate.app import WorkerOptions  # noqa: E402
from procrastinate.contrib.django import app  # noqa: E402
from procrastinate.contrib.django.utils import connector_params  # noqa: E402

from callbox.jobs import run_listeners  # noqa: E402
from callbox.running import presence  # noqa: E402
from callbox.running.config import Config, load  # noqa: E402

NICER = 5  # than pages and webhooks: somebody waits for those, and nobody for us by milliseconds
GRACE = 2.5  # seconds for jobs that are under way; the supervisor waits 3


def connector(config: Config) -> PsycopgConnector:
    """The worker's own connections: as the application's role, and showing that we are here."""

    async def configure(connection: psycopg.AsyncConnection[object]) -> None:
        before = connection.autocommit
        await connection.set_autocommit(True)
        if config.role_to_assume:
            await connection.execute(
                "SELECT set_config('role', %s, false)", [config.role_to_assume]
            )
        await connection.execute(presence.ANNOUNCE, presence.PARAMETERS)
        await connection.set_autocommit(before)

    return PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4, configure=configure)


def _options(config: Config, queues: Sequence[str] | None) -> WorkerOptions:
    options: WorkerOptions = {
        "concurrency": config.worker_jobs,
        "install_signal_handlers": False,
        "delete_jobs": "successful",
        # Jobs for a time (a reply after its ten seconds) are found by looking, not by notice.
        "fetch_job_polling_interval": 1.0,
    }
    return options | {"queues": queues} if queues else options


async def work(config: Config, queues: Sequence[str] | None, stop: threading.Event) -> None:
    """Do jobs until SIGTERM or SIGINT, then finish what is under way, within the grace."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def begin_to_stop() -> None:
        stop.set()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, begin_to_stop)
    with app.replace_connector(connector(config)) as ours:
        async with ours.open_async():
            jobs = asyncio.create_task(ours.run_worker_async(**_options(config, queues)))
            told = asyncio.create_task(stopping.wait())
            await asyncio.wait([jobs, told], return_when=asyncio.FIRST_COMPLETED)
            if not told.done():
                await jobs  # it ended by itself: let its reason be seen
            jobs.cancel()
            await asyncio.wait([jobs], timeout=GRACE)
            leave()


def main(arguments: Sequence[str]) -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog="callbox worker")
    parser.add_argument("--queues", help="only these queues, with commas between")
    parser.add_argument("--no-listeners", action="store_true", help="leave streams to others")
    chosen = parser.parse_args(arguments)
    queues = chosen.queues.split(",") if chosen.queues else None
    os.nice(NICER)
    stop = threading.Event()
    if not chosen.no_listeners:
        threading.Thread(target=run_listeners, args=(stop,), daemon=True).start()
    asyncio.run(work(load(os.environ), queues, stop))


def leave() -> NoReturn:
    """End now. Leaving properly would wait for every job's and listener's thread."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
