"""Reading JSON that may be anything: each function gives a usable value or an empty one.

Nothing here raises, whatever comes in; callers decide what is missing too much.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

POST = "app.bsky.feed.post"
WEB = "https://bsky.app/profile"

_URI = re.compile(
    r"at://(did:[a-z]+:[A-Za-z0-9._:%-]{1,240})/([A-Za-z0-9.-]{1,128})/([\w.:~-]{1,512})"
)
_SURROGATES = re.compile("[\ud800-\udfff\x00]")


def fields(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def members(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """The value if it is text, else "". Half characters and NUL, which no database takes, become
    U+FFFD; nothing else changes."""
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else ""


def moment(value: Any) -> datetime | None:
    """A timestamp in UTC, or None. One without an offset is taken for UTC."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def web_address(value: Any) -> str:
    """The value if it is an http(s) address of bearable length, else ""."""
    text = words(value)
    return text if text.startswith(("https://", "http://")) and len(text) <= 4096 else ""


def record_uri(value: Any) -> str:
    """The value if it is the address of a record (at://did/collection/key), else ""."""
    text = value if isinstance(value, str) else ""
    return text if _URI.fullmatch(text) else ""


def uri_parts(uri: str) -> tuple[str, str, str]:
    """Owner, collection and key of a record's address; three empty texts when it is none."""
    found = _URI.fullmatch(uri)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def post_uri(value: Any) -> str:
    """The value if it is the address of a post, else ""."""
    text = record_uri(value)
    return text if uri_parts(text)[1] == POST else ""


def permalink(uri: str) -> str:
    """Where people read a post."""
    did, _, rkey = uri_parts(uri)
    return f"{WEB}/{did}/post/{rkey}" if did else ""


def strong_ref(value: Any) -> dict[str, str] | None:
    """A reference to one version of a record (address and content hash), or None."""
    shape = fields(value)
    uri, cid = record_uri(shape.get("uri")), words(shape.get("cid"))
    return {"uri": uri, "cid": cid} if uri and cid else None
