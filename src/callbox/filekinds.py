"""What a file is, by its first bytes, and whether it may come in. No Django, no network.

Names and declared types are what a stranger says. Only what the bytes themselves show counts; a
kind that a browser would run (HTML, SVG, scripts) is not on the list and never will be.
"""

import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import IO

from PIL import Image

HEAD = 64  # bytes that tell what a file is
MOST_PIXELS = 60_000_000  # 240 MB decoded; phones take pictures of 50 million

#: File name endings of every kind that may come in.
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/3gpp": "3gp",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/amr": "amr",
    "application/pdf": "pdf",
}
ALL = frozenset(ENDINGS)
#: Pictures that are decoded before they are kept, and shown on pages. HEIC is neither: no browser
#: but one shows it, so it is kept as a file to download.
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})

_BRANDS = {
    b"avif": "image/avif", b"avis": "image/avif",
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"heim": "image/heic",
    b"mif1": "image/heic", b"msf1": "image/heic",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4",
    b"3gp4": "video/3gpp", b"3gp5": "video/3gpp", b"3gp6": "video/3gpp",
    b"M4V ": "video/mp4", b"isom": "video/mp4", b"iso2": "video/mp4", b"iso4": "video/mp4",
    b"iso5": "video/mp4", b"iso6": "video/mp4", b"mp41": "video/mp4", b"mp42": "video/mp4",
    b"avc1": "video/mp4", b"dash": "video/mp4", b"MSNV": "video/mp4", b"mmp4": "video/mp4",
}  # fmt: skip
_ORIENTATION = 0x0112  # 5 to 8: lying on its side (EXIF 2.3, 4.6.4)
_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}
# What servers say when they do not know.
_UNSAID = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/binary"})
_FAMILIES = ("image", "video", "audio")


class NotTaken(Exception):
    """This file may not come in. `str()` says why, in words for the member."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a picture is, in pixels, the right way up; (0, 0) for what is none."""

    width: int = 0
    height: int = 0


def sniffed(head: bytes) -> str:
    """The kind of a file by its first `HEAD` bytes; "" for every kind that is not on the list."""
    for is_it, mime in _MAGIC:
        if is_it(head):
            return mime
    return _BRANDS.get(head[8:12], "") if head[4:8] == b"ftyp" else ""


def _starts(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == kind


def _is_webm(head: bytes) -> bool:
    """EBML with the document type "webm"; Matroska at large is not taken."""
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or a frame of MPEG layer III with a bit rate and a sample rate."""
    if head.startswith(b"ID3"):
        return True
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] & 0x18 != 0x08 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3


_MAGIC: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (_starts(b"\xff\xd8\xff"), "image/jpeg"),
    (_starts(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (_starts(b"GIF87a", b"GIF89a"), "image/gif"),
    (_riff(b"WEBP"), "image/webp"),
    (_riff(b"WAVE"), "audio/wav"),
    (_is_webm, "video/webm"),
    (_starts(b"OggS"), "audio/ogg"),
    (_starts(b"#!AMR\n", b"#!AMR-WB\n"), "audio/amr"),
    (_starts(b"%PDF-"), "application/pdf"),
    (_is_mp3, "audio/mpeg"),
)


def kind_of(head: bytes, declared: str, kinds: Collection[str]) -> str:
    """The kind of a file, if it may come in. Raises NotTaken.

    `declared` (a Content-Type, or "") need not be exact, networks are careless between JPEG and
    WebP; but a file that is said to be a page, or something of another family, is refused.
    """
    mime = sniffed(head)
    if not mime or mime not in kinds:
        raise NotTaken("This is no kind of file that we take.")
    said = declared.partition(";")[0].strip().lower()
    family = said.partition("/")[0]
    if said in _UNSAID or said == mime:
        return mime
    agree = family in _FAMILIES and _family(mime) == _family(said) and "svg" not in said
    # A recording without pictures is a video to some, and a sound to others.
    sound = {family, _family(mime)} == {"video", "audio"}
    if agree or sound:
        return mime
    raise NotTaken("The file is not what its sender says that it is.")


def _family(mime: str) -> str:
    return mime.partition("/")[0]


def checked_picture(file: IO[bytes], mime: str) -> Size:
    """Decode a picture whole, within `MOST_PIXELS`; its size. Kinds that are no picture to show
    pass unread. Raises NotTaken for what does not decode as what it says it is."""
    name = _FORMATS.get(mime)
    if name is None:
        return Size()
    file.seek(0)
    try:
        with warnings.catch_warnings(), Image.open(file, formats=[name]) as image:
            warnings.simplefilter("ignore")  # size is judged here; broken metadata is no matter
            if image.width * image.height > MOST_PIXELS:
                raise NotTaken("The picture has too many pixels.")
            image.load()
            on_its_side = image.getexif().get(_ORIENTATION, 1) >= 5
            return Size(*(image.size[::-1] if on_its_side else image.size))
    except NotTaken:
        raise
    except Image.DecompressionBombError as error:
        raise NotTaken("The picture has too many pixels.") from error
    except Exception as error:  # a decoder at a stranger's mercy can raise anything
        raise NotTaken("The picture is broken.") from error
