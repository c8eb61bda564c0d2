"""Hearing by polling: the comments in our last fifty posts, against what we know of them.

Nextdoor gives no mark to go on from, so the cursor holds every comment that it showed last time,
with a fingerprint of its words: what is not in it is new, what differs was edited, what is missing
while its post still stands was removed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import Page, Raw, Session
from callbox.networks.nextdoor import parse, posts
from callbox.networks.nextdoor.api import Api
from callbox.networks.nextdoor.posts import Comment
from callbox.values import mapping, text

_AT_FIRST = timedelta(days=2)
_MOST_REMEMBERED = 200  # answers of ours, by fingerprint


class Said:
    """What we said, by fingerprint, kept with the login: the way to know our own comments again
    where Nextdoor does not say who wrote them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def remember(self, words: str) -> None:
        """Before it is sent, so that an answer without an answer is known too."""
        mark = posts.digest(words)

        def change(current: Mapping[str, Any]) -> Mapping[str, Any]:
            kept = [one for one in _marks(current) if one != mark]
            return {**current, "said": [*kept, mark][-_MOST_REMEMBERED:]}

        self._session.renew(change)

    def all(self) -> frozenset[str]:
        """The fingerprints."""
        return frozenset(_marks(self._session.read()))


def _marks(held: Mapping[str, Any]) -> list[str]:
    found = held.get("said")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


class Hearing:
    """One account's ears."""

    def __init__(self, api: Api, said: Said, now: Callable[[], datetime]) -> None:
        self._api = api
        self._said = said
        self._now = now

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """One poll: one call. Anything raised leaves the cursor where it was."""
        known = mapping(cursor.get("known"))
        floor = None if "known" in cursor else self._now() - _AT_FIRST
        listed = self._api.posts()
        there = self._there(listed)
        raws = self._new(there, known, floor)
        raws += self._gone({posts.post_id(post) for post in listed}, there, known)
        marks = {one.external_id: posts.digest(one.body) for one in there}
        return Page(raws, {"known": marks})

    def history(self, cursor: Mapping[str, Any]) -> Page:
        """All that there is of the past: what stands in our last fifty posts, newest first."""
        there = self._there(self._api.posts())[::-1]
        ours = self._said.all()
        raws = [self._raw(parse.COMMENT, one, ours) for one in there]
        return Page(raws, {"done": True}, total=len(raws))

    def _there(self, listed: Sequence[Mapping[str, Any]]) -> list[Comment]:
        found = [one for post in listed for one in posts.comments(post)]
        return sorted(found, key=lambda one: one.at)

    def _new(
        self, there: Sequence[Comment], known: Mapping[str, Any], floor: datetime | None
    ) -> list[Raw]:
        ours, found = self._said.all(), []
        for one in there:
            before = text(known.get(one.external_id))
            if not before and (floor is None or one.at >= floor):
                found.append(self._raw(parse.COMMENT, one, ours))
            elif before and before != posts.digest(one.body):
                found.append(self._raw(parse.EDITED, one, ours))
        return found

    def _raw(self, kind: str, one: Comment, ours: frozenset[str]) -> Raw:
        mine = posts.digest(one.body) in ours
        return parse.of_comment(kind, one, self._now(), ours=mine)

    def _gone(
        self, standing: set[str], there: Sequence[Comment], known: Mapping[str, Any]
    ) -> list[Raw]:
        """A comment whose post has left the list is not gone: only out of sight."""
        left = known.keys() - {one.external_id for one in there}
        gone = sorted(one for one in left if one.partition("/")[0] in standing)
        return [parse.of_gone(one, self._now()) for one in gone]
