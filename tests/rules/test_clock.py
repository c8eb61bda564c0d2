"""How long an answer may take."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callbox.rules.clock import EMERGENCY_MINUTES, SOON_MINUTES, due, left
from callbox.vocabulary import Urgency

SINCE = datetime(2026, 5, 14, 12, tzinfo=UTC)


@given(st.integers(1, 100_000))
def test_what_is_more_urgent_is_due_no_later_and_never_after_the_promise(promise: int) -> None:
    minutes = [
        round((due(SINCE, urgency, promise) - SINCE).total_seconds() / 60) for urgency in Urgency
    ]
    assert minutes == sorted(minutes)
    assert minutes == [min(EMERGENCY_MINUTES, promise), min(SOON_MINUTES, promise), promise]


def test_the_share_that_is_left() -> None:
    end = SINCE + timedelta(hours=4)
    assert left(end, SINCE, SINCE) == 1.0
    assert left(end, SINCE, SINCE + timedelta(hours=1)) == 0.75
    assert left(end, SINCE, end) == 0.0
    assert left(end, SINCE, end + timedelta(hours=2)) == -0.5
    assert left(SINCE, SINCE, SINCE) < 0  # a clock that never ran is over
