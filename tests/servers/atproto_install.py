"""Installs the AT Protocol network's programs into the checkout's cache, once.

The programs come from the npm registry at the versions of `atproto/package.json`; one of them is
compiled, which is the slow part (about three minutes in all, about 300 MB). Nothing is written
outside `.cache/atproto`.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "atproto"
PACKAGE = HERE / "atproto" / "package.json"
INSTALL_SECONDS = 1200


class MissingTool(RuntimeError):
    """This machine lacks a program that the network needs; the words name it."""


def install() -> Path:
    """The folder that holds `node_modules`, filled on the first call.

    Safe to call from several processes at once: one installs, the others wait. An interrupted
    installation is taken up again. Raises MissingTool, or CalledProcessError with npm's words.
    """
    node = tool("node", "nodejs")
    npm = tool("npm", "npm")
    version = _output(node, "--version")
    recipe = hashlib.sha256(PACKAGE.read_bytes() + version).hexdigest()[:12]
    folder = CACHE / recipe
    ready = folder / "ready"
    if not ready.exists():
        with _only_one():
            if not ready.exists():
                _fill(folder, npm, node)
                ready.touch()
    return folder


def tool(name: str, package: str) -> str:
    """Path of a program, or MissingTool naming the Debian package that brings it."""
    found = shutil.which(name)
    if found is None:
        raise MissingTool(f"“{name}” is missing: apt-get install {package}")
    return found


def postgres_binaries() -> Path:
    """Folder of the newest PostgreSQL installed by the system.

    The application's embedded PostgreSQL will not do: the AppView wants the trigram extension.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_major)
    if not found:
        raise MissingTool("PostgreSQL is missing: apt-get install postgresql")
    return found[-1].parent


def _major(initdb: Path) -> int:
    name = initdb.parents[1].name
    return int(name) if name.isdigit() else 0


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the cache's lock; the kernel lets go of it when this process dies."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill(folder: Path, npm: str, node: str) -> None:
    """Download everything without running any package's scripts, then compile the one part that
    must be (the PDS's SQLite), against headers of this machine where there are some."""
    tool("g++", "g++")
    tool("make", "make")
    folder.mkdir(exist_ok=True)
    shutil.copy(PACKAGE, folder / "package.json")
    environment = dict(os.environ)
    prefix = Path(node).resolve().parents[1]
    if (prefix / "include" / "node" / "node.h").exists():
        environment["npm_config_nodedir"] = str(prefix)
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    for step in (
        (npm, "install", "--ignore-scripts", *quiet),
        (npm, "rebuild", "better-sqlite3", "--build-from-source", *quiet),
    ):
        subprocess.run(
            step, cwd=folder, env=environment, check=True, timeout=INSTALL_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def _output(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


if __name__ == "__main__":
    print(install())  # noqa: T201 - run by hand to see where it landed
