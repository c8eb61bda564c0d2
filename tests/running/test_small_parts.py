"""The parts of the supervisor that need no processes, or one."""

import os
import socket
import time
from contextlib import closing
from pathlib import Path

from callbox.running.children import Backoff
from callbox.running.config import load
from callbox.running.output import Lines, Log, Terminal
from callbox.running.serve import listen
from tests.running.installation import free_port


def test_waiting_doubles_up_to_ten_seconds_and_starts_small_after_a_healthy_life() -> None:
    backoff = Backoff()
    assert [backoff.next(lived=1.0) for _ in range(8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]
    assert backoff.next(lived=31.0) == 0.2


def test_lines_are_cut_at_their_ends() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw") == [b"one\n"]
    assert lines.feed(b"o\n\n") == [b"two\n", b"\n"]
    assert lines.flush() == b""
    assert lines.feed(b"x" * 20_000) == [b"x" * 20_000 + b"\n"]
    lines.feed(b"rest")
    assert lines.flush() == b"rest\n"


def test_a_full_log_is_turned(tmp_path: Path) -> None:
    log = Log(tmp_path / "web.log", most=20, files=3)
    for number in range(8):
        log.write(f"line number {number}\n".encode())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "web.log": "line number 7\n",
        "web.log.1": "line number 6\n",
        "web.log.2": "line number 5\n",
    }


def test_a_log_that_cannot_be_written_hurts_nobody(tmp_path: Path) -> None:
    Log(tmp_path / "nowhere" / "web.log").write(b"line\n")


def test_a_terminal_that_nobody_reads_blocks_nobody() -> None:
    reader, writer = os.pipe()
    terminal = Terminal(writer)
    began = time.monotonic()
    for _ in range(50_000):
        terminal.put(b"a line that is long enough to fill a pipe some time\n")
    terminal.close(0.1)
    assert time.monotonic() - began < 5
    os.close(reader)  # lets the waiting thread go
    terminal.close(5)
    os.close(writer)


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """Connections inherit TCP_NODELAY; without it each answer's end takes 40 ms more."""
    config = load({"PORT": str(free_port()), "CALLBOX_PRACTICE": "1"})
    with (
        closing(listen(config)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
