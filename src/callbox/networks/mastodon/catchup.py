"""Reading notifications forward without gaps.

`min_id` gives the page right after a mark. A server that takes it for `since_id` gives the newest
page instead, and what lies between would be lost: so a full page is checked by asking for what is
between the mark and the page's oldest. Ids are opaque; order is the server's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbox.networks.mastodon.api import Api
from callbox.networks.mastodon.values import ident
from callbox.values import Json, moment

_PATH = "/api/v1/notifications"
_PAGE = 40
_FEW = 10  # a shorter page than this is the last one, however small the server makes its pages
_MOST_PAGES = 10
_AT_FIRST = 20
_NOT_OLDER = timedelta(days=2)
CHUNK = 40  # each may need one more call to learn its thread's root


@dataclass(frozen=True, slots=True)
class Batch:
    """Notifications, oldest first. `mark` is the id to go on from; `gap`: some were unreachable."""

    items: Sequence[Json]
    mark: str
    more: bool = False
    gap: bool = False

    def cut(self) -> "Batch":
        """No more than can be dealt with in one go; the rest comes with the next call."""
        if len(self.items) <= CHUNK:
            return self
        first = self.items[:CHUNK]
        return Batch(first, ident(first[-1].get("id")), more=True, gap=self.gap)


class Notifications:
    """Our account's notifications on one server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def first(self, now: datetime) -> Batch:
        """Where a new account starts: the last few of the last two days."""
        page, mark = self._page(limit=_AT_FIRST)
        recent = [one for one in page if _is_after(one, now - _NOT_OLDER)]
        return Batch(recent[::-1], mark)

    def after(self, mark: str) -> Batch:
        """What came after a mark; "" is the start of an account that had no notification yet."""
        page, newest = self._page(min_id=mark)
        fresh, met = _down_to(page, mark)
        if not page and newest not in ("", mark):
            # Everything on the page was left out (blocked, deleted), but there is more after it.
            return Batch((), newest, more=True)
        if not fresh:
            return Batch((), mark)
        full = len(page) >= _FEW
        if met or not full:
            return Batch(fresh[::-1], newest).cut()
        older, reached = self._between(mark, fresh[-1])
        if not older:
            return Batch(fresh[::-1], newest, more=bool(mark)).cut()
        return Batch([*fresh, *older][::-1], newest, gap=not reached).cut()

    def _between(self, mark: str, oldest: Json) -> tuple[list[Json], bool]:
        """What lies between a mark and a notification, newest first, and whether that is all."""
        found: list[Json] = []
        for _ in range(_MOST_PAGES):
            page, _newest = self._page(since_id=mark, max_id=ident(oldest.get("id")))
            fresh, met = _down_to(page, mark)
            found += fresh
            if met or not fresh:
                return found, True
            oldest = fresh[-1]
        return found, False

    def _page(self, limit: int = _PAGE, **marks: str) -> tuple[list[Json], str]:
        """A page, newest first, and the mark for what is newer than it. Notifications that the
        server filtered out of its own screens (new accounts, strangers) are residents too."""
        params = {"limit": str(limit), "include_filtered": "true"}
        params |= {name: mark for name, mark in marks.items() if mark}
        listed = self._api.listed(_PATH, params)
        items = [one for one in listed.items if ident(one.get("id"))]
        if not items:
            return [], listed.newest
        ordered = items[::-1] if _is_oldest_first(items) else items
        return ordered, listed.newest or ident(ordered[0].get("id"))


def _down_to(page: list[Json], mark: str) -> tuple[list[Json], bool]:
    """The part of a newest-first page that is newer than the mark, and whether it was met."""
    for place, one in enumerate(page):
        if mark and ident(one.get("id")) == mark:
            return page[:place], True
    return page, False


def _is_oldest_first(items: list[Json]) -> bool:
    first, last = moment(items[0].get("created_at")), moment(items[-1].get("created_at"))
    return first is not None and last is not None and first < last


def _is_after(one: Json, since: datetime) -> bool:
    at = moment(one.get("created_at"))
    return at is not None and at >= since
