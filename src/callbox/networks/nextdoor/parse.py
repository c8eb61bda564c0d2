"""Raw bytes to events. Every comment is a raw of its own.

A comment under one of our posts answers something that we said, so it is `REPLY`. Nextdoor may
withhold who wrote it; then it has no author, and our own answers are told by their words (`fetch`
marks them, because it knows what we said).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from callbox.connector import Malformed, Raw
from callbox.networks.nextdoor.posts import Comment
from callbox.networks.nextdoor.values import epoch, ident
from callbox.values import Json, mapping, text, web
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Ours,
    Said,
)

COMMENT = "comment"
EDITED = "comment:edited"
GONE = "comment:gone"


def of_comment(kind: str, one: Comment, now: datetime, *, ours: bool) -> Raw:
    """The raw of a comment."""
    return Raw.of(
        kind,
        {
            "post": one.post,
            "id": one.id,
            "body": one.body,
            "at": int(one.at.timestamp()),
            "parent": one.parent,
            "author": one.author,
            "name": one.name,
            "link": one.link,
            "ours": ours,
            "seen": int(now.timestamp()),
        },
    )


def of_gone(external_id: str, now: datetime) -> Raw:
    """The raw of a comment that is not there any more."""
    return Raw.of(GONE, {"id": external_id, "seen": int(now.timestamp())})


def parse(raw: Raw, us: Collection[str]) -> Sequence[Event]:
    """The events of a raw. `us` holds the ids of the agency and of who logged in for it."""
    value = mapping(raw.json())
    seen = epoch(value.get("seen"))
    if seen is None or raw.kind not in (COMMENT, EDITED, GONE):
        raise Malformed("This is nothing that Nextdoor sends.")
    if raw.kind == GONE:
        external_id = _whole_id(value.get("id"))
        if not external_id:
            raise Malformed("A removal without an id.")
        return [Deleted(external_id, seen)]
    return [_told(raw.kind, value, seen, us)]


def _told(kind: str, value: Json, seen: datetime, us: Collection[str]) -> Event:
    post, own, at = ident(value.get("post")), ident(value.get("id")), epoch(value.get("at"))
    if not post or not own or at is None:
        raise Malformed("A comment without an id or a time.")
    said = _said(value, post, own, at)
    if value.get("ours") is True or (said.author and said.author.external_id in us):
        return _ours(said)
    if kind == EDITED:
        return Edited(said.external_id, seen, said.text, said)
    return said


def _said(value: Json, post: str, own: str, at: datetime) -> Said:
    parent = ident(value.get("parent"))
    author, name = ident(value.get("author")), text(value.get("name"))
    return Said(
        f"{post}/{own}",
        at,
        AuthorSeen(author, name=name) if author else None,
        text(value.get("body")),
        Addressed.REPLY,
        root_id=post,
        parent_id=f"{post}/{parent}" if parent else post,
        permalink=web(value.get("link")),
        refs={"post": post, "comment": own},
    )


def _ours(said: Said) -> Ours:
    return Ours(
        said.external_id,
        said.said_at,
        said.text,
        root_id=said.root_id,
        parent_id=said.parent_id,
        permalink=said.permalink,
        refs=said.refs,
    )


def _whole_id(value: Any) -> str:
    post, _, own = text(value).partition("/")
    return f"{post}/{own}" if ident(post) and ident(own) else ""
