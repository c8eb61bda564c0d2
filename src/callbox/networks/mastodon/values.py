"""Reading what Mastodon alone writes so: every function takes any value and raises nothing.

Ids are opaque strings: numbers on Mastodon, ULIDs on GoToSocial, base62 on Pleroma. They are never
compared but for equality.
"""

import json
import re
from typing import Any

from callbox.connector import Raw
from callbox.values import text

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3}")
_LONGEST_ID = 200


def ident(value: Any) -> str:
    """An id, or "". A few servers write theirs as JSON numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        return str(value)
    found = text(value).strip()
    return found if len(found) <= _LONGEST_ID else ""


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
