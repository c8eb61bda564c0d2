"""Messages that may still be changed or removed by their authors.

Servers tell us of an edit only where we follow or boosted the author, and of a deletion only on the
stream. So polling looks again at recent messages: a few at a time, often while they are young and
ever less often later, for a week. The list travels in the cursor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from callbox.networks.mastodon.values import ident
from callbox.values import Json, text

MOST_LOOKS = 4  # per poll: at one poll in 20 s, a fifth of the 300 calls per 5 minutes
_MOST_WATCHED = 60
_SOONEST = timedelta(minutes=2)
_LONGEST = timedelta(days=7)
_AGE_PART = 8  # looked at again after an eighth of the time that we have known it


@dataclass(frozen=True, slots=True)
class Watched:
    """One message; times are epoch seconds, to keep the cursor small."""

    id: str
    edited: str
    seen: int
    looked: int

    @classmethod
    def of(cls, status: Json, now: datetime) -> "Watched":
        at = int(now.timestamp())
        return cls(ident(status.get("id")), text(status.get("edited_at")), at, at)

    def due_at(self) -> float:
        known = self.looked - self.seen
        return self.looked + max(_SOONEST.total_seconds(), known / _AGE_PART)

    def looked_at(self, status: Json, now: datetime) -> "Watched":
        """The same after another look."""
        edited = text(status.get("edited_at"))
        return replace(self, edited=edited, looked=int(now.timestamp()))


def read(cursor: Mapping[str, Any], now: datetime) -> list[Watched]:
    """The list in a cursor, without what is too old or cannot be read."""
    oldest = (now - _LONGEST).timestamp()
    rows = cursor.get("watch")
    found = [one for row in rows if (one := _row(row))] if isinstance(rows, list | tuple) else []
    return [one for one in found if one.seen >= oldest]


def _row(row: Any) -> Watched | None:
    match row:
        case [str(external_id), str(edited), int(seen), int(looked)]:
            return Watched(external_id, edited, seen, looked)
    return None


def written(watched: Sequence[Watched]) -> list[list[str | int]]:
    """The list as it goes into a cursor: the newest, each once."""
    latest = {one.id: one for one in watched if one.id}
    newest = list(latest.values())[-_MOST_WATCHED:]
    return [[one.id, one.edited, one.seen, one.looked] for one in newest]


def due(watched: Sequence[Watched], now: datetime) -> list[Watched]:
    """Whose turn it is: those that waited longest, few enough for one poll."""
    waiting = [one for one in watched if one.due_at() <= now.timestamp()]
    return sorted(waiting, key=Watched.due_at)[:MOST_LOOKS]
