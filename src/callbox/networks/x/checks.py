"""What fits into a post or a message of X, and why something does not."""

from collections.abc import Iterator

from callbox.networks.x import counting
from callbox.networks.x.media import GIF
from callbox.networks.x.outbox import words
from callbox.vocabulary import Lane, Limits, Outgoing, Problem

_MIB = 1024 * 1024
_GIF_BYTES = 15 * _MIB
_MESSAGE = 10_000
_MIMES = ("image/jpeg", "image/png", "image/webp", GIF)


def limits(lane: str, *, premium: bool) -> Limits:
    """docs.x.com: x-api/media/quickstart/best-practices, fundamentals/counting-characters."""
    public = lane != Lane.PRIVATE
    most = counting.MOST_PREMIUM if premium else counting.MOST
    return Limits(
        text=most if public else _MESSAGE,
        unit="weighted" if public else "characters",
        images=4 if public else 1,
        image_bytes=5 * _MIB,
        image_mimes=_MIMES,
        alt=1000,
        videos=1,
        video_bytes=512 * _MIB,
        video_seconds=140,
        poll_options=4 if public else 0,
        poll_option_text=25 if public else None,
    )


def length(text: str, lane: str) -> int:
    """How X counts a text: posts by weight, messages by the character."""
    return len(text) if lane == Lane.PRIVATE else counting.weight(text)


def problems(outgoing: Outgoing, limits: Limits) -> list[Problem]:
    """Everything that stands in the way, in words for the writer."""
    return [*_text(outgoing, limits), *_media(outgoing, limits), *_poll(outgoing, limits)]


def _text(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    said = words(outgoing)
    size = length(said, outgoing.lane)
    if limits.text is not None and size > limits.text:
        yield Problem("too_long", f"X takes {limits.text:,} characters; this counts as {size:,}.")
    if not said.strip() and not outgoing.media:
        yield Problem("empty", "There is nothing to say yet.")
    if outgoing.form != "post":
        yield Problem("form", "X has posts only.")
    if outgoing.publish_at is not None:
        yield Problem("schedule", "X holds no posts back; Callbox does that itself.")


def _media(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    films = [one for one in outgoing.media if one.is_video]
    gifs = [one for one in outgoing.media if one.mime == GIF]
    if (films or gifs) and len(outgoing.media) > 1:
        yield Problem("media_mix", "X takes a video or an animation only by itself.")
    if len(outgoing.media) > max(limits.images, 1):
        yield Problem("too_many_images", f"X takes {limits.images} pictures here.")
    for one in outgoing.media:
        most = limits.video_bytes if one.is_video else limits.image_bytes
        most = _GIF_BYTES if one.mime == GIF else most
        if most is not None and one.size > most:
            yield Problem("media_size", f"“{one.name}” has more than {most // _MIB} MB.")
        if not one.is_video and one.mime not in limits.image_mimes:
            yield Problem("media_kind", f"X does not take pictures of the kind {one.mime}.")
        if len(one.alt) > (limits.alt or 0):
            yield Problem(
                "alt_too_long", f"X takes {limits.alt:,} characters to describe a picture."
            )


def _poll(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    poll = outgoing.poll
    if poll is None:
        return
    if not limits.poll_options:
        yield Problem("poll", "A private message cannot hold a poll.")
        return
    if outgoing.media:
        yield Problem("poll_media", "X takes a poll or pictures, not both.")
    if not 2 <= len(poll.options) <= limits.poll_options:
        yield Problem("poll_options", "A poll on X has two to four answers.")
    if any(not 1 <= len(one) <= (limits.poll_option_text or 0) for one in poll.options):
        yield Problem("poll_option", "An answer of a poll on X has 25 characters at most.")
    if not 5 <= poll.minutes <= 10_080:
        yield Problem("poll_minutes", "A poll on X is open for five minutes to seven days.")
    if poll.multiple:
        yield Problem("poll_multiple", "In a poll on X, people choose one answer.")
