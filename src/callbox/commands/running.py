"""Starting processes: `serve`, `web`, `worker`. Each becomes the module that does it."""

import os
import sys
from typing import Annotated, NoReturn

import typer


def become(module: str, *arguments: str) -> NoReturn:
    """Turn into `python -m module`: none of this command's own imports stay in memory."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606  # see above


def serve() -> None:
    """Run everything on this machine: database, web and worker, until Ctrl-C."""
    become("callbox.running.serve")


def web() -> None:
    """Run one web process alone: for machines that only serve pages."""
    become("callbox.running.web")


def worker(
    queues: Annotated[
        str, typer.Option(help="Only these queues, with commas between; default: all.")
    ] = "",
    listeners: Annotated[
        bool, typer.Option(help="Hold streams of networks open beside the jobs.")
    ] = True,
) -> None:
    """Run one worker process alone: for machines that only do jobs."""
    chosen = [f"--queues={queues}"] if queues else []
    become("callbox.running.worker", *chosen, *([] if listeners else ["--no-listeners"]))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (serve, web, worker):
        app.command()(command)
