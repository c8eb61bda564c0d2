"""Reading JSON that may be anything: every function takes any value and raises nothing."""

import re
from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

# Lone surrogates cannot be stored as UTF-8, and PostgreSQL takes no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WEB = re.compile(r"https?://[^\s<>\"\x00-\x20]+", re.IGNORECASE)
_LONGEST_ID = 512  # a message's id ("m_…", "mid.…", "wamid.…") is long
_LONGEST_URL = 4096


def mapping(value: Any) -> Json:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value when it is a JSON list, else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """The objects in a JSON list, or in the `data` of an edge; whatever else is in it is left
    out."""
    found = value.get("data") if isinstance(value, dict) else value
    return [one for one in sequence(found) if isinstance(one, dict)]


def text(value: Any) -> str:
    """The value when it is a string, in a form that can be stored, else ""."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""


def ident(value: Any) -> str:
    """An id, or "". Numbers are taken too: some payloads write them so."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        return str(value)
    found = text(value).strip()
    return found if len(found) <= _LONGEST_ID else ""


def number(value: Any) -> float | None:
    """A finite number, written as a number or as a string, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < 1e18 else None


def web(value: Any) -> str:
    """An http(s) address, or "": nothing else may ever become a link."""
    found = text(value).strip()
    return found if len(found) <= _LONGEST_URL and _WEB.fullmatch(found) else ""
