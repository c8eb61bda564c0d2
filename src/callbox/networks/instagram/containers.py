"""Publishing in Instagram's three steps: prepare a container, wait until it is ready, publish it.

Nothing is seen before the last step, so the first two may be done again; the last one may not. The
container's number is kept in the session under the delivery's key *before* it is published: a
second attempt takes the same container, and whether a publication whose answer was lost went out is
read off it (`status_code` is PUBLISHED). A container lives 24 hours.
"""

import time
from collections.abc import Callable, Sequence
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
from callbox.meta.graph import Graph
from callbox.meta.pending import Store, same
from callbox.meta.times import moment
from callbox.meta.values import Json, ident, mapping, number, text
from callbox.networks.instagram import compose
from callbox.networks.instagram.api import NOT_READY, UNFETCHED, prepared
from callbox.networks.instagram.us import Us
from callbox.vocabulary import Outgoing, Receipt

#: Seconds from the start of an attempt after which nothing more is begun: a delivery is given up
#: for dead after 90, and the last call may take 28.
MOST_SECONDS: Final = 35.0
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
_SKEW = timedelta(minutes=1)
_UNREACHABLE = ("2207052", "2207003", "9004")
_LIST = "id,caption,timestamp,permalink,media_product_type"


class Publisher:
    """One attempt at publishing one post."""

    def __init__(
        self,
        graph: Graph,
        us: Us,
        session: Session,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._graph = graph
        self._us = us
        self._store = Store(session, now)
        self._now = now
        self._sleep = sleep
        self._began = time.monotonic()
        self._slept = 0.0

    def publish(self, outgoing: Outgoing) -> Receipt:
        """Prepare (or take up again), wait, publish. Raises Unavailable while Instagram is not
        ready, to be called again with the same key."""
        found = compose.problems(outgoing)
        if found:
            raise Refused(found[0].words)
        held = self._store.get(outgoing.key)
        if ident(held.get("media")):
            return self._receipt(ident(held.get("media")))
        container = ident(held.get("id"))
        if not container:
            self._check_quota()
            container = self._prepare(outgoing, held)
        if self._wait(outgoing.key, container) == "PUBLISHED":
            return self._published_before(outgoing)
        self._in_time()
        answer = self._graph.write(
            "POST", f"/{self._us.id}/media_publish", {"creation_id": container}
        )
        media = ident(answer.get("id"))
        if not media:
            raise OutcomeUnknown("Instagram took the post and gave no number for it.")
        self._store.put(outgoing.key, {"id": container, "media": media})
        return self._receipt(media)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Whether it went out. Its container tells; what was never prepared cannot have."""
        held = self._store.get(outgoing.key)
        if ident(held.get("media")):
            return self._receipt(ident(held.get("media")))
        container = ident(held.get("id"))
        if not container:
            return None
        if self._status(container).get("status_code") != "PUBLISHED":
            return None
        media = self._listed(outgoing)
        if not media:
            raise Unavailable("Instagram has published it and does not list it yet.")
        self._store.put(outgoing.key, {"id": container, "media": ident(media.get("id"))})
        return Receipt(ident(media.get("id")), text(media.get("permalink")), {"kind": "media"})

    # --- the steps ----------------------------------------------------------------------------

    def _check_quota(self) -> None:
        """Instagram's guide says 100 posts in 24 hours and its reference 50: so it is asked."""
        path = f"/{self._us.id}/content_publishing_limit"
        found = self._graph.listing(path, {"fields": "quota_usage,config"}).items
        quota = found[0] if found else {}
        total = number(mapping(quota.get("config")).get("quota_total"))
        if total and (number(quota.get("quota_usage")) or 0) >= total:
            words = f"Instagram takes {total:.0f} posts in 24 hours, and they are used up."
            raise RateLimited(words, self._now() + timedelta(hours=1))

    def _prepare(self, outgoing: Outgoing, held: Json) -> str:
        """Make the container, and for several pictures one for each before it."""
        form, caption = outgoing.form, outgoing.text
        if len(outgoing.media) == 1:
            made = compose.fields(outgoing.media[0], form, in_carousel=False, caption=caption)
            return self._made(outgoing.key, made, [])
        children = [ident(one) for one in _strings(held.get("children"))]
        for media in outgoing.media[len(children) :]:
            self._in_time()
            made = compose.fields(media, form, in_carousel=True, caption="")
            children.append(self._new(made))
            self._store.put(outgoing.key, {"children": children})
        for child in children:
            self._wait(outgoing.key, child)
        made = {"media_type": "CAROUSEL", "children": ",".join(children), "caption": caption}
        return self._made(outgoing.key, made, children)

    def _made(self, key: str, made: dict[str, Any], children: Sequence[str]) -> str:
        container = self._new(made)
        self._store.put(key, {"id": container, "children": list(children)})
        return container

    def _new(self, made: dict[str, Any]) -> str:
        found = ident(prepared(self._graph, f"/{self._us.id}/media", made).get("id"))
        if not found:
            raise Unavailable("Instagram gave no number for what it prepared.")
        return found

    def _wait(self, key: str, container: str) -> str:
        """Wait until a container is ready: "FINISHED", or "PUBLISHED". Raises when it is not."""
        for pause in (*PAUSES, None):
            status = self._status(container)
            code = text(status.get("status_code"))
            if code in ("FINISHED", "PUBLISHED"):
                return code
            if code in ("ERROR", "EXPIRED"):
                self._store.drop(key)
                raise _failed(code, text(status.get("status")))
            if pause is None:
                break
            self._in_time()
            self._slept += pause
            self._sleep(pause)
        raise Unavailable(f"{NOT_READY} Callbox goes on with it in a moment.")

    def _status(self, container: str) -> Json:
        return self._graph.read(f"/{container}", {"fields": "id,status_code,status"})

    def _in_time(self) -> None:
        if time.monotonic() - self._began > MOST_SECONDS or self._slept > MOST_SECONDS:
            raise Unavailable(f"{NOT_READY} Callbox goes on with it in a moment.")

    def _published_before(self, outgoing: Outgoing) -> Receipt:
        try:
            receipt = self.find(outgoing)
        except ConnectorError as error:
            raise OutcomeUnknown(str(error)) from error
        if receipt is None:
            raise OutcomeUnknown("Instagram says that it has published this, but not where.")
        return receipt

    def _listed(self, outgoing: Outgoing) -> Json:
        """Our post in our own list: the oldest since it was written that has its words and that is
        not another delivery's."""
        story = outgoing.form == "story"
        edge = "stories" if story else "media"
        fields = {"fields": _LIST, "limit": 50}
        mine = self._graph.listing(f"/{self._us.id}/{edge}", fields).items
        taken, since = self._store.taken(outgoing.key), outgoing.made_at - _SKEW
        for one in sorted(mine, key=lambda media: text(media.get("timestamp"))):
            at = moment(one.get("timestamp"))
            if at is None or at < since or ident(one.get("id")) in taken:
                continue
            if story or same(outgoing.text, text(one.get("caption"))):
                return one
        return {}

    def _receipt(self, media: str) -> Receipt:
        """With the address of the post, when it can be had; the number is what counts."""
        try:
            found = self._graph.read(f"/{media}", {"fields": "id,permalink"})
        except ConnectorError:
            found = {}
        return Receipt(media, text(found.get("permalink")), {"kind": "media"})


def _failed(code: str, status: str) -> ConnectorError:
    """What a container that came to nothing means. Its `status` holds a subcode in its words."""
    if code == "EXPIRED":
        return Unavailable("Instagram had forgotten what was prepared. Callbox prepares it again.")
    if any(mark in status for mark in _UNREACHABLE):
        return Refused(UNFETCHED)
    said = " ".join(status.removeprefix("Error:").split())[:200]
    return Refused(f"Instagram could not use the picture or video. It says: “{said}”")


def _strings(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
