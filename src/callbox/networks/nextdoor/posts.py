"""Our posts and the comments in them, as Nextdoor lists them.

The id of a post is what stands in its public address (`/p/…`), because that is what publishing
answers and what a comment is addressed by. The id of a comment here is the post's and its own, with
a slash between: Nextdoor needs both to answer it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from callbox.networks.nextdoor.values import epoch, ident
from callbox.values import Json, mapping, objects, text, web

_SHARE = re.compile(r"/p/([\w-]{1,100})", re.ASCII)
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment under a post of ours. `author` is None where Nextdoor withholds it."""

    post: str
    id: str
    body: str
    at: datetime
    parent: str  # the id of the comment above it, or ""
    author: str
    name: str
    link: str

    @property
    def external_id(self) -> str:
        return f"{self.post}/{self.id}"


def post_id(post: Json) -> str:
    """A post's id: of its address where that has one."""
    for name in ("share_link", "url", "embed_url"):
        match = _SHARE.search(web(post.get(name)))
        if match:
            return match[1]
    return ident(post.get("id"))


def shared(link: str) -> str:
    """The post's id in an address, or ""."""
    match = _SHARE.search(link)
    return match[1] if match else ""


def link_of(post: Json) -> str:
    """The post's own address."""
    return next((url for name in ("share_link", "url") if (url := web(post.get(name)))), "")


def body_of(thing: Json) -> str:
    """What a post or a comment says. Two spellings are about."""
    return text(thing.get("body")) or text(thing.get("body_text"))


def said_at(thing: Json) -> datetime | None:
    """When it was said."""
    return epoch(thing.get("creation_date_epoch_seconds"))


def comments(post: Json) -> Iterator[Comment]:
    """Every comment in a post, whether they are listed side by side or inside one another."""
    yield from _below(post, post_id(post), link_of(post), "", 0)


def _below(thing: Json, post: str, link: str, above: str, depth: int) -> Iterator[Comment]:
    if depth > _DEEPEST or not post:
        return
    for name in ("comments", "replies"):
        for one in objects(thing.get(name)):
            found = read(one, post, link, above)
            if found is not None:
                yield found
                yield from _below(one, post, link, found.id, depth + 1)


def read(one: Json, post: str, link: str, above: str = "") -> Comment | None:
    """A comment, or None when it has no id or no time."""
    external_id, at = ident(one.get("id")), said_at(one)
    if not external_id or at is None:
        return None
    author = mapping(one.get("author"))
    return Comment(
        post,
        external_id,
        body_of(one),
        at,
        ident(one.get("parent_comment_id")) or above,
        ident(one.get("author_id")) or ident(author.get("id")),
        text(author.get("name")) or text(one.get("author_name")),
        web(one.get("url")) or link,
    )


def digest(words: str) -> str:
    """A text's fingerprint, however lines end and whatever spaces stand around it."""
    lines = [line.rstrip() for line in words.strip().splitlines()]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]
