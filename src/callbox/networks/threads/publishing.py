"""Posts and replies in Threads' three steps: prepare a container, wait until it is ready, publish.

Nothing is seen before the last step. The container's number is kept in the session under the
delivery's key, and a second attempt takes the same one; what was never prepared never went out.
Threads sometimes says FINISHED and then does not find the container (24/4279009): another one
works, and at most three are made.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.meta.containers import ERROR, EXPIRED, FINISHED, PUBLISHED, SKEW, Attempt
from callbox.meta.errors import fault_of
from callbox.meta.pending import same
from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.networks.threads import api, compose, shapes
from callbox.networks.threads.api import NOT_READY, UNFETCHED
from callbox.values import Json, mapping, text
from callbox.vocabulary import Outgoing, Receipt

TRIES: Final = 3
_PAGES = 5
_LIST = "id,text,timestamp,permalink,username"


class Publisher(Attempt):
    """One attempt at publishing one post or reply."""

    name: ClassVar[str] = "Threads"
    not_ready: ClassVar[str] = NOT_READY
    unfetched: ClassVar[str] = UNFETCHED
    unusable: ClassVar[str] = "Threads could not use this."
    unfound: ClassVar[str] = "Threads does not say what became of this."
    unreachable: ClassVar[tuple[str, ...]] = ("FAILED_DOWNLOADING", "2207052")

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
            return self._receipt(ident(held.get("media")), _refs(outgoing))
        container = ident(held.get("id"))
        if not container:
            below = "reply_" if outgoing.reply_to else ""
            self._check_quota(
                "/me/threads_publishing_limit",
                f"{below}quota_usage",
                f"{below}config",
                "replies" if below else "posts",
            )
            container = self._prepare(outgoing, held)
            held = self._store.get(outgoing.key)
        if self._wait(outgoing.key, container) == PUBLISHED:
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
        return self._receipt(post, _refs(outgoing))

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Whether it went out: read off our own list, and off the container when it is not
        there (yet)."""
        held = self._store.get(outgoing.key)
        if ident(held.get("media")):
            return self._receipt(ident(held.get("media")), _refs(outgoing))
        container = ident(held.get("id"))
        if not container or held.get("tried") is not True:
            return None  # it was never asked to publish it
        for post in self._ours(outgoing):
            found = ident(post.get("id"))
            self._store.put(outgoing.key, {"id": container, "media": found})
            return Receipt(found, text(post.get("permalink")), shapes.refs(post))
        state = text(self._shown(container).get("status"))
        if state in (FINISHED, "IN_PROGRESS", ERROR, EXPIRED):
            return None
        raise Unavailable("Threads may have published it, and does not list it yet.")

    # --- the steps ----------------------------------------------------------------------------

    def _prepare(self, outgoing: Outgoing, held: Json) -> str:
        """Make the container, and for several pictures one for each before it."""
        children: list[str] = []
        if len(outgoing.media) > 1:
            children = self._children(
                "/me/threads",
                outgoing,
                held,
                lambda media: {**compose.item(media), "is_carousel_item": True},
            )
        container = self._new("/me/threads", compose.whole(outgoing, children))
        self._store.put(outgoing.key, {"id": container, "children": children})
        return container

    def _state(self, container: str) -> tuple[str, str]:
        """Only what waits to be published has a status: without one it is published, or lost."""
        found = self._shown(container)
        return text(found.get("status")) or PUBLISHED, text(found.get("error_message"))

    def _shown(self, container: str) -> Json:
        """A container's state; {} when it is not there (any more)."""
        try:
            fields = {"fields": "id,status,error_message"}
            return self._graph.maybe(f"/{container}", fields) or {}
        except Unavailable as error:
            if _is_lost(error):
                return {}
            raise

    def _ours(self, outgoing: Outgoing) -> Iterator[Json]:
        """Our posts that could be this one, oldest first: written since, with its words, under its
        parent, and not known to be another delivery's."""
        taken, since = self._store.taken(outgoing.key), outgoing.made_at - SKEW
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


def _refs(outgoing: Outgoing) -> dict[str, object]:
    """What a receipt keeps of where something of ours stands."""
    root = outgoing.reply_to.root_id if outgoing.reply_to else ""
    return {"top": False, "root": root}


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
