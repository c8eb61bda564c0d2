"""Thousands of random runs in which workers, web processes and the database are killed.

`python -m bench faults 3000 [first seed]`. Every batch of runs is made from its seed: the same seed
makes the same plan (`tests/faults/chaos.py`). The floor is nothing lost and nothing said twice.
"""

import sys
import time

from rich.console import Console
from rich.progress import track

from bench.ground import table
from tests.faults import chaos


def main(runs: int = 1000, first_seed: int = 1000) -> None:
    """Run, print what was killed and how often, and end with exit code 1 if anything was wrong."""
    tally = chaos.Tally()
    began = time.perf_counter()
    seeds = range(first_seed, first_seed + (runs + chaos.RUNS - 1) // chaos.RUNS)
    with chaos.grounds() as where:
        for seed in track(seeds, f"{runs} runs", console=Console(stderr=True)):
            chaos.batch(where, seed, tally)
    took = time.perf_counter() - began
    rows: list[tuple[str, object]] = [
        (f"killed: {what}", times) for what, times in sorted(tally.kills.items())
    ]
    rows += [
        ("killed in all", sum(tally.kills.values())),
        ("runs", tally.runs),
        ("seconds", took),
        ("lost, said twice, or otherwise wrong", len(tally.problems)),
    ]
    table(f"Kills, seeds {seeds.start} to {seeds.stop - 1}", ("", ""), rows)
    for problem in tally.problems:
        print(problem)
    if tally.problems:
        sys.exit(1)
