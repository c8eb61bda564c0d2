"""Which pictures and videos the composer offers to add."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbox.actions.pictures import MOST_BYTES
from callbox.vocabulary import Limits

# Pictures are drawn anew on their way out, so that these fit everywhere; an animation is not.
_PICTURES = ("image/jpeg", "image/png", "image/webp")
_ANIMATION = "image/gif"
_VIDEOS = ("video/mp4", "video/quicktime")
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be added, with the words for when it is too much: in `*_large` and `*_long`,
    `{name}` is the file's."""

    images: int
    videos: int
    types: str
    label: str
    image_bytes: int
    video_bytes: int
    video_seconds: int | None
    images_many: str
    videos_many: str
    no_images: str
    no_videos: str
    image_large: str
    video_large: str
    video_long: str


def offer(known: Sequence[Limits]) -> Offer | None:
    """What at least one of these takes; None when they take nothing."""
    images = max((one.images for one in known), default=0)
    videos = max((one.videos for one in known), default=0)
    if not images and not videos:
        return None
    film = _video_bytes(known)
    seconds = _video_seconds(known)
    return Offer(
        images=images,
        videos=videos,
        types=",".join(_types(known)),
        label=_label(images, videos, film),
        image_bytes=MOST_BYTES,
        video_bytes=film,
        video_seconds=seconds,
        images_many=ngettext(
            "One picture at most here.", "{n} pictures at most here.", images
        ).format(n=images),
        videos_many=ngettext("One video at most here.", "{n} videos at most here.", videos).format(
            n=videos
        ),
        no_images=_("No pictures can be sent here."),
        no_videos=_("No videos can be sent here."),
        image_large=_too_large(MOST_BYTES),
        video_large=_too_large(film),
        video_long=_too_long(seconds) if seconds else "",
    )


def _types(known: Sequence[Limits]) -> list[str]:
    types: list[str] = []
    if any(one.images for one in known):
        types += _PICTURES
    if any(one.images and _ANIMATION in one.image_mimes for one in known):
        types.append(_ANIMATION)
    if any(one.videos for one in known):
        types += _VIDEOS
    return types


def _video_bytes(known: Sequence[Limits]) -> int:
    """How large a video may be: what the network takes, if we take as much."""
    ours = int(settings.CALLBOX_MOST_MEDIA_BYTES)
    return max((min(one.video_bytes or ours, ours) for one in known if one.videos), default=ours)


def _video_seconds(known: Sequence[Limits]) -> int | None:
    """How long a video may be; None where nobody says."""
    said = [one.video_seconds for one in known if one.videos]
    return max((one for one in said if one is not None), default=None) if all(said) else None


def _label(images: int, videos: int, film: int) -> str:
    if not videos:
        return _("Add a picture")
    if not images:
        return _("Add a video, up to {n} MB").format(n=film // _MB)
    return _("Add a picture, or a video of up to {n} MB").format(n=film // _MB)


def _too_long(seconds: int) -> str:
    return _("“{name}” is longer than {time} minutes. Cut it first.").format(
        name="{name}", time=f"{seconds // 60}:{seconds % 60:02}"
    )


def _too_large(most: int) -> str:
    return _("“{name}” is larger than {n} MB. Make it smaller first.").format(
        name="{name}", n=most // _MB
    )
