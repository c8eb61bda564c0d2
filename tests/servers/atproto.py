"""A whole AT Protocol network on loopback: what the Bluesky connector is tested against.

::

    with atproto_network() as network:
        department = network.create_account("department")   # Credentials
        resident = network.resident("ana")                  # a client that posts
        resident.post(f"@{department.handle} is the road open?", mention=department)

The first use on a machine installs the programs (see `atproto_install`); after that a network is up
in about four seconds and takes 350 MB. Every network has ports, a database and accounts of its own,
so several may run at once. Its processes end with the test process, however that ends (see
`atproto/keeper.py`).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from tests.servers.atproto_install import install, postgres_binaries, tool
from tests.servers.atproto_resident import Credentials, Resident, client, until

KEEPER = Path(__file__).resolve().parent / "atproto" / "keeper.py"
START_SECONDS = 120

__all__ = ["Credentials", "Network", "Resident", "atproto_network", "client", "until"]


@dataclass(frozen=True, slots=True)
class Network:
    """A running network. `service_url` is what an account's settings name as its server;
    `appview_url` is the public side, which shows posts without a login."""

    service_url: str
    appview_url: str
    keeper_id: int  # process id of the keeper

    def create_account(self, name: str) -> Credentials:
        """Register `<name>.test` and return how to log in, once the AppView knows the account.

        `name`: 3 to 18 letters, digits or hyphens, not used before in this network.
        """
        credentials = Credentials(f"{name}.test", f"{name}-password-on-loopback", "")
        body = {
            "handle": credentials.handle,
            "password": credentials.password,
            "email": f"{name}@example.com",
        }
        with client(self.service_url) as calls:
            answer = calls.post("/xrpc/com.atproto.server.createAccount", json=body)
            assert answer.status_code == 200, answer.text
        did: str = answer.json()["did"]
        with client(self.appview_url) as calls:
            until(lambda: _is_known(calls, did))
        return Credentials(credentials.handle, credentials.password, did)

    def resident(self, name: str) -> Resident:
        """A new account and a client for it. Close the client, or let the garbage collector."""
        return Resident(self.service_url, self.create_account(name))


def _is_known(appview: httpx.Client, did: str) -> bool:
    answer = appview.get("/xrpc/app.bsky.actor.getProfile", params={"actor": did})
    return answer.status_code == 200


@contextmanager
def atproto_network(*, rate_limits: bool = False) -> Iterator[Network]:
    """Start a network, and end it with the block.

    `rate_limits` turns on the PDS's real ones (30 logins per five minutes and account, ...). Raises
    MissingTool when this machine lacks a program, RuntimeError with the log when the start fails.
    """
    settings = {
        "modules": str(install()),
        "postgres": str(postgres_binaries()),
        "node": tool("node", "nodejs"),
        "rate_limits": rate_limits,
    }
    with tempfile.TemporaryFile() as log:
        keeper = subprocess.Popen(
            [sys.executable, KEEPER, json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        try:
            addresses = json.loads(_first_line(keeper, log))
            yield Network(**addresses, keeper_id=keeper.pid)
        finally:
            _end(keeper)


def _first_line(keeper: subprocess.Popen[bytes], log: IO[bytes]) -> bytes:
    """The line that says that the network is ready."""
    assert keeper.stdout is not None
    line = keeper.stdout.readline()
    if not line:
        keeper.wait(timeout=START_SECONDS)
        log.seek(0)
        words = log.read().decode(errors="replace")
        raise RuntimeError(f"the AT Protocol network did not start:\n{words[-4000:]}")
    return line


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """Close the keeper's pipe: it ends everything and goes. Kill it if it takes too long."""
    for pipe in (keeper.stdin, keeper.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    try:
        keeper.wait(timeout=15)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
