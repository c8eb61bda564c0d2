"""The process that is the server: started and ended by `tests/servers/mastodon.py`.

It takes its settings as JSON in its first argument, binds a free loopback port itself (so that no
other process can take it in between), prints the address, and ends when its standard input does:
a parent that dies in any way takes it along.
"""

import json
import socket
import sys
import tempfile
import threading

import uvicorn
from mastodon_mock.app import create_app
from mastodon_mock.config import MastodonMockConfig


def main() -> None:
    settings = json.loads(sys.argv[1])
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    with tempfile.TemporaryDirectory(prefix="callbox-mastodon-") as pictures:
        own = {"domain": address, "url_scheme": "http", "media_storage_path": pictures}
        _run(MastodonMockConfig.model_validate(settings | own), listening, address)


def _run(config: MastodonMockConfig, listening: socket.socket, address: str) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(config),
            log_level="critical",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
    )
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    sys.stdout.write(json.dumps({"url": f"http://{address}"}) + "\n")
    sys.stdout.flush()
    server.run(sockets=[listening])


def _end_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
