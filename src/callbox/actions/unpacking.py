"""Archives that members bring: kept as a file while they are read, and opened with care. A zip file
can name files outside itself, and can hold a thousand times what it weighs."""

import io
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from callbox import store

MOST_BYTES = 8 * 1024**3  # of the archive itself; pictures and videos are in it
MOST_OF_ONE = 256 * 1024**2  # of one file that is read; they are lists of posts
MOST_OF_ALL = 4 * 1024**3  # of everything that is read: files can lie over one another in a zip
MOST_FILES = 500_000
MOST_OF_LIST = 48 * 1024**2  # of the list of files, which is read whole: 100 bytes for each
# What hostile bytes can make the library and its decoders raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,  # locked, or packed in a way that is not known here
    ValueError,  # and UnicodeDecodeError
    struct.error,
    OverflowError,
    MemoryError,
)


class NoArchive(Exception):
    """This is not an archive that can be read; `str()` says why."""


class _Careful(io.BufferedReader):
    """A file that is never read in one piece that is larger than anything we want of it: how long
    its list of files is, a zip file says itself."""

    most = MOST_OF_LIST

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > self.most:
            raise NoArchive("The list of files in this archive is longer than we can read.")
        return super().read(size)


class Folder:
    """An opened archive, as connectors see it (`connector.Archive`)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MOST_OF_ALL
        self._files = {
            one.filename: one
            for one in archive.infolist()
            if not one.is_dir() and _is_inside(one.filename)
        }

    def names(self) -> Sequence[str]:
        """Every file in it, in a fixed order."""
        return sorted(self._files)

    def read(self, name: str) -> bytes:
        """One file. Raises NoArchive when it is not there, or too large to be what it says."""
        found = self._files.get(name)
        if found is None:
            raise NoArchive(f"There is no “{name}” in this archive.")
        try:
            with self._archive.open(found) as file:
                content = _read(file, min(MOST_OF_ONE, self._left))
        except _DAMAGE as error:
            raise NoArchive(f"“{name}” cannot be read. The archive is damaged or locked.") from (
                error
            )
        if len(content) > self._left:
            raise NoArchive("There is more in this archive than we can look through.")
        if len(content) > MOST_OF_ONE:
            raise NoArchive(f"“{name}” is larger than {MOST_OF_ONE // 1024**2} MB.")
        self._left -= len(content)
        return content


def _read(file: IO[bytes], most: int) -> bytes:
    """A file, or a little more than `most` of it."""
    content = bytearray()
    while len(content) <= most and (chunk := file.read(1024 * 1024)):
        content += chunk
    return bytes(content)


def _is_inside(name: str) -> bool:
    return not name.startswith(("/", "\\")) and ".." not in name.replace("\\", "/").split("/")


def _path(agency_id: UUID, past_id: UUID) -> Path:
    return Path(settings.HOME) / "imports" / str(agency_id) / f"{past_id}.zip"


def keep(agency_id: UUID, past_id: UUID, file: IO[bytes]) -> None:
    """Keep an archive until it has been taken in. Raises NoArchive for what is none, or when there
    is no room for it."""
    path = _path(agency_id, past_id)
    if not store.has_room():
        raise NoArchive("The disk here is almost full. Make room first.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            _copy(file, out)
    except OSError as error:
        raise NoArchive(f"The archive cannot be kept here ({error.strerror}).") from error
    with opened(agency_id, past_id):
        pass


def _copy(file: IO[bytes], out: IO[bytes]) -> None:
    size = 0
    while chunk := file.read(1024 * 1024):
        size += len(chunk)
        if size > MOST_BYTES:
            raise NoArchive(f"An archive can have {MOST_BYTES // 1024**3} GB at most.")
        out.write(chunk)


@contextmanager
def opened(agency_id: UUID, past_id: UUID) -> Iterator[Folder]:
    """A kept archive. Raises NoArchive when it is none, or is not there any more."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(_Careful(io.FileIO(_path(agency_id, past_id))))
            archive = stack.enter_context(zipfile.ZipFile(file))
        except FileNotFoundError as error:
            raise NoArchive("The archive is not here any more. Bring it again.") from error
        except _DAMAGE as error:
            raise NoArchive("This is not a zip file.") from error
        if len(archive.infolist()) > MOST_FILES:
            raise NoArchive("This archive has more files than we can look through.")
        yield Folder(archive)


def forget(agency_id: UUID, past_id: UUID) -> None:
    """Let go of an archive: what was in it for us has been taken in."""
    with suppress(FileNotFoundError):
        _path(agency_id, past_id).unlink()


def kept(agency_id: UUID) -> list[UUID]:
    """Which imports have an archive here."""
    return [UUID(path.stem) for path in _path(agency_id, UUID(int=0)).parent.glob("*.zip")]
