"""Publishing in three steps: prepare a container, wait until it is ready, publish it.

Nothing is seen before the last step, so the first two may be done again; the last one may not. Here
is what every network with containers does alike; how one is published and found again is its own.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from callbox.connector import (
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Session,
    Unavailable,
)
from callbox.meta.graph import Graph
from callbox.meta.pending import Store
from callbox.meta.values import ident, number
from callbox.values import Json, mapping, sequence, text
from callbox.vocabulary import Media, Outgoing, Receipt

#: Seconds from the start of an attempt after which nothing more is begun: a delivery is given up
#: for dead after 90, and the last call may take 28.
MOST_SECONDS: Final = 35.0
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
SKEW: Final = timedelta(minutes=1)  # their clock and ours may differ by so much
FINISHED: Final = "FINISHED"
PUBLISHED: Final = "PUBLISHED"
ERROR: Final = "ERROR"
EXPIRED: Final = "EXPIRED"


class Attempt(ABC):
    """One attempt at publishing one thing."""

    #: The network's name, and its words for: still at work; the media could not be fetched; the
    #: media could not be used; published, and nobody knows where.
    name: ClassVar[str]
    not_ready: ClassVar[str]
    unfetched: ClassVar[str]
    unusable: ClassVar[str]
    unfound: ClassVar[str]
    #: What a container's own words hold when its media could not be fetched.
    unreachable: ClassVar[tuple[str, ...]]

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

    @abstractmethod
    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Whether it went out. See `Connector.find`."""

    @abstractmethod
    def _state(self, container: str) -> tuple[str, str]:
        """A container's state in the network's word, and what the network says of it."""

    def _check_quota(self, path: str, used: str, config: str, what: str) -> None:
        """How much may be published in a day differs from page to page of what the network writes
        of itself: so it is asked. Raises RateLimited when it is used up."""
        found = self._graph.listing(path, {"fields": f"{used},{config}"}).items
        quota = found[0] if found else {}
        total = number(mapping(quota.get(config)).get("quota_total"))
        if total and (number(quota.get(used)) or 0) >= total:
            words = f"{self.name} takes {total:.0f} {what} in 24 hours, and they are used up."
            raise RateLimited(words, self._now() + timedelta(hours=1))

    def _children(
        self, path: str, outgoing: Outgoing, held: Json, fields: Callable[[Media], dict[str, Any]]
    ) -> list[str]:
        """A container for each of several pictures, ready; those that are `held` are not made
        again."""
        children = [ident(one) for one in sequence(held.get("children"))]
        for media in outgoing.media[len(children) :]:
            self._in_time()
            children.append(self._new(path, fields(media)))
            self._store.put(outgoing.key, {"children": children})
        for child in children:
            self._wait(outgoing.key, child)
        return children

    def _new(self, path: str, made: dict[str, Any]) -> str:
        """Make a container. When nobody can say whether that worked, it simply did not: another
        one does no harm."""
        try:
            found = ident(self._graph.write("POST", path, made).get("id"))
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error
        if not found:
            raise Unavailable(f"{self.name} gave no number for what it prepared.")
        return found

    def _wait(self, key: str, container: str) -> str:
        """Wait until a container is ready: "FINISHED", or "PUBLISHED". Raises when it is not."""
        for pause in (*PAUSES, None):
            state, said = self._state(container)
            if state in (FINISHED, PUBLISHED):
                return state
            if state in (ERROR, EXPIRED):
                self._store.drop(key)
                raise self._failed(state, said)
            if pause is None:
                break
            self._in_time()
            self._slept += pause
            self._sleep(pause)
        raise Unavailable(f"{self.not_ready} Callbox goes on with it in a moment.")

    def _in_time(self) -> None:
        if time.monotonic() - self._began > MOST_SECONDS or self._slept > MOST_SECONDS:
            raise Unavailable(f"{self.not_ready} Callbox goes on with it in a moment.")

    def _failed(self, state: str, said: str) -> ConnectorError:
        """What a container that came to nothing means."""
        if state == EXPIRED:
            words = f"{self.name} had forgotten what was prepared. Callbox prepares it again."
            return Unavailable(words)
        if any(mark in said for mark in self.unreachable):
            return Refused(self.unfetched)
        return Refused(f"{self.unusable} It says: “{' '.join(said.split())[:200]}”")

    def _published_before(self, outgoing: Outgoing) -> Receipt:
        """The receipt of what an earlier attempt has published."""
        try:
            receipt = self.find(outgoing)
        except ConnectorError as error:
            raise OutcomeUnknown(str(error)) from error
        if receipt is None:
            raise OutcomeUnknown(self.unfound)
        return receipt

    def _receipt(self, post: str, refs: Mapping[str, Any]) -> Receipt:
        """With the address of the post, when it can be had; the number is what counts."""
        try:
            found = self._graph.read(f"/{post}", {"fields": "id,permalink"})
        except ConnectorError:
            found = {}
        return Receipt(post, text(found.get("permalink")), refs)
