"""Asks our own `/healthz` until it answers 200, then has something to say."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from callbox.running.config import Config

SLOW_AFTER = 20.0  # seconds after which we say what is missing
PATIENCE = 5.0  # seconds for one answer
LOGINS = "logins.txt"  # written by the practice city into `$CALLBOX_HOME`


def ask(host: str, port: int, seconds: float = PATIENCE) -> tuple[int, str]:
    """Status and body of `/healthz`; (0, reason) when nobody answers."""
    request = f"GET /healthz HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n".encode()
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            connection.sendall(request)
            answer = bytearray()
            while len(answer) < 65_536 and (part := connection.recv(65_536)):
                answer += part
    except OSError as error:
        return 0, str(error)
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    words = head.split(maxsplit=2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    return status, body.decode(errors="replace").strip()


def host_of(config: Config) -> str:
    """The address at which our own web process answers us."""
    if config.bind in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        return "::1" if ":" in config.bind else "127.0.0.1"
    return config.bind


class Probe:
    """A thread that waits for the first 200. `news` hands out each message once."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._ended = threading.Event()
        self._messages: list[str] = []
        self._on_news: Callable[[], None] = lambda: None

    def begin(self, on_ready: Callable[[], None]) -> None:
        """Start asking; `on_ready` is called from the thread when there is something to say."""
        self._on_news = on_ready
        threading.Thread(target=self._ask_until_ready, daemon=True).start()

    def end(self) -> None:
        """Stop asking."""
        self._ended.set()

    def news(self) -> str:
        """What there is to say, or ""."""
        return self._messages.pop(0) if self._messages else ""

    def _ask_until_ready(self) -> None:
        host = host_of(self.config)
        slow_at = time.monotonic() + SLOW_AFTER
        while not self._ended.wait(0.1):
            status, body = ask(host, self.config.port)
            if status == 200:
                return self._tell(self._ready())
            if time.monotonic() > slow_at:
                slow_at = float("inf")
                self._tell(f"Not ready yet: {body or status}")
        return None

    def _tell(self, message: str) -> None:
        self._messages.append(message)
        self._on_news()

    def _ready(self) -> str:
        lines = [f"Callbox is ready: {self.config.url or self.config.address}"]
        if self.config.practice:
            with contextlib.suppress(OSError):
                lines += ["", (self.config.home / LOGINS).read_text().rstrip(), ""]
        return "\n".join([*lines, "Ctrl-C stops it."])
