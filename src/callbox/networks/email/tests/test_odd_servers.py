"""Servers that are not like Dovecot: tokens, no IDLE, other folders, bad moods."""

import base64
from contextlib import closing

import pytest

from callbox.connector import (
    AccountSeen,
    AuthDead,
    AuthTransient,
    ConnectorError,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.email import inbox, server
from callbox.networks.email.connector import Email
from callbox.networks.email.imap import Imap
from callbox.networks.email.tests.script import Script, imap_server
from tests.servers.mail import MailSystem
from tests.servers.mail_smtp import ADDRESS, PASSWORD, TOKEN

OPENED = ["* 0 EXISTS", "* OK [UIDVALIDITY 7] UIDs", "* OK [UIDNEXT 12] next", "OK done"]


def desk_at(script: Script, secret: str = PASSWORD, **config: str) -> Email:
    """A connector whose mailbox is this script."""
    settings = {
        "imap_host": "127.0.0.1",
        "imap_port": str(script.port),
        "imap_security": "none",
        **config,
    }
    return Email(AccountSeen("1", ADDRESS, ADDRESS, settings, {"password": secret}))


def imap_at(script: Script) -> Imap:
    place = server.Place("127.0.0.1", script.port, "none")
    return Imap(place, server.Login(ADDRESS, PASSWORD))


def test_a_token_instead_of_a_password() -> None:
    replies = {"AUTHENTICATE XOAUTH2": ["+ ", "OK done"], "EXAMINE": OPENED}
    with (
        imap_server(replies, "IMAP4rev1 AUTH=XOAUTH2") as script,
        closing(desk_at(script, "tok-en", login_kind="token")) as desk,
    ):
        assert desk.history({}).items == []
    said = [base64.b64decode(one) for one in script.heard if " " not in one]
    assert said == [f"user={ADDRESS}\1auth=Bearer tok-en\1\1".encode()]
    assert not any("LOGIN" in one for one in script.heard)


def test_a_token_that_is_over() -> None:
    replies = {"AUTHENTICATE XOAUTH2": ["+ ", "NO [AUTHENTICATIONFAILED] Invalid credentials"]}
    with (
        imap_server(replies, "IMAP4rev1 AUTH=XOAUTH2") as script,
        closing(desk_at(script, "tok-en", login_kind="token")) as desk,
        pytest.raises(AuthDead) as error,
    ):
        desk.fetch({})
    assert "tok-en" not in str(error.value)


@pytest.mark.network
def test_the_sending_server_takes_a_token_too(mail: MailSystem) -> None:
    config = mail.config | {"login_kind": "token"}
    place = server.place(config, "smtp")
    good = Email(AccountSeen("1", ADDRESS, ADDRESS, config, {"password": TOKEN}))
    assert server.login(config, {"password": TOKEN}, ADDRESS).token
    good._smtp().close()
    bad = Email(AccountSeen("1", ADDRESS, ADDRESS, config, {"password": "old"}))
    with pytest.raises(AuthDead):
        bad._smtp()
    assert place.port == mail.smtp.port


def test_a_password_that_is_not_ascii() -> None:
    with imap_server({"AUTHENTICATE PLAIN": ["+ ", "OK done"], "EXAMINE": OPENED}) as script:
        script.capability = "IMAP4rev1 AUTH=PLAIN"
        with closing(desk_at(script, "hasło")) as desk:
            desk.history({})
    said = [base64.b64decode(one) for one in script.heard if " " not in one]
    assert said == [f"\0{ADDRESS}\0hasło".encode()]


def test_a_server_that_does_not_tell_when_something_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "_NO_IDLE", 0.0)
    with (
        imap_server({"EXAMINE": OPENED, "UID SEARCH": ["* SEARCH", "OK done"]}) as script,
        closing(desk_at(script)) as desk,
        closing(desk.listen()) as stream,
    ):
        assert [next(stream) for _ in range(3)] == [None, None, None]
    assert not any("IDLE" in one for one in script.heard)


def test_folders_below_the_inbox() -> None:
    listed = [
        '* LIST (\\HasChildren) "." "INBOX"',
        '* LIST (\\HasNoChildren) "." "INBOX.Sent"',
        '* LIST (\\HasNoChildren) "." "INBOX.spam"',
        "OK done",
    ]
    with imap_server({"LIST": listed}) as script, closing(imap_at(script)) as box:
        assert box.sent_folder() == "INBOX.Sent"
        assert box.junk_folder() == "INBOX.spam"
        assert box.has("Callbox sending") == ""
        assert box.made("Callbox sending") == "INBOX.Callbox sending"
    assert any('CREATE "INBOX.Callbox sending"' in one for one in script.heard)


def test_a_sent_folder_of_any_name() -> None:
    listed = ['* LIST () "/" "INBOX"', '* LIST (\\Sent) "/" "Wys&AUI-ane"', "OK done"]
    with imap_server({"LIST": listed}) as script, closing(imap_at(script)) as box:
        assert box.sent_folder() == "Wysłane"


def test_a_server_that_keeps_the_next_number_to_itself() -> None:
    replies = {
        "EXAMINE": ["* OK [UIDVALIDITY 7] UIDs", "OK done"],
        "UID SEARCH": ["* SEARCH 4 9 5", "OK done"],
    }
    with imap_server(replies) as script, closing(imap_at(script)) as box:
        opened = box.open("INBOX")
    assert (opened.validity, opened.following) == (7, 10)


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"EXAMINE": ["NO [NONEXISTENT] no such folder"]}, Refused),
        ({"EXAMINE": ["NO [UNAVAILABLE] the disk is away"]}, Unavailable),
        ({"EXAMINE": ["NO [LIMIT] too much"]}, RateLimited),
        ({"EXAMINE": OPENED, "UID SEARCH": ["NO User is authenticated but..."]}, Unavailable),
        ({"LOGIN": ["NO [SERVERBUG] Internal error occurred."]}, AuthTransient),
        ({"LOGIN": ["NO LOGIN failed."]}, AuthDead),
        ({"LOGIN": ["NO [LIMIT] too many logins"]}, RateLimited),
        ({"EXAMINE": OPENED, "UID SEARCH": ["BAD I do not know this"]}, Unavailable),
        ({"EXAMINE": OPENED, "UID SEARCH": ["* BYE going down", "OK done"]}, Unavailable),
        ({"EXAMINE": OPENED, "LIST": ["NO not now"]}, Unavailable),
    ],
)
def test_bad_moods(replies: dict[str, list[str]], error: type[ConnectorError]) -> None:
    with imap_server(replies) as script, closing(desk_at(script)) as desk, pytest.raises(error):
        desk.fetch({})


def test_a_mail_that_the_server_cannot_read_is_a_gap_and_no_wall() -> None:
    facts = '* 1 FETCH (UID 3 INTERNALDATE "23-Nov-2026 22:55:10 +0000" RFC822.SIZE 50)'
    replies = {
        "EXAMINE": OPENED,
        "LIST": ['* LIST (\\Sent) "/" "Sent"', "OK done"],
        "UID SEARCH": ["* SEARCH 3", "OK done"],
        "UID FETCH 3 (UID": [facts, "OK done"],
        "UID FETCH 3 (BODY": ["NO [SERVERBUG] broken on disk"],
    }
    with imap_server(replies) as script, closing(desk_at(script)) as desk:
        page = desk.fetch({})
    assert page.gap
    assert page.items == []
    assert page.cursor["inbox"]["uid"] == 11
