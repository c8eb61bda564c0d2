"""Instagram's objects as events: comments, mentions, messages. Pure; every function takes any JSON
object and either gives events or raises `Senseless` for one that lacks what it must have."""

from collections.abc import Sequence
from datetime import datetime

from callbox.meta.times import moment
from callbox.meta.values import ident, objects, web
from callbox.networks.instagram.us import Us
from callbox.values import Json, mapping, text
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Event,
    Lane,
    Ours,
    Said,
)

INBOX = "https://www.instagram.com/direct/inbox/"

_KINDS = {
    "image": "image",
    "animated_image": "image",
    "video": "video",
    "audio": "audio",
    "ig_reel": "link",
    "reel": "link",
    "share": "link",
    "ig_post": "link",
    "post": "link",
}
_TITLES = {
    "story_mention": "A story that mentions us (shown for a day)",
    "ig_reel": "A reel",
    "reel": "A reel",
    "share": "A post that was passed on",
    "ig_post": "A post that was passed on",
    "post": "A post that was passed on",
    "file": "A file",
}
UNSHOWN = "Instagram does not pass on what this is. Open Instagram to see it."
WORDLESS = "We are mentioned here. Instagram does not pass on the words: open it there."


class Senseless(ValueError):
    """A part of an arrival that lacks what it must have. Its words go into `Unreadable`."""


def dm_root(person_id: str) -> str:
    """The root of the exchange of private messages with one person."""
    return f"dm:{person_id}"


def profile(handle: str) -> str:
    """The public page of somebody, "" without a name."""
    return f"https://www.instagram.com/{handle}/" if handle else ""


def person(value: Json, handle: str = "") -> AuthorSeen | None:
    """An author. Where Instagram tells a name and no number (mentions under other people's posts),
    the name with an "@" stands in for the number that there is not."""
    person_id, handle = ident(value.get("id")), text(value.get("username")) or handle
    if not person_id and not handle:
        return None
    return AuthorSeen(person_id or f"@{handle}", handle, text(value.get("name")), profile(handle))


def comment(value: Json, us: Us, media: Json, at: datetime | None) -> Event:
    """A comment under one of our posts. `at` stands in for its time, which webhooks leave out."""
    comment_id, media_id = ident(value.get("id")), ident(media.get("id"))
    said_at = moment(value.get("timestamp")) or at
    if not comment_id or not media_id or said_at is None:
        raise Senseless("a comment without its number, its post or its time")
    above = ident(value.get("parent_id"))
    refs = {
        "kind": "comment",
        "media_id": media_id,
        "top": above or comment_id,
        "place": text(media.get("media_product_type")),
        "hidden": value.get("hidden") is True,
    }
    words, link = text(value.get("text")), web(media.get("permalink"))
    if us.wrote(value):
        return Ours(
            comment_id, said_at, words, Lane.PUBLIC, media_id, above or media_id, link, refs=refs
        )
    return Said(
        comment_id,
        said_at,
        person(mapping(value.get("from")), text(value.get("username"))),
        words,
        Addressed.REPLY,
        Lane.PUBLIC,
        media_id,
        above or media_id,
        permalink=link,
        refs=refs,
    )


def mention(value: Json, us: Us, at: datetime | None) -> Event:
    """Somebody named us in a comment or a caption of theirs.

    The webhook carries numbers only. `value` may hold what was looked up since: `comment` (with
    its `media`) or `media`.
    """
    media_id, comment_id = ident(value.get("media_id")), ident(value.get("comment_id"))
    found = mapping(value.get("comment")) if comment_id else mapping(value.get("media"))
    media = mapping(found.get("media")) if comment_id else found
    said_at = moment(found.get("timestamp")) or at
    if not media_id or said_at is None:
        raise Senseless("a mention without its post or its time")
    words = text(found.get("text")) or text(found.get("caption"))
    refs = {"kind": "mention", "media_id": media_id, "comment_id": comment_id}
    link = web(media.get("permalink"))
    if us.wrote(found):
        return Ours(
            comment_id or media_id, said_at, words, root_id=media_id, permalink=link, refs=refs
        )
    return Said(
        comment_id or media_id,
        said_at,
        person(mapping(found.get("from")), text(found.get("username"))),
        words,
        Addressed.MENTION,
        root_id=media_id if comment_id else None,
        parent_id=media_id if comment_id else None,
        permalink=link,
        attachments=() if words else (AttachmentSeen("other", link, title=WORDLESS),),
        refs=refs,
    )


def tagged(value: Json, at: datetime | None) -> Event:
    """A picture of somebody else's in which we are marked. It cannot be answered there."""
    media_id, said_at = ident(value.get("id")), moment(value.get("timestamp")) or at
    if not media_id or said_at is None:
        raise Senseless("a picture that marks us, without its number or its time")
    link = web(value.get("permalink"))
    return Said(
        media_id,
        said_at,
        person({}, text(value.get("username"))),
        text(value.get("caption")),
        Addressed.MENTION,
        permalink=link,
        attachments=(AttachmentSeen("link", link, title="The post that marks us"),),
        refs={"kind": "tag", "media_id": media_id},
    )


def attachments(message: Json) -> tuple[AttachmentSeen, ...]:
    """What came with a message, from a webhook or from the conversations edge."""
    came = message.get("attachments")
    read = _listed if isinstance(came, dict) else _pushed
    found = [read(one) for one in objects(came)]
    found += [
        AttachmentSeen("link", web(one.get("link")), title=text(one.get("name")))
        for one in objects(message.get("shares"))
    ]
    found += _stories(message)
    if message.get("is_unsupported") is True:
        found.append(AttachmentSeen("other", INBOX, title=UNSHOWN))
    return tuple(found)


def _pushed(one: Json) -> AttachmentSeen:
    kind, payload = text(one.get("type")), mapping(one.get("payload"))
    title = text(payload.get("title")) or _TITLES.get(kind, "")
    return AttachmentSeen(_KINDS.get(kind, "other"), web(payload.get("url")), title=title)


def _listed(one: Json) -> AttachmentSeen:
    for field, kind in (("image_data", "image"), ("video_data", "video")):
        url = web(mapping(one.get(field)).get("url"))
        if url:
            return AttachmentSeen(kind, url, title=text(one.get("name")))
    mime = text(one.get("mime_type"))
    kind = "audio" if mime.startswith("audio/") else "other"
    return AttachmentSeen(kind, web(one.get("file_url")), title=text(one.get("name")))


def _stories(message: Json) -> list[AttachmentSeen]:
    """The story of ours that a message answers, and the one of theirs that names us: a webhook has
    the first under `reply_to`, the conversations edge both under `story`."""
    answered = mapping(mapping(message.get("reply_to")).get("story"))
    story = mapping(message.get("story"))
    pairs = (
        (answered, "url", "Answers our story"),
        (mapping(story.get("reply_to")), "link", "Answers our story"),
        (mapping(story.get("mention")), "link", _TITLES["story_mention"]),
    )
    return [
        AttachmentSeen("other", web(one.get(name)), title=title)
        for one, name, title in pairs
        if one
    ]


def polled_message(value: Json, us: Us, people: Sequence[Json]) -> Event:
    """A private message as the conversations edge shows it. `people` are its participants."""
    message_id, said_at = ident(value.get("id")), moment(value.get("created_time"))
    by = mapping(value.get("from"))
    others = [one for one in people if not us.wrote({"from": one})]
    other = ident(others[0].get("id")) if others else ident(by.get("id"))
    if not message_id or said_at is None or not other:
        raise Senseless("a private message without its number, its time or its person")
    words = text(value.get("message"))
    if us.wrote(value):
        return Ours(message_id, said_at, words, Lane.PRIVATE, dm_root(other), permalink=INBOX)
    return Said(
        message_id,
        said_at,
        person(by),
        words,
        Addressed.DIRECT,
        Lane.PRIVATE,
        dm_root(other),
        permalink=INBOX,
        attachments=attachments(value),
        refs={"kind": "dm", "person": other},
    )
