"""Raw bytes to events. Every comment is a raw of its own, beside what its thread says about it.

A comment under one of our videos answers something that we said, so it is `REPLY`; the video is the
first post of its thread, and what hangs under one top comment hangs under that comment, because
YouTube's replies go one level deep.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from callbox.connector import Malformed, Raw
from callbox.networks.youtube.values import ident
from callbox.values import Json, mapping, moment, text, web
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Hidden,
    Ours,
    Said,
)

COMMENT = "comment"  # somebody's, or our own, met for the first time
EDITED = "comment:edited"  # met before, with other words
GONE = "comment:gone"
HELD = "comment:held"  # met before, held back from the public since
SHOWN = "comment:shown"  # held back before, public now

WATCH_PAGE = "https://www.youtube.com/watch?v="
_NOT_PUBLIC = frozenset(("heldForReview", "likelySpam", "rejected"))
_NAMELESS = "https://www.youtube.com/channel/"


def of_comment(kind: str, comment: Json, thread: Json) -> Raw:
    """The raw of a comment, with what `parse` needs of its thread."""
    snippet = mapping(thread.get("snippet"))
    kept = {"id": thread.get("id"), "videoId": snippet.get("videoId")}
    return Raw.of(kind, {"comment": comment, "thread": kept | _reply_right(snippet)})


def _reply_right(snippet: Json) -> dict[str, Any]:
    return {"canReply": snippet["canReply"]} if "canReply" in snippet else {}


def of_change(kind: str, external_id: str, at: datetime) -> Raw:
    """The raw of something that YouTube shows only by what is there now."""
    return Raw.of(kind, {"id": external_id, "at": at.isoformat()})


def parse(raw: Raw, us: str) -> Sequence[Event]:
    """The events of a raw. `us` is our own id."""
    value = mapping(raw.json())
    if raw.kind in (GONE, HELD, SHOWN):
        return [_changed(raw.kind, value)]
    if raw.kind not in (COMMENT, EDITED):
        raise Malformed("This is nothing that YouTube sends.")
    return _told(raw.kind, mapping(value.get("comment")), mapping(value.get("thread")), us)


def _changed(kind: str, value: Json) -> Event:
    external_id, at = ident(value.get("id")), moment(value.get("at"))
    if not external_id or at is None:
        raise Malformed("A change without an id or a time.")
    if kind == GONE:
        return Deleted(external_id, at)
    return Hidden(external_id, at, hidden=kind == HELD)


def _told(kind: str, comment: Json, thread: Json, us: str) -> list[Event]:
    said = said_of(comment, thread, us)
    if said is None:
        raise Malformed("A comment without an id or a time.")
    if said.addressed is None:
        return [_ours(said)]
    if kind == EDITED:
        return [Edited(said.external_id, said.edited_at or said.said_at, said.text, said)]
    if is_held(comment):
        return [said, Hidden(said.external_id, said.said_at, hidden=True)]
    return [said]


def said_of(comment: Json, thread: Json, us: str) -> Said | None:
    """A comment as something said; our own has no `addressed`. None when it makes no sense."""
    snippet = mapping(comment.get("snippet"))
    external_id, at = ident(comment.get("id")), moment(snippet.get("publishedAt"))
    if not external_id or at is None:
        return None
    top = ident(snippet.get("parentId")) or ident(thread.get("id"))
    top = top or external_id.partition(".")[0]
    video = ident(snippet.get("videoId")) or ident(thread.get("videoId"))
    author = author_of(snippet)
    edited = moment(snippet.get("updatedAt"))
    return Said(
        external_id,
        at,
        author,
        words(snippet),
        None if author and author.external_id == us else Addressed.REPLY,
        root_id=video or (None if top == external_id else top),
        parent_id=(video or None) if top == external_id else top,
        permalink=_permalink(video, external_id),
        attachments=_attachments(snippet, external_id),
        refs={"thread": top, "video": video} | _may_reply(thread),
        edited_at=edited if edited and edited > at else None,
    )


def _may_reply(thread: Json) -> dict[str, bool]:
    return {"can_reply": False} if thread.get("canReply") is False else {}


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


def words(snippet: Json) -> str:
    """What a comment says. `textOriginal` is there only for our own."""
    return text(snippet.get("textOriginal")) or text(snippet.get("textDisplay"))


def author_of(snippet: Json) -> AuthorSeen | None:
    """Who wrote a comment; None when YouTube does not say (a closed account)."""
    external_id = ident(mapping(snippet.get("authorChannelId")).get("value"))
    if not external_id:
        return None
    name = text(snippet.get("authorDisplayName"))
    handle = name if name.startswith("@") else ""
    page = web(snippet.get("authorChannelUrl")) or f"{_NAMELESS}{external_id}"
    return AuthorSeen(external_id, handle, name, page)


def is_held(comment: Json) -> bool:
    """Whether a comment is kept from the public."""
    return text(mapping(comment.get("snippet")).get("moderationStatus")) in _NOT_PUBLIC


def _permalink(video: str, external_id: str) -> str:
    return f"{WATCH_PAGE}{video}&lc={external_id}" if video else ""


def _attachments(snippet: Json, external_id: str) -> tuple[AttachmentSeen, ...]:
    """A comment's picture. Its address ends after six hours, so the comment's id goes with it, for
    `located` to ask again; what stands after "#" is never sent."""
    image = web(snippet.get("imageUrl"))
    if not image or "#" in image:
        return ()
    return (AttachmentSeen("image", f"{image}#comment={external_id}"),)
