"""What Threads takes in a post. No I/O.

Sources: Threads API, “Posts” and “Overview” (500 characters, where emoji count as their UTF-8
bytes; pictures as JPEG or PNG up to 8 MB, videos up to 1 GB and 5 minutes, carousels of 2 to 20),
“Polls” (2 to 4 options, 25 characters each, open for a day).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import regex

from callbox.vocabulary import Limits, Media, Outgoing, Problem

TEXT = 500
ALT = 1000
CAROUSEL = 20
PICTURE_BYTES = 8 * 1024 * 1024
VIDEO_BYTES = 1024 * 1024 * 1024
POLL_OPTIONS = 4
POLL_TEXT = 25
POLL_MINUTES = 24 * 60
MIMES = ("image/jpeg", "image/png")
_NAMES = ("option_a", "option_b", "option_c", "option_d")

LIMITS = Limits(
    text=TEXT,
    images=CAROUSEL,
    image_bytes=PICTURE_BYTES,
    image_mimes=MIMES,
    alt=ALT,
    videos=CAROUSEL,
    video_bytes=VIDEO_BYTES,
    video_seconds=300,
    poll_options=POLL_OPTIONS,
    poll_option_text=POLL_TEXT,
)

_CLUSTER = regex.compile(r"\X")
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]")


def measure(text: str) -> int:
    """How Threads counts: characters, but emoji (with all that joins them) by their bytes."""
    return sum(
        len(one.encode()) if _EMOJI.search(one) else len(one) for one in _CLUSTER.findall(text)
    )


def problems(outgoing: Outgoing) -> Sequence[Problem]:
    """Why this cannot go out as it stands."""
    return tuple(_problems(outgoing))


def _problems(outgoing: Outgoing) -> Iterator[Problem]:
    if measure(outgoing.text) > TEXT:
        yield Problem("too_long", f"Threads takes {TEXT} characters; an emoji counts as several.")
    if not outgoing.text.strip() and not outgoing.media:
        yield Problem("empty", "There is nothing to say.")
    if outgoing.publish_at:
        yield Problem("schedule", "Threads holds no post for later. Callbox can.")
    if outgoing.form != "post":
        yield Problem("form", "Threads has posts only.")
    yield from _poll(outgoing)
    yield from _media(outgoing)


def _poll(outgoing: Outgoing) -> Iterator[Problem]:
    poll = outgoing.poll
    if poll is None:
        return
    if not 2 <= len(poll.options) <= POLL_OPTIONS:
        yield Problem("poll", "A poll on Threads has two to four answers.")
    if any(not one.strip() or len(one) > POLL_TEXT for one in poll.options):
        yield Problem("poll", f"An answer of a poll holds {POLL_TEXT} characters.")
    if poll.minutes != POLL_MINUTES:
        yield Problem("poll_time", "A poll on Threads is open for 24 hours.")
    if poll.multiple:
        yield Problem("poll", "On Threads, one answer can be chosen.")
    if outgoing.media or outgoing.link:
        yield Problem("poll", "A poll on Threads has no pictures, videos or link cards.")


def _media(outgoing: Outgoing) -> Iterator[Problem]:
    if len(outgoing.media) > CAROUSEL:
        yield Problem("media", f"Threads takes {CAROUSEL} pictures or videos in one post.")
    for media in outgoing.media:
        yield from _fits(media)


def _fits(media: Media) -> Iterator[Problem]:
    if not media.url:
        words = "Threads fetches pictures itself, and this one has no public address yet."
        yield Problem("no_address", f"{words} Set the public address of Callbox.")
    if not media.is_video and media.mime not in MIMES:
        yield Problem("kind", "Threads takes pictures as JPEG or PNG.")
    most = VIDEO_BYTES if media.is_video else PICTURE_BYTES
    if media.size > most:
        yield Problem("too_large", f"This is larger than {most // 1024**2} MB.")
    if len(media.alt) > ALT:
        yield Problem("alt", f"A description holds {ALT:,} characters.")


def item(media: Media) -> dict[str, Any]:
    """The parameters that prepare one picture or video."""
    kind, field = ("VIDEO", "video_url") if media.is_video else ("IMAGE", "image_url")
    made: dict[str, Any] = {"media_type": kind, field: media.url}
    return made | ({"alt_text": media.alt} if media.alt else {})


def whole(outgoing: Outgoing, children: Sequence[str]) -> dict[str, Any]:
    """The parameters that prepare the post."""
    if children:
        made: dict[str, Any] = {"media_type": "CAROUSEL", "children": ",".join(children)}
    elif outgoing.media:
        made = item(outgoing.media[0])
    else:
        made = {"media_type": "TEXT"} | _cards(outgoing)
    if outgoing.text:
        made["text"] = outgoing.text
    if outgoing.reply_to:
        made["reply_to_id"] = outgoing.reply_to.parent_id
    return made


def _cards(outgoing: Outgoing) -> dict[str, Any]:
    """A poll or a link's card: with words only."""
    if outgoing.poll:
        named = zip(_NAMES, outgoing.poll.options, strict=False)
        return {"poll_attachment": dict(named)}
    return {"link_attachment": outgoing.link} if outgoing.link else {}
