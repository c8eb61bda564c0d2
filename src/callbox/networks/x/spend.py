"""What using X costs, and the account's own limit to it.

X charges for each thing read or made (docs.x.com: x-api/getting-started/pricing); a thing read
twice within one UTC day is charged once. Sums are millionths of a dollar.

What the limit does. A department may not go deaf without noticing, and may not be surprised by a
bill. So what we read of our own accord (answers that no mention tells of, quotes, looking again for
deletions, the past) ends at four fifths of the limit, which keeps the rest for hearing what is said
to the department and for answering it. At the limit itself reading stops with an error that the
account's health shows, and writing is refused with words that say who can raise the limit. Finding
out whether something went out is never refused: it costs a cent, and not knowing costs more. What X
pushes to us is charged before we see it: it is counted, and always taken in.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from callbox.connector import RateLimited, Refused
from callbox.logins import Budget, Meter

BUDGET = Budget(
    "spend",
    "Spent at X this month",
    unit="usd_micros",
    period="month",
    cap_setting="monthly_cap_usd",
)

MENTION = 1_000
POST_READ = 5_000
DM_READ = 10_000
USER_READ = 10_000
POST_MADE = 15_000
POST_WITH_LINK = 200_000
SUMMONED_REPLY = 10_000

_EXTRAS_END = 0.8
_LOOK_AGAIN = timedelta(hours=1)  # somebody may have raised the limit meanwhile


class Spend:
    """One account's purse. `meter` is asked for each time: the account's keeper may put another."""

    def __init__(
        self, meter: Callable[[], Meter], now: Callable[[], datetime], cap_usd: Any
    ) -> None:
        self._meter = meter
        self._now = now
        self._cap = _micros(cap_usd)

    @property
    def period(self) -> str:
        """The month that it counts for, in UTC."""
        return f"{self._now().astimezone(UTC):%Y-%m}"

    def add(self, price: int, count: int, what: str) -> None:
        """Count `count` things at `price`."""
        if count > 0:
            self._meter().add(BUDGET.name, self.period, price * count, what)

    def may_read_more(self) -> bool:
        """Whether there is money for what nobody said to us."""
        return self._cap is None or self._used() < self._cap * _EXTRAS_END

    def check_extra(self) -> None:
        """Raise RateLimited at four fifths of the limit, for what nobody said to us just now."""
        if not self.may_read_more():
            words = (
                f"Four fifths of this month's limit for X ({self._dollars()}) are used up. The "
                "rest is kept for what people say to you now, and for answering."
            )
            raise RateLimited(words, min(_next_month(self._now()), self._now() + _LOOK_AGAIN))

    def check_read(self) -> None:
        """Raise RateLimited at the limit. It asks to be tried again in an hour (which costs
        nothing), so that a raised limit works without anybody restarting anything."""
        if self._is_spent():
            end = _next_month(self._now())
            until = min(end, self._now() + _LOOK_AGAIN)
            words = (
                f"This month's limit for X ({self._dollars()}) is used up, so nothing more is read "
                f"from X until {end:%B} {end.day}. An administrator can raise it in the account's "
                "settings."
            )
            raise RateLimited(words, until)

    def check_write(self) -> None:
        """Raise Refused at the limit."""
        if self._is_spent():
            raise Refused(
                f"This month's limit for X ({self._dollars()}) is used up. An administrator can "
                "raise it in the account's settings; until then, answer on X itself."
            )

    def _is_spent(self) -> bool:
        return self._cap is not None and self._used() >= self._cap

    def _used(self) -> int:
        return self._meter().used(BUDGET.name, self.period)

    def _dollars(self) -> str:
        return f"${(self._cap or 0) / 1_000_000:,.2f}"


def _micros(cap_usd: Any) -> int | None:
    """A limit in millionths; None for none. What cannot be read is no limit set by anybody, but it
    is the default of the setting that then holds."""
    try:
        value = float(str(cap_usd).replace(",", "").strip().lstrip("$"))
    except ValueError:
        return None
    return int(value * 1_000_000) if 0 <= value < 1e9 else None


def _next_month(now: datetime) -> datetime:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)
