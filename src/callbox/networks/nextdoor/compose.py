"""What we say: posts for areas, and answers under a comment."""

from collections.abc import Iterator
from typing import Any

from callbox.connector import Refused
from callbox.networks.nextdoor.values import ident
from callbox.values import Json, text
from callbox.vocabulary import Limits, Media, Outgoing, Problem

TEXT = 8192  # bytes (developer.nextdoor.com/reference/sharing-data-types)
MEDIA = 10
_IMAGE = 10 * 1024 * 1024
_VIDEO = 500 * 1024 * 1024

LIMITS = Limits(
    text=TEXT,
    unit="bytes",
    images=MEDIA,
    image_bytes=_IMAGE,
    videos=MEDIA,
    video_bytes=_VIDEO,
    reply_images=0,
    reply_videos=0,
)


def measure(words: str) -> int:
    """How long Nextdoor counts a text: in bytes."""
    return len(words.encode("utf-8", "replace"))


def problems(outgoing: Outgoing) -> Iterator[Problem]:
    """Why a text does not fit."""
    if not outgoing.text.strip():
        yield Problem("empty", "Write something first.")
    if measure(outgoing.text) > TEXT:
        yield Problem("too_long", "This is too long for Nextdoor. Shorten it.")
    if outgoing.reply_to is not None and outgoing.media:
        yield Problem("media", "Callbox answers on Nextdoor in words only.")
    if len(outgoing.media) > MEDIA:
        yield Problem("media", f"Nextdoor takes up to {MEDIA} pictures and videos.")
    if any(one.size > _most(one) for one in outgoing.media):
        yield Problem("size", "Nextdoor takes pictures up to 10 MB and videos up to 500 MB.")


def _most(one: Media) -> int:
    return _VIDEO if one.is_video else _IMAGE


def post(outgoing: Outgoing, areas: list[int]) -> dict[str, Any]:
    """The body of a new post. Nextdoor fetches pictures itself, from addresses that we sign."""
    if any(not one.url for one in outgoing.media):
        raise Refused(
            "Nextdoor fetches pictures itself, and this installation has no public address."
        )
    body: dict[str, Any] = {"body_text": outgoing.text}
    if areas:
        body["group_ids"] = areas
    if outgoing.media:
        body["media_attachments"] = [one.url for one in outgoing.media]
    if outgoing.link:
        body["smartlink_url"] = outgoing.link
    return body


def answer(outgoing: Outgoing) -> dict[str, Any]:
    """The body of an answer: to a comment, or to the post itself."""
    to = outgoing.reply_to
    if to is None:
        raise Refused("There is nothing to answer.")
    post_id = ident(to.refs.get("post")) or ident(to.root_id)
    if not post_id:
        raise Refused("The post that this is about is not known.")
    body: dict[str, Any] = {"id": post_id, "body_text": outgoing.text}
    comment = ident(to.refs.get("comment"))
    return {**body, "parent_comment_id": _number(comment)} if comment else body


def _number(own: str) -> int | str:
    """Comments have numbers for ids, and go back as such."""
    return int(own) if own.isdigit() else own


def chosen(wanted: str, areas: list[Json]) -> list[int]:
    """The ids of the areas that the account's settings name; none for the whole agency. Raises
    Refused for a name that Nextdoor does not know, with those that it does."""
    names = [one.strip() for one in wanted.split(",") if one.strip()]
    by_name = {text(one.get("name")).casefold(): one.get("group_id") for one in areas}
    found = [by_name.get(name.casefold()) for name in names]
    if any(not isinstance(one, int) for one in found):
        known = ", ".join(sorted(text(one.get("name")) for one in areas)) or "none"
        raise Refused(f"Nextdoor does not know one of these areas: {wanted}. It knows: {known}.")
    return [one for one in found if isinstance(one, int)]
