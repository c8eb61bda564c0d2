"""Hearing by polling: the second way beside webhooks, and the one that fills every gap.

A poll goes through its parts; each keeps its own place in the cursor, so that one that must wait
holds up no other. Mentions come first and decide: what stands in their way stands in the way of the
poll. Direct messages have their own pace (15 calls in 15 minutes). What nobody said to us directly
comes last, and ends before the money does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import (
    AuthTransient,
    ConnectorError,
    Page,
    RateLimited,
    Raw,
    Refused,
    Unavailable,
)
from callbox.networks.x import parse, spend
from callbox.networks.x.api import Listed
from callbox.networks.x.own import OwnPosts
from callbox.networks.x.reach import Reach
from callbox.networks.x.values import first_id_at
from callbox.networks.x.walk import Walked, walk
from callbox.networks.x.watch import Watch, is_post
from callbox.values import mapping, moment

_NOT_OLDER = timedelta(days=2)  # where a new account starts
_PAGES = 5  # in one poll: 500 mentions
_MENTIONS_REACH = 800  # X lists no more
_PACE = {
    "dms": timedelta(seconds=58),
    "own": timedelta(minutes=5),
    "watch": timedelta(minutes=5),
}


@dataclass(slots=True)
class _Poll:
    """A poll under way."""

    cursor: dict[str, Any]
    raws: list[Raw] = field(default_factory=list)
    more: bool = False
    gap: bool = False
    moved: bool = False  # anything is worth keeping
    trouble: ConnectorError | None = None


class Hearing:
    """One account's ears."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """One step of polling. Anything raised leaves the cursor where it was."""
        poll = _Poll(dict(cursor))
        self._mentions(poll)
        self._part(poll, "dms", self._messages)
        if not poll.more and self._reach.purse.may_read_more():
            self._part(poll, "own", self._own)
            self._part(poll, "watch", self._watched)
        self._remember(poll)
        if poll.trouble is not None and not poll.raws and not poll.moved:
            raise poll.trouble
        return Page(poll.raws, poll.cursor, more=poll.more, gap=poll.gap)

    def _part(self, poll: _Poll, name: str, run: Callable[[_Poll], None]) -> None:
        """A part whose turn has come. What goes wrong in it leaves its place where it was; it is
        raised by the next poll that brings nothing else, so that it shows."""
        at = mapping(poll.cursor.get("at"))
        now, last = self._reach.now(), moment(at.get(name))
        if last is not None and now < last + _PACE[name]:
            return
        try:
            run(poll)
        except RateLimited as error:
            self._rest(poll, name, error.until)
        except (Unavailable, AuthTransient, Refused) as error:
            poll.trouble = poll.trouble or error
        else:
            self._rest(poll, name, now + _PACE[name])
            poll.moved = poll.moved or name != "dms"

    def _rest(self, poll: _Poll, name: str, until: datetime) -> None:
        at = mapping(poll.cursor.get("at"))
        poll.cursor["at"] = {**at, name: (until - _PACE[name]).isoformat()}

    # --- the parts ------------------------------------------------------------------------------

    def _mentions(self, poll: _Poll) -> None:
        path = f"/2/users/{self._reach.us.id}/mentions"

        def page(since: str, token: str) -> Listed:
            params = {"max_results": "100", "since_id": since}
            params |= {"pagination_token": token} if token else {}
            return self._reach.posts(path, params, "mentions read", spend.MENTION)

        place = mapping(poll.cursor.get("mentions"))
        walked = walk(page, place, self._start(), pages=_PAGES, reach=_MENTIONS_REACH)
        self._take(poll, "mentions", walked, parse.POST)
        poll.more, poll.gap = walked.more, poll.gap or walked.gap

    def _messages(self, poll: _Poll) -> None:
        def page(_: str, token: str) -> Listed:
            params = {"max_results": "100"} | ({"pagination_token": token} if token else {})
            return self._reach.messages("/2/dm_events", params)

        walked = walk(page, mapping(poll.cursor.get("dms")), self._start(), pages=1)
        self._take(poll, "dms", walked, parse.DM)

    def _own(self, poll: _Poll) -> None:
        own = OwnPosts(self._reach, mapping(poll.cursor.get("own")))
        poll.raws += own.run()
        poll.gap = poll.gap or own.gap
        poll.cursor["own"] = own.place()

    def _watched(self, poll: _Poll) -> None:
        watch = Watch(self._reach, mapping(poll.cursor.get("watch")))
        poll.raws += watch.run()
        poll.cursor["watch"] = watch.place()

    def _take(self, poll: _Poll, name: str, walked: Walked, kind: str) -> None:
        poll.raws += [parse.of_listed(kind, one, beside) for one, beside in walked.found[::-1]]
        poll.cursor[name] = walked.place
        poll.trouble = poll.trouble or walked.stopped

    def _start(self) -> str:
        return first_id_at(self._reach.now() - _NOT_OLDER)

    def _remember(self, poll: _Poll) -> None:
        """Watch what was handed on."""
        posts = [raw for raw in poll.raws if is_post(raw)]
        if posts:
            watch = Watch(self._reach, mapping(poll.cursor.get("watch")))
            for raw in posts:
                watch.add(raw)
            poll.cursor["watch"] = watch.place()
