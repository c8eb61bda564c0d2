"""What Instagram takes in a post, a comment and a private message. No I/O.

Sources: Instagram Platform guide, “Content publishing” (caption, hashtags, pictures, reels,
stories, carousels) and “Send messages” (1,000 bytes).
"""

import re
from collections.abc import Iterator, Sequence

from callbox.vocabulary import Lane, Limits, Media, Outgoing, Problem

CAPTION = 2200
HASHTAGS = 30
NAMES = 20
MESSAGE_BYTES = 1000
CAROUSEL = 10
PICTURE_BYTES = 8 * 1024 * 1024
VIDEO_BYTES = 300 * 1024 * 1024
STORY_VIDEO_BYTES = 100 * 1024 * 1024
ALT = 1000
_FORMS = ("post", "reel", "story")
_NARROW, _WIDE = 4 / 5, 1.91  # width to height; stories may be taller

PUBLIC = Limits(
    text=CAPTION,
    images=CAROUSEL,
    image_bytes=PICTURE_BYTES,
    image_mimes=("image/jpeg",),
    alt=ALT,
    videos=1,
    video_bytes=VIDEO_BYTES,
    video_seconds=900,
    reply_images=0,
    reply_videos=0,
)
PRIVATE = Limits(text=MESSAGE_BYTES, unit="bytes")

_HASHTAG = re.compile(r"(?<![\w&])#\w+")
_NAME = re.compile(r"(?<![\w.])@[A-Za-z0-9_.]+")


def limits(lane: str) -> Limits:
    """What one post of this lane may hold."""
    return PRIVATE if lane == Lane.PRIVATE.value else PUBLIC


def measure(text: str, lane: str) -> int:
    """How long Instagram counts a text: messages in bytes, all else in characters."""
    return len(text.encode()) if lane == Lane.PRIVATE.value else len(text)


def problems(outgoing: Outgoing) -> Sequence[Problem]:
    """Why this cannot go out as it stands."""
    if outgoing.lane is Lane.PRIVATE:
        return tuple(_message(outgoing))
    found = [*_words(outgoing)]
    found += _comment(outgoing) if outgoing.reply_to else _post(outgoing)
    return tuple(found)


def _message(outgoing: Outgoing) -> Iterator[Problem]:
    size = measure(outgoing.text, outgoing.lane.value)
    if size > MESSAGE_BYTES:
        words = f"A private message holds 1,000 bytes, and this has {size:,}. Say it in two."
        yield Problem("too_long", words)
    if not outgoing.text.strip():
        yield Problem("empty", "There is nothing to send.")
    if outgoing.media or outgoing.poll:
        yield Problem("media", "Callbox sends words only in private messages on Instagram.")


def _words(outgoing: Outgoing) -> Iterator[Problem]:
    if len(outgoing.text) > CAPTION:
        yield Problem("too_long", f"Instagram takes {CAPTION:,} characters.")
    if len(_HASHTAG.findall(outgoing.text)) > HASHTAGS:
        yield Problem("hashtags", f"Instagram takes {HASHTAGS} hashtags.")
    if len(_NAME.findall(outgoing.text)) > NAMES:
        yield Problem("names", f"Instagram takes {NAMES} names with an @.")
    if outgoing.poll:
        yield Problem("poll", "Instagram takes no polls from other software.")
    if outgoing.publish_at:
        yield Problem("schedule", "Instagram holds no post for later. Callbox can.")


def _comment(outgoing: Outgoing) -> Iterator[Problem]:
    if outgoing.media:
        yield Problem("media", "A comment on Instagram has no pictures.")
    if not outgoing.text.strip():
        yield Problem("empty", "There is nothing to say.")


def _post(outgoing: Outgoing) -> Iterator[Problem]:
    if outgoing.form not in _FORMS:
        yield Problem("form", "Instagram has posts, reels and stories.")
    if not outgoing.media:
        yield Problem("no_media", "A post on Instagram needs a picture or a video.")
        return
    yield from _count(outgoing)
    for media in outgoing.media:
        yield from _fits(media, outgoing.form)


def _count(outgoing: Outgoing) -> Iterator[Problem]:
    number = len(outgoing.media)
    if outgoing.form == "story" and number > 1:
        yield Problem("media", "A story holds one picture or one video.")
    if outgoing.form == "story" and unsigned(outgoing.text):
        yield Problem("story_text", "A story shows no text: put the words into the picture.")
    if outgoing.form == "reel" and (number > 1 or not outgoing.media[0].is_video):
        yield Problem("media", "A reel is one video.")
    if number > CAROUSEL:
        yield Problem("media", f"Instagram takes {CAROUSEL} pictures or videos in one post.")


def unsigned(words: str) -> str:
    """The words without their signature, a last line that begins with a dash: a story shows
    neither, and a signature alone is not something that would be missing from it."""
    lines = words.strip().splitlines()
    return "\n".join(lines[:-1] if lines and lines[-1].startswith("— ") else lines).strip()


def _fits(media: Media, form: str) -> Iterator[Problem]:
    if not media.url:
        words = "Instagram fetches pictures itself, and this one has no public address yet."
        yield Problem("no_address", f"{words} Set the public address of Callbox.")
    if media.is_video:
        most = STORY_VIDEO_BYTES if form == "story" else VIDEO_BYTES
        if media.size > most:
            yield Problem("too_large", f"The video is larger than {most // 1024**2} MB.")
        return
    yield from _picture(media, form)


def _picture(media: Media, form: str) -> Iterator[Problem]:
    if media.mime != "image/jpeg":
        yield Problem("not_jpeg", "Instagram takes pictures as JPEG only.")
    if media.size > PICTURE_BYTES:
        yield Problem("too_large", "The picture is larger than 8 MB.")
    if len(media.alt) > ALT:
        yield Problem("alt", f"A description of a picture holds {ALT:,} characters.")
    shape = media.width / media.height if media.width and media.height else 1.0
    if form == "post" and not _NARROW - 0.01 <= shape <= _WIDE + 0.01:
        yield Problem("shape", "Instagram takes pictures from 4:5 (tall) to 1.91:1 (wide).")


def fields(media: Media, form: str, *, in_carousel: bool, caption: str) -> dict[str, str | bool]:
    """The parameters that prepare one picture or video. Alternative text is taken for pictures in
    posts only; every single video is a reel."""
    made: dict[str, str | bool] = {("video_url" if media.is_video else "image_url"): media.url}
    if form == "story":
        return made | {"media_type": "STORIES"}
    if in_carousel:
        made["is_carousel_item"] = True
    if media.is_video:
        made["media_type"] = "VIDEO" if in_carousel else "REELS"
    elif media.alt:
        made["alt_text"] = media.alt
    if media.is_video and not in_carousel and form == "post":
        made["share_to_feed"] = True
    return made | ({"caption": caption} if caption and not in_carousel else {})
