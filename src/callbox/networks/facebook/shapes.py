"""Graph objects (what a read gives) as events. Pure; takes anything, raises nothing.

Ids: a comment is "{post}_{comment}", a post "{page}_{post}", whichever way it came, so that a root
is always the whole id of the post. A private exchange is named for the person, whose page-scoped
id is the same in webhooks and reads: "dm:{id}".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbox.meta.times import moment
from callbox.meta.values import ident, objects, web
from callbox.values import Json, mapping, text
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Lane,
    Ours,
    Said,
)

_KINDS = {"photo": "image", "image": "image", "sticker": "image", "animated_image": "image"}
_RECOMMENDS = {"positive": "Recommends this Page.", "negative": "Does not recommend this Page."}


@dataclass(frozen=True, slots=True)
class Thing:
    """A public thing that somebody wrote, whichever way we heard of it."""

    id: str
    at: datetime
    author: AuthorSeen | None
    text: str
    kind: str  # "comment" | "post" | "mention" | "review"
    root: str | None = None
    parent: str | None = None
    permalink: str = ""
    attachments: tuple[AttachmentSeen, ...] = ()
    hidden: bool | None = None
    can_hide: bool | None = None
    can_message: bool | None = None  # answer in private
    edited_at: datetime | None = None

    def refs(self) -> dict[str, Any]:
        """What answering it needs. `top` is the comment at the head of its branch: an answer to an
        answer hangs there."""
        found: dict[str, Any] = {"kind": self.kind}
        if self.kind == "comment":
            found["top"] = self.id if self.parent == self.root else self.parent
        if self.can_hide is not None:
            found["can_hide"] = self.can_hide
        if self.can_message is not None:
            found["can_message"] = self.can_message
        return found

    def said(self, addressed: Addressed | None) -> Said:
        """As something that somebody said to us."""
        return Said(
            self.id,
            self.at,
            self.author,
            self.text,
            addressed,
            root_id=self.root,
            parent_id=self.parent,
            permalink=self.permalink,
            attachments=self.attachments,
            refs=self.refs(),
            edited_at=self.edited_at,
        )

    def ours(self) -> Ours:
        """As something that our own Page said."""
        return Ours(
            self.id,
            self.at,
            self.text,
            root_id=self.root,
            parent_id=self.parent,
            permalink=self.permalink,
            refs=self.refs(),
        )

    def event(self, us: str, addressed: Addressed) -> Said | Ours:
        """Ours when our Page wrote it."""
        if self.author is not None and self.author.external_id == us:
            return self.ours()
        return self.said(addressed)


def link(external_id: str) -> str:
    """Where a post or comment can be looked at, when the network gives no address with it."""
    return f"https://www.facebook.com/{external_id}"


def author(value: Any) -> AuthorSeen | None:
    """`{id, name}`; None where Facebook does not say who it was (it needs approved access)."""
    found = mapping(value)
    external_id = ident(found.get("id"))
    return AuthorSeen(external_id, name=text(found.get("name"))) if external_id else None


def comment(value: Json, post_id: str) -> Thing | None:
    """A comment below a post; None for something that is none."""
    external_id, at = ident(value.get("id")), moment(value.get("created_time"))
    if not external_id or at is None:
        return None
    return Thing(
        external_id,
        at,
        author(value.get("from")),
        text(value.get("message")),
        "comment",
        root=post_id,
        parent=ident(mapping(value.get("parent")).get("id")) or post_id,
        permalink=web(value.get("permalink_url")) or link(external_id),
        attachments=story([value.get("attachment")]),
        hidden=_flag(value.get("is_hidden")),
        can_hide=_flag(value.get("can_hide")),
        can_message=_flag(value.get("can_reply_privately")),
    )


def post(value: Json, kind: str = "post") -> Thing | None:
    """A post on a Page."""
    external_id, at = ident(value.get("id")), moment(value.get("created_time"))
    if not external_id or at is None:
        return None
    return Thing(
        external_id,
        at,
        author(value.get("from")),
        text(value.get("message")),
        kind,
        permalink=web(value.get("permalink_url")) or link(external_id),
        attachments=story(objects(value.get("attachments"))),
        hidden=_flag(value.get("is_hidden")),
        can_message=_flag(value.get("can_reply_privately")),
    )


def rating(value: Json) -> Thing | None:
    """A review. One without a story has no id of its own; its writer and time stand for it."""
    at, reviewer = moment(value.get("created_time")), author(value.get("reviewer"))
    story_id = ident(mapping(value.get("open_graph_story")).get("id"))
    who = reviewer.external_id if reviewer else "unknown"
    if at is None:
        return None
    return Thing(
        story_id or f"review:{who}:{int(at.timestamp())}",
        at,
        reviewer,
        review_words(value),
        "review",
    )


def review_words(value: Json) -> str:
    """What a review says; its verdict in words where it has no text."""
    verdict = _RECOMMENDS.get(text(value.get("recommendation_type")).lower(), "")
    stars = value.get("rating")
    if not verdict and isinstance(stars, int) and not isinstance(stars, bool) and 1 <= stars <= 5:
        verdict = f"Gave {stars} of 5 stars."
    written = text(value.get("review_text"))
    return "\n".join(part for part in (verdict, written) if part)


def message(value: Json, us: str, person: str) -> Said | Ours | None:
    """A private message of the exchange with `person`, from either side."""
    external_id, at = ident(value.get("id")), moment(value.get("created_time"))
    who = author(value.get("from"))
    person = person or _other(value, us)
    if not external_id or at is None or not person:
        return None
    root = f"dm:{person}"
    if who is not None and who.external_id == us:
        return Ours(external_id, at, text(value.get("message")), Lane.PRIVATE, root_id=root)
    return Said(
        external_id,
        at,
        who or AuthorSeen(person),
        text(value.get("message")),
        Addressed.DIRECT,
        Lane.PRIVATE,
        root_id=root,
        attachments=_files(value),
        refs={"kind": "message", "person": person},
    )


def _other(value: Json, us: str) -> str:
    """Who a message is exchanged with."""
    ids = [ident(one.get("id")) for one in (mapping(value.get("from")), *objects(value.get("to")))]
    return next((one for one in ids if one and one != us), "")


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def story(attachments: Sequence[Any]) -> tuple[AttachmentSeen, ...]:
    """Pictures, videos and links of a post or comment; an album's are below it."""
    found: list[AttachmentSeen] = []
    for one in map(mapping, attachments):
        below = objects(one.get("subattachments"))
        if below:
            found += story(below)
        elif seen := _attachment(one):
            found.append(seen)
    return tuple(found)


def _attachment(value: Json) -> AttachmentSeen | None:
    media = mapping(value.get("media"))
    kind = text(value.get("type")).lower()
    words = text(value.get("description"))
    title = text(value.get("title"))
    image = web(mapping(media.get("image")).get("src"))
    page = web(mapping(value.get("target")).get("url")) or web(value.get("url"))
    if "video" in kind:
        url, shown = web(media.get("source")) or page, "video"
    elif kind in _KINDS:
        url, shown = image or page, "image"
    else:
        url, shown = page or image, "link"
    return AttachmentSeen(shown, url, words, title) if url else None


def _files(value: Json) -> tuple[AttachmentSeen, ...]:
    """Files that came with a private message, as a read gives them."""
    found = []
    for one in objects(value.get("attachments")):
        image = web(mapping(one.get("image_data")).get("url"))
        video = web(mapping(one.get("video_data")).get("url"))
        url = image or video or web(one.get("file_url"))
        kind = "image" if image else "video" if video else _kind_of(text(one.get("mime_type")))
        if url:
            found.append(AttachmentSeen(kind, url, title=text(one.get("name"))))
    sticker = web(value.get("sticker"))
    return (*found, AttachmentSeen("image", sticker)) if sticker else tuple(found)


def _kind_of(mime: str) -> str:
    start = mime.split("/")[0]
    return start if start in ("image", "video", "audio") else "other"


def hook_files(value: Mapping[str, Any]) -> tuple[AttachmentSeen, ...]:
    """Files that came with a private message, as a webhook gives them."""
    found = []
    for one in objects(value.get("attachments")):
        payload, kind = mapping(one.get("payload")), text(one.get("type"))
        url = web(payload.get("url"))
        shown = (
            kind if kind in ("image", "video", "audio") else "link" if kind == "fallback" else ""
        )
        if url:
            found.append(AttachmentSeen(shown or "other", url, title=text(payload.get("title"))))
    return tuple(found)
