"""Files by their content: pictures and videos of messages, and videos of ours.

`MEDIA_ROOT/<agency>/ab/cd/<sha256>`: a file's name is the hash of its bytes, so that storing twice
is storing once, a row that names a hash names exactly one content, and a file that is not what its
name says is noticed. A file is written aside, synced, and linked to its name in one step: whatever
dies, a name stands for a whole file or for none. Rows come after files; a file whose row never came
is found again by the next try, or lies unused.
"""

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

_NAME = re.compile(r"[0-9a-f]{64}")
_DRAFTS = "drafts"
_DERIVED = "derived"
ABANDONED = 24 * 3600  # seconds after which a draft belongs to nobody
RESERVE = 1024**3  # bytes of the disk that are left free


class Damaged(OSError):
    """A file's bytes are not those that its name says."""


def _folder(agency_id: UUID) -> Path:
    return Path(settings.MEDIA_ROOT) / str(agency_id)


def path(agency_id: UUID, sha256: str) -> Path:
    """Where a file is, or would be. Raises ValueError for what is no hash."""
    return _place(_folder(agency_id), sha256)


def _place(base: Path, sha256: str) -> Path:
    if not _NAME.fullmatch(sha256):
        raise ValueError("not the name of a stored file")
    return base / sha256[:2] / sha256[2:4] / sha256


def _make(folder: Path) -> None:
    """A folder that only we can look into, and every folder above it that is missing."""
    missing = [folder, *folder.parents]
    for one in reversed([each for each in missing if not each.exists()]):
        with suppress(FileExistsError):
            one.mkdir(mode=0o700)


@contextmanager
def draft(agency_id: UUID) -> Iterator[IO[bytes]]:
    """A file to write into, gone at the end unless `keep` gave it a name."""
    folder = _folder(agency_id) / _DRAFTS
    _make(folder)
    place = folder / secrets.token_hex(16)
    try:
        with open(place, "x+b", opener=_private) as file:  # Path.open has no opener
            yield file
    finally:
        place.unlink(missing_ok=True)


def _private(place: str, flags: int) -> int:
    return os.open(place, flags, 0o600)


def keep(agency_id: UUID, file: IO[bytes]) -> str:
    """Give what `draft` holds the name of its content, for good; the hash. What stands there
    already is left, unless it is damaged."""
    file.flush()
    sha256 = _hash(file)
    place = path(agency_id, sha256)
    _settle(file, place)
    with place.open("rb") as there:
        whole = _hash(there) == sha256
    if not whole:
        place.unlink()
        _settle(file, place)
    return sha256


def _settle(file: IO[bytes], place: Path) -> None:
    """Link a draft to its name, durably."""
    os.fsync(file.fileno())
    _make(place.parent)
    with suppress(FileExistsError):
        os.link(file.name, place)
    _sync_folders(place.parent)


def _sync_folders(folder: Path) -> None:
    """A new name is durable once its folder is, and the folder's own name once its parent is."""
    for one in (folder, folder.parent, folder.parent.parent):
        opened = os.open(one, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _hash(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()


def exists(agency_id: UUID, sha256: str) -> bool:
    """Whether a file is here, by its name alone."""
    return path(agency_id, sha256).is_file()


def verify(agency_id: UUID, sha256: str) -> bool:
    """Whether a file is here and is what its name says. Reads it whole."""
    try:
        with path(agency_id, sha256).open("rb") as file:
            return _hash(file) == sha256
    except FileNotFoundError:
        return False


def read(agency_id: UUID, sha256: str) -> bytes:
    """A file's bytes. Raises Damaged when they are not what the name says, FileNotFoundError."""
    content = path(agency_id, sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged(f"{sha256} is not what its name says")
    return content


def derived(agency_id: UUID, sha256: str, ending: str) -> Path:
    """Where something made from a file (a small picture) is kept, or would be."""
    place = _place(_folder(agency_id) / _DERIVED, sha256)
    return place.with_name(f"{place.name}.{ending}")


def keep_derived(agency_id: UUID, sha256: str, ending: str, content: bytes) -> Path:
    """Keep something made from a file, whole or not at all. It can be made again."""
    place = derived(agency_id, sha256, ending)
    _make(place.parent)
    with draft(agency_id) as file:
        file.write(content)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, place)
    return place


def has_room() -> bool:
    """Whether more may be kept. What strangers send must not fill the disk on which, often, the
    database is too: a full one stops everything."""
    place = next(
        one
        for one in (Path(settings.MEDIA_ROOT), *Path(settings.MEDIA_ROOT).parents)
        if one.exists()
    )
    return shutil.disk_usage(place).free > RESERVE


def forget_drafts(agency_id: UUID) -> int:
    """Remove drafts whose writers died; how many."""
    old = time.time() - ABANDONED
    gone = 0
    for place in (_folder(agency_id) / _DRAFTS).glob("*"):
        with suppress(FileNotFoundError):
            if place.stat().st_mtime < old:
                place.unlink()
                gone += 1
    return gone
