"""A server on loopback that does what a test tells it to, byte by byte where it has to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket, str], None]


@dataclass
class Site:
    """`answers` maps paths to what happens; `heads` are the requests as they came."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on(self, path: str, answer: Answer) -> str:
        """What happens at a path; its address."""
        self.answers[path] = answer
        return self.url + path


def gives(
    body: bytes, kind: str = "", status: int = 200, length: int | None = -1, **headers: str
) -> Answer:
    """A plain answer. `length` None says none, and ends with the connection."""
    lines = [f"HTTP/1.1 {status} X", "Connection: close"]
    lines += [f"Content-Type: {kind}"] if kind else []
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda connection, _: connection.sendall(head + body)


def sends_on(to: str, status: int = 302) -> Answer:
    return gives(b"", status=status, Location=to)


@contextmanager
def running() -> Iterator[Site]:
    """A site, until the end of the block."""
    site, over = Site(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        site.port = server.getsockname()[1]
        server.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                with suppress(TimeoutError, OSError):
                    connection, _ = server.accept()
                    threading.Thread(target=_one, args=(site, connection), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            over.set()
            thread.join(2)


def _one(site: Site, connection: socket.socket) -> None:
    with connection, suppress(OSError):
        connection.settimeout(5)
        head = b""
        while b"\r\n\r\n" not in head:
            if not (chunk := connection.recv(4096)):
                return
            head += chunk
        text = head.decode("latin-1")
        site.heads.append(text)
        answer = site.answers.get(text.split(" ")[1], gives(b"", status=404))
        answer(connection, text)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
