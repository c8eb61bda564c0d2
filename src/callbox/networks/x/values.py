"""Reading JSON that may be anything: every function takes any value and raises nothing.

X writes its ids as strings of digits, because they do not fit into a JavaScript number. They are
time-ordered ("snowflakes"): 41 bits of milliseconds, then machine and sequence
(docs.x.com: fundamentals/x-ids).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Json = Mapping[str, Any]

# Lone surrogates cannot be stored as UTF-8, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ID = re.compile(r"[0-9]{1,19}")
_WEB = re.compile(r"https://[^\s<>\"\x00-\x20]+", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,50}")
_EPOCH_MS = 1288834974657
_SHIFT = 22


def mapping(value: Any) -> Json:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Json]:
    """The objects in a JSON list; whatever else is in it is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def either(value: Json, *names: str) -> Any:
    """The first of several spellings that is there: X calls the same field by two names."""
    return next((value[name] for name in names if value.get(name) is not None), None)


def unwrapped(value: Any) -> Json:
    """An object, out of the `data` that webhooks sometimes wrap it in."""
    found = mapping(value)
    inner = found.get("data")
    return inner if isinstance(inner, dict) else found


def text(value: Any) -> str:
    """The value when it is a string, in a form that can be stored, else ""."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""


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


def moment(value: Any) -> datetime | None:
    """A time in UTC from ISO 8601, or None."""
    try:
        read = datetime.fromisoformat(text(value))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


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
    """An https address, or "": nothing else may ever become a link."""
    found = text(value).strip()
    return found if len(found) <= 2048 and _WEB.fullmatch(found) else ""


def language(value: Any) -> str:
    """A BCP 47 tag, or "". X writes "und" and made-up codes that begin with q for "no words"."""
    found = text(value)
    known = _LANGUAGE.fullmatch(found) and found != "und" and not re.fullmatch("q[a-z]{2}", found)
    return found if known else ""
