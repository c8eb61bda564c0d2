"""Start the whole installation in the foreground: `python -m callbox.running.serve`.

Checks what can be checked before anything is started, so that a wrong setting is one clear sentence
and not a crash of the third process.
"""

import argparse
import errno
import fcntl
import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from typing import IO

from callbox.running import keys
from callbox.running.config import Config, Misconfigured, Problem, load
from callbox.running.parent import Parent
from callbox.running.postgres import PostgresUnusable
from callbox.running.tree import Tree

BACKLOG = 512  # connections that wait while the web process is started again
WRONG_SETTING = 2  # exit codes
IN_USE = 3


class AlreadyRunning(Exception):
    """Another supervisor holds this home, or another program this port."""


def problems(config: Config) -> list[Problem]:
    """What speaks against starting with these settings, beyond each being readable."""
    found: list[Problem] = []
    loopback = ipaddress.ip_address(config.bind).is_loopback
    if config.practice and not loopback:
        found.append(
            Problem(
                "CALLBOX_BIND",
                f"practice mode has demo logins and never listens beyond this machine, but "
                f"{config.bind} does.",
                "Write CALLBOX_BIND=127.0.0.1, or CALLBOX_PRACTICE=0.",
            )
        )
    if not loopback and not config.url and not config.hosts:
        found.append(
            Problem(
                "CALLBOX_URL",
                "without it, nobody beyond this machine gets an answer.",
                "Write the address that people type: CALLBOX_URL=https://talk.example.gov.",
            )
        )
    if not config.practice:
        found += keys.problems(config)
    return found


def lock_home(config: Config) -> IO[str]:
    """Make sure that we are the only supervisor of this home; the kernel frees it when we end.

    Raises AlreadyRunning with words for whoever started the second one.
    """
    path = config.home / "serve.lock"
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        pid, _, address = file.read().partition(" ")
        raise AlreadyRunning(
            f"Callbox already runs in {config.home} (process {pid}, {address.strip()}). Stop that "
            "one first, or give this one a folder of its own with CALLBOX_HOME."
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()} {config.address}\n")
    file.flush()
    return file


def listen(config: Config) -> socket.socket:
    """Open the web socket. We keep it open while the web process is started again.

    Raises AlreadyRunning or Misconfigured when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. asyncio would set it, but only on sockets that name their protocol;
    # without it the end of every answer waits 40 ms for the other side's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((config.bind, config.port))
    except OSError as error:
        listener.close()
        raise _unusable(config, error) from None
    listener.listen(BACKLOG)
    return listener


def _unusable(config: Config, error: OSError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return AlreadyRunning(
            f"Port {config.port} is taken by another program. "
            f"Choose another one: PORT={config.port + 1}"
        )
    if error.errno == errno.EACCES:
        return Misconfigured(
            [Problem("PORT", f"{config.port} is for root only.", "Write PORT=8000.")]
        )
    return Misconfigured(
        [
            Problem(
                "CALLBOX_BIND",
                f"{config.bind} is not an address of this machine.",
                "Write CALLBOX_BIND=127.0.0.1.",
            )
        ]
    )


def make_home(config: Config) -> None:
    """The folders of an installation. Raises Misconfigured when they cannot be made."""
    try:
        config.home.mkdir(parents=True, exist_ok=True)
        config.log_dir.mkdir(exist_ok=True)
        if config.practice:
            keys.make_missing(config.secrets_dir)
    except OSError as error:
        raise Misconfigured(
            [
                Problem(
                    "CALLBOX_HOME",
                    f"{config.home} cannot be written ({error.strerror}).",
                    "Write CALLBOX_HOME=/path/to/a/folder/of/yours.",
                )
            ]
        ) from None


def not_ours(error: PermissionError) -> str:
    """For a folder that was made by root, say, and is now used by somebody else."""
    return (
        f"{error.filename} belongs to another account. Start Callbox as the account that made it, "
        "or set CALLBOX_HOME to a folder of your own."
    )


def serve(config: Config, parent: Parent | None) -> int:
    """Run until told to stop, or until `parent` is; the exit code."""
    make_home(config)
    found = problems(config)
    if found:
        raise Misconfigured(found)
    with lock_home(config), listen(config) as listener:
        return Tree(config, os.environ, listener, parent).run()


def main(arguments: Sequence[str]) -> int:
    """The command line: `--with-parent` ends us when our parent ends or is interrupted."""
    parser = argparse.ArgumentParser(prog="callbox serve", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="stop when the caller is gone")
    parent = Parent() if parser.parse_args(arguments).with_parent else None
    try:
        return serve(load(os.environ), parent)
    except Misconfigured as wrong:
        for problem in wrong.problems:
            print(f"Wrong setting. {problem}", file=sys.stderr)  # noqa: T201  # for the person
        return WRONG_SETTING
    except PermissionError as error:
        print(not_ours(error), file=sys.stderr)  # noqa: T201  # for the person
        return WRONG_SETTING
    except (AlreadyRunning, PostgresUnusable) as error:
        print(error, file=sys.stderr)  # noqa: T201  # for the person
        return IN_USE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
