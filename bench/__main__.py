"""Run benchmarks by name, or all of them."""

import importlib
import sys

ALL = ("receive", "hooks", "inbox", "live", "footprint", "faults")

for name in sys.argv[1:] or ALL:
    importlib.import_module(f"bench.{name}").main()
