"""What we say: answers under a comment, and videos with their titles and descriptions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callbox.connector import Refused
from callbox.networks.youtube.values import ident
from callbox.values import text
from callbox.vocabulary import Limits, Outgoing, Problem

TITLE = 100  # characters (developers.google.com/youtube/v3/docs/videos, snippet.title)
DESCRIPTION = 5000  # bytes (snippet.description)
COMMENT = 10_000  # characters; on no page of the reference, so to be confirmed
_VIDEO_BYTES = 256 * 1024**3
_CATEGORY = "25"  # “News & Politics”, the one that public agencies use
_FORBIDDEN = ("<", ">")  # in titles and descriptions

LIMITS = Limits(text=COMMENT, videos=1, video_bytes=_VIDEO_BYTES, image_mimes=(), reply_videos=0)


def thread_of(outgoing: Outgoing) -> str:
    """The id of the comment that an answer hangs under. Raises Refused when there is none.

    Replies go one level deep, and the id of a reply begins with its thread's.
    """
    to = outgoing.reply_to
    if to is None:
        raise Refused("There is nothing to answer.")
    thread = ident(to.refs.get("thread")) or ident(to.parent_id.partition(".")[0])
    if not thread or thread == ident(to.refs.get("video")):
        raise Refused("Callbox answers comments on YouTube, not videos.")
    return thread


def title_and_description(outgoing: Outgoing) -> tuple[str, str]:
    """A video's title, which is the first line of the text, and its description, the rest."""
    title, _, rest = outgoing.text.strip().partition("\n")
    return title.strip(), rest.strip()


def video(outgoing: Outgoing) -> dict[str, Any]:
    """The `Video` to insert."""
    title, description = title_and_description(outgoing)
    snippet = {"title": title, "description": description, "categoryId": _CATEGORY}
    if outgoing.language:
        snippet["defaultLanguage"] = outgoing.language
    return {"snippet": snippet, "status": _status(outgoing.publish_at)}


def _status(publish_at: datetime | None) -> dict[str, Any]:
    """`publishAt` is taken for private videos only. Whether it is made for children has to be
    said, and what a police department says is for everybody."""
    if publish_at is None:
        return {"privacyStatus": "public", "selfDeclaredMadeForKids": False}
    return {
        "privacyStatus": "private",
        "publishAt": publish_at.isoformat(),
        "selfDeclaredMadeForKids": False,
    }


def problems(outgoing: Outgoing) -> Iterator[Problem]:
    """Why a text does not fit."""
    if outgoing.reply_to is not None:
        yield from _of_answer(outgoing)
    else:
        yield from _of_video(outgoing)


def _of_answer(outgoing: Outgoing) -> Iterator[Problem]:
    if not outgoing.text.strip():
        yield Problem("empty", "Write something first.")
    if len(outgoing.text) > COMMENT:
        yield Problem("too_long", f"YouTube takes comments of up to {COMMENT} characters.")
    if outgoing.media:
        yield Problem("media", "YouTube takes no pictures or videos in comments.")


def _of_video(outgoing: Outgoing) -> Iterator[Problem]:
    title, description = title_and_description(outgoing)
    videos = [one for one in outgoing.media if one.is_video]
    if len(videos) != 1 or len(outgoing.media) != 1:
        yield Problem("media", "YouTube needs exactly one video. It takes no posts without one.")
    if not title:
        yield Problem("title", "The first line is the video's title: write one.")
    elif len(title) > TITLE:
        yield Problem("title", f"The first line is the title: keep it to {TITLE} characters.")
    if len(description.encode()) > DESCRIPTION:
        yield Problem("text", f"YouTube takes descriptions of up to {DESCRIPTION} bytes.")
    if any(sign in outgoing.text for sign in _FORBIDDEN):
        yield Problem("signs", "YouTube takes no < or > in titles and descriptions.")


def same(shown: Any, wanted: str) -> bool:
    """Whether YouTube shows these words: line ends and spaces at the ends do not count."""
    return _lines(text(shown)) == _lines(wanted)


def _lines(words: str) -> list[str]:
    return [line.rstrip() for line in words.strip().splitlines()]
