"""Polling: what is new, what was changed, what is gone.

`listNotifications` gives the newest first and pages back in time, so each poll walks back until it
meets what it knows. A long walk (after an outage) is cut into calls of a few pages; the cursor
remembers where the walk stands, and what is known moves up only when the walk is complete, so
nothing in the middle is lost however often the process dies.

Bluesky sorts by the earlier of two times: when a writer's program says that it posted, and when
the network saw it. A post of a slow clock therefore appears *below* newer ones. So a walk never
stops inside a page, goes at least ten minutes further back than the newest known, and tells new
from known by a list of the last ones seen.

What is dated further back than both the ten minutes and the newest page is missed.

Bluesky does not notify of deletions or edits. The cursor carries the last messages (`watch`), and
every complete poll looks at some of them again.

The cursor::

    since    start of hearing: older notifications are none of our business
    said     {mark, seen, walk}: mentions, replies, quotes
    reacted  {mark, seen, walk}: likes and shares, on their own so that a post that everybody likes
             does not hold up a call for help
    watch    [[did/key, content hash, reason], ...], the newest last
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import Any

from callbox.connector import ConnectorError, Page, Raw
from callbox.networks.bluesky.raws import raw_of
from callbox.networks.bluesky.shapes import fields, members, moment, words
from callbox.networks.bluesky.watch import looked_again, watched
from callbox.networks.bluesky.xrpc import Xrpc

SAID = ("mention", "reply", "quote")
REACTED = ("like", "repost")
FIRST_LOOK = timedelta(days=1)  # how far back the very first poll goes
OVERLAP = timedelta(minutes=10)
MOST_SEEN = 400

Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much one call of `fetch` may read."""

    page: int = 100  # notifications a request; the network's most
    pages: int = 5  # requests a call


def fetch(xrpc: Xrpc, cursor: Cursor, now: datetime, pace: Pace) -> Page:
    """One step of polling: messages, then reactions, then a second look at older messages.

    Trouble after something was read gives what was read; it will show itself at the next call.
    """
    since = moment(cursor.get("since")) or now - FIRST_LOOK
    poll = _Poll(xrpc, {**cursor, "since": since.isoformat()}, since, now, pace)
    for step in (poll.said, poll.reacted, poll.look_again):
        try:
            more = step()
        except ConnectorError:
            if not poll.items:
                raise
            break
        if more:
            return Page(poll.items, poll.state, more=True)
    return Page(poll.items, poll.state)


@dataclass(slots=True)
class _Poll:
    """One call of `fetch`. Each step adds to `items` and `state` together, or raises and changes
    neither; it says whether there is more to read before the next step."""

    xrpc: Xrpc
    state: dict[str, Any]
    since: datetime
    now: datetime
    pace: Pace
    items: list[Raw] = field(default_factory=list)

    def said(self) -> bool:
        found, more = self._walked("said", SAID)
        self.state["watch"] = watched(members(self.state.get("watch")), found)
        return more

    def reacted(self) -> bool:
        return self._walked("reacted", REACTED)[1]

    def look_again(self) -> bool:
        watch = members(self.state.get("watch"))
        raws, self.state["watch"] = looked_again(self.xrpc, watch, self.now)
        self.items += raws
        return False

    def _walked(self, name: str, reasons: Sequence[str]) -> tuple[Sequence[Any], bool]:
        walk = _Walk(self.xrpc, reasons, self.since, self.pace)
        step = walk.step(fields(self.state.get(name)))
        self.state[name] = step.state
        self.items += [raw_of("notification", one) for one in step.found]
        return step.found, step.more


@dataclass(frozen=True, slots=True)
class _Step:
    """What one call found (oldest first), and where its list stands now."""

    found: Sequence[Any]
    state: Cursor
    more: bool


@dataclass(frozen=True, slots=True)
class _Walk:
    """The way back through one kind of notifications."""

    xrpc: Xrpc
    reasons: Sequence[str]
    since: datetime
    pace: Pace

    def step(self, state: Cursor) -> _Step:
        """Walk up to `pace.pages` pages further back. A failure after the first page keeps what
        the pages before it gave."""
        mark = moment(state.get("mark")) or self.since
        walk = fields(state.get("walk"))
        seen, passed = members(state.get("seen")), list(members(walk.get("seen")))
        known = {*seen, *passed}
        top = moment(walk.get("top")) or mark
        page = words(walk.get("page"))
        found: list[Any] = []
        for number in range(self.pace.pages):
            try:
                listed, following = self._page(page)
            except ConnectorError:
                if number == 0:
                    raise
                break
            fresh = [one for one in listed if self._is_new(one, known)]
            found += fresh
            passed += [_name(one) for one in fresh]
            known.update(passed)
            times = _times(listed)
            top = max([top, *times])
            if not following or following == page or min(times, default=mark) < mark - OVERLAP:
                done = {"mark": top.isoformat(), "seen": (passed + seen)[:MOST_SEEN]}
                return _Step(found[::-1], done, more=False)
            page = following
        walk = {"page": page, "top": top.isoformat(), "seen": passed[:MOST_SEEN]}
        return _Step(found[::-1], {**state, "walk": walk}, more=True)

    def _page(self, page: str) -> tuple[list[Any], str]:
        """One page, newest first, and the address of the one behind it ("" for none).

        `priority` is said outright: an account that asks Bluesky to notify it of people it follows
        only would otherwise hear nobody else here either.
        """
        params: dict[str, Any] = {
            "limit": self.pace.page,
            "priority": False,
            "reasons": self.reasons,
        }
        if page:
            params["cursor"] = page
        answer = self.xrpc.query("app.bsky.notification.listNotifications", params)
        return members(answer.get("notifications")), words(answer.get("cursor"))

    def _is_new(self, one: Any, known: Iterable[str]) -> bool:
        listed_at = moment(fields(one).get("indexedAt"))
        return (listed_at is None or listed_at >= self.since) and _name(one) not in known


def _times(listed: Sequence[Any]) -> list[datetime]:
    times: Iterable[datetime | None] = (moment(fields(one).get("indexedAt")) for one in listed)
    return [time for time in times if time is not None]


def _name(one: Any) -> str:
    """A short name for a notification: enough to tell it from the last few hundred."""
    shape = fields(one)
    whole = f"{words(shape.get('reason'))} {words(shape.get('uri'))}"
    return blake2s(whole.encode(), digest_size=6).hexdigest()
