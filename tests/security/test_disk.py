"""What strangers send does not fill the disk."""

from collections import namedtuple
from pathlib import Path

import pytest

from callbox import store
from callbox.actions import media
from callbox.ids import new_id

Usage = namedtuple("Usage", "total used free")


def test_with_a_disk_that_is_almost_full_nothing_is_fetched(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(agency_id: object) -> bool:
        raise AssertionError("it was fetched")

    monkeypatch.setattr(media, "fetch_next", refused)
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1, 1, store.RESERVE))
    assert media.fetch_due(new_id()) == 0
    assert "almost full" in caplog.text
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1, 0, store.RESERVE + 1))
    assert store.has_room()
    with pytest.raises(AssertionError, match="fetched"):
        media.fetch_due(new_id())


def test_a_disk_that_fills_up_meanwhile_ends_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = iter([True, True, True, False])
    monkeypatch.setattr(store, "has_room", lambda: next(rooms))
    monkeypatch.setattr(media, "fetch_next", lambda _: True)
    assert media.fetch_due(new_id()) == 2


def test_room_is_looked_for_where_files_will_be(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path / "not" / "there" / "yet"  # type: ignore[attr-defined]  # Django's
    assert store.has_room()
