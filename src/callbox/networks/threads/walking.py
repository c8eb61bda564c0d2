"""One post's replies, page by page, compared with what was there before.

Threads tells by webhook of new replies only, so those of the last week are watched: their digests
are kept in the polling cursor, and a difference becomes an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import Raw
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident, number
from callbox.meta.watching import Watched, difference, digest
from callbox.networks.threads import shapes
from callbox.networks.threads.api import REPLY
from callbox.values import Json, mapping, text


@dataclass(slots=True)
class Walk:
    """Where a walk through one post's replies stands: stored in the cursor between calls. Replies
    from `floor` on are new unless watched; the walk goes on until `end`."""

    post: str
    floor: datetime
    end: datetime
    began: datetime
    after: str = ""
    oldest: datetime | None = None
    seen: dict[str, Watched] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """As the cursor keeps it."""
        times = {name: getattr(self, name).isoformat() for name in ("floor", "end", "began")}
        oldest = self.oldest.isoformat() if self.oldest else None
        return {
            **times,
            "post": self.post,
            "after": self.after,
            "oldest": oldest,
            "seen": self.seen,
        }

    @classmethod
    def of(cls, value: Json, now: datetime) -> "Walk":
        """From the cursor."""
        floor, end, began = (moment(value.get(one)) or now for one in ("floor", "end", "began"))
        return cls(
            ident(value.get("post")),
            floor,
            end,
            began,
            text(value.get("after")),
            moment(value.get("oldest")),
            dict(mapping(value.get("seen"))),
        )


def begun(
    post: str, watched: Mapping[str, Watched], since: datetime, last: datetime | None, now: datetime
) -> Walk:
    """A walk from its start: back to an hour before the last one, and past what is watched."""
    floor = max(since, last - timedelta(hours=1)) if last else since
    oldest = min((number(state[2]) or 0.0 for state in watched.values()), default=0.0)
    end = min(floor, moment(oldest) or floor) if oldest else floor
    return Walk(post, floor, end, now)


class Walker:
    """Walks through replies. `calls` counts what it cost."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.calls = 0

    def step(self, walk: Walk, watched: Mapping[str, Watched]) -> tuple[list[Raw], bool]:
        """Read one page, newest first: what is new or different, and whether the walk is over."""
        asked = {"fields": REPLY, "reverse": "true", "limit": 50}
        asked |= {"after": walk.after} if walk.after else {}
        self.calls += 1
        page = self._graph.listing(f"/{walk.post}/conversation", asked)
        raws = [raw for one in page.items for raw in self._compared(walk, one, watched)]
        times = [at for one in page.items if (at := moment(one.get("timestamp")))]
        walk.oldest = min([*times, *([walk.oldest] if walk.oldest else [])], default=None)
        walk.after = page.next.get("after", "")
        past = walk.oldest is not None and walk.oldest < walk.end
        return raws, past or not walk.after

    def _compared(self, walk: Walk, one: Json, watched: Mapping[str, Watched]) -> list[Raw]:
        reply, at = ident(one.get("id")), moment(one.get("timestamp"))
        if not reply or at is None:
            return [Raw.of("reply", {"post": one})]
        state = [digest(one.get("text")), shapes.hidden(one), int(at.timestamp())]
        before = watched.get(reply)
        if before is None and at < walk.floor:
            return []
        walk.seen[reply] = state
        if before is None:
            return [Raw.of("reply", {"post": one})]
        changed = difference(before, state)
        body = {"post": one, "changed": changed, "seen_at": walk.began.isoformat()}
        return [Raw.of("reply", body)] if changed else []

    def gone(self, walk: Walk, watched: Mapping[str, Watched]) -> list[Raw]:
        """Watched replies that the walk should have met and did not, and that are not there when
        asked for by themselves. Those that are go on being watched."""
        oldest = walk.oldest.timestamp() if walk.oldest and walk.after else 0.0
        found = []
        for one, state in watched.items():
            if one in walk.seen:
                continue
            if state[2] > oldest and self._is_gone(one):
                found.append(Raw.of("gone", {"id": one, "seen_at": walk.began.isoformat()}))
            else:
                walk.seen[one] = state
        return found

    def _is_gone(self, reply: str) -> bool:
        self.calls += 1
        return self._graph.maybe(f"/{reply}", {"fields": "id"}) is None
