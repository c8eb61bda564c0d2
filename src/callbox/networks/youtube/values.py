"""Reading JSON that may be anything: every function takes any value and raises nothing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]

# Lone surrogates cannot be stored as UTF-8, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_IDENT = re.compile(r"[\w.-]{1,200}", re.ASCII)


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
    """An id of a video, a comment or a person's page, or "". Ids of replies hold a dot."""
    found = text(value).strip()
    return found if _IDENT.fullmatch(found) else ""


def moment(value: Any) -> datetime | None:
    """A time in UTC from RFC 3339, or None."""
    try:
        read = datetime.fromisoformat(text(value))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def web(value: Any) -> str:
    """An http(s) address, or "": nothing else may ever become a link."""
    found = text(value).strip()
    return found if len(found) <= 2048 and _WEB.fullmatch(found) else ""


def count(value: Any) -> int:
    """A whole number of things; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
