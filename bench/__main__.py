"""Run benchmarks by name, or all of them; numbers that follow a name are its sizes."""

import importlib
import sys

ALL = ("receive", "hooks", "inbox", "live", "surge", "footprint", "faults")

wanted = [one for one in sys.argv[1:] if not one.isdigit()] or ALL
sizes = [int(one) for one in sys.argv[1:] if one.isdigit()]
for name in wanted:
    importlib.import_module(f"bench.{name}").main(*sizes)
