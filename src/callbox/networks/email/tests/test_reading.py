"""Reading the mailbox: nothing missed, nothing twice, against Dovecot."""

import base64
import threading
import time
from collections.abc import Sequence
from contextlib import closing

import pytest

from callbox.connector import Page, Raw, Refused, Unavailable
from callbox.networks.email import inbox
from callbox.networks.email.connector import Email
from callbox.networks.email.imap import MOST_BEGINNING
from callbox.networks.email.tests.make import connected
from callbox.vocabulary import AttachmentSeen, Said
from tests.servers.mail import ADDRESS, MailSystem

ANA = "ana@example.org"
pytestmark = pytest.mark.network


def texts(desk: Email, raws: Sequence[Raw]) -> list[str]:
    """What was said to us in these, in the order in which it came."""
    events = [event for raw in raws for event in desk.parse(raw)]
    return [one.text for one in events if isinstance(one, Said) and one.addressed]


def write(mail: MailSystem, *words: str) -> None:
    for one in words:
        mail.resident(ANA).write(ADDRESS, "", one)


def test_who_we_are(desk: Email) -> None:
    identity = desk.identify()
    assert (identity.external_id, identity.name) == (ADDRESS, "Riverton Police")


def test_polling_goes_on_where_it_was(desk: Email, mail: MailSystem) -> None:
    write(mail, "One", "Two")
    first = desk.fetch({})
    assert texts(desk, first.items) == ["One", "Two"]
    assert desk.fetch(first.cursor).items == []
    write(mail, "Three")
    second = desk.fetch(first.cursor)
    assert texts(desk, second.items) == ["Three"]
    assert not second.more
    assert desk.fetch(second.cursor).cursor == second.cursor


def test_many_come_in_pages(desk: Email, mail: MailSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "AT_ONCE", 3)
    names = [f"Mail {number}" for number in range(8)]
    write(mail, *names)
    page = Page((), {}, more=True)
    found: list[str] = []
    for _ in range(4):
        page = desk.fetch(page.cursor)
        found += texts(desk, page.items)
    assert found == names
    assert not page.more


def test_new_uids_lose_nothing_and_repeat_nothing(
    desk: Email, mail: MailSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored mailbox numbers its mails anew; one came while nobody looked."""
    write(mail, "One", "Two")
    before = desk.fetch({})
    desk.close()
    write(mail, "Three")
    mail.new_uids()
    monkeypatch.setattr(inbox, "AT_ONCE", 2)
    first = desk.fetch(before.cursor)
    second = desk.fetch(first.cursor)
    assert first.more
    assert not second.more
    again = [*first.items, *second.items]
    assert set(texts(desk, again)) == {"One", "Two", "Three"}
    assert not first.gap
    names = {event.external_id for raw in before.items for event in desk.parse(raw)}
    fresh = [event for raw in again for event in desk.parse(raw) if event.external_id not in names]
    assert [one.text for one in fresh if isinstance(one, Said)] == ["Three"]
    write(mail, "Four")
    assert texts(desk, desk.fetch(second.cursor).items) == ["Four"]


@pytest.mark.parametrize(
    "cursor", [{"inbox": 7}, {"inbox": {"validity": "x", "uid": None}}, {"a": 1}]
)
def test_a_cursor_that_makes_no_sense_starts_anew(
    desk: Email, mail: MailSystem, cursor: dict[str, object]
) -> None:
    write(mail, "One")
    assert texts(desk, desk.fetch(cursor).items) == ["One"]


def test_the_past_newest_first(
    desk: Email, mail: MailSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "AT_ONCE", 2)
    write(mail, "One", "Two", "Three")
    first = desk.history({})
    second = desk.history(first.cursor)
    assert texts(desk, [*first.items, *second.items]) == ["Three", "Two", "One"]
    assert (first.more, second.more) == (True, False)
    assert (first.total, second.total) == (3, 3)
    monkeypatch.undo()
    live = [event for raw in desk.fetch({}).items for event in desk.parse(raw)]
    past = [event for raw in [*first.items, *second.items] for event in desk.parse(raw)]
    ids = {getattr(one, "external_id", "") for one in live}
    assert ids == {getattr(one, "external_id", "") for one in past}


def test_an_empty_mailbox(desk: Email) -> None:
    assert desk.fetch({}).items == []
    assert desk.history({}).items == []


def test_a_mail_is_heard_while_we_wait(desk: Email, mail: MailSystem) -> None:
    write(mail, "Before")
    threading.Timer(0.5, write, [mail, "While we wait"]).start()
    with closing(desk.listen()) as stream:
        assert next(stream) is None
        began = time.monotonic()
        raw = next(stream)
    assert raw is not None
    assert texts(desk, [raw]) == ["While we wait"]
    assert time.monotonic() - began < 10


def test_silence_is_a_sign_of_life(desk: Email, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "WAIT", 0.2)
    with closing(desk.listen()) as stream:
        assert [next(stream) for _ in range(3)] == [None, None, None]
    assert inbox.WAIT < 30


def test_a_server_that_goes_ends_the_stream(desk: Email, mail: MailSystem) -> None:
    try:
        with closing(desk.listen()) as stream:
            assert next(stream) is None
            threading.Timer(0.3, mail.stop_imap).start()
            with pytest.raises(Unavailable):
                next(stream)
    finally:
        mail.stop_imap()
        mail.start_imap()


def attached(mail: MailSystem, size: int) -> bytes:
    """A mail of Ana's with a picture of this many bytes."""
    content = b"\x89PNG" + b"x" * (size - 4)
    made = mail.resident(ANA)
    made.write_with(ADDRESS, "Look at this", content, "lamp.png")
    return content


def test_a_file_is_fetched_when_it_is_asked_for(desk: Email, mail: MailSystem) -> None:
    content = attached(mail, 5000)
    (said,) = [event for raw in desk.fetch({}).items for event in desk.parse(raw)]
    assert isinstance(said, Said)
    (picture,) = said.attachments
    assert (picture.kind, picture.title) == ("image", "lamp.png")
    kind, _, data = desk.locate(picture).url.partition(";base64,")
    assert kind == "data:image/png"
    assert base64.b64decode(data) == content
    mail.empty(ADDRESS, "INBOX")
    with pytest.raises(Refused):
        desk.locate(picture)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a",
        "mail-part:",
        "mail-part:a/b",
        "mail-part:a%22/b/1",
        "mail-part:%0D%0A/b/c",
    ],
)
def test_what_is_no_file_of_a_mail(desk: Email, url: str) -> None:
    with pytest.raises(Refused):
        desk.locate(AttachmentSeen("image", url))


def test_a_big_mail_is_read_by_its_beginning(desk: Email, mail: MailSystem) -> None:
    content = attached(mail, 2_000_000)
    page = desk.fetch({})
    assert len(page.items[0].body) == MOST_BEGINNING
    (said,) = desk.parse(page.items[0])
    assert isinstance(said, Said)
    assert said.text == "Look at this"
    picture, whole = said.attachments
    assert "only its beginning" in whole.title
    data = desk.locate(picture).url.partition(";base64,")[2]
    assert base64.b64decode(data) == content
    assert desk.locate(whole).url.startswith("data:message/rfc822;base64,")


def test_two_accounts_do_not_see_each_other(mail: MailSystem) -> None:
    write(mail, "To the desk")
    other = connected(mail, login="traffic@police.example", address="traffic@police.example")
    assert other.fetch({}).items == []
    other.close()
