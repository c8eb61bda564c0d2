"""A hundred random runs in which everything that can be killed is killed.

`python -m bench faults 2000` does thousands. A failure names its seed; to see it again::

    CALLBOX_FAULT_SEED=<seed> python -m pytest tests/faults/test_kills.py -k batch0
"""

import os
from collections.abc import Iterator

import pytest

from tests.faults import chaos

pytestmark = pytest.mark.faults

FIRST = int(os.environ.get("CALLBOX_FAULT_SEED", "1"))


@pytest.fixture(scope="module")
def where() -> Iterator[chaos.Grounds]:
    with chaos.grounds() as found:
        yield found


@pytest.mark.parametrize("number", range(10), ids=lambda number: f"batch{number}")
def test_nothing_is_lost_and_nothing_said_twice(where: chaos.Grounds, number: int) -> None:
    tally = chaos.Tally()
    chaos.batch(where, FIRST + number, tally)
    print(f"seed {FIRST + number}: {tally.runs} runs, killed {tally.kills}")  # noqa: T201  # shown when it fails
    assert tally.problems == []
    assert sum(tally.kills.values()) >= chaos.RUNS, "these kills hit nothing"
