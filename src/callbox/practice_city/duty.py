"""When the city's members are on duty: their usual hours, and whatever their deeds prove. No I/O.

A practice city is built at any hour of the day, so somebody on the late watch may have answered at
dawn. Those hours are entered too (they stayed on), or the record would show a member acting off
duty, which the real thing refuses (policing R3).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from callbox.practice_city.plans import DutyPlan

Window = tuple[datetime, datetime]

DAYS_BACK, DAYS_AHEAD = 1, 7
LONG_BACK, LONG_AHEAD = timedelta(days=250), timedelta(days=730)
BEFORE, AFTER = timedelta(minutes=30), timedelta(hours=2)  # around a deed outside the usual hours


def windows(
    plan: DutyPlan, deeds: Sequence[datetime], now: datetime, zone: ZoneInfo
) -> list[Window]:
    """A member's windows, oldest first, covering every one of `deeds`."""
    if plan.always:
        return [(now - LONG_BACK, now + LONG_AHEAD)]
    usual = list(_usual(plan, now, zone))
    extra: list[Window] = []
    for deed in sorted(deeds):
        if not any(start <= deed < end for start, end in [*usual, *extra]):
            extra.append((deed - BEFORE, deed + AFTER))
    return sorted([*usual, *extra])


def _usual(plan: DutyPlan, now: datetime, zone: ZoneInfo) -> Iterator[Window]:
    """One window per working day, by the agency's clock (the clock may change in between)."""
    today = now.astimezone(zone).date()
    begins = time.fromisoformat(plan.start)
    for offset in range(-DAYS_BACK, DAYS_AHEAD + 1):
        day = today + timedelta(days=offset)
        if day.weekday() in plan.days:
            start = datetime.combine(day, begins, zone)
            yield start, start + timedelta(hours=plan.hours)
