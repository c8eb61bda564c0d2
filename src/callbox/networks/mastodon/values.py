"""Reading JSON that may be anything: every function takes any value and raises nothing.

Ids are opaque strings: numbers on Mastodon, ULIDs on GoToSocial, base62 on Pleroma. They are never
compared but for equality.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from callbox.connector import Raw

Json = Mapping[str, Any]

# Lone surrogates cannot be stored as UTF-8, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x20]+", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3}")
_LONGEST_ID = 200
_LONGEST_URL = 2048


def mapping(value: Any) -> Json:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Json]:
    """The objects in a JSON list; whatever else is in it is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value when it is a string, in a form that can be stored, else ""."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""


def ident(value: Any) -> str:
    """An id, or "". A few servers write theirs as JSON numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        return str(value)
    found = text(value).strip()
    return found if len(found) <= _LONGEST_ID else ""


def moment(value: Any) -> datetime | None:
    """A time in UTC from ISO 8601, or None."""
    try:
        read = datetime.fromisoformat(text(value))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def web(value: Any) -> str:
    """An http(s) address, or "": nothing else may ever become a link."""
    found = text(value).strip()
    return found if len(found) <= _LONGEST_URL and _WEB.fullmatch(found) else ""


def language(value: Any) -> str:
    """A BCP 47 tag, or ""."""
    found = text(value)
    return found.replace("_", "-") if _LANGUAGE.fullmatch(found) else ""


def positive(value: Any) -> int | None:
    """A whole number above zero, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def raw(kind: str, value: Any) -> Raw:
    """A Raw of a decoded value. ASCII, because a server may escape half a surrogate pair."""
    return Raw(kind, json.dumps(value, separators=(",", ":")).encode("ascii"))
