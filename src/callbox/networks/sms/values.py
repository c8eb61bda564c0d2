"""Reading JSON and forms that may hold anything: every function takes any value, raises nothing."""

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]

# Lone surrogates cannot be stored as UTF-8, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x20]+", re.IGNORECASE)
_LONGEST_URL = 2048
_LONGEST_SENDER = 40


def mapping(value: Any) -> Json:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Json]:
    """The objects in a JSON list; whatever else is in it is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value when it is a string, in a form that can be stored, else ""."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""


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


def web(value: Any) -> str:
    """An http(s) address, or "": nothing else may ever become a link."""
    found = text(value).strip()
    return found if len(found) <= _LONGEST_URL and _WEB.fullmatch(found) else ""


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
