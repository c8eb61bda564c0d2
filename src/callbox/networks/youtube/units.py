"""The day's units: what each call uses up, and how much of them reading may have.

A Google Cloud project has 10,000 units a day, until midnight Pacific time; `list` uses 1,
everything that writes uses 50, and even a refused call counts as one
(developers.google.com/youtube/v3/determine_quota_cost, read 2026-11). `videos.insert` has a day's
allowance of its own and is counted as 1. Answers must never wait for tomorrow because polling has
used today up, so a part is kept for writing. The part shrinks as the day goes by: what nobody
needed for answers in the morning can be read with in the evening.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callbox.logins import Budget, Meter

NAME = "units"
CAP = 10_000
CAP_SETTING = "units_per_day"
BUDGET = Budget(NAME, "YouTube units", "units", "day", CAP_SETTING, CAP)

READ = 1
WRITE = 50
_FOR_WRITES = 0.4  # of the cap, at the start of the day
_LEAST_WRITES = 5  # so many writes are kept to the end of the day
_PACIFIC = ZoneInfo("America/Los_Angeles")


def day(now: datetime) -> str:
    """The day that a call counts for."""
    return now.astimezone(_PACIFIC).date().isoformat()


def next_day(now: datetime) -> datetime:
    """When the units start again: the next midnight in California, in UTC."""
    here = now.astimezone(_PACIFIC)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    # By the calendar, not by 24 hours: twice a year a day there has 23 or 25.
    tomorrow = (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=_PACIFIC)
    return tomorrow.astimezone(now.tzinfo)


def cap_of(config: Mapping[str, Any]) -> int:
    """The day's units as the account's settings have them."""
    try:
        wanted = int(str(config.get(CAP_SETTING) or CAP))
    except ValueError:
        return CAP
    return wanted if wanted > 0 else CAP


class Units:
    """One account's day of units."""

    def __init__(self, meter: Meter, cap: int) -> None:
        self._meter = meter
        self.cap = cap

    def spend(self, amount: int, what: str, now: datetime) -> None:
        """Count a call. Before it is made: a call without an answer has used its units too."""
        self._meter.add(NAME, day(now), amount, what)

    def for_reading(self, now: datetime) -> int:
        """How many units reading may still use today; 0 or less: none."""
        left = self.cap - self._meter.used(NAME, day(now))
        share = (next_day(now) - now) / timedelta(days=1)
        kept = max(self.cap * _FOR_WRITES * min(share, 1.0), min(_LEAST_WRITES * WRITE, self.cap))
        return int(left - kept)

    def rest(self, now: datetime, used_by_poll: int, every: int) -> datetime | None:
        """When to poll next, so that what is left lasts the day; None when the usual pace of one
        poll in `every` seconds does. `used_by_poll` is what one poll has just used."""
        left = self.for_reading(now)
        end = next_day(now)
        if left < max(used_by_poll, 1):
            return end
        pause = (end - now) * max(used_by_poll, 1) / left
        return now + pause if pause > timedelta(seconds=every) else None
