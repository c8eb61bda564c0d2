"""Webhook changes of a Page (`feed`, `mention`, `ratings`) as events. Pure.

Shapes differ with age and field: the author is `from` or `sender_id`/`sender_name` or
`reviewer_id`/`reviewer_name`; the verb of an edit is "edited", "edit" or "update". `entry.time` is
when the network told us; `value.created_time` (seconds) is when it happened (“Webhooks reference,
Page feed”).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from callbox.meta.times import moment
from callbox.meta.values import ident, web
from callbox.networks.facebook import shapes
from callbox.networks.facebook.shapes import Thing
from callbox.values import Json, mapping, sequence, text
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Hidden,
    Reacted,
    Reaction,
    Said,
    Unreadable,
)

_EDITS = frozenset(("edited", "edit", "update"))
_REMOVALS = frozenset(("remove", "delete"))
#: About people or our own settings, not about what somebody said.
_NO_NEWS = frozenset(("block", "unblock", "mute", "follow", "unfollow"))
_POSTS = frozenset(("post", "status", "photo", "video", "album", "link", "note", "event"))
_FIELDS = frozenset(("feed", "mention", "ratings", "review"))


def read(field: str, value: Json, told_at: datetime | None, us: str, part: str) -> Sequence[Event]:
    """The events of one change. A field that we did not ask for gives none."""
    if field not in _FIELDS or value.get("published") == 0:
        return ()  # what is not public yet: our own uploads, and posts that are held
    if field == "mention" and us and ident(value.get("post_id")).startswith(f"{us}_"):
        field = "feed"  # on our own Page it is told of twice: the same thing both times
    item = text(value.get("item"))
    if item in ("reaction", "like"):
        return _reaction(value, us, told_at)
    if item == "share" and ident(value.get("share_id")):
        return _share(value, told_at)
    kind = _kind(field, item)
    if kind is None:
        return () if item else [Unreadable("a change of nothing", part)]
    thing = _thing(kind, value, told_at)
    if thing is None:
        return [Unreadable(f"a {kind} without an id or a time", part)]
    reader = _verb(text(value.get("verb")) or "add")
    if reader is None:
        return [Unreadable(f"an unknown verb: {text(value.get('verb'))[:40]}", part)]
    return reader(thing, told_at or thing.at, us)


def _kind(field: str, item: str) -> str | None:
    if field == "mention":
        return "mention"
    if field in ("ratings", "review") or item in ("rating", "review"):
        # A comment below a review is told of under the same field.
        return "comment" if item == "comment" else "review"
    if item == "comment":
        return "comment"
    return "post" if item in _POSTS or item == "share" else None


_Reader = Callable[[Thing, datetime, str], Sequence[Event]]


def _verb(verb: str) -> _Reader | None:
    if verb == "add":
        return _added
    if verb in _EDITS:
        return _edited
    if verb in _REMOVALS:
        return lambda thing, at, us: [Deleted(thing.id, at)]
    if verb in ("hide", "unhide"):
        return lambda thing, at, us: [Hidden(thing.id, at, verb == "hide")]
    return (lambda thing, at, us: ()) if verb in _NO_NEWS else None


def addressed(kind: str) -> Addressed:
    """Why a thing is ours to read: a comment below our posts answers us; what stands on our Page
    was written there for us."""
    if kind == "mention":
        return Addressed.MENTION
    return Addressed.REPLY if kind == "comment" else Addressed.FORM


def _added(thing: Thing, at: datetime, us: str) -> Sequence[Event]:
    """The words as first written, however late the request came: polling may have shown others."""
    event = thing.event(us, addressed(thing.kind))
    return [replace(event, first_words=True) if isinstance(event, Said) else event]


def _edited(thing: Thing, at: datetime, us: str) -> Sequence[Event]:
    edited_at = thing.edited_at or at
    if thing.author is not None and thing.author.external_id == us:
        return [Edited(thing.id, edited_at, thing.text)]
    return [Edited(thing.id, edited_at, thing.text, thing.said(addressed(thing.kind)))]


def _author(value: Json) -> AuthorSeen | None:
    """Whoever wrote; three spellings of it are in use."""
    if found := shapes.author(value.get("from")):
        return found
    for start in ("sender", "reviewer"):
        if external_id := ident(value.get(f"{start}_id")):
            return AuthorSeen(external_id, name=text(value.get(f"{start}_name")))
    return None


def _thing(kind: str, value: Json, told_at: datetime | None) -> Thing | None:
    comment_id, post_id = ident(value.get("comment_id")), ident(value.get("post_id"))
    story_id = ident(value.get("open_graph_story_id"))
    # A mention may be in a comment or in a post; so may what is below a review.
    external_id = comment_id or (story_id if kind == "review" else "") or post_id
    at = moment(value.get("created_time")) or told_at
    if not external_id or at is None or (kind == "comment" and not comment_id):
        return None
    root = (post_id or story_id or None) if comment_id else None
    parent = ident(value.get("parent_id")) or root if comment_id else None
    permalink = web(mapping(value.get("post")).get("permalink_url")) if not comment_id else ""
    return Thing(
        external_id,
        at,
        _author(value),
        shapes.review_words(value) if kind == "review" else text(value.get("message")),
        kind,
        root=root,
        parent=parent,
        permalink=permalink or shapes.link(external_id),
        attachments=_attachments(value),
        edited_at=moment(value.get("edited_time")),
    )


def _attachments(value: Json) -> tuple[AttachmentSeen, ...]:
    kind = "video" if text(value.get("item")) == "video" or value.get("video") else "image"
    links = [value.get("photo"), value.get("video"), value.get("link")]
    links += sequence(value.get("photos"))
    seen = dict.fromkeys(url for one in links if (url := web(one)))
    kinds = (
        {web(value.get("link")): "link"} if text(value.get("item")) in ("status", "link") else {}
    )
    return tuple(AttachmentSeen(kinds.get(url, kind), url) for url in seen)


def _reaction(value: Json, us: str, told_at: datetime | None) -> Sequence[Event]:
    """Reactions to what we said are counted, not tied to anybody; taking one back is not told on.
    Which comments are ours is for the inbox to know."""
    target = ident(value.get("comment_id")) or ident(value.get("post_id"))
    at = moment(value.get("created_time")) or told_at
    who = _author(value)
    if not target or at is None or text(value.get("verb")) not in ("add", ""):
        return ()
    return () if who and who.external_id == us else [Reacted(target, Reaction.LIKE, at)]


def _share(value: Json, told_at: datetime | None) -> Sequence[Event]:
    target, at = ident(value.get("post_id")), moment(value.get("created_time")) or told_at
    return [Reacted(target, Reaction.SHARE, at)] if target and at else ()
