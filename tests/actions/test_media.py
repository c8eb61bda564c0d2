"""What comes with messages is fetched once, kept under its hash, and on record."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from callbox import bulk, store, thumbnails
from callbox.actions import accounts, media
from callbox.connector import (
    AuthDead,
    ConnectorError,
    Malformed,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.jobs.rounds import rounds
from callbox.logins import Located
from callbox.models.accounts import Account
from callbox.models.media import Attachment
from callbox.models.records import Entry
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.posts import Picture
from callbox.queries.media import mark_of
from callbox.scope import acting_for
from callbox.vocabulary import AttachmentSeen, Edited
from tests import make
from tests.actions.hearing import at, said, take
from tests.fetcher.site import Site, gives, running
from tests.illustrated import jpeg, mp4, png


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as one:
        yield one


@pytest.fixture(autouse=True)
def _practice(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the practice city, loopback may be called; and attachments are where they say."""
    settings.CALLBOX_PRACTICE = True
    monkeypatch.setattr(Practice, "locate", lambda self, seen: Located(seen.url))


def hear(town: make.Town, *urls: str, kind: str = "image", external_id: str = "m1") -> None:
    """Ana says something with files."""
    seen = tuple(AttachmentSeen(kind, url, alt="The corner") for url in urls)
    take(town, said(external_id, attachments=seen))


def rows(town: make.Town) -> list[Attachment]:
    with acting_for(town.agency.id):
        return list(Attachment.objects.order_by("position", "added_at"))


def row(town: make.Town) -> Attachment:
    [one] = rows(town)
    return one


def entered(town: make.Town) -> list[tuple[str, dict[str, Any]]]:
    with acting_for(town.agency.id):
        found = Entry.objects.filter(happening__startswith="media_").order_by("id")
        return list(found.values_list("happening", "facts"))


def fails_with(monkeypatch: pytest.MonkeyPatch, error: ConnectorError) -> None:
    def locate(self: Practice, seen: AttachmentSeen) -> Located:
        raise error

    monkeypatch.setattr(Practice, "locate", locate)


def test_a_picture_is_kept(town: make.Town, site: Site) -> None:
    hear(town, site.on("/a.jpg?token=secret", gives(jpeg((800, 600)), "image/jpeg")))
    assert (row(town).state, row(town).tries) == ("waiting", 0)
    assert media.fetch_due(town.agency.id) == 1
    kept = row(town)
    assert (kept.state, kept.mime, kept.tries, kept.words) == ("kept", "image/jpeg", 1, "")
    assert (kept.width, kept.height, kept.size) == (800, 600, len(jpeg((800, 600))))
    assert store.read(town.agency.id, kept.sha256) == jpeg((800, 600))
    assert store.derived(town.agency.id, kept.sha256, thumbnails.ENDING).exists()
    facts = {"sha256": kept.sha256, "mime": "image/jpeg", "size": kept.size}
    assert entered(town) == [("media_kept", facts)]
    assert "secret" not in str([list(vars(one).values()) for one in rows(town)])
    assert media.fetch_due(town.agency.id) == 0
    assert len(site.heads) == 1


def test_several_files_of_one_message(town: make.Town, site: Site) -> None:
    hear(town, site.on("/1", gives(png())), site.on("/2", gives(mp4(9))), site.on("/3", gives(b"")))
    assert media.fetch_due(town.agency.id) == 3
    assert [one.state for one in rows(town)] == ["kept", "kept", "waiting"]


def test_links_and_quotes_are_left_alone(town: make.Town) -> None:
    for kind in ("link", "quote"):
        hear(town, "https://news.example/", kind=kind, external_id=kind)
    hear(town, "", external_id="nothing")
    assert rows(town) == []


def test_hearing_it_twice_is_hearing_it_once(town: make.Town, site: Site) -> None:
    url = site.on("/a", gives(png()))
    hear(town, url, url)
    hear(town, url)
    media.fetch_due(town.agency.id)
    hear(town, url)
    assert row(town).state == "kept"


def test_an_edit_can_bring_a_picture(town: make.Town, site: Site) -> None:
    hear(town, site.on("/a", gives(png())))
    more = (AttachmentSeen("image", site.on("/b", gives(jpeg()))),)
    again = said("m1", text="Look!", attachments=more, edited_at=at(2))
    take(town, Edited("m1", at(2), "Look!", again))
    assert media.fetch_due(town.agency.id) == 2
    assert [one.mime for one in rows(town)] == ["image/png", "image/jpeg"]
    take(town, Edited("m1", at(3), "Look here!"))  # words alone: the pictures stay
    assert len(rows(town)) == 2


def test_messages_without_files_cost_nothing(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tables = bulk.insert, []

    def insert(model: Any, values: Any, **more: Any) -> int:
        tables.extend([model] if values else [])
        return real(model, values, **more)

    monkeypatch.setattr(bulk, "insert", insert)
    take(town, said("m1"))
    assert Attachment not in tables


REFUSED = {
    "svg": gives(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    "page": gives(b"<!doctype html><p>Hello", "text/html"),
    "script": gives(b"<script>alert(1)</script>", "image/png"),
    "broken": gives(png()[:40], "image/png"),
    "too large": gives(b"", "video/mp4", length=10**9),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_not_come_in_is_refused_once(town: make.Town, site: Site, what: str) -> None:
    hear(town, site.on("/a", REFUSED[what]))
    media.fetch_due(town.agency.id)
    one = row(town)
    assert one.state == "refused"
    assert one.words
    assert one.sha256 == ""
    assert entered(town) == [("media_refused", {"words": one.words})]
    assert media.fetch_due(town.agency.id) == 0


@pytest.mark.parametrize("url", ["https://10.0.0.1/a", "file:///etc/passwd", "http://a.example/"])
def test_addresses_inside_are_not_called(town: make.Town, url: str) -> None:
    hear(town, url)
    media.fetch_due(town.agency.id)
    assert row(town).state == "refused"


def test_outside_the_practice_city_loopback_is_inside(
    town: make.Town, site: Site, settings: Any
) -> None:
    settings.CALLBOX_PRACTICE = False
    hear(town, site.on("/a", gives(png())))
    media.fetch_due(town.agency.id)
    assert row(town).state == "refused"
    assert site.heads == []


def test_what_its_server_has_no_more_is_gone(town: make.Town, site: Site) -> None:
    hear(town, site.on("/a", gives(b"", status=410)))
    media.fetch_due(town.agency.id)
    assert (row(town).state, entered(town)[0][0]) == ("gone", "media_refused")


def test_a_server_that_is_down_is_asked_again_and_then_no_more(town: make.Town, site: Site) -> None:
    hear(town, site.on("/a", gives(b"", status=503)))
    waited = []
    with time_machine.travel(make.now(), tick=False) as clock:
        for _ in range(20):
            media.fetch_due(town.agency.id)
            one = row(town)
            if one.state != "waiting":
                break
            assert media.fetch_due(town.agency.id) == 0  # not before its time
            waited.append(one.next_try_at - make.now())
            clock.move_to(one.next_try_at)
    assert waited == list(media.WAITS)
    assert (row(town).state, row(town).words) == ("gone", "Its server answered 503.")
    assert [what for what, _ in entered(town)] == ["media_refused"]


def test_it_works_the_second_time(town: make.Town, site: Site) -> None:
    hear(town, site.on("/a", gives(b"", status=503)))
    media.fetch_due(town.agency.id)
    site.on("/a", gives(png()))
    with time_machine.travel(make.now() + timedelta(minutes=1), tick=False):
        media.fetch_due(town.agency.id)
    assert (row(town).state, row(town).tries, row(town).words) == ("kept", 2, "")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("It is not there any more."), "gone"),
        (Malformed("no"), "refused"),
        (AuthDead("no"), "waiting"),
        (Unavailable("no"), "waiting"),
    ],
)
def test_what_a_network_says_when_asked_where(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, error: ConnectorError, state: str
) -> None:
    hear(town, "https://media.example/a")
    fails_with(monkeypatch, error)
    media.fetch_due(town.agency.id)
    assert row(town).state == state


def test_a_network_that_asks_us_to_slow_down(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = make.now() + timedelta(hours=1)
    hear(town, "https://media.example/a")
    fails_with(monkeypatch, RateLimited("Slow down.", until))
    media.fetch_due(town.agency.id)
    assert (row(town).state, row(town).next_try_at) == ("waiting", until)


@pytest.mark.parametrize("state", ["paused", "dead"])
def test_it_waits_for_its_account(town: make.Town, site: Site, state: str) -> None:
    hear(town, site.on("/a", gives(png())))
    with acting_for(town.agency.id):
        Account.objects.filter(pk=town.account.id).update(state=state)
    assert media.fetch_due(town.agency.id) == 0
    assert (row(town).state, row(town).tries) == ("waiting", 0)
    with acting_for(town.agency.id):
        Account.objects.filter(pk=town.account.id).update(state="on")
    assert media.fetch_due(town.agency.id) == 1
    assert row(town).state == "kept"


def test_it_does_not_wait_for_an_account_that_is_disconnected(town: make.Town) -> None:
    hear(town, "https://media.example/a")
    with acting_for(town.agency.id):
        Account.objects.filter(pk=town.account.id).update(state="off")
    media.fetch_due(town.agency.id)
    assert row(town).state == "gone"


def dying(*args: Any, **more: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "where", ["callbox.fetcher.fetch", "callbox.store.keep", "callbox.actions.media._settle"]
)
def test_whoever_dies_is_taken_up(
    town: make.Town, site: Site, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Before the file, between file and row: the next one makes it good, and nothing is twice."""
    hear(town, site.on("/a", gives(png())))
    with monkeypatch.context() as patch:
        patch.setattr(where, dying)
        with pytest.raises(KeyboardInterrupt):
            media.fetch_due(town.agency.id)
    assert (row(town).state, row(town).tries) == ("waiting", 1)
    assert media.fetch_due(town.agency.id) == 0  # it may still be at it
    with time_machine.travel(make.now() + media.LEASE + timedelta(seconds=1), tick=False):
        assert media.fetch_due(town.agency.id) == 1
    assert row(town).state == "kept"
    assert len(entered(town)) == 1


def test_a_file_that_kills_whoever_opens_it_is_given_up(
    town: make.Town, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(town, site.on("/a", gives(png())))
    monkeypatch.setattr("callbox.filekinds.checked_picture", dying)
    with time_machine.travel(make.now(), tick=False) as clock:
        for _ in range(len(media.WAITS) + 1):
            with pytest.raises(KeyboardInterrupt):
                media.fetch_due(town.agency.id)
            clock.shift(media.LEASE)
        media.fetch_due(town.agency.id)
    assert (row(town).state, row(town).words) == ("refused", "It could not be read.")


def test_two_at_a_time_and_no_more(town: make.Town, site: Site) -> None:
    hear(town, site.on("/a", gives(png())))
    for _ in range(media.AT_A_TIME):
        assert media._slots.acquire(blocking=False)
    try:
        assert media.fetch_due(town.agency.id) == 0
    finally:
        for _ in range(media.AT_A_TIME):
            media._slots.release()
    assert media.fetch_due(town.agency.id) == 1


def test_the_round_finds_what_nobody_fetched(town: make.Town, site: Site) -> None:
    def asked() -> int:
        return ProcrastinateJob.objects.filter(task_name="callbox.jobs.fetch_media").count()

    hear(town, site.on("/a", gives(png())))
    assert asked() == 1
    rounds(town.agency.id, 0)
    assert asked() == 1
    with time_machine.travel(make.now() + timedelta(minutes=1), tick=False):
        rounds(town.agency.id, 0)
    assert asked() == 2


def test_another_agencys_files_are_not_seen(town: make.Town, site: Site) -> None:
    hear(town, site.on("/a", gives(png())))
    other = make.agency("springfield")
    assert media.fetch_due(other.id) == 0
    with acting_for(other.id):
        assert not Attachment.objects.exists()


def test_pictures_of_the_practice_network_come_along(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # its own way of locating
    ana = town.street.people.called("ana")
    town.street.say(ana, "@pd11 Look", pictures=[Picture("image/png", "The corner", png())])
    accounts.collect(town.agency.id, town.account.id)
    media.fetch_due(town.agency.id)
    assert (row(town).state, row(town).mime) == ("kept", "image/png")


def test_marks_tell_addresses_apart() -> None:
    assert mark_of("https://a.example/1") == mark_of("https://a.example/1")
    assert len({mark_of(url) for url in ("a", "b", "", "\ud800")}) == 4
