"""Pictures on their way out: drawn anew, so that nothing rides along in them."""

import io
from collections.abc import Sequence
from typing import IO
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError

from callbox.actions.doing import NotPossible, now_utc
from callbox.models.posts import Picture
from callbox.queries.people import Me
from callbox.scope import acting_for

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2048  # pixels; no network shows more
FORMATS = ("JPEG", "PNG", "WEBP")


def add(me: Me, file: IO[bytes], size: int, alt: str) -> UUID:
    """Keep a picture for a reply: decoded and encoded again, turned upright, without the place and
    camera that its metadata named. Raises NotPossible for what is no picture, or too large."""
    if size > MOST_BYTES:
        raise NotPossible("A picture is larger than 12 MB. Make it smaller first.")
    content, mime, width, height = _drawn_anew(file)
    with acting_for(me.agency_id):
        picture = Picture.objects.create(
            agency_id=me.agency_id,
            member_id=me.member_id,
            content=content,
            mime=mime,
            alt=alt.strip()[:2000],
            width=width,
            height=height,
            added_at=now_utc(),
        )
    return UUID(str(picture.id))


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
        raise NotPossible("This file is not a picture that we can read: JPEG, PNG, WebP.") from (
            error
        )


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
