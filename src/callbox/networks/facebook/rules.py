"""What Facebook takes: lengths, times, and what can be done about one message. No I/O."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from callbox.meta import windows
from callbox.vocabulary import Lane, Limits, Outgoing, Problem, ReplyTo

POST = 63_206  # characters of a post; a comment and a message take less
COMMENT = 8_000
MESSAGE = 2_000
SOONEST, LATEST = timedelta(minutes=10), timedelta(days=30)  # “Pages API, Posts”
_MEGABYTE = 1024 * 1024

PUBLIC = Limits(
    text=POST,
    images=10,
    image_bytes=4 * _MEGABYTE,  # on the safe side: the reference has no figure for it today
    image_mimes=("image/jpeg", "image/png", "image/gif", "image/webp"),
    alt=1_000,
    videos=1,
    video_bytes=1024 * _MEGABYTE,
    video_seconds=20 * 60,
    reply_text=COMMENT,
    reply_images=1,
    reply_videos=0,
)
PRIVATE = Limits(text=MESSAGE)

#: What cannot be done about one kind of message, whatever the time.
_NO_WAY = {
    ("review", "reply"): "Facebook takes no answer to a review through its API.",
    ("review", "message"): "A review cannot be answered in private through Facebook's API.",
    ("review", "hide"): "A review cannot be hidden by a Page.",
    ("review", "unhide"): "A review cannot be hidden by a Page.",
    ("review", "like"): "A review cannot be liked through Facebook's API.",
    ("mention", "hide"): "This stands on somebody else's page, so that only they can hide it.",
    ("mention", "unhide"): "This stands on somebody else's page, so that only they can hide it.",
    ("mention", "message"): "Somebody who only mentions the Page cannot be written to first.",
    ("message", "like"): "A private message cannot be liked from here.",
    ("message", "hide"): "A private message is seen by nobody else, so there is nothing to hide.",
    ("message", "reply"): "A private message can only be answered in private.",
    ("message", "unhide"): "A private message is seen by nobody else, so there is nothing to hide.",
}
#: What we said in private, to a message or to a comment, stands as it is.
STANDS = {
    "edit": "A private message cannot be changed once it is sent.",
    "delete": "A private message cannot be taken back once it is sent.",
}
PAST = "This came from a download of the past, which has no ids: do it on Facebook itself."
_ACTS = frozenset(("reply", "message", "hide", "unhide", "like", "edit", "delete"))


def is_past(external_id: str) -> bool:
    """Whether an id was made here, for something out of a download: the network does not know it,
    and would call it gone."""
    return external_id.startswith("archive:")


def barrier(ability: str, to: ReplyTo, now: datetime) -> str:
    """Why something cannot be done about one message, or ""."""
    kind = str(to.refs.get("kind") or ("message" if to.lane is Lane.PRIVATE else "comment"))
    if kind == "archive" and ability in _ACTS:
        return PAST
    stands = STANDS.get(ability, "") if to.lane is Lane.PRIVATE else ""
    if words := _NO_WAY.get((kind, ability), stands):
        return words
    if ability == "hide" and to.refs.get("can_hide") is False:
        return "Facebook says that this comment cannot be hidden."
    if ability != "message":
        return ""
    if to.lane is Lane.PRIVATE:
        return windows.over(to, now)
    if words := windows.private_reply_over(to, now):
        return words
    if to.refs.get("can_message") is False:
        return "Facebook says that this cannot be answered in private."
    return ""


def problems(outgoing: Outgoing, now: datetime) -> Iterator[Problem]:
    """Why a text cannot go out as it stands."""
    private = outgoing.lane is Lane.PRIVATE
    yield from _text_problems(outgoing, private=private)
    yield from _media_problems(outgoing, private=private)
    if outgoing.poll:
        yield Problem("poll", "Facebook takes no questions with answers through its API.")
    if outgoing.form != "post":
        yield Problem("form", "Only posts can be published here, no stories or reels.")
    if outgoing.link and outgoing.reply_to and outgoing.link not in outgoing.text:
        yield Problem("link", "An answer has no link card. Put the link in the text.")
    elif outgoing.link and outgoing.media:
        yield Problem(
            "link", "A post has either a link card or pictures. Put the link in the text."
        )
    if outgoing.publish_at and not SOONEST <= outgoing.publish_at - now <= LATEST:
        yield Problem("time", "Facebook holds a post for at least 10 minutes and at most 30 days.")


def _text_problems(outgoing: Outgoing, *, private: bool) -> Iterator[Problem]:
    most = MESSAGE if private else COMMENT if outgoing.reply_to else POST
    if len(outgoing.text) > most:
        yield Problem("too_long", f"Facebook takes {most:,} characters here.")
    if not outgoing.text.strip() and (private or not (outgoing.media or outgoing.link)):
        yield Problem("empty", "There is nothing to say yet.")


def _media_problems(outgoing: Outgoing, *, private: bool) -> Iterator[Problem]:
    videos = [one for one in outgoing.media if one.is_video]
    if private and outgoing.media:
        yield Problem("media", "Pictures cannot be sent in private messages from here.")
    elif outgoing.reply_to and (len(outgoing.media) > 1 or videos):
        yield Problem("media", "A comment takes one picture and no video.")
    elif videos and len(outgoing.media) > 1:
        yield Problem("media", "A video goes alone, without pictures or other videos.")
    elif len(outgoing.media) > PUBLIC.images:
        yield Problem("media", f"A post takes {PUBLIC.images} pictures.")
    if any(one.size > (PUBLIC.image_bytes or 0) for one in outgoing.media if not one.is_video):
        yield Problem("size", "A picture may have 4 MB at most.")
