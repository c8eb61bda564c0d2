"""The web process: pages and live streams on one socket. `python -m callbox.running.web`."""

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence

import uvicorn

from callbox.asgi import application
from callbox.running.config import Config, load
from callbox.running.serve import listen
from callbox.running.site import Site

GRACE = 2  # seconds for requests that are under way; the supervisor waits 3
KEEP_ALIVE = 20  # seconds that an idle connection stays open


class Server(uvicorn.Server):
    """Uvicorn, but open streams are ended first: they never end by themselves."""

    def __init__(self, config: uvicorn.Config, site: Site) -> None:
        super().__init__(config)
        self.site = site

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop within the grace, whatever a request or a stream is waiting for."""
        exit_after(GRACE + 0.7)
        await self.site.end_streams()
        await super().shutdown(sockets)


def exit_after(seconds: float) -> None:
    """End this process then, even if a thread still hangs in a query."""
    timer = threading.Timer(seconds, os._exit, [1])
    timer.daemon = True
    timer.start()


async def run(config: Config, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    options = uvicorn.Config(
        application,
        http="httptools",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEEP_ALIVE,
        proxy_headers=True,
        forwarded_allow_ips=list(config.proxies),
    )
    await application.begin()
    await Server(options, application).serve([listener])


def main(arguments: Sequence[str]) -> None:
    """`--fd` is the listening socket that the supervisor opened; without it we open our own."""
    parser = argparse.ArgumentParser(prog="callbox web")
    parser.add_argument("--fd", type=int, help="a listening socket")
    fd = parser.parse_args(arguments).fd
    config = load(os.environ)
    listener = listen(config) if fd is None else socket.socket(fileno=fd)
    # Uvicorn raises the signal again when it is done; by then it has nothing left to say.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    asyncio.run(run(config, listener))
    sys.stdout.flush()
    os._exit(0)  # not held up by a thread that still makes a page


if __name__ == "__main__":
    main(sys.argv[1:])
