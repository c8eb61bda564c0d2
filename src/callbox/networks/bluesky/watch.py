"""Messages that may still be changed or deleted: the last ones, looked at again in turn.

Bluesky tells nobody when a post is edited or deleted, so the only way to know is to look. One
request shows 25 posts, a quarter of the list. Which quarter is drawn by the clock's milliseconds
and not counted in the cursor: an idle poll must not change it, as every change is a write.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from callbox.connector import Raw
from callbox.networks.bluesky.errors import NoRecord
from callbox.networks.bluesky.raws import raw_of
from callbox.networks.bluesky.shapes import POST, fields, members, post_uri, uri_parts, words
from callbox.networks.bluesky.xrpc import Xrpc

MOST = 100
AT_ONCE = 25  # the most that app.bsky.feed.getPosts takes


def watched(watch: Sequence[Any], found: Sequence[Any]) -> list[list[str]]:
    """The watch list with new notifications on it; the oldest fall off."""
    new = []
    for one in found:
        shape = fields(one)
        did, _, rkey = uri_parts(post_uri(shape.get("uri")))
        if did:
            new.append([f"{did}/{rkey}", words(shape.get("cid")), words(shape.get("reason"))])
    return [*_usable(watch), *new][-MOST:]


def looked_again(
    xrpc: Xrpc, watch: Sequence[Any], now: datetime
) -> tuple[list[Raw], list[list[str]]]:
    """Look at some of them; returns what became of those, and the list as it is now.

    A post that `getPosts` does not show is not always gone (its author may have blocked us), so
    its record is asked for before we say so.
    """
    entries = _usable(watch)
    if not entries:
        return [], entries
    parts = -(-len(entries) // AT_ONCE)
    start = now.microsecond // 1000 % parts * AT_ONCE
    turn = entries[start : start + AT_ONCE]
    answer = xrpc.query("app.bsky.feed.getPosts", {"uris": [_uri(entry[0]) for entry in turn]})
    shown = {words(fields(post).get("uri")): fields(post) for post in members(answer.get("posts"))}
    raws: list[Raw] = []
    kept: list[list[str]] = []
    for entry in turn:
        raw, remaining = _compared(xrpc, entry, shown.get(_uri(entry[0])), now)
        raws += [raw] if raw else []
        kept += [remaining] if remaining else []
    return raws, [*entries[:start], *kept, *entries[start + AT_ONCE :]]


def _compared(
    xrpc: Xrpc, entry: list[str], post: Mapping[str, Any] | None, now: datetime
) -> tuple[Raw | None, list[str] | None]:
    """What happened to one post, and its entry from now on (None when it is gone)."""
    name, cid, reason = entry
    if post is None:
        if _exists(xrpc, name):
            return None, entry
        gone = {"uri": _uri(name), "noticed_at": now.isoformat()}
        return raw_of("gone", gone), None
    shown = words(post.get("cid"))
    if not shown or shown == cid:
        return None, entry
    changed = {"post": post, "reason": reason, "noticed_at": now.isoformat()}
    return raw_of("changed", changed), [name, shown, reason]


def _exists(xrpc: Xrpc, name: str) -> bool:
    did, rkey = name.split("/")
    try:
        xrpc.query("com.atproto.repo.getRecord", {"repo": did, "collection": POST, "rkey": rkey})
    except NoRecord:
        return False
    return True


def _uri(name: str) -> str:
    did, rkey = name.split("/")
    return f"at://{did}/{POST}/{rkey}"


def _usable(watch: Sequence[Any]) -> list[list[str]]:
    """The entries that have their three parts; a cursor is data, and may be from an older us."""
    return [
        entry
        for entry in watch
        if isinstance(entry, list)
        and len(entry) == 3
        and all(isinstance(part, str) for part in entry)
        and entry[0].count("/") == 1
    ]
