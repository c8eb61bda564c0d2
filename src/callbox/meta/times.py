"""Times as Graph APIs write them: ISO 8601 with "+0000", epoch seconds, epoch milliseconds.

Comments and posts count in seconds, messages in milliseconds, and webhooks mix both; a number above
`_MILLISECONDS` (the year 5138 in seconds) is read as milliseconds.
"""

from datetime import UTC, datetime
from typing import Any

from callbox.meta.values import number

_MILLISECONDS = 100_000_000_000
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def moment(value: Any) -> datetime | None:
    """A time in UTC, or None for anything that is none (or that cannot be meant)."""
    found = number(value)
    try:
        read = _of_epoch(found) if found is not None else _of_iso(value)
    except (ValueError, OverflowError, OSError):
        return None
    return read if read is not None and _EARLIEST <= read <= _LATEST else None


def _of_epoch(value: float) -> datetime:
    return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)


def _of_iso(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    read = datetime.fromisoformat(value)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def epoch(value: datetime) -> int:
    """Whole seconds, as parameters such as `since` want them."""
    return int(value.timestamp())
