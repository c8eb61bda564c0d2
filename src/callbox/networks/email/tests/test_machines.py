"""Loops, bounces and automatic answers: never work, never answered.

Failure mode 15: two machines stop after one mail.
"""

import pytest

from callbox.connector import AccountSeen, Raw, Refused
from callbox.networks.email.connector import Email
from callbox.networks.email.tests.make import (
    answer,
    by_machine,
    event_of,
    mail_of,
    reader,
    said_of,
    sample,
)
from callbox.vocabulary import Addressed, Reported, Said, Stage
from tests.servers.mail import ADDRESS

PLAIN = "From: Ana <ana@example.org>\nMessage-ID: <a@x>\nSubject: Hi\n{more}\n\nHello"


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x",
        "AUTO-SUBMITTED: Auto-Notified",
        "Return-Path: <>",
        "Precedence: bulk",
        "Precedence: List",
        "Precedence: auto_reply",
        "List-Id: <news.example.org>",
        "X-Auto-Response-Suppress: All",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Autoreply: yes",
        "Content-Type: multipart/report; boundary=x",
        "From: desk@police.example",
    ],
)
def test_what_machines_send_is_dropped(header: str) -> None:
    words = PLAIN.format(more=header)
    if header.startswith("From"):
        words = words.replace("From: Ana <ana@example.org>\n", "")
    assert said_of(mail_of(words)).addressed is None


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Return-Path: <ana@example.org>",
        "Precedence: first-class",
        "X-Auto-Response-Suppress: DR, RN, NRN",
        "List-Unsubscribe: <mailto:x@example.org>",
    ],
)
def test_what_people_send_is_heard(header: str) -> None:
    assert said_of(mail_of(PLAIN.format(more=header))).addressed is Addressed.DIRECT


def test_our_own_copy_is_ours_even_where_forms_write_from_our_address() -> None:
    """A form on our pages may send from the mailbox's own address."""
    desk = Email(AccountSeen("1", ADDRESS, ADDRESS, {"forms": ADDRESS}))
    lines = f"From: {ADDRESS}\nSubject: Light\n{{more}}\n\nHello"
    seen = {
        more: list(desk.parse(mail_of(lines.format(more=more))))
        for more in (
            "Message-ID: <cb1.k.cd4eeb07d5a61aa3c9b0f5d1@police.example>",
            "Message-ID: <w@x>",
            "Message-ID: <w@x>\nReply-To: Ben <ben@example.org>",
        )
    }
    addressed = [one.addressed for (one,) in seen.values() if isinstance(one, Said)]
    assert addressed == [None, None, Addressed.DIRECT]


def test_out_of_office_is_dropped() -> None:
    assert said_of(sample("out_of_office")).addressed is None


def test_a_bounce_says_that_ours_never_arrived() -> None:
    event = event_of(sample("bounce"))
    assert isinstance(event, Reported)
    assert event.stage is Stage.FAILED
    assert event.external_id.startswith("cb1.0198c1a2")
    assert "User unknown" in event.words


@pytest.mark.parametrize(
    ("action", "stage"), [("delivered", Stage.DELIVERED), ("delayed", None), ("relayed", None)]
)
def test_other_reports(action: str, stage: Stage | None) -> None:
    raw = sample("bounce")
    body = raw.body.replace(b"Action: failed", f"Action: {action}".encode())
    event = event_of(Raw(raw.kind, body))
    if stage is None:
        assert isinstance(event, Said)
        assert event.addressed is None
    else:
        assert isinstance(event, Reported)
        assert event.stage is stage


def test_a_bounce_of_our_own_copy_says_nothing_about_theirs() -> None:
    raw = sample("bounce")
    body = raw.body.replace(b"rfc822; gone@example.org", b"rfc822; Desk@police.example")
    event = event_of(Raw(raw.kind, body))
    assert isinstance(event, Said)
    assert event.addressed is None


def test_no_machine_answers_a_sender_who_failed_the_checks() -> None:
    more = "Authentication-Results: mx.police.example; spf=fail; dmarc=fail"
    forged = said_of(mail_of(PLAIN.format(more=more)))
    assert forged.addressed is Addressed.DIRECT
    with pytest.raises(Refused, match="could not be checked"):
        reader().message(by_machine(answer(forged, "We have your mail.")))


def test_a_bounce_of_somebody_elses_mail_is_dropped() -> None:
    raw = sample("bounce")
    event = event_of(Raw(raw.kind, raw.body.replace(b"@police.example>", b"@other.example>")))
    assert isinstance(event, Said)
    assert event.addressed is None


def test_an_old_mail_server_reports_in_its_own_way() -> None:
    """Exim without reports: a header, and the mail's headers in the words."""
    event = event_of(
        mail_of(
            "From: Mail Delivery System <mailer-daemon@mx.example>\nReturn-Path: <>\n"
            "X-Failed-Recipients: gone@example.org\nSubject: Mail delivery failed\n\n"
            "A message that you sent could not be delivered.\n\n"
            "Message-ID: <cb1.k.cd4eeb07d5a61aa3c9b0f5d1@police.example>\nSubject: Re: light\n"
        )
    )
    assert isinstance(event, Reported)
    assert event.stage is Stage.FAILED


def test_two_answering_machines_stop_after_one_mail() -> None:
    """A machine that does not say so answers our automatic answer: it is heard, and gets none."""
    first = said_of(mail_of(PLAIN.format(more="")))
    token = (first.root_id or "").removeprefix("mail:")
    echo = said_of(
        mail_of(
            "From: bot@example.org\nMessage-ID: <bot-1@x>\nSubject: Re: Hi\n"
            f"In-Reply-To: <cba.k.{token}@police.example>\n\nYour mail is important to us."
        )
    )
    assert echo.addressed is Addressed.DIRECT
    assert echo.refs["machine"] == 1
    with pytest.raises(Refused, match="two machines"):
        reader().message(by_machine(answer(echo, "We have your mail.")))
