"""The usage headers: how much of its limit an account has used up, before it is reached.

`X-App-Usage` (and `X-Page-Usage`) hold percentages of the app's hour: `{"call_count": 28,
"total_time": 25, "total_cputime": 25}`. `X-Business-Use-Case-Usage` holds the same per business
object and use case, with `estimated_time_to_regain_access` in minutes: `{"1784": [{"type":
"pages", ...}]}` (“Rate limits” in the Graph API guide). Calls above a limit make the block longer,
so polling stops at `FULL` percent; what members say still goes.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from callbox.meta.values import number, objects
from callbox.values import Json, mapping

FULL = 90.0  # percent of a limit at which polling stops
_APP = ("x-app-usage", "x-page-usage", "x-ad-account-usage")
_BUSINESS = "x-business-use-case-usage"
_PERCENT = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")
_REST = timedelta(minutes=5)  # near the limit, with no word of when it is far again
_LONGEST = timedelta(hours=24)


def _decoded(headers: Mapping[str, str], name: str) -> Json:
    try:
        return mapping(json.loads(headers.get(name) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _parts(headers: Mapping[str, str]) -> Iterator[Json]:
    for name in _APP:
        yield _decoded(headers, name)
    for uses in _decoded(headers, _BUSINESS).values():
        yield from objects(uses)


def percent(headers: Mapping[str, str]) -> float:
    """How much of the fullest limit is used up; 0 without a word of it."""
    found = [number(part.get(name)) or 0.0 for part in _parts(headers) for name in _PERCENT]
    return max(found, default=0.0)


def regained_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When calls are taken again, where a header says so; None when none does."""
    waits = [number(part.get("estimated_time_to_regain_access")) or 0.0 for part in _parts(headers)]
    minutes = max(waits, default=0.0)
    return now + min(timedelta(minutes=minutes), _LONGEST) if minutes > 0 else None


class Usage:
    """What the last answers said. `Page.rest_until` is `rest_until(now)`."""

    def __init__(self) -> None:
        self._rest: datetime | None = None

    def seen(self, headers: Mapping[str, str], now: datetime) -> None:
        """Take note of an answer's headers."""
        if percent(headers) >= FULL:
            until = regained_at(headers, now) or now + _REST
            self._rest = max(self._rest or until, until)

    def rest_until(self, now: datetime) -> datetime | None:
        """Until when not to poll; None when the limits are far."""
        return self._rest if self._rest and self._rest > now else None
