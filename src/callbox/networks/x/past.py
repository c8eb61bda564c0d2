"""What was said before we listened, and what stands around a message."""

from collections.abc import Mapping, Sequence
from typing import Any

from callbox.connector import Page, Raw
from callbox.networks.x import parse, posts, spend
from callbox.networks.x.api import Listed
from callbox.networks.x.posts import Included, Post
from callbox.networks.x.reach import Reach
from callbox.networks.x.values import ident
from callbox.values import text
from callbox.vocabulary import Said

_ABOVE = 8

_MENTIONS, _MESSAGES = "mentions", "messages"


class Past:
    """One account's past, as far back as X gives it: 800 mentions, messages of 30 days."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def page(self, cursor: Mapping[str, Any]) -> Page:
        """The next page back: mentions first, then direct messages."""
        self._reach.purse.check_extra()
        part = text(cursor.get("part")) or _MENTIONS
        token = text(cursor.get("token"))
        params = {"max_results": "100"} | ({"pagination_token": token} if token else {})
        if part == _MENTIONS:
            path = f"/2/users/{self._reach.us.id}/mentions"
            found = self._reach.posts(path, params, "past mentions read", spend.MENTION)
            after = {"part": _MENTIONS, "token": found.next} if found.next else {"part": _MESSAGES}
            return Page(_raws(parse.POST, found), after, more=True)
        found = self._reach.messages("/2/dm_events", params)
        after = {"part": _MESSAGES, "token": found.next}
        return Page(_raws(parse.DM, found), after, more=bool(found.next))

    def context(self, external_id: str) -> Sequence[Said]:
        """The posts that a post answers, one above the other, and itself. Nothing is searched for:
        what else stands in other people's conversations is not for us to read (policing R11)."""
        chain: list[Said] = []
        wanted: str | None = external_id
        while wanted and ident(wanted) and len(chain) <= _ABOVE:
            self._reach.purse.check_extra()
            found = self._reach.lookup([wanted], "posts around a message read")
            beside = Included(found.includes)
            wanted = None
            for one in found.items[:1]:
                post = Post(one, beside)
                chain.append(posts.said(post, self._reach.us, self._why(post)))
                wanted = post.parent_id
        return chain[::-1]

    def _why(self, post: Post) -> Any:
        if post.author_id == self._reach.us.id:
            return None
        return posts.addressed(post, self._reach.us)


def _raws(kind: str, found: Listed) -> list[Raw]:
    return [parse.of_listed(kind, one, found.includes) for one in found.items]
