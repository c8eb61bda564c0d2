"""Comments that may still be answered, changed, held back or removed.

YouTube tells nobody: what happened to a comment shows only by looking again. Twenty comments are
looked at in one call for one unit, so that all of the last month's can be, every few minutes while
they are young and ever less often later. The list travels in the cursor.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from callbox.networks.youtube.values import count, ident
from callbox.values import Json, mapping, moment

KEPT = timedelta(days=30)
_MOST = 600
_SOONEST = timedelta(minutes=5)
_AGE_PART = 12  # looked at again after a twelfth of its age
_REPLY = -1


@dataclass(frozen=True, slots=True)
class Watched:
    """One comment. Times are epoch seconds (`edited` milliseconds), to keep the cursor small.
    `replies` is how many a top comment had; -1 for a comment that is itself a reply."""

    id: str
    said: int
    edited: int
    replies: int
    looked: int
    held: bool = False

    @property
    def is_reply(self) -> bool:
        return self.replies == _REPLY

    @property
    def thread(self) -> str:
        """The id of its thread: a reply's own id begins with it."""
        return self.id.partition(".")[0]

    def due_at(self) -> float:
        age = max(self.looked - self.said, 0)
        return self.looked + max(_SOONEST.total_seconds(), age / _AGE_PART)

    def looked_at(self, comment: Json, now: datetime) -> "Watched":
        """The same after another look."""
        return replace(self, edited=_edited(comment), looked=int(now.timestamp()))


def of_comment(comment: Json, now: datetime, replies: int, *, held: bool) -> Watched | None:
    """The entry of a comment; None for one without id or time."""
    external_id = ident(comment.get("id"))
    said = moment(mapping(comment.get("snippet")).get("publishedAt"))
    if not external_id or said is None:
        return None
    kept = replies if not mapping(comment.get("snippet")).get("parentId") else _REPLY
    at = int(now.timestamp())
    return Watched(external_id, int(said.timestamp()), _edited(comment), kept, at, held)


def replies_of(thread: Json) -> int:
    """How many replies a thread says that it has."""
    return count(mapping(thread.get("snippet")).get("totalReplyCount"))


def is_edited(one: Watched, comment: Json) -> bool:
    """Whether a comment has other words than when it was looked at last."""
    return _edited(comment) > one.edited


def _edited(comment: Json) -> int:
    snippet = mapping(comment.get("snippet"))
    at = moment(snippet.get("updatedAt")) or moment(snippet.get("publishedAt"))
    return int(at.timestamp() * 1000) if at else 0


class Watch:
    """All of them, and the time before which nothing is new to us (`floor`, epoch seconds)."""

    def __init__(self, entries: Iterable[Watched], floor: int, now: datetime) -> None:
        self.entries = {one.id: one for one in entries}
        self.floor = max(floor, int((now - KEPT).timestamp()))
        self._now = now

    @classmethod
    def read(cls, cursor: Mapping[str, Any], now: datetime, first: datetime) -> "Watch":
        """From a cursor; what cannot be read is left out. `first` is where a new account starts."""
        rows = cursor.get("watch")
        found = (
            [one for row in rows if (one := _row(row))] if isinstance(rows, list | tuple) else []
        )
        floor = cursor.get("floor")
        return cls(found, floor if isinstance(floor, int) else int(first.timestamp()), now)

    def written(self) -> dict[str, Any]:
        """As it goes into a cursor: the newest. What falls out is behind the floor from then on, so
        that it is never taken for new again."""
        newest = sorted(self.entries.values(), key=lambda one: one.said, reverse=True)
        kept = [one for one in newest if one.said >= self.floor]
        if len(kept) > _MOST:
            self.floor = kept[_MOST - 1].said + 1
            kept = [one for one in kept if one.said >= self.floor]
        rows = [[o.id, o.said, o.edited, o.replies, o.looked, int(o.held)] for o in kept]
        return {"watch": rows, "floor": self.floor}

    def add(self, one: Watched | None) -> None:
        """Watch a comment, or replace what is known of it."""
        if one is not None:
            self.entries[one.id] = one

    def drop(self, external_id: str) -> None:
        """Stop watching a comment."""
        self.entries.pop(external_id, None)

    def is_new(self, comment: Json) -> bool:
        """Whether a comment was never met, and is not from before our time."""
        said = moment(mapping(comment.get("snippet")).get("publishedAt"))
        known = ident(comment.get("id")) in self.entries
        return said is not None and not known and said.timestamp() >= self.floor

    def due(self, *, replies: bool, most: int) -> list[Watched]:
        """Whose turn it is: those that waited longest, few enough for one call."""
        now = self._now.timestamp()
        waiting = [
            one for one in self.entries.values() if one.is_reply == replies and one.due_at() <= now
        ]
        return sorted(waiting, key=Watched.due_at)[:most]


def _row(row: Any) -> Watched | None:
    match row:
        case [str(external_id), int(said), int(edited), int(replies), int(looked), held]:
            return Watched(external_id, said, edited, replies, looked, bool(held))
    return None
