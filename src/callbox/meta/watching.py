"""Watching what stands below our posts: no webhook tells of a changed, deleted or hidden answer.

What was there is kept in the polling cursor, for a week; a difference becomes an event.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from callbox.meta.graph import Graph
from callbox.values import Json, mapping, text

WATCHED_FOR: Final = timedelta(days=7)

#: Something watched: digest of its words, whether it is hidden, when it was written (epoch), and
#: whatever else its network keeps.
Watched = Sequence[Any]


def digest(words: Any) -> str:
    """Words, made short."""
    return hashlib.sha256(text(words).encode()).hexdigest()[:12]


def difference(before: Watched, now: Watched) -> str:
    """What changed: "text", "hidden", "both" or ""."""
    words, hidden = before[0] != now[0], bool(before[1]) != now[1]
    if words and hidden:
        return "both"
    return "text" if words else "hidden" if hidden else ""


def kept(seen: Mapping[str, Watched], now: datetime) -> dict[str, Watched]:
    """What to go on watching: the last week's."""
    oldest = (now - WATCHED_FOR).timestamp()
    return {one: state for one, state in seen.items() if state[2] >= oldest}


def put_down(state: dict[str, Any], post: str, watched: Mapping[str, Watched]) -> None:
    """Keep in the cursor what is watched below a post, and that no walk is under way."""
    state["walk"] = None
    watch = dict(mapping(state.get("watch")))
    watch.pop(post, None)
    state["watch"] = watch | ({post: dict(watched)} if watched else {})


def posts(
    graph: Graph, path: str, asked: Mapping[str, Any], state: dict[str, Any], most: int
) -> list[Json]:
    """Our newest posts, and a further page of the older ones at every round, round and round
    through the newest `most`. Where that stands is kept in the cursor: `deep`, `depth`."""
    first = graph.listing(path, asked)
    found = list(first.items)
    deep = text(state.get("deep")) or first.next.get("after", "")
    if deep:
        page = graph.listing(path, {**asked, "after": deep})
        found += page.items
        depth = int(state.get("depth") or 0) + len(page.items)
        state["deep"] = page.next.get("after", "") if depth < most else ""
        state["depth"] = depth if state["deep"] else 0
    return found
