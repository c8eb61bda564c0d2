"""Reading JSON that may be anything: every function takes any value and raises nothing.

What networks send is never trusted to have the shape that their pages promise. What only one
network writes so (its ids, its own times) is read in that network's own folder.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]

# Lone surrogates cannot be stored as UTF-8, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x20]+", re.IGNORECASE)
_LONGEST_URL = 2048


def mapping(value: Any) -> Json:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value when it is a JSON list, else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """The objects in a JSON list; whatever else is in it is left out."""
    return [one for one in sequence(value) if isinstance(one, dict)]


def text(value: Any) -> str:
    """The value when it is a string, in a form that can be stored, else ""."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""


def moment(value: Any) -> datetime | None:
    """A time in UTC from ISO 8601, or None."""
    try:
        read = datetime.fromisoformat(text(value))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def web(value: Any, longest: int = _LONGEST_URL) -> str:
    """An http(s) address, or "": nothing else may ever become a link."""
    found = text(value).strip()
    return found if len(found) <= longest and _WEB.fullmatch(found) else ""
