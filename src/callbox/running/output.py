"""What the processes say: to their logs, and with a short prefix to the terminal.

Whoever started us may stop reading (a pager, a closed terminal). That must never stop Callbox, so
a thread does the printing and lines that nobody takes are dropped; the logs have them all.
"""

import contextlib
import os
import queue
import sys
import threading
from pathlib import Path

LOG_BYTES = 5_000_000
LOG_FILES = 3
MOST_WAITING = 2_000  # lines


class Log:
    """A file that is renamed to `.1`, `.2`, ... when it is full. Losing a log never hurts."""

    def __init__(self, path: Path, most: int = LOG_BYTES, files: int = LOG_FILES) -> None:
        self.path = path
        self.most = most
        self.files = files

    def write(self, data: bytes) -> None:
        """Append; a full disk or a removed folder is not our end."""
        with contextlib.suppress(OSError):
            if self.path.exists() and self.path.stat().st_size + len(data) > self.most:
                self._turn()
            with self.path.open("ab") as file:
                file.write(data)

    def _turn(self) -> None:
        for number in range(self.files - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path.with_name(f"{self.path.name}.{number - 1}") if number > 1 else None
            source = newer or self.path
            if source.exists():
                source.replace(older)


class Terminal:
    """Standard output that never blocks its writer."""

    def __init__(self, handle: int | None = None) -> None:
        self._handle = sys.stdout.fileno() if handle is None else handle
        self._lines: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._print, daemon=True)
        self._thread.start()

    def say(self, text: str) -> None:
        """Print a line of our own."""
        self.put(text.encode(errors="replace") + b"\n")

    def put(self, line: bytes) -> None:
        """Print bytes that end with a line end, or drop them when nobody reads."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(line)

    def close(self, seconds: float = 0.5) -> None:
        """Give waiting lines a moment to get out."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(seconds)

    def _print(self) -> None:
        while (line := self._lines.get()) is not None:
            with contextlib.suppress(OSError):  # the terminal is gone
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(self._handle, rest) :]


class Lines:
    """Cuts a stream of bytes into lines; very long ones in pieces."""

    MOST = 16_384

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Whole lines, with their line ends."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        lines = [line + b"\n" for line in whole]
        if len(self._rest) > self.MOST:
            lines.append(self.flush())
        return lines

    def flush(self) -> bytes:
        """What is left without a line end, with one; or nothing."""
        rest, self._rest = self._rest, b""
        return rest + b"\n" if rest else b""
