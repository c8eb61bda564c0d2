"""What was said before we listened: comments post by post, newest first, then private messages.

Instagram keeps comments for good; of private messages it shows the newest 20 of each exchange.
"""

from collections.abc import Mapping
from typing import Any, Final

from callbox.connector import Page, Raw
from callbox.meta.graph import Graph
from callbox.meta.values import ident, objects
from callbox.networks.instagram import inbox, walking
from callbox.networks.instagram.hearing import POSTS
from callbox.networks.instagram.us import Us
from callbox.values import Json, mapping, text

_POSTS_AT_ONCE: Final = 25


class Past:
    """A walk back. The cursor holds `stage` ("posts", "messages", "end"), the posts at hand, and
    where in them we are."""

    def __init__(self, graph: Graph, us: Us, *, with_messages: bool) -> None:
        self._graph = graph
        self._us = us
        self._with_messages = with_messages

    def step(self, cursor: Mapping[str, Any]) -> Page:
        """One page of the walk."""
        stage = cursor.get("stage") or "posts"
        if stage == "messages":
            return self._messages(cursor)
        if not cursor.get("posts"):
            return self._posts(cursor)
        return self._comments(cursor)

    def _posts(self, cursor: Mapping[str, Any]) -> Page:
        """The next posts to walk through; they are ours, so they are no items."""
        asked = {"fields": POSTS, "limit": _POSTS_AT_ONCE}
        asked |= {"after": cursor["after"]} if cursor.get("after") else {}
        page = self._graph.listing(f"/{self._us.id}/media", asked)
        posts = [dict(one) for one in page.items if one.get("comments_count") != 0]
        after = page.next.get("after", "")
        return self._page([], {"posts": posts, "after": after, "in": ""}, last=not after)

    def _comments(self, cursor: Mapping[str, Any]) -> Page:
        """One page of one post's comments, with all their answers."""
        posts = objects(cursor["posts"])
        post, inside = posts[0], text(cursor.get("in"))
        asked = {"fields": walking.EXPANDED, "limit": 50}
        asked |= {"after": inside} if inside else {}
        page = self._graph.listing(f"/{ident(post.get('id'))}/comments", asked)
        media = {name: post.get(name) for name in ("id", "permalink", "media_product_type")}
        raws = [
            Raw.of("comment", {"comment": one, "media": media})
            for top in page.items
            for one in self._thread(top)
        ]
        after = page.next.get("after", "")
        left = posts if after else posts[1:]
        step = {"posts": left, "after": text(cursor.get("after")), "in": after}
        return self._page(raws, step, last=not left and not step["after"])

    def _thread(self, top: Json) -> list[Json]:
        edge = mapping(top.get("replies"))
        found = objects(edge)
        after = text(mapping(mapping(edge.get("paging")).get("cursors")).get("after"))
        if mapping(edge.get("paging")).get("next") and after:
            asked = {"fields": walking.FIELDS, "limit": 100, "after": after}
            found += self._graph.walk(f"/{ident(top.get('id'))}/replies", asked, 50)
        answers = [{**one, "parent_id": one.get("parent_id") or top.get("id")} for one in found]
        bare = {name: value for name, value in top.items() if name != "replies"}
        return [bare, *answers]

    def _page(self, raws: list[Raw], step: dict[str, Any], *, last: bool) -> Page:
        if not last or step["posts"]:
            return Page(raws, {"stage": "posts", **step}, more=True)
        if self._with_messages:
            return Page(raws, {"stage": "messages", "after": ""}, more=True)
        return Page(raws, {"stage": "end"})

    def _messages(self, cursor: Mapping[str, Any]) -> Page:
        """A page of exchanges, each with the newest messages that Instagram shows."""
        messages = f"messages.limit({inbox.SHOWN}){{{inbox.FIELDS}}}"
        asked: dict[str, Any] = {
            "platform": "INSTAGRAM",
            "fields": f"id,updated_time,participants,{messages}",
            "limit": 10,
        }
        asked |= {"after": cursor["after"]} if cursor.get("after") else {}
        page = self._graph.listing(f"/{self._us.inbox}/conversations", asked)
        raws = [
            Raw.of("message", {"message": one, "participants": exchange.get("participants")})
            for exchange in page.items
            for one in objects(exchange.get("messages"))
        ]
        after = page.next.get("after", "")
        cursor = {"stage": "messages", "after": after} if after else {"stage": "end"}
        return Page(raws, cursor, more=bool(after))
