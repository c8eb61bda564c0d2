"""Pictures, animations and videos on their way out: nothing rides along in them.

Pictures are drawn anew. Animations and videos are stripped (`callbox.stripping`); a video is a file
of `callbox.store`, because no row should hold a hundred megabytes.
"""

import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from callbox import filekinds, store
from callbox.actions.doing import NotPossible, now_utc
from callbox.filekinds import NotTaken
from callbox.models.posts import Picture
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.stripping import VIDEOS, bare_gif, bare_video

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2048  # pixels; no network shows more
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class _Ready:
    """What goes out: its bytes, or the name of its file."""

    mime: str
    width: int
    height: int
    content: bytes = b""
    sha256: str = ""


def add(me: Me, file: IO[bytes], size: int, alt: str) -> UUID:
    """Keep a picture, an animation or a video for a post, without the place and camera that its
    metadata named. Raises NotPossible for what is none of them, or too large."""
    try:
        ready = _ready(me.agency_id, file, size)
    except NotTaken as error:
        raise NotPossible(str(error)) from error
    with acting_for(me.agency_id):
        picture = Picture.objects.create(
            agency_id=me.agency_id,
            member_id=me.member_id,
            content=ready.content,
            sha256=ready.sha256,
            mime=ready.mime,
            alt=alt.strip()[:2000],
            width=ready.width,
            height=ready.height,
            added_at=now_utc(),
        )
    return UUID(str(picture.id))


def _ready(agency_id: UUID, file: IO[bytes], size: int) -> _Ready:
    file.seek(0)
    mime = filekinds.sniffed(file.read(filekinds.HEAD))
    file.seek(0)
    if mime in VIDEOS:
        return _video(agency_id, file, size, mime)
    if size > MOST_BYTES:
        raise NotPossible("A picture is larger than 12 MB. Make it smaller first.")
    if mime == "image/gif":
        return _animation(file)
    content, drawn, width, height = _drawn_anew(file)
    return _Ready(drawn, width, height, content)


def _animation(file: IO[bytes]) -> _Ready:
    """As it is: networks that show no animations show its first picture, and say so in `check`."""
    content = bare_gif(file.read(MOST_BYTES + 1))
    size = filekinds.checked_picture(io.BytesIO(content), "image/gif")
    return _Ready("image/gif", size.width, size.height, content)


def _video(agency_id: UUID, file: IO[bytes], size: int, mime: str) -> _Ready:
    """Not encoded anew (that would take minutes), but without what is neither picture nor sound."""
    most = settings.CALLBOX_MOST_MEDIA_BYTES
    if size > most:
        words = f"A video is larger than {most // (1024 * 1024)} MB. Make it smaller first."
        raise NotPossible(words)
    with store.draft(agency_id) as draft:
        shutil.copyfileobj(file, draft, 1024 * 1024)
        shape = bare_video(draft)
        sha256 = store.keep(agency_id, draft)
    return _Ready(mime, shape.width, shape.height, sha256=sha256)


def describe(me: Me, picture_id: UUID, alt: str) -> bool:
    """Say what a picture shows. False when it is not this member's, or has gone out already."""
    with acting_for(me.agency_id):
        mine = Picture.objects.filter(pk=picture_id, member_id=me.member_id, post=None)
        return bool(mine.update(alt=alt.strip()[:2000]))


def undescribed(me: Me, picture_ids: Sequence[UUID]) -> bool:
    """Whether one of these pictures has no words yet."""
    with acting_for(me.agency_id):
        return Picture.objects.filter(pk__in=picture_ids, member_id=me.member_id, alt="").exists()


def drop(me: Me, picture_ids: Sequence[UUID]) -> None:
    """Let go of pictures that went nowhere."""
    with acting_for(me.agency_id):
        mine = Picture.objects.filter(pk__in=picture_ids, member_id=me.member_id, post=None)
        mine.delete()


def _drawn_anew(file: IO[bytes]) -> tuple[bytes, str, int, int]:
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise NotPossible("A picture has too many pixels. Make it smaller first.")
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encoded(upright)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotPossible(
            "This file is not a picture that we can read: JPEG, PNG, WebP, GIF."
        ) from (error)


def _encoded(image: Image.Image) -> tuple[bytes, str, int, int]:
    """A new image with the same pixels and nothing else."""
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    plain = image.convert("RGBA" if clear else "RGB")
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    out = io.BytesIO()
    if clear:
        bare.save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png", bare.width, bare.height
    bare.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue(), "image/jpeg", bare.width, bare.height
