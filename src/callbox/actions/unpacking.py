"""Archives that members bring: kept as a file while they are read, and opened with care. A zip file
can name files outside itself, and can hold a thousand times what it weighs."""

import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

MOST_BYTES = 8 * 1024**3  # of the archive itself; pictures and videos are in it
MOST_OF_ONE = 256 * 1024**2  # of one file that is read; they are lists of posts
MOST_FILES = 500_000


class NoArchive(Exception):
    """This is not an archive that can be read; `str()` says why."""


class Folder:
    """An opened archive, as connectors see it (`connector.Archive`)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
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
                content = file.read(MOST_OF_ONE + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            raise NoArchive(f"“{name}” cannot be read. The archive is damaged or locked.") from (
                error
            )
        if len(content) > MOST_OF_ONE:
            raise NoArchive(f"“{name}” is larger than {MOST_OF_ONE // 1024**2} MB.")
        return content


def _is_inside(name: str) -> bool:
    return not name.startswith(("/", "\\")) and ".." not in name.replace("\\", "/").split("/")


def _path(agency_id: UUID, past_id: UUID) -> Path:
    return Path(settings.HOME) / "imports" / str(agency_id) / f"{past_id}.zip"


def keep(agency_id: UUID, past_id: UUID, file: IO[bytes]) -> None:
    """Keep an archive until it has been taken in. Raises NoArchive for what is none."""
    path = _path(agency_id, past_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        shutil.copyfileobj(file, out, 1024 * 1024)
        size = out.tell()
    if size > MOST_BYTES:
        raise NoArchive(f"An archive can have {MOST_BYTES // 1024**3} GB at most.")
    with opened(agency_id, past_id):
        pass


@contextmanager
def opened(agency_id: UUID, past_id: UUID) -> Iterator[Folder]:
    """A kept archive. Raises NoArchive when it is none, or is not there any more."""
    try:
        archive = zipfile.ZipFile(_path(agency_id, past_id))
    except FileNotFoundError as error:
        raise NoArchive("The archive is not here any more. Bring it again.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise NoArchive("This is not a zip file.") from error
    with archive:
        if len(archive.infolist()) > MOST_FILES:
            raise NoArchive("This archive has more files than we can look through.")
        yield Folder(archive)


def forget(agency_id: UUID, past_id: UUID) -> None:
    """Let go of an archive: what was in it for us has been taken in."""
    with suppress(FileNotFoundError):
        _path(agency_id, past_id).unlink()
