"""Did it go out? Looking for a text of ours on servers that may ignore `Idempotency-Key`.

Two places can show it: our own recent posts, and what hangs under the post that we answered (some
servers leave direct posts out of the first). “No” is only said when our posts were read back to
before the text was made; anything less raises Unavailable.
"""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

from callbox.connector import Unavailable
from callbox.networks.mastodon import compose
from callbox.networks.mastodon import status as statuses
from callbox.networks.mastodon.api import Api, status_path
from callbox.networks.mastodon.status import Us
from callbox.networks.mastodon.threads import Threads
from callbox.networks.mastodon.values import ident
from callbox.values import Json, moment, text
from callbox.vocabulary import Outgoing

SLACK = timedelta(minutes=2)  # the server's clock may be that far behind ours
_PAGE = "40"
_MOST_PAGES = 8
_MOST_SOURCES = 5


class Search:
    """One look for one text."""

    def __init__(self, api: Api, threads: Threads, us: Us, outgoing: Outgoing) -> None:
        self._api = api
        self._threads = threads
        self._us = us
        self._body = compose.body(outgoing)
        self._since = outgoing.made_at - SLACK
        self._parent = outgoing.reply_to.parent_id if outgoing.reply_to else ""
        self._parents = {self._parent}
        self._sources = _MOST_SOURCES

    def run(self) -> Json | None:
        """Our post, or None when it is certain that there is none."""
        if self._parent:
            found = self._first(self._below_parent())
            if found is not None:
                return found
        return self._first(self._own_posts())

    def _first(self, posts: Iterator[Json]) -> Json | None:
        return next((post for post in posts if self._is_it(post)), None)

    def _below_parent(self) -> Iterator[Json]:
        context = self._threads.context(self._parent)
        if context is None:
            # What we answered is gone; servers then show our answer as an answer to nothing.
            self._parents.add("")
            return
        yield from context.descendants

    def _own_posts(self) -> Iterator[Json]:
        """Our posts, newest first, back to before the text was made."""
        path = f"/api/v1/accounts/{quote(self._us.id, safe='')}/statuses"
        params = {"limit": _PAGE, "exclude_reblogs": "true"}
        for _ in range(_MOST_PAGES):
            page = self._api.listed(path, params).items
            yield from page
            if not page or self._is_older(page):
                return
            params["max_id"] = ident(page[-1].get("id"))
        raise Unavailable("There are too many newer posts to be sure. A person has to look.")

    def _is_older(self, page: list[Json]) -> bool:
        """Whether a page reaches back far enough. Pinned posts may come first, so any page whose
        *last* post is too old ends it."""
        made = moment(page[-1].get("created_at"))
        return made is not None and made < self._since

    def _is_it(self, post: Json) -> bool:
        made = moment(post.get("created_at"))
        return (
            self._us.is_author_of(post)
            and made is not None
            and made >= self._since
            and ident(post.get("in_reply_to_id")) in self._parents
            and self._says_it(post)
        )

    def _says_it(self, post: Json) -> bool:
        if compose.same_words(statuses.readable(post), self._body):
            return True
        return self._source_says_it(post)

    def _source_says_it(self, post: Json) -> bool:
        """Servers may read a text as Markdown; what was typed is kept beside it."""
        if self._sources == 0:
            return False
        self._sources -= 1
        source = self._api.maybe(status_path(ident(post.get("id")), "/source")) or {}
        return compose.same_words(text(source.get("text")), self._body)
