"""What was said before we listened: replies post by post, newest first, then mentions."""

from collections.abc import Mapping
from typing import Any

from callbox.connector import Page, Raw
from callbox.meta.graph import Graph
from callbox.meta.values import ident
from callbox.networks.threads.api import POST, REPLY
from callbox.values import sequence, text


class Past:
    """A walk back. The cursor holds `stage` ("posts", "mentions", "end") and where in it we are."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def step(self, cursor: Mapping[str, Any]) -> Page:
        """One page of the walk."""
        if cursor.get("stage") == "mentions":
            return self._mentions(cursor)
        return self._replies(cursor) if cursor.get("posts") else self._posts(cursor)

    def _posts(self, cursor: Mapping[str, Any]) -> Page:
        """The next posts to walk through; they are ours, so they are no items."""
        asked: dict[str, Any] = {"fields": "id,has_replies", "limit": 50}
        asked |= {"after": cursor["after"]} if cursor.get("after") else {}
        page = self._graph.listing("/me/threads", asked)
        posts = [ident(one.get("id")) for one in page.items if one.get("has_replies") is not False]
        return _page([], posts, page.next.get("after", ""), "")

    def _replies(self, cursor: Mapping[str, Any]) -> Page:
        posts = [ident(one) for one in sequence(cursor.get("posts"))]
        asked: dict[str, Any] = {"fields": REPLY, "reverse": "true", "limit": 100}
        asked |= {"after": cursor["in"]} if cursor.get("in") else {}
        page = self._graph.listing(f"/{posts[0]}/conversation", asked)
        raws = [Raw.of("reply", {"post": one}) for one in page.items]
        inside = page.next.get("after", "")
        left = posts if inside else posts[1:]
        return _page(raws, left, text(cursor.get("after")), inside)

    def _mentions(self, cursor: Mapping[str, Any]) -> Page:
        asked: dict[str, Any] = {"fields": POST, "limit": 100}
        asked |= {"after": cursor["after"]} if cursor.get("after") else {}
        page = self._graph.listing("/me/mentions", asked)
        raws = [Raw.of("mention", {"post": one}) for one in page.items]
        after = page.next.get("after", "")
        step = {"stage": "mentions", "after": after} if after else {"stage": "end"}
        return Page(raws, step, more=bool(after))


def _page(raws: list[Raw], posts: list[str], after: str, inside: str) -> Page:
    """What comes next: more of these posts, more posts, or the mentions."""
    if posts or after:
        step = {"stage": "posts", "posts": posts, "after": after, "in": inside}
        return Page(raws, step, more=True)
    return Page(raws, {"stage": "mentions", "after": ""}, more=True)
