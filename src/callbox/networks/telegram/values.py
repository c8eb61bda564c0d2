"""Reading what Telegram alone writes so: every function takes any value and raises nothing."""

import re
from datetime import UTC, datetime
from typing import Any

from callbox.values import text

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_FILE = re.compile(r"[A-Za-z0-9_-]{1,300}")
_EARLIEST, _LATEST = 946684800, 7258118400  # the years 2000 and 2200, in epoch seconds


def whole(value: Any) -> int | None:
    """A whole number that fits Telegram's 52 bits, or None."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and abs(value) < 2**53 else None


def ident(value: Any) -> str:
    """A numeric id as a string, or "". Chats have negative ones."""
    found = whole(value)
    return "" if found is None or found == 0 else str(found)


def username(value: Any) -> str:
    """A public name without its @, or ""."""
    found = text(value)
    return found if _NAME.fullmatch(found) else ""


def file_id(value: Any) -> str:
    """The id of a file, or ""."""
    found = text(value)
    return found if _FILE.fullmatch(found) else ""


def moment(value: Any) -> datetime | None:
    """A time in UTC from epoch seconds, or None."""
    found = whole(value)
    if found is None or not _EARLIEST <= found <= _LATEST:
        return None
    return datetime.fromtimestamp(found, UTC)


def units(words: str) -> int:
    """How long Telegram counts a text to be: in UTF-16 code units, as its entities are."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def part(words: str, offset: Any, length: Any) -> str:
    """A part of a text by UTF-16 offset and length, as entities give it; "" for nonsense."""
    start, size = whole(offset), whole(length)
    if start is None or size is None or start < 0 or size < 0:
        return ""
    encoded = words.encode("utf-16-le", "surrogatepass")
    return encoded[2 * start : 2 * (start + size)].decode("utf-16-le", "ignore")
