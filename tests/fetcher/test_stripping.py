"""Animations and videos go out without places, cameras and comments, and still play."""

import io
import struct
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from callbox.filekinds import NotTaken, Size
from callbox.stripping import bare_gif, bare_video
from tests.illustrated import box

PLACE = b"+41.8781-087.6298/"
PICTURE, SOUND = b"PICTURE-" * 40, b"SOUND---" * 20


def full(kind: bytes, *words: int, rest: bytes = b"") -> bytes:
    """A box with a version, flags and 32-bit numbers."""
    return box(kind, bytes(4) + b"".join(word.to_bytes(4, "big") for word in words) + rest)


def track(
    handler: bytes,
    chunks: Sequence[tuple[int, int]],
    *,
    same: int = 0,
    turned: bool = False,
    extra: bytes = b"",
) -> bytes:
    """A track whose samples are these (offset, length), one to a chunk."""
    one, none = (0, 1 << 16) if turned else (1 << 16, 0)
    matrix = struct.pack(">9i", one, none, 0, -none, one, 0, 0, 0, 1 << 30)
    tkhd = full(
        b"tkhd", 77, 77, 1, 0, 9, 0, 0, 0, 0, rest=matrix + struct.pack(">II", 640 << 16, 360 << 16)
    )
    sizes = () if same else [length for _, length in chunks]
    stbl = box(
        b"stbl",
        full(b"stsd", 0)
        + full(b"stts", 0)
        + full(b"stsc", 1, 1, 1, 1)
        + full(b"stsz", same, len(chunks), *sizes)
        + full(b"stco", len(chunks), *[offset for offset, _ in chunks])
        + box(b"xtra", PLACE),
    )
    dinf = box(b"dinf", full(b"dref", 1, rest=full(b"alis", rest=PLACE)))
    hdlr = full(b"hdlr", 0, rest=handler + bytes(12) + b"Camera of Pat\0")
    mdia = box(b"mdia", full(b"mdhd", 77, 77, 1, 1) + hdlr + box(b"minf", dinf + stbl))
    return box(b"trak", tkhd + mdia + box(b"udta", box(b"\xa9xyz", PLACE)) + extra)


def film(*, turned: bool = False, extra: bytes = b"", same: int = 0, first: bool = False) -> bytes:
    """A film with picture, sound, a track of places, and places everywhere else."""
    head = box(b"ftyp", b"isom\0\0\2\0isommp41") + box(b"wide")
    hidden = box(b"uuid", b"0123456789abcdef" + PLACE)
    data = PICTURE + PLACE + SOUND + b"left over " + PLACE

    def moov(at: int) -> bytes:
        places, sound = at + len(PICTURE), at + len(PICTURE + PLACE)
        return box(
            b"moov",
            full(b"mvhd", 77, 77, 1, 1)
            + track(b"vide", [(at, len(PICTURE))], turned=turned)
            + track(b"soun", [(sound, len(SOUND))], same=same)
            + track(b"meta", [(places, len(PLACE))], extra=extra)
            + box(b"meta", box(b"keys", PLACE))
            + box(b"udta", box(b"\xa9xyz", PLACE)),
        )

    if first:
        length = len(moov(0))
        at = len(head) + length + len(hidden) + 8
        return head + moov(at) + hidden + box(b"mdat", data)
    at = len(head) + len(hidden) + 8
    return head + hidden + box(b"mdat", data) + moov(at)


def bare(content: bytes) -> tuple[bytes, Size]:
    file = io.BytesIO(content)
    size = bare_video(file)
    return file.getvalue(), size


@pytest.mark.parametrize("first", [True, False])
def test_a_film_keeps_picture_and_sound_and_nothing_else(first: bool) -> None:
    whole = film(first=first)
    assert whole.count(PLACE) >= 8
    stripped, size = bare(whole)
    assert PLACE not in stripped
    assert b"Camera of Pat" not in stripped
    assert b"left over" not in stripped
    assert b"udta" not in stripped
    assert len(stripped) == len(whole)  # so that everything is where the tables say
    assert stripped.index(PICTURE) == whole.index(PICTURE)
    assert stripped.index(SOUND) == whole.index(SOUND)
    assert struct.pack(">II", 77, 77) not in stripped  # when it was made
    assert size == Size(640, 360)
    assert bare(stripped)[0] == stripped


def test_a_film_on_its_side() -> None:
    assert bare(film(turned=True))[1] == Size(360, 640)


def test_sound_in_samples_of_one_size_stays_whole() -> None:
    stripped, _ = bare(film(same=1))
    assert SOUND in stripped
    assert PICTURE in stripped


def test_films_in_pieces() -> None:
    """Fragmented: taken only where every track is picture or sound."""
    head = box(b"ftyp", b"isom\0\0\2\0iso5mp41")
    moof = box(b"moof", full(b"mfhd", 1) + box(b"traf", full(b"tfhd", 1) + box(b"udta", PLACE)))
    tail = moof + box(b"mdat", PICTURE)
    plain = head + box(b"moov", full(b"mvhd", 77, 77) + track(b"vide", [])) + tail
    stripped, _ = bare(plain)
    assert PLACE not in stripped
    assert PICTURE in stripped
    more = head + box(b"moov", track(b"vide", []) + track(b"meta", [])) + tail
    with pytest.raises(NotTaken, match="Export it anew"):
        bare(more)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0" * 40, box(b"ftyp", b"isom"), box(b"ftyp", b"isom") + box(b"moov"),
        box(b"moov", track(b"vide", [])) + box(b"ftyp", b"isom"),
        box(b"ftyp", b"isom") + box(b"moov", track(b"soun", [])),
        box(b"ftyp", b"isom") + b"\xff\xff\xff\xffmoov", film()[:-9], film()[:200],
        box(b"ftyp", b"isom") + b"\0\0\0\1moov" + b"\xff" * 8,
    ],
)  # fmt: skip
def test_what_is_no_film(content: bytes) -> None:
    with pytest.raises(NotTaken):
        bare(content)


@given(st.data())
def test_broken_films_are_refused_or_stripped(data: st.DataObject) -> None:
    content = bytearray(film())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = io.BytesIO(content)
    try:
        bare_video(file)
    except NotTaken:
        return
    assert len(file.getvalue()) == len(content)


def animation(**more: object) -> bytes:
    frames = [Image.new("RGB", (30, 20), (90 * n, 0, 0)) for n in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0, **more)
    return out.getvalue()


def test_an_animation_keeps_its_frames_and_nothing_else() -> None:
    app = b"\x21\xff\x0bXMP DataXMP" + bytes([len(PLACE)]) + PLACE + b"\0"
    whole = animation(comment=PLACE)
    whole = whole[:-1] + app + b"\x3b" + b"<script>" + PLACE
    stripped = bare_gif(whole)
    assert PLACE in whole
    assert PLACE not in stripped
    assert stripped.endswith(b"\x3b")
    with Image.open(io.BytesIO(stripped)) as image:
        assert getattr(image, "n_frames", 0) == 3
        assert image.info["loop"] == 0
        assert image.info["duration"] == 80


@given(st.data())
def test_broken_animations_are_refused_or_stripped(data: st.DataObject) -> None:
    content = bytearray(animation())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with suppress(NotTaken):
        assert len(bare_gif(bytes(content[:cut]))) <= len(content)
