"""Posts and replies in Threads' three steps: prepare a container, wait until it is ready, publish.

Nothing is seen before the last step. The container's number is kept in the session under the
delivery's key, and a second attempt takes the same one; what was never prepared never went out.
Threads sometimes says FINISHED and then does not find the container (24/4279009): another one
works, and at most three are made.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from callbox.connector import (
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Session,
    Unavailable,
)
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph
from callbox.meta.pending import Store, same
from callbox.meta.times import moment
from callbox.meta.values import Json, ident, mapping, number, sequence, text
from callbox.networks.threads import api, compose, shapes
from callbox.networks.threads.api import NOT_READY
from callbox.vocabulary import Outgoing, Receipt

#: Seconds from the start of an attempt after which nothing more is begun: a delivery is given up
#: for dead after 90, and the last call may take 28.
MOST_SECONDS: Final = 35.0
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
TRIES: Final = 3
_SKEW = timedelta(minutes=1)
_PAGES = 5
_LIST = "id,text,timestamp,permalink,username"
_UNREACHABLE = ("FAILED_DOWNLOADING", "2207052")


class Publisher:
    """One attempt at publishing one post or reply."""

    def __init__(
        self,
        graph: Graph,
        session: Session,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._graph = graph
        self._store = Store(session, now)
        self._now = now
        self._sleep = sleep
        self._began = time.monotonic()
        self._slept = 0.0

    def publish(self, outgoing: Outgoing) -> Receipt:
        """Prepare (or take up again), wait, publish. Raises Unavailable while Threads is not
        ready, to be called again with the same key."""
        found = compose.problems(outgoing)
        if found:
            raise Refused(found[0].words)
        for last in (*(False,) * (TRIES - 1), True):
            try:
                return self._once(outgoing)
            except Unavailable as error:
                if not _is_lost(error):
                    raise
                self._store.drop(outgoing.key)
                if last:
                    raise
        raise Unavailable(NOT_READY)  # not reached: the last try returns or raises

    def _once(self, outgoing: Outgoing) -> Receipt:
        held = self._store.get(outgoing.key)
        if ident(held.get("media")):
            return self._receipt(ident(held.get("media")), outgoing)
        container = ident(held.get("id"))
        if not container:
            self._check_quota(outgoing)
            container = self._prepare(outgoing, held)
            held = self._store.get(outgoing.key)
        if self._wait(outgoing.key, container) == "PUBLISHED":
            if held.get("tried") is True:
                return self._published_before(outgoing)
            self._store.drop(outgoing.key)
            raise Unavailable("Threads lost what was prepared. Callbox prepares it again.")
        self._in_time()
        tried = held.get("tried") is True
        self._store.put(outgoing.key, {"id": container, "tried": True})
        try:
            answer = self._graph.write("POST", "/me/threads_publish", {"creation_id": container})
        except Unavailable as error:
            if tried and _is_lost(error):  # it may be gone because it was published
                raise OutcomeUnknown(str(error)) from error
            raise
        post = ident(answer.get("id"))
        if not post:
            raise OutcomeUnknown("Threads took the post and gave no number for it.")
        self._store.put(outgoing.key, {"id": container, "media": post})
        return self._receipt(post, outgoing)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Whether it went out: read off our own list, and off the container when it is not
        there (yet)."""
        held = self._store.get(outgoing.key)
        if ident(held.get("media")):
            return self._receipt(ident(held.get("media")), outgoing)
        container = ident(held.get("id"))
        if not container or held.get("tried") is not True:
            return None  # it was never asked to publish it
        for post in self._ours(outgoing):
            found = ident(post.get("id"))
            self._store.put(outgoing.key, {"id": container, "media": found})
            return Receipt(found, text(post.get("permalink")), shapes.refs(post))
        if text(self._shown(container).get("status")) in (
            "FINISHED",
            "IN_PROGRESS",
            "ERROR",
            "EXPIRED",
        ):
            return None
        raise Unavailable("Threads may have published it, and does not list it yet.")

    # --- the steps ----------------------------------------------------------------------------

    def _check_quota(self, outgoing: Outgoing) -> None:
        """250 posts and 1,000 replies in 24 hours, as of today: Threads is asked."""
        names = ("quota_usage", "config")
        if outgoing.reply_to:
            names = ("reply_quota_usage", "reply_config")
        found = self._graph.listing("/me/threads_publishing_limit", {"fields": ",".join(names)})
        quota = found.items[0] if found.items else {}
        total = number(mapping(quota.get(names[1])).get("quota_total"))
        if total and (number(quota.get(names[0])) or 0) >= total:
            what = "replies" if outgoing.reply_to else "posts"
            words = f"Threads takes {total:.0f} {what} in 24 hours, and they are used up."
            raise RateLimited(words, self._now() + timedelta(hours=1))

    def _prepare(self, outgoing: Outgoing, held: Json) -> str:
        """Make the container, and for several pictures one for each before it."""
        children: list[str] = []
        if len(outgoing.media) > 1:
            children = [ident(one) for one in sequence(held.get("children"))]
            for media in outgoing.media[len(children) :]:
                self._in_time()
                children.append(self._new({**compose.item(media), "is_carousel_item": True}))
                self._store.put(outgoing.key, {"children": children})
            for child in children:
                self._wait(outgoing.key, child)
        container = self._new(compose.whole(outgoing, children))
        self._store.put(outgoing.key, {"id": container, "children": children})
        return container

    def _new(self, made: dict[str, Any]) -> str:
        """When nobody can say whether a container was made, it simply was not: another one does no
        harm."""
        try:
            found = ident(self._graph.write("POST", "/me/threads", made).get("id"))
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error
        if not found:
            raise Unavailable("Threads gave no number for what it prepared.")
        return found

    def _wait(self, key: str, container: str) -> str:
        """Wait until a container is ready: "FINISHED", or "PUBLISHED". Raises when it is not."""
        for pause in (*PAUSES, None):
            found = self._shown(container)
            status = text(found.get("status"))
            if not status:
                return "PUBLISHED"  # or lost: only what waits to be published has a status
            if status in ("FINISHED", "PUBLISHED"):
                return status
            if status in ("ERROR", "EXPIRED"):
                self._store.drop(key)
                raise _failed(status, text(found.get("error_message")))
            if pause is None:
                break
            self._in_time()
            self._slept += pause
            self._sleep(pause)
        raise Unavailable(f"{NOT_READY} Callbox goes on with it in a moment.")

    def _shown(self, container: str) -> Json:
        """A container's state; {} when it is not there (any more)."""
        try:
            fields = {"fields": "id,status,error_message"}
            return self._graph.maybe(f"/{container}", fields) or {}
        except Unavailable as error:
            if _is_lost(error):
                return {}
            raise

    def _in_time(self) -> None:
        if time.monotonic() - self._began > MOST_SECONDS or self._slept > MOST_SECONDS:
            raise Unavailable(f"{NOT_READY} Callbox goes on with it in a moment.")

    def _published_before(self, outgoing: Outgoing) -> Receipt:
        try:
            receipt = self.find(outgoing)
        except ConnectorError as error:
            raise OutcomeUnknown(str(error)) from error
        if receipt is None:
            raise OutcomeUnknown("Threads does not say what became of this.")
        return receipt

    def _ours(self, outgoing: Outgoing) -> Iterator[Json]:
        """Our posts that could be this one, oldest first: written since, with its words, under its
        parent, and not known to be another delivery's."""
        taken, since = self._store.taken(outgoing.key), outgoing.made_at - _SKEW
        found = []
        for one in self._listed(outgoing):
            at = moment(one.get("timestamp"))
            if at is None or at < since:
                break  # newest first
            if ident(one.get("id")) not in taken and _is(one, outgoing):
                found.append(one)
        yield from reversed(found)

    def _listed(self, outgoing: Outgoing) -> Iterator[Json]:
        if outgoing.reply_to is None:
            asked = {"fields": _LIST, "limit": 50}
            return self._graph.walk("/me/threads", asked, _PAGES)
        asked = {"fields": f"{_LIST},replied_to,root_post", "limit": 50}
        return self._graph.walk("/me/replies", asked, _PAGES)

    def _receipt(self, post: str, outgoing: Outgoing) -> Receipt:
        """With the address of the post, when it can be had; the number is what counts."""
        try:
            found = self._graph.read(f"/{post}", {"fields": "id,permalink"})
        except ConnectorError:
            found = {}
        root = outgoing.reply_to.root_id if outgoing.reply_to else ""
        return Receipt(post, text(found.get("permalink")), {"top": False, "root": root})


def _is_lost(error: Unavailable) -> bool:
    """Whether Threads says that it does not find a container."""
    fault = fault_of(error)
    return fault is not None and fault.key == api.LOST


def _is(post: Json, outgoing: Outgoing) -> bool:
    """Whether a post of ours says this, in its place. A place that is not told may be any."""
    if not same(outgoing.text, text(post.get("text"))):
        return False
    above = ident(mapping(post.get("replied_to")).get("id"))
    return not above or outgoing.reply_to is None or above == outgoing.reply_to.parent_id


def _failed(status: str, said: str) -> ConnectorError:
    """What a container that came to nothing means."""
    if status == "EXPIRED":
        return Unavailable("Threads had forgotten what was prepared. Callbox prepares it again.")
    if any(mark in said for mark in _UNREACHABLE):
        return Refused(api.UNFETCHED)
    return Refused(f"Threads could not use this. It says: “{' '.join(said.split())[:200]}”")
