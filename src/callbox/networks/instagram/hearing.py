"""Polling: comments under our posts, private messages, pictures that mark us, mentions' words.

A round looks at the newest posts and one further page of older ones, and puts those whose number of
comments differs from what it was into a queue; one more post is walked through in turn, so that
changed words are seen too. The queue is worked off a few calls at a time (`Page.more`), and the
cursor holds everything that the next call needs: nothing is skipped when a call fails, and a poll
after an outage of any length walks through whatever has changed since.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from callbox.connector import Page, Raw, Refused
from callbox.meta import watching
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident, objects
from callbox.networks.instagram.inbox import Inbox
from callbox.networks.instagram.mentions import Mentions
from callbox.networks.instagram.us import Us
from callbox.networks.instagram.walking import PAGES_FIRST, PAGES_ON, Walk, Walker
from callbox.values import Json, mapping, text

CALLS: Final = 8  # at most so many per `fetch`, roughly
BACK: Final = timedelta(days=1)  # how far the first poll looks back
OVERLAP: Final = timedelta(hours=1)  # a comment may be listed later than it was written
MOST_POSTS: Final = 500
POSTS: Final = "id,timestamp,comments_count,permalink,media_product_type"


class Hearing:
    """Polls of one account."""

    def __init__(
        self, graph: Graph, us: Us, inbox: Inbox | None, mentions: Mentions, now: datetime
    ) -> None:
        self._graph = graph
        self._us = us
        self._inbox = inbox
        self._mentions = mentions
        self._now = now

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """See `Connector.fetch`."""
        state: dict[str, Any] = {**cursor}
        state.setdefault("since", (self._now - BACK).isoformat())
        if state.get("walk") or state.get("queue"):
            raws, gap = self._work(state), False
        else:
            raws, gap = self._round(state)
        return Page(
            sorted(raws, key=_when),
            state,
            more=bool(state.get("walk") or state.get("queue") or state.get("dm_queue")),
            gap=gap,
            rest_until=self._graph.usage.rest_until(self._now),
        )

    def _round(self, state: dict[str, Any]) -> tuple[list[Raw], bool]:
        """What is cheap to ask, and the queue of what has to be walked through."""
        raws, gap = self._messages(state)
        if state.get("dm_queue"):
            return raws, gap
        raws += self._mentions.looked_up(state)
        tags, missed = self._mentions.tags(state)
        raws += tags
        queue = self._changed(state)
        turn = self._turn(state, queue)
        state["queue"] = [*queue, *turn]
        return raws, gap or missed

    def _messages(self, state: dict[str, Any]) -> tuple[list[Raw], bool]:
        """Private messages. When Instagram refuses them (they can be switched off in its app),
        comments are heard all the same, and the hole is shown."""
        if self._inbox is None:
            return [], False
        try:
            return self._inbox.step(state)
        except Refused:
            state["dm_queue"] = []
            return [], True

    def _changed(self, state: dict[str, Any]) -> list[Json]:
        """Posts whose number of comments is not what it was when they were last walked through."""
        known = mapping(state.get("posts"))
        posts = self._posts(state)
        state["posts"] = {one: known[one] for one in list(known)[:MOST_POSTS]}
        return [
            _kept(post)
            for post in posts
            if (post.get("comments_count") or 0) != (known.get(ident(post.get("id"))) or [0])[0]
        ]

    def _posts(self, state: dict[str, Any]) -> list[Json]:
        """The newest fifty, and the next fifty of the older ones."""
        path, asked = f"/{self._us.id}/media", {"fields": POSTS, "limit": 50}
        found = watching.posts(self._graph, path, asked, state, MOST_POSTS)
        unique = {ident(one.get("id")): one for one in found}
        return [one for post_id, one in unique.items() if post_id]

    def _turn(self, state: dict[str, Any], queue: list[Json]) -> list[Json]:
        """The next post in turn whose comments are watched, unless it is in the queue."""
        watched = sorted(mapping(state.get("watch")))
        last = text(state.get("turn"))
        later = [one for one in watched if one > last] or watched
        if not later:
            return []
        state["turn"] = later[0]
        if any(one["id"] == later[0] for one in queue):
            return []
        known = mapping(state.get("posts")).get(later[0]) or [0, 0, "", ""]
        return [
            {"id": later[0], "permalink": known[2], "media_product_type": known[3], "n": known[0]}
        ]

    # --- the queue ----------------------------------------------------------------------------

    def _work(self, state: dict[str, Any]) -> list[Raw]:
        """Walk through what is queued, until this call has cost enough."""
        walker = Walker(self._graph)
        raws: list[Raw] = []
        while walker.calls < CALLS and (state.get("walk") or state.get("queue")):
            walk = self._next(state)
            watched = mapping(mapping(state.get("watch")).get(walk.media_id))
            found, over = walker.step(walk, watched)
            raws += found
            state["walk"] = walk.stored()
            if over:
                raws += self._gone(walker, walk, watched)
                self._finish(state, walk)
        return raws

    def _next(self, state: dict[str, Any]) -> Walk:
        if state.get("walk"):
            return Walk.of(mapping(state["walk"]), self._now)
        media, *rest = objects(state["queue"])
        state["queue"] = rest
        known = mapping(state.get("posts")).get(ident(media.get("id"))) or [0, 0]
        since = moment(state.get("since")) or self._now
        last = moment(known[1])
        floor = max(since, last - OVERLAP) if last else since
        most = PAGES_ON if last else PAGES_FIRST
        return Walk(media, floor, self._now, most=most)

    def _gone(self, walker: Walker, walk: Walk, watched: Mapping[str, Any]) -> list[Raw]:
        found = []
        for one in walker.missing(walk, watched):
            if walker.gone(walk, one):
                body = {"id": one, "seen_at": walk.began.isoformat()}
                found.append(Raw.of("gone", body))
            else:
                walk.seen[one] = watched[one]  # it is there: only not listed
        return found

    def _finish(self, state: dict[str, Any], walk: Walk) -> None:
        """Put down what was found: how many comments there were when the walk began, and what to
        go on watching."""
        number = walk.media.get("n") or 0
        link, place = text(walk.media.get("permalink")), text(walk.media.get("media_product_type"))
        entry = [number, int(walk.began.timestamp()), link, place]
        posts = dict(mapping(state.get("posts")))
        posts.pop(walk.media_id, None)
        state["posts"] = {walk.media_id: entry, **posts}
        watching.put_down(state, walk.media_id, watching.kept(walk.seen, self._now))


def _kept(post: Json) -> Json:
    return {
        "id": ident(post.get("id")),
        "permalink": text(post.get("permalink")),
        "media_product_type": text(post.get("media_product_type")),
        "n": post.get("comments_count") or 0,
    }


def _when(raw: Raw) -> str:
    """For putting raws in order: the time in them, as they write it."""
    body = raw.json()
    for name, time in (
        ("comment", "timestamp"),
        ("message", "created_time"),
        ("media", "timestamp"),
    ):
        at = moment(mapping(body.get(name)).get(time))
        if at is not None and not body.get("seen_at"):
            return at.isoformat()
    return text(body.get("seen_at")) or text(body.get("at"))
