"""Ending with `make`, however it is ended."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded import ROOT

CHILD = """
import time
from callbox.running.parent import Parent
parent = Parent()
print("up", flush=True)
for _ in range(400):
    if parent.was_interrupted():
        print("told", flush=True)
        break
    time.sleep(0.05)
"""


@pytest.mark.parametrize(
    ("number", "said"),
    [(signal.SIGINT, "told\n"), (signal.SIGTERM, ""), (signal.SIGKILL, "")],
)
def test_a_signal_to_make_alone_ends_us(tmp_path: Path, number: signal.Signals, said: str) -> None:
    (tmp_path / "child.py").write_text(CHILD)
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} child.py\n")
    make = subprocess.Popen(
        ["make", "run"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert make.stdout
    with make.stdout:
        assert make.stdout.readline() == "up\n"
        make.send_signal(number)
        # The end of the output is the end of the child, not only of make.
        assert make.stdout.read() == said
    assert make.wait(10) == -number
