"""Reading what Graph APIs write in their own way: see `callbox.values` for the rest."""

from typing import Any

from callbox import values
from callbox.values import Json, text

_LONGEST_ID = 512  # a message's id ("m_…", "mid.…", "wamid.…") is long
_LONGEST_URL = 4096


def objects(value: Any) -> list[Json]:
    """The objects in a JSON list, or in the `data` of an edge; whatever else is in it is left
    out."""
    return values.objects(value.get("data") if isinstance(value, dict) else value)


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
    return values.web(value, _LONGEST_URL)
