"""Animations and videos without what rides along: places, cameras, comments. No Django.

Pictures are drawn anew elsewhere; an animation or a video is not, so what is not picture or sound
is taken out of the file. In MP4 and QuickTime files every box that we do not know to be needed
becomes an empty `free` box of the same size, so that nothing moves; tracks that are neither picture
nor sound (phones and cameras write the place into such tracks) go too, with the bytes that they
point at.

The boxes: ISO/IEC 14496-12, and Apple's QuickTime File Format. What is inside the picture stream
itself (a camera that writes coordinates into H.264 user data, or onto the picture) stays.
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from callbox.filekinds import NotTaken, Size

VIDEOS = frozenset({"video/mp4", "video/quicktime"})
_MOST_ENTRIES = 5_000_000  # of one table: more is an attack on memory
_MOST_BOXES = 20_000

_KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia", b"tapt"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset(
        {
            b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stco", b"co64", b"stss",
            b"sdtp", b"sgpd", b"sbgp", b"stps",
        }
    ),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sdtp", b"sgpd", b"sbgp"}),
}  # fmt: skip
_TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})


@dataclass(frozen=True, slots=True)
class _Box:
    """One box: where it begins, where its content does, and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def bare_video(file: IO[bytes]) -> Size:
    """Take out of an MP4 or QuickTime file, in place, what is neither picture nor sound; how large
    its picture is. Raises NotTaken for what is no such file; it is then spoilt."""
    video = _Video(file)
    try:
        return video.strip()
    except (struct.error, IndexError, OverflowError) as error:
        raise NotTaken("This video is broken.") from error


class _Video:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._end = file.seek(0, 2)
        self._boxes = 0

    def strip(self) -> Size:
        top = self._children(_Box(b"", 0, 0, self._end))
        moovs = [box for box in top if box.kind == b"moov"]
        if len(moovs) != 1 or not top or top[0].kind != b"ftyp":
            raise NotTaken("This video is broken.")
        pieces = any(box.kind == b"moof" for box in top)
        tracks = [box for box in self._children(moovs[0]) if box.kind == b"trak"]
        kept = [track for track in tracks if self._handler(track) in (b"vide", b"soun")]
        pictured = [track for track in kept if self._handler(track) == b"vide"]
        if not pictured:
            raise NotTaken("There is no picture in this video.")
        if pieces and kept != tracks:
            raise NotTaken("This video carries more than picture and sound. Export it anew.")
        if not pieces:
            self._clear_between(self._used(kept, tracks), top)
        size = self._size(pictured[0])
        for track in tracks:
            if track not in kept:
                self._free(track)
        self._clean(_Box(b"", 0, 0, self._end))
        return size

    # --- reading ----------------------------------------------------------------------------------

    def _read(self, at: int, length: int) -> bytes:
        self._file.seek(at)
        content = self._file.read(length)
        if len(content) != length:
            raise NotTaken("This video is not whole.")
        return content

    def _children(self, parent: _Box) -> list[_Box]:
        return list(self._walk(parent))

    def _walk(self, parent: _Box) -> Iterator[_Box]:
        at = parent.body
        while at + 8 <= parent.end:
            self._boxes += 1
            if self._boxes > _MOST_BOXES * 8:
                raise NotTaken("This video has too many parts.")
            length, kind = struct.unpack(">I4s", self._read(at, 8))
            body = at + 8
            if length == 1:
                (length,) = struct.unpack(">Q", self._read(body, 8))
                body += 8
            elif length == 0 and parent.kind == b"":
                length = parent.end - at
            elif length == 0:  # QuickTime ends some lists with a zero
                return
            if length < body - at or at + length > parent.end:
                raise NotTaken("This video is not whole.")
            yield _Box(kind, at, body, at + length)
            at += length

    def _find(self, parent: _Box, *path: bytes) -> _Box | None:
        here: _Box | None = parent
        for kind in path:
            if here is None:
                return None
            here = next((box for box in self._walk(here) if box.kind == kind), None)
        return here

    def _handler(self, track: _Box) -> bytes:
        """What a track holds: `vide`, `soun`, or something else."""
        box = self._find(track, b"mdia", b"hdlr")
        return self._read(box.body + 8, 4) if box else b""

    def _size(self, track: _Box) -> Size:
        box = self._find(track, b"tkhd")
        if box is None:
            raise NotTaken("This video is broken.")
        at = box.body + (88 if self._read(box.body, 1) == b"\1" else 76)
        matrix = struct.unpack(">9i", self._read(at - 36, 36))
        width, height = struct.unpack(">II", self._read(at, 8))
        turned = matrix[0] == 0 and matrix[4] == 0  # filmed on its side
        size = (height >> 16, width >> 16) if turned else (width >> 16, height >> 16)
        return Size(*size)

    # --- what tracks point at ---------------------------------------------------------------------

    def _used(self, kept: Sequence[_Box], tracks: Sequence[_Box]) -> list[tuple[int, int]]:
        """The parts of the file that picture and sound are made of, in order."""
        starts = sorted({start for track in tracks for start in self._offsets(track)})
        parts = [part for track in kept for part in self._parts(track, starts)]
        return sorted(parts)

    def _parts(self, track: _Box, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
        sizes = self._table(track, b"stsz", 8)
        box = self._find(track, b"mdia", b"minf", b"stbl", b"stsz")
        if sizes is None or box is None:
            raise NotTaken("This video is of a kind that we cannot take apart.")
        (same,) = struct.unpack(">I", self._read(box.body + 4, 4))
        offsets = self._offsets(track)
        if same:  # sound whose samples QuickTime counts in a way of its own: up to the next part
            after = dict(zip(starts, [*starts[1:], self._end], strict=True))
            yield from ((start, after[start]) for start in offsets)
            return
        at = 0
        for start, count in zip(offsets, self._counts(track, len(offsets)), strict=True):
            if at + count > len(sizes):
                raise NotTaken("This video is broken.")
            yield start, start + sum(sizes[at : at + count])
            at += count

    def _offsets(self, track: _Box) -> Sequence[int]:
        for kind, code in ((b"stco", "I"), (b"co64", "Q")):
            found = self._table(track, kind, 4, code)
            if found is not None:
                return found
        return ()

    def _counts(self, track: _Box, chunks: int) -> Iterator[int]:
        """How many samples each chunk has."""
        runs = self._table(track, b"stsc", 4, "I", 3) or ()
        firsts = [*runs[::3], chunks + 1]
        if chunks and firsts[0] != 1:
            raise NotTaken("This video is broken.")
        for n, count in enumerate(runs[1::3]):
            for _ in range(firsts[n], min(firsts[n + 1], chunks + 1)):
                yield count

    def _table(
        self, track: _Box, kind: bytes, count_at: int, code: str = "I", width: int = 1
    ) -> Sequence[int] | None:
        """A table of numbers: `count_at` is where its length stands in the box's content."""
        box = self._find(track, b"mdia", b"minf", b"stbl", kind)
        if box is None:
            return None
        (count,) = struct.unpack(">I", self._read(box.body + count_at, 4))
        if kind == b"stsz" and self._read(box.body + 4, 4) != bytes(4):
            return ()
        item = 8 if code == "Q" else 4
        length = count * width * item
        if count * width > _MOST_ENTRIES or box.body + count_at + 4 + length > box.end:
            raise NotTaken("This video is broken.")
        content = self._read(box.body + count_at + 4, length)
        return array("Q", struct.unpack(f">{count * width}{code}", content))

    # --- clearing ---------------------------------------------------------------------------------

    def _clear_between(self, used: Sequence[tuple[int, int]], top: Sequence[_Box]) -> None:
        """Zero what lies in the file's data and belongs to no picture and no sound."""
        for box in top:
            if box.kind != b"mdat":
                continue
            at = box.body
            for start, end in used:
                if end <= box.body or start >= box.end:
                    continue
                self._zero(at, min(start, box.end))
                at = max(at, min(end, box.end))
            self._zero(at, box.end)

    def _clean(self, parent: _Box) -> None:
        allowed = _KEPT[parent.kind]
        for box in self._children(parent):
            if box.kind not in allowed:
                self._free(box)
            elif box.kind in _KEPT:
                self._clean(box)
            elif box.kind in _TIMED:
                wide = self._read(box.body, 1) == b"\1"
                self._zero(box.body + 4, box.body + (20 if wide else 12))  # when it was made
            elif box.kind == b"hdlr":
                self._zero(min(box.body + 24, box.end), box.end)  # what made it
            elif box.kind == b"dref":  # the data is in this file; where it was before is no matter
                for entry in self._children(_Box(b"dref", box.start, box.body + 8, box.end)):
                    self._zero(min(entry.body + 4, entry.end), entry.end)

    def _free(self, box: _Box) -> None:
        self._file.seek(box.start + 4)
        self._file.write(b"free")
        self._zero(box.body, box.end)

    def _zero(self, start: int, end: int) -> None:
        self._file.seek(start)
        while start < end:
            step = min(end - start, 1024 * 1024)
            self._file.write(bytes(step))
            start += step


def bare_gif(content: bytes) -> bytes:
    """A GIF with its pictures and how they follow each other, and nothing else: no comments, no
    application's data, nothing after its end (GIF89a specification). Raises NotTaken."""
    try:
        return b"".join(_gif_parts(content))
    except IndexError as error:
        raise NotTaken("This animation is not whole.") from error


_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def _gif_parts(content: bytes) -> Iterator[bytes]:
    at = 13 + _colours(content[10])
    yield content[:at]
    while True:
        kind = content[at]
        if kind == 0x3B:  # the end
            yield b"\x3b"
            return
        if kind == 0x21:
            end = _blocks_end(content, at + 2)
            label, name = content[at + 1], content[at + 3 : at + 14]
            if label == 0xF9 or (label == 0xFF and name in _LOOPS):
                yield content[at:end]
        elif kind == 0x2C:
            end = _blocks_end(content, at + 10 + _colours(content[at + 9]) + 1)
            yield content[at:end]
        else:
            raise NotTaken("This animation is broken.")
        at = end


def _colours(packed: int) -> int:
    """Bytes of a colour table."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _blocks_end(content: bytes, at: int) -> int:
    """Where a chain of blocks ends, each led by its length."""
    while content[at]:
        at += content[at] + 1
    if at >= len(content):
        raise IndexError
    return at + 1
