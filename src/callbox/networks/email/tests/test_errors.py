"""What goes wrong, and what it means."""

import logging
import socket
import ssl
from datetime import timedelta

import pytest
from imap_tools.errors import MailboxLoginError

from callbox.connector import (
    AccountSeen,
    AuthDead,
    AuthTransient,
    ConnectorError,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.moment import now_utc
from callbox.networks.email import imap, server, smtp
from callbox.networks.email.connector import Email
from callbox.networks.email.tests.make import connected
from tests.servers.mail import ADDRESS, PASSWORD, MailSystem


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (535, "5.7.8 wrong", AuthDead),
        (534, "5.7.9 app password needed", AuthDead),
        (454, "4.7.0 Temporary authentication failure", AuthTransient),
        (421, "4.3.2 shutting down", Unavailable),
        (451, "4.3.0 later", Unavailable),
        (450, "4.7.28 too many messages", RateLimited),
        (550, "5.1.1 no such mailbox", Refused),
        (552, "5.3.4 too big", Refused),
        (-1, "", Unavailable),
    ],
)
def test_what_the_sending_server_says(code: int, said: str, kind: type[ConnectorError]) -> None:
    assert type(smtp._meant(code, said.encode(), "mx.example", "says no")) is kind


def test_how_long_the_sending_server_wants_us_to_wait() -> None:
    error = smtp._meant(421, b"4.7.28 rate limit, try again in 90 seconds", "mx.example", "")
    assert isinstance(error, RateLimited)
    assert timedelta(seconds=80) < error.until - now_utc() <= timedelta(seconds=90)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("[AUTHENTICATIONFAILED] Authentication failed.", AuthDead),
        ("[UNAVAILABLE] Temporary authentication failure.", AuthTransient),
        ("[LIMIT] Too many logins", RateLimited),
        ("Too many simultaneous connections.", RateLimited),
        ("Invalid credentials (Failure)", AuthDead),
        ("LOGIN failed.", AuthDead),
        ("[SERVERBUG] Internal error occurred.", AuthTransient),
        ("User is authenticated but not connected.", AuthTransient),
        ("", AuthTransient),
    ],
)
def test_what_the_mailbox_says(said: str, kind: type[ConnectorError]) -> None:
    error = MailboxLoginError(command_result=("NO", [said.encode()]), expected="OK")
    assert type(imap._meant(error, "imap.example", login=True)) is kind


@pytest.mark.network
def test_a_wrong_password(mail: MailSystem, caplog: pytest.LogCaptureFixture) -> None:
    secrets = {"password": "not-the-password"}
    account = AccountSeen("1", ADDRESS, ADDRESS, mail.config, secrets)
    with caplog.at_level(logging.DEBUG), pytest.raises(AuthDead) as error:
        Email(account).identify()
    assert "not-the-password" not in str(error.value) + caplog.text + repr(error.value.__cause__)
    with pytest.raises(AuthDead):
        Email(account).fetch({})


@pytest.mark.network
def test_a_password_that_only_the_sending_server_refuses(mail: MailSystem) -> None:
    mail.smtp.login_says = "454 4.7.0 Temporary authentication failure"
    desk = connected(mail)
    with pytest.raises(AuthTransient):
        desk.identify()
    mail.smtp.login_says = "535 5.7.8 Authentication failed"
    with pytest.raises(AuthDead):
        desk.identify()
    desk.close()


@pytest.mark.network
def test_nobody_there(mail: MailSystem) -> None:
    with pytest.raises(Unavailable):
        connected(mail, imap_port="1").identify()
    desk = connected(mail, smtp_port="1")
    with pytest.raises(Unavailable):
        desk.identify()
    desk.close()


@pytest.mark.parametrize(
    "config",
    [
        {"imap_host": ""},
        {"imap_host": "user@mail.example"},
        {"imap_host": "mail.example", "imap_security": "none"},
        {"imap_host": "127.0.0.1.example", "imap_security": "none"},
        {"imap_host": "mail.example", "imap_port": "0"},
        {"imap_host": "mail.example", "imap_port": "99999"},
        {"imap_host": "mail.example", "imap_security": "maybe"},
        {"address": "no address"},
    ],
)
def test_settings_that_cannot_be(config: dict[str, str]) -> None:
    account = AccountSeen("1", ADDRESS, ADDRESS, {"address": ADDRESS} | config, {"password": "x"})
    with pytest.raises(Refused):
        Email(account).identify()


@pytest.mark.parametrize("password", ["", "a\r\nA1 DELETE INBOX"])
def test_passwords_that_cannot_be(password: str) -> None:
    config = {"imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "none"}
    account = AccountSeen("1", ADDRESS, ADDRESS, config, {"password": password})
    with pytest.raises(AuthDead):
        Email(account).fetch({})


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(), "mx.example takes no calls at port 993"),
        (socket.gaierror(-2, "unknown"), "No server called mx.example"),
        (TimeoutError(), "mx.example did not answer (TimeoutError)"),
    ],
)
def test_a_server_that_is_silent_is_explained(error: Exception, words: str) -> None:
    assert server.Place("mx.example", 993, "ssl").silent(error).startswith(words)


@pytest.mark.network
def test_tls_at_a_plain_port_is_explained(mail: MailSystem) -> None:
    config = mail.config | {"imap_security": "ssl"}
    account = AccountSeen("1", ADDRESS, ADDRESS, config, mail.secrets)
    with pytest.raises(Unavailable, match="speaks no TLS at port"):
        Email(account).identify()


def test_a_login_hides_its_secret() -> None:
    assert PASSWORD not in repr(server.login({}, {"password": PASSWORD}, ADDRESS))


@pytest.mark.network
@pytest.mark.parametrize("how", ["ssl", "starttls"])
def test_a_line_is_private_or_there_is_none(
    mail: MailSystem, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """An unknown certificate is refused before a password is said; a known one is taken."""
    config = mail.secured(how)
    account = AccountSeen("1", ADDRESS, ADDRESS, config, mail.secrets)
    with pytest.raises(Refused, match="certificate"):
        Email(account).identify()
    known = ssl.create_default_context(cafile=str(mail.certificate))
    monkeypatch.setattr(imap, "trusted", lambda: known)
    desk = Email(account)
    with pytest.raises(Refused, match="certificate"):
        desk.identify()
    monkeypatch.setattr(smtp, "trusted", lambda: known)
    assert desk.identify().external_id == ADDRESS
    assert desk.fetch({}).items == []
    desk.close()
