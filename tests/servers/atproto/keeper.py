"""Keeps one network's processes together, so that none of them outlives the tests.

Runs as a process of its own: `python keeper.py '{"modules": ..., "postgres": ..., ...}'`. It starts
PostgreSQL and the network, passes the network's one line of JSON on to its own standard output, and
then waits for its standard input to close. The test process holds the other end of that pipe, so
its end (a clean one, or kill -9) closes it; then everything here is ended and the data removed.
Should this keeper itself be killed, the kernel ends its children (PR_SET_PDEATHSIG).
"""

import ctypes
import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> int:
    settings = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests; they close the pipe
    folder = Path(tempfile.mkdtemp(prefix="callbox-atproto-"))
    folder.chmod(0o711)
    running: list[subprocess.Popen[bytes]] = []
    try:
        database = start_postgres(folder, Path(settings["postgres"]), running)
        network = start_network(folder, settings, database, running)
        wait_for_the_end(network)
    finally:
        for process in reversed(running):
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def start_postgres(folder: Path, binaries: Path, running: list[subprocess.Popen[bytes]]) -> str:
    """Make and start a database of our own; returns its address before it is up.

    Durability is off: its data lives as long as this process. PostgreSQL refuses to run as root, so
    root hands it to the system's own database account.
    """
    account = "postgres" if os.geteuid() == 0 else None
    data = folder / "postgres"
    data.mkdir(mode=0o700)
    if account:
        os.chown(data, pwd.getpwnam(account).pw_uid, pwd.getpwnam(account).pw_gid)
    make = f"--pgdata={data} -U network --auth=trust -N --encoding=UTF8 --locale=C.UTF-8".split()
    subprocess.run(
        [binaries / "initdb", *make], user=account, cwd="/", check=True, stdout=subprocess.DEVNULL
    )
    port = free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "port": port,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 60,
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "postgres.log").open("wb") as log:
        running.append(
            subprocess.Popen(
                [binaries / "postgres", "-D", data, *flags],
                user=account,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with(os.getpid()),
            )
        )
    return f"postgresql://network@127.0.0.1:{port}/postgres"


def start_network(
    folder: Path, settings: dict[str, Any], database: str, running: list[subprocess.Popen[bytes]]
) -> subprocess.Popen[bytes]:
    """Start the Node process; its standard output is ours, where the tests read the addresses."""
    data = folder / "network"
    data.mkdir()
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(data),
        "TMPDIR": str(data),
        "NODE_ENV": "test",
        "MODULES": settings["modules"],
        "DATABASE_URL": database,
        "RATE_LIMITS": "1" if settings["rate_limits"] else "",
    }
    network = subprocess.Popen(
        [
            settings["node"],
            "--no-deprecation",
            "--require",
            HERE / "loopback.cjs",
            HERE / "net.mjs",
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with(os.getpid()),
    )
    running.append(network)
    return network


def wait_for_the_end(network: subprocess.Popen[bytes]) -> None:
    """Return when the tests are over (our standard input closes) or the network has died."""
    while network.poll() is None:
        ready, _, _ = select.select([sys.stdin], [], [], 1.0)
        if ready and not os.read(sys.stdin.fileno(), 4096):
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def die_with(parent: int) -> Callable[[], None]:
    """What a child runs before its program: die when `parent` does, even if it is gone already."""

    def ask_the_kernel() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


if __name__ == "__main__":
    sys.exit(main())
