"""Stopping with whoever started us: `make run`."""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


class Parent:
    """The process that started us, when we are to end with it."""

    def __init__(self) -> None:
        self.pid = os.getppid()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != self.pid:  # it ended before the wish was heard
            raise SystemExit(1)

    def was_interrupted(self) -> bool:
        """True when SIGINT reached it alone. Make passes on SIGTERM, but of SIGINT it assumes that
        the terminal sent it to everybody: it holds further ones back and waits for us."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return False
        held_back = next((line for line in lines if line.startswith("SigBlk:")), "SigBlk: 0")
        return bool(int(held_back.split()[1], 16) & 1 << (signal.SIGINT - 1))
