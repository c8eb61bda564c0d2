"""From the practice network's JSON to Callbox's words. Pure, and total on any JSON value."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Hidden,
    Lane,
    Ours,
    Reacted,
    Reaction,
    Said,
)

_ADDRESSED = {
    "mention": Addressed.MENTION,
    "reply": Addressed.REPLY,
    "direct": Addressed.DIRECT,
}


class Nonsense(Exception):
    """A part that cannot be read; `str()` says which and why."""


def event_of(body: Mapping[str, Any]) -> Event:
    """The event that a body tells of. Raises Nonsense."""
    kind, at = text_in(body, "type"), _moment_in(body, "at")
    match kind:
        case "mention" | "reply" | "direct":
            return said_of(_post_in(body), _ADDRESSED[kind])
        case "own":
            return _ours(_post_in(body))
        case "edit":
            return _edited(body, at)
        case "delete":
            return Deleted(text_in(body, "post_id"), at)
        case "hide" | "show":
            return Hidden(text_in(body, "post_id"), at, hidden=kind == "hide")
        case "like":
            return Reacted(text_in(body, "post_id"), Reaction.LIKE, at)
        case _:
            raise Nonsense(f"an event of the unknown type “{kind[:40]}”")


def said_of(post: Mapping[str, Any], addressed: Addressed | None) -> Said:
    """A post as something said. Raises Nonsense."""
    return Said(
        external_id=text_in(post, "id"),
        said_at=_moment_in(post, "at"),
        author=_author(post.get("author")),
        text=text_in(post, "text", empty=True),
        addressed=addressed,
        lane=_lane(post),
        root_id=_maybe(post, "root"),
        parent_id=_maybe(post, "parent"),
        language=_maybe(post, "language") or "",
        permalink=_maybe(post, "path") or "",
        attachments=_attachments(post.get("images")),
        edited_at=_moment_in(post, "edited_at") if post.get("edited_at") is not None else None,
    )


def _edited(body: Mapping[str, Any], at: datetime) -> Event:
    """A new text. For a post of ours, the echo comes again with what it now says."""
    post, because = _post_in(body), text_in(body, "because")
    if because == "own":
        return _ours(post)
    if because not in _ADDRESSED:
        raise Nonsense("an edit of something that was not for us")
    said = said_of(post, _ADDRESSED[because])
    return Edited(said.external_id, said.edited_at or at, said.text, said)


def _ours(post: Mapping[str, Any]) -> Ours:
    return Ours(
        external_id=text_in(post, "id"),
        said_at=_moment_in(post, "at"),
        text=text_in(post, "text", empty=True),
        lane=_lane(post),
        root_id=_maybe(post, "root"),
        parent_id=_maybe(post, "parent"),
        permalink=_maybe(post, "path") or "",
        key=_maybe(post, "key") or "",
    )


def _lane(post: Mapping[str, Any]) -> Lane:
    return Lane.PUBLIC if post.get("to") is None else Lane.PRIVATE


def _author(value: Any) -> AuthorSeen | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Nonsense("an author that is not an object")
    return AuthorSeen(
        external_id=text_in(value, "id"),
        handle=_maybe(value, "handle") or "",
        name=_maybe(value, "name") or "",
    )


def _attachments(value: Any) -> tuple[AttachmentSeen, ...]:
    """The images that make sense; the words matter more than a broken picture."""
    if not isinstance(value, list):
        return ()
    return tuple(
        AttachmentSeen("image", text_in(each, "path"), alt=_maybe(each, "alt") or "")
        for each in value
        if isinstance(each, dict) and _is_text(each.get("path"))
    )


def _post_in(body: Mapping[str, Any]) -> Mapping[str, Any]:
    post = body.get("post")
    if not isinstance(post, dict):
        raise Nonsense("an event without its post")
    return post


def text_in(body: Mapping[str, Any], name: str, *, empty: bool = False) -> str:
    """A text that has to be there. Raises Nonsense."""
    value = body.get(name)
    if not isinstance(value, str) or not (value or empty) or not _can_be_kept(value):
        raise Nonsense(f"“{name}” is missing or is not a text")
    return value


def _maybe(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return value if _is_text(value) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and _can_be_kept(value)


def _can_be_kept(text: str) -> bool:
    """Whether a database takes it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _moment_in(body: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text_in(body, name))
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Nonsense(f"“{name}” is not a moment") from None
