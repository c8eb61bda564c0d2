"""Publishing in Instagram's three steps: prepare a container, wait until it is ready, publish it.

Nothing is seen before the last step, so the first two may be done again; the last one may not. The
container's number is kept in the session under the delivery's key *before* it is published: a
second attempt takes the same container, and whether a publication whose answer was lost went out is
read off it (`status_code` is PUBLISHED). A container lives 24 hours.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from callbox.connector import OutcomeUnknown, Refused, Session, Unavailable
from callbox.meta.containers import PUBLISHED, SKEW, Attempt
from callbox.meta.graph import Graph
from callbox.meta.pending import same
from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.networks.instagram import compose
from callbox.networks.instagram.api import NOT_READY, UNFETCHED
from callbox.networks.instagram.us import Us
from callbox.values import Json, text
from callbox.vocabulary import Outgoing, Receipt

_LIST = "id,caption,timestamp,permalink,media_product_type"
_REFS: Final[Mapping[str, Any]] = {"kind": "media"}


class Publisher(Attempt):
    """One attempt at publishing one post."""

    name: ClassVar[str] = "Instagram"
    not_ready: ClassVar[str] = NOT_READY
    unfetched: ClassVar[str] = UNFETCHED
    unusable: ClassVar[str] = "Instagram could not use the picture or video."
    unfound: ClassVar[str] = "Instagram says that it has published this, but not where."
    unreachable: ClassVar[tuple[str, ...]] = ("2207052", "2207003", "9004")

    def __init__(
        self,
        graph: Graph,
        us: Us,
        session: Session,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        super().__init__(graph, session, now, sleep)
        self._us = us

    def publish(self, outgoing: Outgoing) -> Receipt:
        """Prepare (or take up again), wait, publish. Raises Unavailable while Instagram is not
        ready, to be called again with the same key."""
        found = compose.problems(outgoing)
        if found:
            raise Refused(found[0].words)
        held = self._store.get(outgoing.key)
        if ident(held.get("media")):
            return self._receipt(ident(held.get("media")), _REFS)
        container = ident(held.get("id"))
        if not container:
            # The guide says 100 posts in 24 hours, the reference 50.
            path = f"/{self._us.id}/content_publishing_limit"
            self._check_quota(path, "quota_usage", "config", "posts")
            container = self._prepare(outgoing, held)
        if self._wait(outgoing.key, container) == PUBLISHED:
            return self._published_before(outgoing)
        self._in_time()
        answer = self._graph.write(
            "POST", f"/{self._us.id}/media_publish", {"creation_id": container}
        )
        media = ident(answer.get("id"))
        if not media:
            raise OutcomeUnknown("Instagram took the post and gave no number for it.")
        self._store.put(outgoing.key, {"id": container, "media": media})
        return self._receipt(media, _REFS)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Whether it went out. Its container tells; what was never prepared cannot have."""
        held = self._store.get(outgoing.key)
        if ident(held.get("media")):
            return self._receipt(ident(held.get("media")), _REFS)
        container = ident(held.get("id"))
        if not container:
            return None
        if self._state(container)[0] != PUBLISHED:
            return None
        media = self._listed(outgoing)
        if not media:
            raise Unavailable("Instagram has published it and does not list it yet.")
        self._store.put(outgoing.key, {"id": container, "media": ident(media.get("id"))})
        return Receipt(ident(media.get("id")), text(media.get("permalink")), _REFS)

    # --- the steps ----------------------------------------------------------------------------

    def _prepare(self, outgoing: Outgoing, held: Json) -> str:
        """Make the container, and for several pictures one for each before it."""
        path, form, caption = f"/{self._us.id}/media", outgoing.form, outgoing.text
        children: list[str] = []
        if len(outgoing.media) == 1:
            made = compose.fields(outgoing.media[0], form, in_carousel=False, caption=caption)
        else:
            children = self._children(
                path,
                outgoing,
                held,
                lambda media: compose.fields(media, form, in_carousel=True, caption=""),
            )
            made = {"media_type": "CAROUSEL", "children": ",".join(children), "caption": caption}
        container = self._new(path, made)
        self._store.put(outgoing.key, {"id": container, "children": children})
        return container

    def _state(self, container: str) -> tuple[str, str]:
        """Its `status` holds a subcode in its words."""
        found = self._graph.read(f"/{container}", {"fields": "id,status_code,status"})
        return text(found.get("status_code")), text(found.get("status")).removeprefix("Error:")

    def _listed(self, outgoing: Outgoing) -> Json:
        """Our post in our own list: the oldest since it was written that has its words and that is
        not another delivery's."""
        story = outgoing.form == "story"
        edge = "stories" if story else "media"
        fields = {"fields": _LIST, "limit": 50}
        mine = self._graph.listing(f"/{self._us.id}/{edge}", fields).items
        taken, since = self._store.taken(outgoing.key), outgoing.made_at - SKEW
        for one in sorted(mine, key=lambda media: text(media.get("timestamp"))):
            at = moment(one.get("timestamp"))
            if at is None or at < since or ident(one.get("id")) in taken:
                continue
            if story or same(outgoing.text, text(one.get("caption"))):
                return one
        return {}
