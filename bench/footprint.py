"""What the whole tree costs: first start, warm start, and memory when nothing happens.

Memory is PSS (shared pages counted once) over every process of the tree, PostgreSQL included. The
start is measured from `callbox serve` on, with everything installed; `make run` on a fresh clone
adds the installation.
"""

import shutil
import tempfile
import time
from pathlib import Path

import psutil

from bench import ground
from tests.browser.tree import Tree


def main(*_: int) -> None:
    """Print seconds and megabytes."""
    folder = Path(tempfile.mkdtemp(prefix="callbox-bench-start-"))
    try:
        tree = Tree(folder)
        first = ground.seconds(tree.start)
        tree.stop()
        tree = Tree(folder)
        warm = ground.seconds(tree.start)
        time.sleep(45)  # two rounds of the worker, every connection open
        assert tree.process is not None
        memory = pss(tree.process.pid)
        stopping = ground.seconds(tree.stop)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ground.table(
        "The whole tree",
        ("", "seconds"),
        [("first start", first), ("warm start", warm), ("stop", stopping)],
    )
    total = sum(memory.values())
    ground.table("Idle memory (MB, PSS)", ("", "MB"), [*memory.items(), ("together", total)])


def pss(pid: int) -> dict[str, float]:
    """Megabytes by kind of process, for a process and everything below it."""
    found: dict[str, float] = {}
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        kilobytes = next(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")
        )
        found[_kind(process)] = found.get(_kind(process), 0.0) + kilobytes / 1024
    return found


def _kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    for kind in ("running.web", "running.worker", "running.serve"):
        if kind in words:
            return kind.removeprefix("running.")
    return "postgres" if "postgres" in words else process.name()


if __name__ == "__main__":
    main()
