"""Looking again at what residents wrote: X tells nobody but its writer of an edit or a deletion.

Each post is looked up a few times after it was heard: once when the hour in which it can be edited
is over, then ever more rarely for a month. A look costs half a cent, and a hundred fit into one
call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callbox.connector import Raw
from callbox.networks.x import errors, parse
from callbox.networks.x.api import Listed
from callbox.networks.x.posts import Included, Post
from callbox.networks.x.reach import Reach, whole
from callbox.networks.x.values import ident, made_at
from callbox.values import mapping

_LOOKS = (
    timedelta(minutes=65),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=30),
)
_MOST = 1000
_AT_ONCE = 100


@dataclass(slots=True)
class _Watched:
    id: str  # of the first version
    seen: str  # of the version that was handed on
    looks: int

    @property
    def due(self) -> datetime:
        made = made_at(self.id) or datetime.min.replace(tzinfo=UTC)
        return made + _LOOKS[self.looks]


class Watch:
    """The posts to look at again. The place holds [id, version, looks so far] for each."""

    def __init__(self, reach: Reach, place: Mapping[str, Any]) -> None:
        self._reach = reach
        self._now = reach.now()
        kept = place.get("posts")
        self._posts = {
            one.id: one for one in map(_read, kept if isinstance(kept, list) else ()) if one
        }

    def place(self) -> dict[str, Any]:
        """Where to go on; the newest, when there are too many."""
        kept = sorted(self._posts.values(), key=lambda one: int(one.id))[-_MOST:]
        return {"posts": [[one.id, one.seen, one.looks] for one in kept]}

    def add(self, raw: Raw) -> None:
        """Watch a post that was just handed on, unless it is ours."""
        value = mapping(raw.json())
        post = Post(value.get("data"), Included({}))
        if post.author_id and post.author_id != self._reach.us.id:
            self._posts.setdefault(post.external_id, _Watched(post.external_id, post.id, 0))

    def run(self) -> list[Raw]:
        """Look at those whose turn it is: edits and deletions."""
        due = sorted(
            (one for one in self._posts.values() if one.due <= self._now), key=lambda one: one.due
        )[:_AT_ONCE]
        if not due:
            return []
        found = self._reach.lookup([one.seen for one in due], "looked at again")
        raws = self._gone(due, errors.gone(whole(found)))
        raws += self._edited(found)
        for one in due:
            one.looks = _next_look(one, self._now)
            if one.looks >= len(_LOOKS):
                self._posts.pop(one.id, None)
        return raws

    def _gone(self, due: list[_Watched], gone: set[str]) -> list[Raw]:
        raws = []
        for one in due:
            if one.seen in gone:
                self._posts.pop(one.id, None)
                raws.append(parse.deleted(one.id, self._now.isoformat()))
        return raws

    def _edited(self, found: Listed) -> list[Raw]:
        """An old version still answers to its id, but names the newer ones: they are read."""
        newer = {}
        for one in found.items:
            post = Post(one, Included({}))
            watched = self._posts.get(post.external_id)
            if watched and int(post.versions[-1]) > int(watched.seen):
                newer[post.versions[-1]] = watched
        if not newer:
            return []
        again = self._reach.lookup(newer, "edited posts read")
        raws = []
        for one in again.items:
            watched = newer.get(ident(one.get("id")))
            if watched:
                watched.seen = ident(one.get("id"))
                raws.append(parse.of_listed(parse.POST, one, again.includes))
        return raws


def _next_look(one: _Watched, now: datetime) -> int:
    """The first look that is still to come: after an outage one look makes up for many."""
    made = made_at(one.id)
    age = now - made if made else timedelta.max
    return next((at for at, after in enumerate(_LOOKS) if after > age), len(_LOOKS))


def _read(value: Any) -> _Watched | None:
    if not (isinstance(value, list) and len(value) == 3):
        return None
    first, seen, looks = ident(value[0]), ident(value[1]), value[2]
    if not (first and seen and isinstance(looks, int) and 0 <= looks < len(_LOOKS)):
        return None
    return _Watched(first, seen, looks)


def is_post(raw: Raw) -> bool:
    """Whether a raw is a post that may be somebody else's."""
    return raw.kind in (parse.POST, parse.REPLY)
