"""Hiding replies under our own posts.

A thread's owner may keep one record beside its first post, the “threadgate”: who may answer, and
which answers are hidden (lexicon app.bsky.feed.threadgate). Two members may hide at once, so each
write names the version that it is based on, and starts over when that is not the last one any more.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from callbox.connector import Refused, Unavailable
from callbox.networks.bluesky.errors import NoRecord, Swapped
from callbox.networks.bluesky.outbox import stamp
from callbox.networks.bluesky.shapes import POST, fields, members, post_uri, uri_parts, words
from callbox.networks.bluesky.xrpc import Xrpc

GATE = "app.bsky.feed.threadgate"
MOST_HIDDEN = 300
TRIES = 4

Hidden = list[str]


class Threadgate:
    """The threadgate of one of our threads. Raises Refused for anybody else's."""

    def __init__(self, xrpc: Xrpc, did: str, root_id: str, now: Callable[[], datetime]) -> None:
        owner, collection, rkey = uri_parts(root_id)
        if (owner, collection) != (did, POST):
            raise Refused("On Bluesky, only replies under our own posts can be hidden.")
        self._xrpc = xrpc
        self._root_id = root_id
        self._place = {"repo": did, "collection": GATE, "rkey": rkey}
        self._now = now

    def hide(self, uri: str) -> None:
        """Hide a reply. Already hidden is success."""
        if not post_uri(uri):
            raise Refused("This is not a post on Bluesky.")
        self._change(lambda hidden: hidden if uri in hidden else [*hidden, uri])

    def unhide(self, uri: str) -> None:
        """Show a reply again. Already shown is success."""
        self._change(lambda hidden: [other for other in hidden if other != uri])

    def _change(self, change: Callable[[Hidden], Hidden]) -> None:
        for _ in range(TRIES):
            record, cid = self._read()
            hidden = [words(uri) for uri in members(record.get("hiddenReplies"))]
            wanted = change(hidden)
            if wanted == hidden:
                return
            if len(wanted) > MOST_HIDDEN:
                raise Refused(f"Bluesky hides at most {MOST_HIDDEN} replies in a thread.")
            try:
                self._write({**record, "hiddenReplies": wanted}, cid)
            except Swapped:
                continue
            return
        raise Unavailable("The thread is being changed by others right now.")

    def _read(self) -> tuple[Mapping[str, Any], str | None]:
        """The record and its content hash; a new record and None when there is none yet.

        Everything in it that is not ours to change (who may answer) is kept as it is.
        """
        try:
            answer = self._xrpc.query("com.atproto.repo.getRecord", self._place)
        except NoRecord:
            new = {"$type": GATE, "post": self._root_id, "createdAt": stamp(self._now())}
            return new, None
        return fields(answer.get("value")), words(answer.get("cid"))

    def _write(self, record: Mapping[str, Any], cid: str | None) -> None:
        body = {**self._place, "record": record, "swapRecord": cid}
        self._xrpc.procedure("com.atproto.repo.putRecord", body)
