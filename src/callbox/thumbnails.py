"""Small pictures to show in a thread: made once from a stored picture, and kept beside it."""

import io
import threading
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageOps

from callbox import store
from callbox.filekinds import MOST_PIXELS

WIDTH = 640  # pixels; sharp at the 320 that a thread shows
HEIGHT = 1280
ENDING = f"{WIDTH}.webp"

# One at a time per process: a large picture takes 240 MB while it is open.
_one = threading.Lock()


def small(agency_id: UUID, sha256: str) -> Path:
    """The small picture's file. Raises store.Damaged, FileNotFoundError, and OSError or ValueError
    for what does not decode."""
    place = store.derived(agency_id, sha256, ENDING)
    if place.exists():
        return place
    with _one:
        if place.exists():
            return place
        return store.keep_derived(agency_id, sha256, ENDING, _drawn(store.read(agency_id, sha256)))


def _drawn(content: bytes) -> bytes:
    """Upright, at most `WIDTH` wide, its first moment if it moves, and nothing but pixels."""
    with Image.open(io.BytesIO(content)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (WIDTH * 2, HEIGHT * 2))  # a JPEG is decoded small at once
        # Shrunk before it is turned, so that only the small one is copied; hence both ways round.
        turned = image.getexif().get(0x0112, 1) >= 5
        image.thumbnail((HEIGHT, WIDTH) if turned else (WIDTH, HEIGHT))
        upright = ImageOps.exif_transpose(image)
        clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
        plain = upright.convert("RGBA" if clear else "RGB")
        out = io.BytesIO()
        plain.save(out, "WEBP", quality=80, exif=b"", xmp=b"", icc_profile=b"")
        return out.getvalue()
