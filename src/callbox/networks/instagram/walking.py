"""One post's comments, page by page, compared with what was there before.

There is no webhook for a changed, deleted or hidden comment, so the comments of the last week are
watched: their digests are kept in the polling cursor, and a difference becomes an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from callbox.connector import Raw
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident, objects
from callbox.meta.watching import Watched, difference, digest
from callbox.values import Json, mapping, text

PAGES_ON: Final = 10  # of 50 comments, read on for answers to old comments
PAGES_FIRST: Final = 2  # the same for a post that is walked through for the first time
FIELDS: Final = "id,text,timestamp,username,from,hidden,parent_id"
EXPANDED: Final = f"{FIELDS},replies.limit(50){{{FIELDS}}}"

#: What is watched has one thing more: the comment at the top above it.
_TOP = 3


@dataclass(slots=True)
class Walk:
    """Where a walk through one post's comments stands: stored in the cursor between calls."""

    media: Json  # id, permalink, place
    floor: datetime  # comments from here on are new, unless watched
    began: datetime
    after: str = ""
    pages: int = 0
    most: int = PAGES_ON
    oldest: datetime | None = None  # the oldest comment at the top that was seen
    seen: dict[str, Watched] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """As the cursor keeps it."""
        return {
            "media": dict(self.media),
            "floor": self.floor.isoformat(),
            "began": self.began.isoformat(),
            "after": self.after,
            "pages": self.pages,
            "most": self.most,
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "seen": self.seen,
        }

    @classmethod
    def of(cls, value: Json, now: datetime) -> "Walk":
        """From the cursor."""
        return cls(
            mapping(value.get("media")),
            moment(value.get("floor")) or now,
            moment(value.get("began")) or now,
            text(value.get("after")),
            int(value.get("pages") or 0),
            int(value.get("most") or PAGES_ON),
            moment(value.get("oldest")),
            dict(mapping(value.get("seen"))),
        )

    @property
    def media_id(self) -> str:
        """Whose comments these are."""
        return ident(self.media.get("id"))


class Walker:
    """Walks through comments. `watched` is what was there before: comment → `Watched`."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.calls = 0

    def step(self, walk: Walk, watched: Mapping[str, Watched]) -> tuple[list[Raw], bool]:
        """Read one page: what is new or different in it, and whether the walk is over."""
        asked = {"fields": EXPANDED, "limit": 50} | ({"after": walk.after} if walk.after else {})
        self.calls += 1
        page = self._graph.listing(f"/{walk.media_id}/comments", asked)
        raws: list[Raw] = []
        fresh = False
        for top in page.items:
            at = moment(top.get("timestamp"))
            fresh = fresh or (at is not None and at >= walk.floor)
            walk.oldest = min(filter(None, (walk.oldest, at)), default=None)
            for one in (top, *self._replies(top)):
                raws += self._compared(walk, one, ident(top.get("id")), watched)
        walk.pages += 1
        walk.after = page.next.get("after", "")
        far = not fresh and walk.pages >= walk.most
        return raws, not walk.after or far

    def _replies(self, top: Json) -> list[Json]:
        """The answers to a comment; those beyond the first fifty are asked for."""
        edge = mapping(top.get("replies"))
        found = objects(edge)
        paging = mapping(edge.get("paging"))
        after = text(mapping(paging.get("cursors")).get("after"))
        if paging.get("next") and after:
            self.calls += 1
            asked = {"fields": FIELDS, "limit": 100, "after": after}
            found += self._graph.walk(f"/{ident(top.get('id'))}/replies", asked, 10)
        return [{**one, "parent_id": one.get("parent_id") or top.get("id")} for one in found]

    def _compared(
        self, walk: Walk, one: Json, top: str, watched: Mapping[str, Watched]
    ) -> list[Raw]:
        comment_id, at = ident(one.get("id")), moment(one.get("timestamp"))
        if not comment_id or at is None:
            return [self._raw(walk, one)] if one else []
        state = [digest(one.get("text")), one.get("hidden") is True, int(at.timestamp()), top]
        before = watched.get(comment_id)
        if before is None and at < walk.floor:
            return []
        walk.seen[comment_id] = state
        if before is None:
            return [self._raw(walk, one)]
        changed = difference(before, state)
        return [self._raw(walk, one, changed)] if changed else []

    def _raw(self, walk: Walk, one: Json, changed: str = "") -> Raw:
        comment = {name: value for name, value in one.items() if name != "replies"}
        body: dict[str, Any] = {"comment": comment, "media": dict(walk.media)}
        if changed:
            body |= {"changed": changed, "seen_at": walk.began.isoformat()}
        return Raw.of("comment", body)

    def missing(self, walk: Walk, watched: Mapping[str, Watched]) -> list[str]:
        """Watched comments that the walk should have met and did not."""
        oldest = walk.oldest.timestamp() if walk.oldest else float("inf")
        whole = not walk.after
        return [
            one
            for one, state in watched.items()
            if one not in walk.seen
            and (whole or state[_TOP] in walk.seen or (state[_TOP] == one and state[2] > oldest))
        ]

    def gone(self, walk: Walk, comment_id: str) -> bool:
        """Whether a comment is certainly not there any more: asked for by itself."""
        self.calls += 1
        return self._graph.maybe(f"/{comment_id}", {"fields": "id"}) is None
