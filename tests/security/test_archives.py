"""Archives that members bring: hostile bytes crash nothing, fill nothing, and leave nothing."""

import io
import random
import stat
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from callbox.actions import importing, unpacking
from callbox.actions.doing import NotPossible
from callbox.connector import Archive, Connector, Raw
from callbox.ids import new_id
from callbox.models.accounts import Account, Past
from callbox.networks.practice.connector import Practice
from callbox.scope import acting_for
from callbox.vocabulary import Role
from tests import make

AGENCY = new_id()


def _zipped(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _kept(content: bytes) -> Any:
    past = new_id()
    unpacking.keep(AGENCY, past, io.BytesIO(content))
    return unpacking.opened(AGENCY, past)


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_damaged_bytes_are_no_archive_and_no_crash(how: int) -> None:
    good = _zipped({f"é{number}.json": b"[1, 2, 3]" * 99 for number in range(3)}, how)
    chance = random.Random(how)
    for _ in range(400):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            near_the_end = len(bad) - chance.randint(1, 200)
            bad[chance.choice([chance.randrange(len(bad)), near_the_end])] = chance.randrange(256)
        try:
            with _kept(bytes(bad)) as folder:
                for name in folder.names():
                    folder.read(name)
        except unpacking.NoArchive:
            continue


def test_what_is_read_is_counted_over_all_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a zip can lie over one another: each small, together without end."""
    monkeypatch.setattr(unpacking, "MOST_OF_ALL", 2500)
    with _kept(_zipped(dict.fromkeys("abc", b" " * 1000))) as folder:
        assert len(folder.read("a")) == len(folder.read("b")) == 1000
        with pytest.raises(unpacking.NoArchive, match="more in this archive"):
            folder.read("c")


def test_a_list_of_files_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking._Careful, "most", 4096)
    content = _zipped({f"{number:0200}": b"" for number in range(50)})
    with pytest.raises(unpacking.NoArchive, match="list of files"):
        _kept(content)


def test_too_large_an_archive_stops_on_its_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 2_000_000)
    past = new_id()
    with pytest.raises(unpacking.NoArchive, match="at most"):
        unpacking.keep(AGENCY, past, io.BytesIO(b"x" * 9_000_000))
    path = Path(settings.HOME) / "imports" / str(AGENCY) / f"{past}.zip"
    assert path.stat().st_size <= 2_000_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_names_that_lead_outside_are_not_there() -> None:
    names = ("../a", "/etc/passwd", "a/../../b", "..\\c", "\\d", "fine/e")
    with _kept(_zipped(dict.fromkeys(names, b"1"))) as folder:
        assert folder.names() == ["fine/e"]
        with pytest.raises(unpacking.NoArchive):
            folder.read("../a")


def test_a_link_in_an_archive_is_only_its_own_words() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with _kept(out.getvalue()) as folder:
        assert folder.read("link") == b"/etc/passwd"


# --- what stays -------------------------------------------------------------------------------


def _breaks(self: Connector, folder: Archive) -> Iterator[Raw]:
    raise KeyError("nobody thought of this")


def _has_one(self: Connector, folder: Archive) -> Iterator[Raw]:
    yield Raw("event", b"{}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["crash", "full"])
def test_whatever_goes_wrong_nothing_stays_and_the_next_one_can_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    town = make.town(tmp_path)
    admin = make.me(make.member(town.agency, "Ada", Role.ADMINISTRATOR, "PD"))
    monkeypatch.setattr(Practice, "archive", _breaks)
    if how == "full":
        monkeypatch.setattr(unpacking, "_copy", _no_room)
    file = io.BytesIO(_zipped({"a": b"1"}))
    with pytest.raises((KeyError, NotPossible)):
        importing.begin_archive(admin, town.account.id, file, "a.zip")
    with acting_for(town.agency.id):
        assert Past.objects.get().state == "failed"
    assert unpacking.kept(town.agency.id) == []


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.django_db(transaction=True)
def test_an_archive_is_forgotten_with_its_account_and_after_a_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = make.town(tmp_path)
    admin = make.me(make.member(town.agency, "Ada", Role.ADMINISTRATOR, "PD"))
    monkeypatch.setattr(Practice, "archive", _has_one)
    file = io.BytesIO(_zipped({"a": b"1"}))
    past = importing.begin_archive(admin, town.account.id, file, "a.zip")
    importing.stop(admin, past.id)
    assert importing.forget_archives(town.agency.id) == 0
    with acting_for(town.agency.id):
        Past.objects.update(ended_at=make.now() - timedelta(days=8))
    assert importing.forget_archives(town.agency.id) == 1
    unpacking.keep(town.agency.id, past.id, io.BytesIO(_zipped({"a": b"1"})))
    with acting_for(town.agency.id):
        Past.objects.update(ended_at=make.now())
        Account.objects.update(state=Account.State.OFF)
    assert importing.forget_archives(town.agency.id) == 1
    assert unpacking.kept(town.agency.id) == []
