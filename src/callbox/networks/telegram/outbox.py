"""Saying something: which method, with which parameters. A text alone, pictures, or a video."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from callbox.connector import OutcomeUnknown, Refused
from callbox.networks.telegram import setup
from callbox.networks.telegram.api import Api
from callbox.networks.telegram.parse import receipt_of
from callbox.networks.telegram.values import units
from callbox.vocabulary import Lane, Limits, Media, Outgoing, Problem, Receipt, ReplyTo

MOST_TEXT, MOST_CAPTION = 4096, 1024
MOST_PICTURES = 10
MOST_BYTES, MOST_VIDEO_BYTES = 10 * 1024 * 1024, 50 * 1024 * 1024
MIMES = ("image/jpeg", "image/png")

Params = dict[str, Any]


def limits() -> Limits:
    """core.telegram.org/bots/api: sendMessage, sendPhoto, sendVideo, sendMediaGroup."""
    return Limits(
        text=MOST_TEXT,
        caption=MOST_CAPTION,
        images=MOST_PICTURES,
        image_bytes=MOST_BYTES,
        image_mimes=MIMES,
        videos=1,
        video_bytes=MOST_VIDEO_BYTES,
    )


def split(external_id: str) -> Params:
    """Chat and message of one of our ids, as methods want them. Raises Refused for another's."""
    chat, _, number = external_id.partition(":")
    if not chat.lstrip("-").isdigit() or not number.isdigit():
        raise Refused("This is not a message of Telegram's.")
    return {"chat_id": int(chat), "message_id": int(number)}


def send(api: Api, outgoing: Outgoing, channel: str) -> Receipt:
    """Send it, and its receipt: of an album, the first picture's, which carries the words."""
    params = _where(outgoing, channel)
    if not outgoing.media:
        made = api.tell("sendMessage", {**params, "text": outgoing.text})
    elif len(outgoing.media) == 1:
        made = _one_file(api, params, outgoing)
    else:
        made = _album(api, params, outgoing)
    external_id, permalink = receipt_of(made)
    if not external_id:
        raise OutcomeUnknown("Telegram answered without the message.")
    return Receipt(external_id, permalink, {"caption": bool(outgoing.media)})


def _where(outgoing: Outgoing, channel: str) -> Params:
    """Which chat it goes to, and what it answers there."""
    to = outgoing.reply_to
    if to is None:
        if not channel:
            raise Refused(setup.NO_CHANNEL)
        return {"chat_id": channel}
    if outgoing.lane is Lane.PRIVATE and to.lane is not Lane.PRIVATE:
        return {"chat_id": _person(to)}  # said in a group, answered in private
    there = split(to.parent_id)
    lost_is_fine = outgoing.lane is Lane.PRIVATE
    answers = {"message_id": there["message_id"], "allow_sending_without_reply": lost_is_fine}
    return {"chat_id": there["chat_id"], "reply_parameters": answers}


def _person(to: ReplyTo) -> int:
    known = to.author.external_id if to.author else ""
    if not known.isdigit():  # channels and groups, in whose name people can write, are negative
        raise Refused(setup.NEVER_WROTE)
    return int(known)


def _one_file(api: Api, params: Params, outgoing: Outgoing) -> Any:
    (media,) = outgoing.media
    kind = "video" if media.is_video else "photo"
    with ExitStack() as stack:
        files = {kind: _file(media, stack)}
        return api.upload(f"send{kind.title()}", {**params, "caption": outgoing.text}, files)


def _album(api: Api, params: Params, outgoing: Outgoing) -> Any:
    names = [f"file{i}" for i in range(len(outgoing.media))]
    listed = [
        {"type": "video" if one.is_video else "photo", "media": f"attach://{name}"}
        for name, one in zip(names, outgoing.media, strict=True)
    ]
    listed[0]["caption"] = outgoing.text
    with ExitStack() as stack:
        files = {name: _file(one, stack) for name, one in zip(names, outgoing.media, strict=True)}
        made = api.upload("sendMediaGroup", {**params, "media": listed}, files)
    return made[0] if isinstance(made, list) and made else None


def _file(media: Media, stack: ExitStack) -> tuple[str, Any, str]:
    """Name, content and type, for a multipart body. A video is read as it goes out."""
    content = stack.enter_context(media.path.open("rb")) if media.path else media.content
    return media.name, content, media.mime


def problems(outgoing: Outgoing, channel: str) -> Iterator[Problem]:
    """Why this does not fit."""
    most = MOST_CAPTION if outgoing.media else MOST_TEXT
    over = units(outgoing.text) - most
    if not outgoing.text.strip() and not outgoing.media:
        yield Problem("empty", "Nothing is written yet.")
    if over > 0:
        beside = " beside pictures" if outgoing.media else ""
        yield Problem("too_long", f"{over} characters too many for Telegram{beside}.")
    if outgoing.reply_to is None and not channel:
        yield Problem("no_channel", setup.NO_CHANNEL)
    if len(outgoing.media) > MOST_PICTURES:
        yield Problem("too_many_images", f"Telegram takes {MOST_PICTURES} pictures at a time.")
    for media in outgoing.media:
        yield from _media_problems(media)


def _media_problems(media: Media) -> Iterator[Problem]:
    most = MOST_VIDEO_BYTES if media.is_video else MOST_BYTES
    if not media.is_video and media.mime not in MIMES:
        yield Problem("image_kind", f"Telegram does not take {media.mime} pictures.")
    if media.size > most:
        yield Problem("media_size", f"Telegram takes at most {most // 1024 // 1024} MB here.")
    if not media.alt.strip():
        yield Problem("alt_missing", "Describe the picture for people who cannot see it.")


def subscriptions(info: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    """Whether a webhook gets every kind that we want. An empty list means Telegram's usual ones,
    which hold all of them."""
    listed = info.get("allowed_updates")
    return not isinstance(listed, list) or not listed or set(wanted) <= set(map(str, listed))
