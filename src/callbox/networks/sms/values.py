"""Reading JSON and forms that may hold anything: every function takes any value, raises nothing."""

import email.utils
import re
from datetime import UTC, datetime
from typing import Any

from callbox.values import text

_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_LONGEST_SENDER = 40


def message_sid(value: Any) -> str:
    """A message's id (SM or MM and 32 hex digits), or ""."""
    found = text(value).strip()
    return found if _SID.fullmatch(found) else ""


def sender(value: Any) -> str:
    """Who a text came from: a number, a short code or an alphanumeric name; or ""."""
    found = " ".join(text(value).split())
    return found if found.isprintable() and len(found) <= _LONGEST_SENDER else ""


def number(value: Any) -> str:
    """A phone number or short code without the spaces and dashes that people type, or ""."""
    found = re.sub(r"[\s().\-\u2010-\u2015\u00a0]", "", text(value))
    return found if _NUMBER.fullmatch(found) else ""


def count(value: Any) -> int:
    """A small number that comes as digits ("0", "3"), else 0."""
    found = text(value) if isinstance(value, str) else str(value)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 4 else 0


def moment(value: Any) -> datetime | None:
    """A time in UTC from RFC 2822 (the API) or ISO 8601 (our own cursors), or None."""
    found = text(value)
    for read in (email.utils.parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = read(found)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
