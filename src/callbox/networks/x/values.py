"""Reading what X alone writes so: every function takes any value and raises nothing.

X writes its ids as strings of digits, because they do not fit into a JavaScript number. They are
time-ordered ("snowflakes"): 41 bits of milliseconds, then machine and sequence
(docs.x.com: fundamentals/x-ids).
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from callbox import values
from callbox.values import Json, mapping, text

_ID = re.compile(r"[0-9]{1,19}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,50}")
_EPOCH_MS = 1288834974657
_SHIFT = 22


def either(value: Json, *names: str) -> Any:
    """The first of several spellings that is there: X calls the same field by two names."""
    return next((value[name] for name in names if value.get(name) is not None), None)


def unwrapped(value: Any) -> Json:
    """An object, out of the `data` that webhooks sometimes wrap it in."""
    found = mapping(value)
    inner = found.get("data")
    return inner if isinstance(inner, dict) else found


def ident(value: Any) -> str:
    """An id, or ""."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**19:
        return str(value)
    found = value.strip() if isinstance(value, str) else ""
    return found if _ID.fullmatch(found) else ""


def newest(ids: Iterable[str]) -> str:
    """The newest of some ids, or ""."""
    return max((one for one in ids if one), key=int, default="")


def handle(value: Any) -> str:
    """A handle without its "@", or ""."""
    found = text(value)
    return found if _HANDLE.fullmatch(found) else ""


def milliseconds(value: Any) -> datetime | None:
    """A time in UTC from milliseconds since 1970, as a number or a string of digits, or None."""
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def made_at(external_id: str) -> datetime | None:
    """When X made an id, to the millisecond; None for one from before November 2010."""
    number = int(external_id) >> _SHIFT if _ID.fullmatch(external_id) else 0
    return milliseconds(number + _EPOCH_MS) if number > 1 else None


def first_id_at(when: datetime) -> str:
    """The smallest id that X may make at a time."""
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return str(max(since // timedelta(milliseconds=1) - _EPOCH_MS, 0) << _SHIFT)


def web(value: Any) -> str:
    """An https address, or "": X has no other."""
    found = values.web(value)
    return found if found.lower().startswith("https:") else ""


def language(value: Any) -> str:
    """A BCP 47 tag, or "". X writes "und" and made-up codes that begin with q for "no words"."""
    found = text(value)
    known = _LANGUAGE.fullmatch(found) and found != "und" and not re.fullmatch("q[a-z]{2}", found)
    return found if known else ""
