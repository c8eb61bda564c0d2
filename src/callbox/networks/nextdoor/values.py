"""Reading what Nextdoor alone writes so: every function takes any value and raises nothing."""

import re
from datetime import UTC, datetime
from typing import Any

from callbox.values import text

_IDENT = re.compile(r"[\w-]{1,100}", re.ASCII)
_LATEST = 4_102_444_800  # the year 2100: anything later is no time at all


def ident(value: Any) -> str:
    """An id, or "". Posts have words for ids, comments numbers; 0 stands for none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 < value < 10**30 else ""
    found = text(value).strip()
    return found if _IDENT.fullmatch(found) and found != "0" else ""


def epoch(value: Any) -> datetime | None:
    """A time in UTC from seconds since 1970, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 < value < _LATEST else None
