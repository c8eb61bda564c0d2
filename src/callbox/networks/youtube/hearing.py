"""Hearing by polling: new comments newest first, and everything that YouTube tells nobody about.

One poll reads a page of the newest threads (one unit for a hundred). Every two minutes it also
reads what is held back and looks again at comments whose turn it is; that is an extra, and when it
cannot be done now, it waits for the next poll.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import Page, RateLimited, Raw, Refused, Unavailable
from callbox.networks.youtube import parse, watch
from callbox.networks.youtube.api import Api, Listed
from callbox.networks.youtube.looking import Looking, threads_of
from callbox.networks.youtube.meeting import PUBLISHED, Meeting, carried, listed, top_of
from callbox.networks.youtube.units import Units
from callbox.networks.youtube.values import count, ident
from callbox.networks.youtube.watch import Watch
from callbox.values import Json, mapping, moment, text

_AT_FIRST = timedelta(days=2)
_BETWEEN_LOOKS = 120  # seconds
_HISTORY_NEEDS = 200  # units that reading must have left before the past is asked for


class Hearing:
    """One account's ears. The cursor holds what is watched, the time that was read up to (`mark`),
    and, in the middle of a long walk, where it goes on (`page`, `newest`)."""

    def __init__(
        self, api: Api, units: Units, us: str, now: Callable[[], datetime], every: int
    ) -> None:
        self._api = api
        self._units = units
        self._us = us
        self._now = now
        self._every = every

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """One step of polling. Anything raised leaves the cursor where it was."""
        now, used = self._now(), self._api.used
        if self._units.for_reading(now) < 1:
            return Page([], cursor, rest_until=self._units.rest(now, 1, self._every))
        known = Watch.read(cursor, now, now - _AT_FIRST)
        meeting = Meeting(self._api, known, now)
        walk = self._walked(cursor, known, meeting)
        looked = count(cursor.get("looked"))
        if not walk["page"] and now.timestamp() >= looked + _BETWEEN_LOOKS:
            self._look_again(known, meeting)
            looked = int(now.timestamp())
        position = {**known.written(), **walk, "looked": looked}
        if walk["page"]:
            return Page(meeting.raws, position, more=True)
        rest = self._units.rest(self._now(), self._api.used - used, self._every)
        return Page(meeting.raws, position, rest_until=rest)

    def _walked(self, cursor: Mapping[str, Any], known: Watch, meeting: Meeting) -> dict[str, Any]:
        """One page of the newest threads, and where that leaves the walk. It is over when a page
        reaches what was read before: new comments push older ones down, so pages may overlap, but
        nothing slips between them."""
        token = text(cursor.get("page"))
        mark = count(cursor.get("mark")) or known.floor
        page = self._page(token)
        for thread in page.items:
            meeting.thread(thread, PUBLISHED)
        times = [at for thread in page.items if (at := _said_at(thread))]
        newest = max([count(cursor.get("newest")) if token else 0, mark, *times])
        if page.next and times and min(times) > mark:
            return {"page": page.next, "newest": newest, "mark": mark}
        return {"page": "", "newest": newest, "mark": newest}

    def _page(self, token: str) -> Listed:
        try:
            return self._api.listed("commentThreads", threads_of(self._us, PUBLISHED, token))
        except Refused:
            if not token:
                raise
            # The place in the list is not known any more: begin the walk again from the top.
            return self._api.listed("commentThreads", threads_of(self._us, PUBLISHED))

    def _look_again(self, known: Watch, meeting: Meeting) -> None:
        try:
            Looking(self._api, self._us, known, meeting).round()
        except (Unavailable, RateLimited, Refused):
            return

    # --- the past -----------------------------------------------------------------------------

    def history(self, cursor: Mapping[str, Any]) -> Page:
        """The past, newest first. It has only what polling and answering can spare."""
        now = self._now()
        if self._units.for_reading(now) < _HISTORY_NEEDS:
            return Page([], cursor, more=True, rest_until=now + timedelta(hours=1))
        page = self._page(text(cursor.get("page")))
        raws = [raw for thread in page.items for raw in self._whole(thread)]
        return Page(raws, {"page": page.next}, more=bool(page.next))

    def _whole(self, thread: Json) -> list[Raw]:
        """A thread with all of its replies, newest first."""
        replies = carried(thread)
        if len(replies) < watch.replies_of(thread):
            replies = listed(self._api, ident(thread.get("id")))
        ordered = sorted(replies, key=_published, reverse=True)
        return [parse.of_comment(parse.COMMENT, one, thread) for one in (*ordered, top_of(thread))]


def _published(comment: Json) -> str:
    return text(mapping(comment.get("snippet")).get("publishedAt"))


def _said_at(thread: Json) -> int:
    at = moment(_published(top_of(thread)))
    return int(at.timestamp()) if at else 0
