"""What was said before we listened: taken in, and no work for anybody."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from callbox.actions import accounts, importing, unpacking
from callbox.actions.doing import NotPossible
from callbox.connector import Archive, Connector, Malformed, Page, Raw, Unavailable
from callbox.models.accounts import Past
from callbox.models.inbox import Conversation, Message
from callbox.networks.practice.connector import Practice
from callbox.rules.access import Denied
from callbox.running import saying
from callbox.scope import acting_for
from tests import make


def old(town: make.Town, count: int) -> list[Raw]:
    """What Ana said long ago, newest first, as the network would give it."""
    for n in range(count):
        town.street.post("ana", f"@pd11 Long ago, number {n}")
    raws: list[Raw] = []
    cursor: Mapping[str, Any] = {"seq": 0}
    reader = accounts.connector_for(town.account)
    while True:
        page = reader.fetch(cursor)
        raws += page.items
        if not page.more:
            return raws[::-1]
        cursor = page.cursor


def remembering(monkeypatch: pytest.MonkeyPatch, raws: list[Raw], size: int = 3) -> list[int]:
    """Give the practice network a memory. Returns the places that were asked for."""
    asked: list[int] = []

    def history(self: Connector, cursor: Mapping[str, Any]) -> Page:
        at = int(cursor.get("at", 0))
        asked.append(at)
        end = at + size
        return Page(raws[at:end], {"at": end}, more=end < len(raws), total=len(raws))

    monkeypatch.setattr(Practice, "history", history)
    return asked


def run(town: make.Town, past: Past) -> Past:
    for _ in range(20):
        importing.step(town.agency.id, past.id)
    with acting_for(town.agency.id):
        return Past.objects.get(pk=past.id)


def test_the_past_comes_in_once_and_asks_nobody(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    raws = old(town, 20)
    remembering(monkeypatch, raws)
    done = run(town, importing.begin(town.admin, town.account.id))
    assert (done.state, done.seen, done.taken, done.total) == ("done", 20, 20, 20)
    with acting_for(town.agency.id):
        states = set(Conversation.objects.values_list("state", "disposition"))
    assert states == {("closed", "past")}
    town.collect()  # polling shows the same things again
    with acting_for(town.agency.id):
        assert Message.objects.count() == 20
        assert set(Conversation.objects.values_list("state", flat=True)) == {"closed"}
    again = run(town, importing.begin(town.admin, town.account.id))
    assert (again.state, again.taken) == ("done", 0)


def test_who_speaks_again_opens_a_conversation_of_the_past(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembering(monkeypatch, old(town, 1))
    run(town, importing.begin(town.admin, town.account.id))
    town.collect()
    post = town.street.said_by("ana")[0]
    town.street.reply("ana", post.id, "@pd11 It is still so")
    town.collect()
    with acting_for(town.agency.id):
        one = Conversation.objects.get(root_id=post.root or post.id)
    assert (one.state, one.heard) == ("open", 2)
    assert one.since > one.started_at


def test_a_network_that_is_away_is_waited_for_and_nothing_is_lost(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    raws = old(town, 9)
    asked = remembering(monkeypatch, raws)
    real = Practice.history
    broken = iter([False, True, False])

    def history(self: Practice, cursor: Mapping[str, Any]) -> Page:
        if next(broken, False):
            raise Unavailable("It is away.")
        return real(self, cursor)

    monkeypatch.setattr(Practice, "history", history)
    past = importing.begin(town.admin, town.account.id)
    importing.step(town.agency.id, past.id)
    with acting_for(town.agency.id):
        waiting = Past.objects.get(pk=past.id)
    assert (waiting.state, waiting.seen, waiting.words) == ("running", 3, "It is away.")
    assert run(town, past).taken == 9
    assert asked == [0, 3, 6]


def test_it_can_be_stopped_and_gone_on_with(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = remembering(monkeypatch, old(town, 30))
    past = importing.begin(town.admin, town.account.id)
    with pytest.raises(NotPossible, match="running"):
        importing.begin(town.admin, town.account.id)
    importing.step(town.agency.id, past.id)
    importing.stop(town.admin, past.id)
    importing.step(town.agency.id, past.id)
    assert len(asked) == importing.PAGES
    with pytest.raises(Denied):
        importing.resume(town.diaz, past.id)
    done = run(town, importing.resume(town.admin, past.id))
    assert (done.state, done.taken) == ("done", 30)


def zipped(files: Mapping[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    out.seek(0)
    return out


def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the practice network an archive format: a file of its events."""

    def archive(self: Connector, folder: Archive) -> Iterator[Raw]:
        if "events.json" not in folder.names():
            raise Malformed("This is not an archive of the practice network.")
        for kind, event in json.loads(folder.read("events.json")):
            yield Raw.of(kind, event)

    monkeypatch.setattr(Practice, "archive", archive)


def test_an_archive_is_a_way_in_without_an_api(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked(monkeypatch)
    monkeypatch.setattr(importing, "AT_ONCE", 4)
    events = [(raw.kind, raw.json()) for raw in old(town, 11)]
    file = zipped({"events.json": json.dumps(events).encode(), "../evil.json": b"{}"})
    past = importing.begin_archive(town.admin, town.account.id, file, "mine.zip")
    done = run(town, past)
    assert (done.state, done.taken, done.total) == ("done", 11, 11)
    with (
        pytest.raises(unpacking.NoArchive, match="not here any more"),
        unpacking.opened(town.agency.id, past.id),
    ):
        pass


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (io.BytesIO(b"not a zip"), "not a zip"),
        (zipped({"other.json": b"[]"}), "not an archive of the practice"),
        (zipped({"events.json": b"[]"}), "nothing in this archive"),
    ],
)
def test_what_is_no_archive_is_refused_and_not_kept(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, file: io.BytesIO, words: str
) -> None:
    unpacked(monkeypatch)
    file.seek(0)
    with pytest.raises(NotPossible, match=words):
        importing.begin_archive(town.admin, town.account.id, file, "x.zip")
    with acting_for(town.agency.id):
        past = Past.objects.get()
    assert past.state == "failed"
    with pytest.raises(unpacking.NoArchive), unpacking.opened(town.agency.id, past.id):
        pass


def test_a_file_that_is_larger_than_it_says_is_not_read(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked(monkeypatch)
    monkeypatch.setattr(unpacking, "MOST_OF_ONE", 1000)
    bomb = zipped({"events.json": b" " * 1_000_000})
    with pytest.raises(NotPossible, match="larger than"):
        importing.begin_archive(town.admin, town.account.id, bomb, "bomb.zip")


def test_a_network_without_a_past_says_so(town: make.Town) -> None:
    with pytest.raises(NotPossible, match="no way"):
        importing.begin(town.admin, town.account.id)


def test_a_terminal_takes_the_past_in_and_goes_on_with_it(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remembering(monkeypatch, old(town, 20))
    begun = importing.begin(town.admin, town.account.id)
    importing.step(town.agency.id, begun.id)
    assert saying.take_past(town.admin, town.account, None, lambda _: None) == ""
    assert "20 seen, 20 messages were new" in capsys.readouterr().out


def test_a_terminal_takes_an_archive_in(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unpacked(monkeypatch)
    events = [(raw.kind, raw.json()) for raw in old(town, 3)]
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped({"events.json": json.dumps(events).encode()}).getvalue())
    assert saying.take_past(town.admin, town.account, path, lambda _: None) == ""
    with acting_for(town.agency.id):
        assert Past.objects.get().name == "mine.zip"
        assert Message.objects.count() == 3
