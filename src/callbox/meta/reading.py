"""Reading the JSON of Meta's networks, whatever it may be: every function takes any value and
raises nothing. Ids are digit strings or opaque ones, and are compared for equality only."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]

# Lone surrogates cannot be stored as UTF-8, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x20]+", re.IGNORECASE)
_LONGEST_ID = 250
_LONGEST_URL = 4096
_MILLISECONDS = 100_000_000_000  # a number above this counts milliseconds, not seconds


def mapping(value: Any) -> Json:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Json]:
    """The objects in a JSON list; whatever else is in it is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def listed(value: Any) -> list[Json]:
    """The objects of an edge: `{"data": [...]}`, or a bare list."""
    return objects(value.get("data")) if isinstance(value, dict) else objects(value)


def text(value: Any) -> str:
    """The value when it is a string, in a form that can be stored, else ""."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""


def ident(value: Any) -> str:
    """An id, or ""; some arrive as JSON numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        return str(value)
    found = text(value).strip()
    return found if len(found) <= _LONGEST_ID else ""


def count(value: Any) -> int:
    """A whole number of things, 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def web(value: Any) -> str:
    """An http(s) address, or "": nothing else may ever become a link."""
    found = text(value).strip()
    return found if len(found) <= _LONGEST_URL and _WEB.fullmatch(found) else ""


def moment(value: Any) -> datetime | None:
    """A time in UTC, or None: ISO 8601 ("…+0000" included), seconds or milliseconds."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            seconds = value / 1000 if value > _MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
        read = datetime.fromisoformat(text(value))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
