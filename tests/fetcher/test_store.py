"""Files by their content: whole or not there, whoever dies, and noticed when they rot."""

import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from callbox import store, thumbnails
from callbox.ids import new_id
from tests.illustrated import jpeg, png


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def agency(home: Path) -> UUID:
    return new_id()


def kept(agency: UUID, content: bytes) -> str:
    with store.draft(agency) as file:
        file.write(content)
        return store.keep(agency, file)


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_a_file_is_named_by_its_content(agency: UUID, home: Path) -> None:
    name = kept(agency, b"words")
    assert store.path(agency, name) == home / str(agency) / name[:2] / name[2:4] / name
    assert store.read(agency, name) == b"words"
    assert store.exists(agency, name)
    assert store.verify(agency, name)
    assert kept(agency, b"words") == name
    assert len(files(home)) == 1


def test_only_we_can_look(agency: UUID, home: Path) -> None:
    before = os.umask(0)
    try:
        kept(agency, b"words")
        thumbnails.small(agency, kept(agency, png()))
    finally:
        os.umask(before)
    for path in home.rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_draft_that_is_not_kept_leaves_nothing(agency: UUID, home: Path) -> None:
    def die() -> None:
        with store.draft(agency) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die()
    assert files(home) == []


def _dies(home: str, agency: str, when: str) -> None:
    """A process that is killed while it keeps a file: before the name, or right after it."""
    from django.conf import settings  # noqa: PLC0415  # in the child

    settings.MEDIA_ROOT = Path(home)
    real = os.link

    def link(*args: Any, **kwargs: Any) -> None:
        if when == "after":
            real(*args, **kwargs)
        os._exit(9)

    os.link = link  # type: ignore[assignment]  # this process is about to die
    kept(UUID(agency), b"words" * 1000)


@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_dies_leaves_a_whole_file_or_none(agency: UUID, home: Path, when: str) -> None:
    child = multiprocessing.get_context("fork").Process(
        target=_dies, args=(str(home), str(agency), when)
    )
    child.start()
    child.join(20)
    assert child.exitcode == 9
    named = [path for path in files(home) if len(path.name) == 64]
    assert len(named) == (when == "after")
    name = kept(agency, b"words" * 1000)
    assert store.verify(agency, name)
    [left] = [path for path in files(home) if len(path.name) != 64]
    assert store.forget_drafts(agency) == 0  # it may still be somebody's
    os.utime(left, (0, 0))
    assert store.forget_drafts(agency) == 1
    assert [path.name for path in files(home)] == [name]


def test_a_damaged_file_is_noticed_and_made_good(agency: UUID) -> None:
    name = kept(agency, b"words")
    store.path(agency, name).write_bytes(b"wards")
    assert not store.verify(agency, name)
    with pytest.raises(store.Damaged):
        store.read(agency, name)
    assert kept(agency, b"words") == name
    assert store.read(agency, name) == b"words"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 65, "/" * 64])
def test_only_hashes_are_names(agency: UUID, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        store.path(agency, name)


def test_agencies_do_not_share(agency: UUID) -> None:
    name = kept(agency, b"words")
    other = new_id()
    assert not store.exists(other, name)
    assert not store.verify(other, name)


@pytest.mark.parametrize("turned", [1, 6])
def test_small_pictures(agency: UUID, turned: int) -> None:

    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = "A camera"
    name = kept(agency, jpeg((2000, 1000), exif=exif))
    place = thumbnails.small(agency, name)
    with Image.open(place) as small:
        assert small.format == "WEBP"
        assert small.size == ((640, 320) if turned == 1 else (640, 1280))
        assert not small.getexif()
    assert thumbnails.small(agency, name) == place
    store.path(agency, name).write_bytes(b"gone bad")
    place.unlink()
    with pytest.raises(store.Damaged):
        thumbnails.small(agency, name)
