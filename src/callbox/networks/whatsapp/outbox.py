"""Saying something: the body of a message, and a file that goes before it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from callbox.connector import OutcomeUnknown, Refused, Unavailable, WindowClosed
from callbox.meta import windows
from callbox.meta.graph import Graph
from callbox.meta.values import ident, objects
from callbox.networks.whatsapp import setup
from callbox.networks.whatsapp.content import media_id
from callbox.values import text
from callbox.vocabulary import Limits, Media, Outgoing, Problem, Receipt, ReplyTo

MOST_TEXT, MOST_CAPTION, MOST_VARIABLE = 4096, 1024, 900
MOST_BYTES, MOST_VIDEO_BYTES = 5 * 1024 * 1024, 16 * 1024 * 1024
MIMES = ("image/jpeg", "image/png")
VIDEO_MIMES = ("video/mp4", "video/3gpp")

Body = dict[str, Any]


def limits() -> Limits:
    """One file a message (“Supported media types” of the WhatsApp documentation)."""
    return Limits(
        text=MOST_TEXT,
        caption=MOST_CAPTION,
        images=1,
        image_bytes=MOST_BYTES,
        image_mimes=MIMES,
        videos=1,
        video_bytes=MOST_VIDEO_BYTES,
    )


def is_over(to: ReplyTo, now: datetime) -> bool:
    """Whether the 24 hours in which free words are taken have passed."""
    return windows.age(to, now) >= windows.RESPONSE


def addressee(to: ReplyTo) -> Body:
    """Who a message goes to: their number where we know it, else their id. Raises Refused."""
    phone, own = text(to.refs.get("phone")), text(to.refs.get("user_id"))
    known = to.author.external_id if to.author else ""
    if phone or known.isdigit():
        return {"to": phone or known}
    if own or known:
        return {"recipient": own or known}
    raise Refused(setup.NOBODY)


def around(to: ReplyTo) -> Body:
    """What every message begins with."""
    return {"messaging_product": "whatsapp", "recipient_type": "individual", **addressee(to)}


def send(
    graph: Graph, phone: str, outgoing: Outgoing, config: Mapping[str, Any], now: datetime
) -> Receipt:
    """Send it. Raises WindowClosed after 24 hours when there is no template."""
    to = outgoing.reply_to
    if to is None:
        raise Refused(setup.CANNOT["publish"])
    body = {**around(to), "biz_opaque_callback_data": outgoing.key}
    if is_over(to, now):
        body |= _template(to, outgoing, config)
    else:
        body |= {"context": {"message_id": to.parent_id}, **_content(graph, phone, outgoing)}
    made = graph.write("POST", f"/{phone}/messages", body, as_json=True)
    sent = next(iter(objects(made.get("messages"))), {})
    if not ident(sent.get("id")):
        raise OutcomeUnknown("WhatsApp answered without a message's id.")
    return Receipt(ident(sent.get("id")))


def _content(graph: Graph, phone: str, outgoing: Outgoing) -> Body:
    if not outgoing.media:
        return {"type": "text", "text": {"body": outgoing.text, "preview_url": False}}
    if len(outgoing.media) > 1:
        raise Refused("WhatsApp takes one picture in a message.")
    (media,) = outgoing.media
    kind = "video" if media.is_video else "image"
    caption = {"caption": outgoing.text} if outgoing.text.strip() else {}
    return {"type": kind, kind: {"id": _uploaded(graph, phone, media), **caption}}


def _uploaded(graph: Graph, phone: str, media: Media) -> str:
    """A file's id. Uploading says nothing to anybody: whatever becomes of it, it can be tried
    again."""
    with ExitStack() as stack:
        content = stack.enter_context(media.path.open("rb")) if media.path else media.content
        try:
            made = graph.write(
                "POST",
                f"/{phone}/media",
                {"messaging_product": "whatsapp"},
                files={"file": (media.name, content, media.mime)},
            )
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error
    found = media_id(ident(made.get("id")))
    if not found:
        raise Unavailable("WhatsApp took the picture, but gave no id for it.")
    return found


def _template(to: ReplyTo, outgoing: Outgoing, config: Mapping[str, Any]) -> Body:
    """The approved template around the words. Its variable takes no line breaks."""
    name = text(config.get("template")).strip()
    if not name or outgoing.media or not outgoing.by_person:
        since = to.heard_at or to.said_at
        raise WindowClosed(setup.OVER, since + windows.RESPONSE if since else None)
    words = [{"type": "text", "text": " ".join(outgoing.text.split())}]
    language = text(config.get("template_language")).strip() or "en_US"
    template = {
        "name": name,
        "language": {"policy": "deterministic", "code": language},
        "components": [{"type": "body", "parameters": words}],
    }
    return {"type": "template", "template": template}


def problems(outgoing: Outgoing, now: datetime) -> Iterator[Problem]:
    """Why this does not fit."""
    late = outgoing.reply_to is not None and is_over(outgoing.reply_to, now)
    most = MOST_VARIABLE if late else MOST_CAPTION if outgoing.media else MOST_TEXT
    over = len(outgoing.text) - most
    if not outgoing.text.strip() and not outgoing.media:
        yield Problem("empty", "Nothing is written yet.")
    if over > 0:
        why = " after 24 hours" if late else " beside a picture" if outgoing.media else ""
        yield Problem("too_long", f"{over} characters too many for WhatsApp{why}.")
    if late and outgoing.media:
        yield Problem("no_pictures_late", "After 24 hours, WhatsApp takes words only.")
    if len(outgoing.media) > 1:
        yield Problem("too_many_images", "WhatsApp takes one picture in a message.")
    for media in outgoing.media:
        yield from _media_problems(media)


def _media_problems(media: Media) -> Iterator[Problem]:
    most = MOST_VIDEO_BYTES if media.is_video else MOST_BYTES
    if media.mime not in (VIDEO_MIMES if media.is_video else MIMES):
        yield Problem("media_kind", f"WhatsApp does not take {media.mime}.")
    if media.size > most:
        yield Problem("media_size", f"WhatsApp takes at most {most // 1024 // 1024} MB here.")
    if not media.alt.strip():
        yield Problem("alt_missing", "Describe the picture for people who cannot see it.")
