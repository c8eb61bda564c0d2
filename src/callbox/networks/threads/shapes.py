"""Threads' posts as events. Pure."""

from typing import Any, Final

from callbox.meta.times import moment
from callbox.meta.values import ident, objects, web
from callbox.networks.threads.us import Us, person
from callbox.values import Json, mapping, text
from callbox.vocabulary import Addressed, AttachmentSeen, Lane, Ours, Said

HIDDEN: Final = ("HIDDEN", "BLOCKED", "RESTRICTED", "HUSHED", "COVERED")
_KINDS = {"IMAGE": "image", "VIDEO": "video", "AUDIO": "audio"}


class Senseless(ValueError):
    """A post that lacks what it must have. Its words go into `Unreadable`."""


def hidden(post: Json) -> bool:
    """Whether the public does not see a reply."""
    return text(post.get("hide_status")) in HIDDEN


def refs(post: Json) -> dict[str, Any]:
    """What an answer or a hiding needs to know: whether it stands directly under a first post
    (only such can be hidden)."""
    root, above = (ident(mapping(post.get(one)).get("id")) for one in ("root_post", "replied_to"))
    return {"top": bool(root) and above in ("", root), "root": root}


def event(post: Json, us: Us, addressed: Addressed | None) -> Said | Ours:
    """A post as something said to us, or as an echo of ours. Raises Senseless."""
    post_id, said_at = ident(post.get("id")), moment(post.get("timestamp"))
    if not post_id or said_at is None:
        raise Senseless("a post without its number or its time")
    root = ident(mapping(post.get("root_post")).get("id")) or None
    above = ident(mapping(post.get("replied_to")).get("id")) or root
    root = root or above
    words, link = text(post.get("text")), web(post.get("permalink"))
    if us.wrote(post):
        return Ours(post_id, said_at, words, Lane.PUBLIC, root, above, link, refs=refs(post))
    return Said(
        post_id,
        said_at,
        person(text(post.get("username"))),
        words,
        addressed,
        Lane.PUBLIC,
        root,
        above,
        permalink=link,
        attachments=attachments(post),
        refs=refs(post),
    )


def addressed(post: Json, us: Us, otherwise: Addressed) -> Addressed:
    """Why it is ours to read: it answers in our thread, quotes us, or (`otherwise`) what the edge
    says on which it came."""
    if us.owns(mapping(post.get("root_post"))):
        return Addressed.REPLY
    quoted = mapping(post.get("quoted_post"))
    return Addressed.QUOTE if quoted and us.wrote(quoted) else otherwise


def attachments(post: Json) -> tuple[AttachmentSeen, ...]:
    """What came with a post: its picture or video, those of a carousel, a link, a poll, a quote."""
    found = [_media(one) for one in (post, *objects(post.get("children")))]
    link, gif = web(post.get("link_attachment_url")), web(post.get("gif_url"))
    found.append(AttachmentSeen("link", link) if link else None)
    found.append(AttachmentSeen("image", gif, title="GIF") if gif else None)
    quoted = mapping(post.get("quoted_post"))
    if quoted:
        place = web(quoted.get("permalink"))
        found.append(AttachmentSeen("quote", place, title=text(quoted.get("text"))))
    options = _options(mapping(post.get("poll_attachment")))
    if options:
        found.append(AttachmentSeen("other", "", title=f"A poll: {options}"))
    return tuple(one for one in found if one)


def _media(post: Json) -> AttachmentSeen | None:
    url = web(post.get("media_url"))
    if not url:
        return None
    kind = _KINDS.get(text(post.get("media_type")), "other")
    return AttachmentSeen(kind, url, alt=text(post.get("alt_text")))


def _options(poll: Json) -> str:
    names = ("option_a", "option_b", "option_c", "option_d")
    return " / ".join(text(poll.get(one)) for one in names if text(poll.get(one)))
