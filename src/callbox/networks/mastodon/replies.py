"""Answers to our posts that do not name us.

Servers notify an account only when it is named. Somebody who deletes our name from their answer
still answers us, so polling compares how many answers our latest posts have with how many they had,
and reads the thread of those that got new ones. The counts travel in the cursor.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from callbox.networks.mastodon.api import Api
from callbox.networks.mastodon.status import Us
from callbox.networks.mastodon.threads import Context, Threads
from callbox.networks.mastodon.values import ident, positive
from callbox.values import Json, mapping, moment

_EVERY = timedelta(minutes=1)
_LATEST = "20"  # posts of ours that are compared
_MOST_THREADS = 3  # read per poll; the others keep their old count and have their turn next time
_NOT_OLDER = timedelta(days=2)


class Replies:
    """One comparison. The cursor's part is `{"at": epoch, "counts": {post id: answers}}`."""

    def __init__(self, api: Api, threads: Threads, us: Us, now: datetime) -> None:
        self._api = api
        self._threads = threads
        self._us = us
        self._now = now

    def is_due(self, before: Mapping[str, Any]) -> bool:
        looked = positive(before.get("at")) or 0
        return bool(self._us.id) and self._now.timestamp() >= looked + _EVERY.total_seconds()

    def new(self, before: Mapping[str, Any]) -> tuple[list[Json], dict[str, Any]]:
        """Recent answers below posts whose count has changed, and the cursor's new part. Raises as
        any read does."""
        had = mapping(before.get("counts"))
        counts: dict[str, int] = {}
        found: list[Json] = []
        turns = _MOST_THREADS
        for post in self._own_posts():
            external_id, count = ident(post.get("id")), positive(post.get("replies_count")) or 0
            known = positive(had.get(external_id)) or 0
            if count == known or not turns:
                counts[external_id] = known
                continue
            turns -= 1
            counts[external_id] = count
            found += self._below(external_id)
        return found, {"at": int(self._now.timestamp()), "counts": counts}

    def _own_posts(self) -> list[Json]:
        path = f"/api/v1/accounts/{quote(self._us.id, safe='')}/statuses"
        return self._api.listed(path, {"limit": _LATEST, "exclude_reblogs": "true"}).items

    def _below(self, external_id: str) -> list[Json]:
        context = self._threads.context(external_id) or Context()
        return [
            one
            for one in context.descendants
            if ident(one.get("in_reply_to_id")) == external_id
            and self._us.addressed(one)
            and self._is_recent(one)
        ]

    def _is_recent(self, status: Json) -> bool:
        made = moment(status.get("created_at"))
        return made is not None and made >= self._now - _NOT_OLDER
