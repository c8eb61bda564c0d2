"""Polling: replies under our posts and our replies, and mentions.

Threads does not tell how many replies a post has, so posts are walked through in turn: the newest
at every round, the others a few at a time. The cursor holds the queue, so that a call that fails is
made again and nothing is skipped; a poll after an outage walks back to where the last one was.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from callbox.connector import Page, Raw, Refused
from callbox.meta import watching
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.networks.threads.api import POST, REPLY
from callbox.networks.threads.walking import Walk, Walker, begun
from callbox.values import Json, mapping, sequence, text

CALLS: Final = 8  # at most so many per `fetch`, roughly
BACK: Final = timedelta(days=1)  # how far the first poll looks back
NEWEST: Final = 10  # posts that are walked through at every round
IN_TURN: Final = 5  # others per round
MOST_POSTS: Final = 300
_REMEMBERED = 300
_PAGES = 20


class Hearing:
    """Polls of one account."""

    def __init__(self, graph: Graph, now: datetime) -> None:
        self._graph = graph
        self._now = now

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """See `Connector.fetch`."""
        state: dict[str, Any] = {**cursor}
        state.setdefault("since", (self._now - BACK).isoformat())
        gap = False
        if state.get("walk") or state.get("queue"):
            raws = self._work(state)
        else:
            raws, gap = self._mentions(state)
            state["queue"] = self._due(state)
        return Page(
            sorted(raws, key=_when),
            state,
            more=bool(state.get("walk") or state.get("queue")),
            gap=gap,
            rest_until=self._graph.usage.rest_until(self._now),
        )

    # --- mentions -----------------------------------------------------------------------------

    def _mentions(self, state: dict[str, Any]) -> tuple[list[Raw], bool]:
        """Mentions that we did not know, and whether some were out of reach. They come newest
        first, so a page with nothing new ends it."""
        known = [ident(one) for one in sequence(state.get("mentions"))]
        since = moment(state.get("since")) or self._now
        asked: dict[str, Any] = {"fields": POST, "limit": 50}
        found: list[Json] = []
        for _ in range(_PAGES):
            page = self._graph.listing("/me/mentions", asked)
            fresh = [one for one in page.items if _is_new(one, known, since)]
            found += fresh
            if not page.next or len(fresh) < len(page.items):
                break
            asked |= page.next
        else:
            return self._kept(state, found, known), True
        return self._kept(state, found, known), False

    def _kept(self, state: dict[str, Any], found: list[Json], known: list[str]) -> list[Raw]:
        state["mentions"] = [*(ident(one.get("id")) for one in found), *known][:_REMEMBERED]
        return [Raw.of("mention", {"post": self._whole(one)}) for one in found]

    def _whole(self, one: Json) -> Json:
        """A mention with its place in a thread, which the list does not show."""
        try:
            found = self._graph.maybe(f"/{ident(one.get('id'))}", {"fields": REPLY})
        except Refused:
            found = None
        return {**one, **(found or {})}

    # --- posts --------------------------------------------------------------------------------

    def _due(self, state: dict[str, Any]) -> list[str]:
        """The posts to walk through in this round."""
        known = dict(mapping(state.get("posts")))
        newest = self._posts(state)
        for post in [*newest, *self._replies()]:
            known.setdefault(post, 0)
        first = newest[:NEWEST]
        waiting = [post for post in known if post not in first]
        others = sorted(waiting, key=lambda post: (known[post], post))[:IN_TURN]
        state["posts"] = dict(sorted(known.items(), key=_newest, reverse=True)[:MOST_POSTS])
        return [*first, *others]

    def _posts(self, state: dict[str, Any]) -> list[str]:
        """Our newest posts that have replies, and a further page of the older ones."""
        asked: dict[str, Any] = {"fields": "id,timestamp,has_replies", "limit": 50}
        found = watching.posts(self._graph, "/me/threads", asked, state, MOST_POSTS)
        return [ident(one.get("id")) for one in found if one.get("has_replies") is not False]

    def _replies(self) -> list[str]:
        """Our newest replies, in whose answers somebody may speak to us."""
        asked = {"fields": "id,timestamp,has_replies", "limit": 25}
        page = self._graph.listing("/me/replies", asked)
        return [ident(one.get("id")) for one in page.items if one.get("has_replies") is not False]

    # --- the queue ----------------------------------------------------------------------------

    def _work(self, state: dict[str, Any]) -> list[Raw]:
        walker = Walker(self._graph)
        raws: list[Raw] = []
        while walker.calls < CALLS and (state.get("walk") or state.get("queue")):
            walk = self._next(state)
            watched = mapping(mapping(state.get("watch")).get(walk.post))
            found, over = walker.step(walk, watched)
            raws += found
            state["walk"] = walk.stored()
            if over:
                raws += walker.gone(walk, watched)
                self._finish(state, walk)
        return raws

    def _next(self, state: dict[str, Any]) -> Walk:
        if state.get("walk"):
            return Walk.of(mapping(state["walk"]), self._now)
        post, *rest = [ident(one) for one in sequence(state["queue"])]
        state["queue"] = rest
        watched = mapping(mapping(state.get("watch")).get(post))
        since = moment(state.get("since")) or self._now
        last = moment(mapping(state.get("posts")).get(post) or None)
        return begun(post, watched, since, last, self._now)

    def _finish(self, state: dict[str, Any], walk: Walk) -> None:
        state["posts"] = {**mapping(state.get("posts")), walk.post: int(walk.began.timestamp())}
        watching.put_down(state, walk.post, watching.kept(walk.seen, self._now))


def _is_new(one: Json, known: list[str], since: datetime) -> bool:
    at = moment(one.get("timestamp"))
    return ident(one.get("id")) not in known and (at is None or at >= since)


def _newest(item: tuple[str, Any]) -> tuple[int, str]:
    """Numbers of posts grow with time."""
    return len(item[0]), item[0]


def _when(raw: Raw) -> str:
    """For putting raws in order: the time in them."""
    body = raw.json()
    at = moment(mapping(body.get("post")).get("timestamp"))
    return text(body.get("seen_at")) or (at.isoformat() if at else "")
