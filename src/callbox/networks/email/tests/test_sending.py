"""Answering: what arrives, and that it arrives once, against Dovecot and an SMTP server."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callbox.connector import ConnectorError, OutcomeUnknown, Refused, Unavailable
from callbox.moment import now_utc
from callbox.networks.email.connector import Email
from callbox.networks.email.outbox import PATIENCE, WAITING
from callbox.networks.email.tests.make import answer, connected, reply_to, said_of
from callbox.vocabulary import Lane, Ours, Outgoing, Said
from tests.servers.mail import ADDRESS, MailSystem, body_of

ANA = "ana@example.org"
pytestmark = pytest.mark.network


def heard(desk: Email, mail: MailSystem, text: str = "It is dark.", **more: str) -> Said:
    """Something that Ana wrote, as we hear it."""
    mail.resident(ANA).write(ADDRESS, "Street light", text, **more)
    raws = [raw for raw in desk.fetch({}).items if raw.kind.startswith("inbox")]
    return said_of(raws[-1])


def test_a_conversation(desk: Email, mail: MailSystem) -> None:
    said = heard(desk, mail)
    receipt = desk.message(answer(said, "We told the city.\n\nOfc. Diaz"))
    (arrived,) = mail.resident(ANA).mails()
    assert body_of(arrived).replace("\r\n", "\n").strip() == "We told the city.\n\nOfc. Diaz"
    assert arrived["Subject"] == "Re: Street light"
    assert arrived["In-Reply-To"] == f"<{said.refs['message_id']}>"
    assert arrived["Message-ID"] == f"<{receipt.external_id}>"
    assert arrived["Auto-Submitted"] is None
    mail.resident(ANA).answer(arrived, "Thank you!")
    events = [event for raw in desk.fetch({}).items for event in desk.parse(raw)]
    thanks = [one for one in events if isinstance(one, Said) and one.text == "Thank you!"]
    assert [one.root_id for one in thanks] == [said.root_id]
    assert thanks[0].parent_id == receipt.external_id


def test_what_we_sent_comes_back_as_ours_and_nothing_else(desk: Email, mail: MailSystem) -> None:
    said = heard(desk, mail)
    receipt = desk.message(answer(said, "We told the city.", key="0198c1a2b3c4"))
    events = [event for raw in desk.fetch({}).items for event in desk.parse(raw)]
    (ours,) = [one for one in events if isinstance(one, Ours)]
    assert (ours.external_id, ours.key) == (receipt.external_id, "0198c1a2b3c4")
    assert ours.root_id == said.root_id
    copies = [one for one in events if isinstance(one, Said) and one.text == "We told the city."]
    assert [one.addressed for one in copies] == [None]
    assert len(mail.folder(ADDRESS, "Sent")) == 1
    assert mail.folder(ADDRESS, WAITING) == []


def test_twice_is_once(desk: Email, mail: MailSystem) -> None:
    outgoing = answer(heard(desk, mail), "Once.")
    assert desk.message(outgoing) == desk.message(outgoing)
    assert desk.find(outgoing) == desk.message(outgoing)
    assert len(mail.resident(ANA).mails()) == 1


def test_an_answer_that_is_lost_is_found_again(desk: Email, mail: MailSystem) -> None:
    """The server takes the mail and hangs up: nobody knows, then the copy proves it."""
    outgoing = answer(heard(desk, mail), "We told the city.")
    mail.smtp.fault("END-DONE")
    with pytest.raises(OutcomeUnknown):
        desk.message(outgoing)
    assert mail.folder(ADDRESS, "Sent") == []
    found = desk.find(outgoing)
    assert found is not None
    assert mail.folder(ADDRESS, WAITING) == []
    assert desk.message(outgoing) == found
    assert len(mail.resident(ANA).mails()) == 1
    assert len(mail.folder(ADDRESS, "Sent")) == 1


def test_an_answer_to_ours_proves_it_too(desk: Email, mail: MailSystem) -> None:
    outgoing = answer(heard(desk, mail), "We told the city.")
    mail.smtp.fault(f"RCPT {ADDRESS}", "550 5.1.1 no copies here")
    mail.smtp.fault("END-DONE")
    with pytest.raises(OutcomeUnknown):
        desk.message(outgoing)
    with pytest.raises(Unavailable):
        desk.find(outgoing)
    mail.resident(ANA).answer(mail.resident(ANA).mails()[0], "Thank you!")
    assert desk.find(outgoing) is not None


def test_no_is_said_only_when_certain(desk: Email, mail: MailSystem) -> None:
    outgoing = answer(heard(desk, mail), "We told the city.")
    assert desk.find(outgoing) is None  # nothing was ever begun
    mail.smtp.fault("END")
    with pytest.raises(OutcomeUnknown):
        desk.message(outgoing)
    with pytest.raises(Unavailable):
        desk.find(outgoing)  # the copy may be under way
    later = Email(desk.account, now=lambda: now_utc() + PATIENCE + timedelta(minutes=1))
    with pytest.raises(Unavailable):
        later.find(outgoing)  # no copy of ours has ever come here: its absence proves nothing
    other = answer(heard(desk, mail, "Another."), "Yes.", key="key-2")
    desk.message(other)
    assert later.find(outgoing) is None
    assert later.find(other) is not None
    later.close()
    mail.smtp.fault("END", "554 5.6.0 not this")
    with pytest.raises(Refused):
        desk.message(outgoing)
    assert len(mail.folder(ADDRESS, WAITING)) == 1  # the first attempt is as unclear as it was
    mail.smtp.fault("END")
    with pytest.raises(OutcomeUnknown):
        desk.message(outgoing)
    with pytest.raises(Unavailable):
        desk.find(outgoing)  # a new attempt has its own time
    desk.message(outgoing)
    assert len(mail.resident(ANA).mails()) == 2


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("says", ["421 4.3.2 going away", "550 5.7.1 never"])
def test_what_breaks_before_the_mail_leaves_nothing(
    desk: Email, mail: MailSystem, step: str, says: str
) -> None:
    outgoing = answer(heard(desk, mail), "We told the city.")
    mail.smtp.fault(step, says)
    expected = Unavailable if says.startswith("4") else Refused
    with pytest.raises(expected):
        desk.message(outgoing)
    assert desk.find(outgoing) is None
    assert mail.folder(ADDRESS, WAITING) == []
    desk.message(outgoing)
    assert len(mail.resident(ANA).mails()) == 1


@pytest.mark.parametrize("step", ["MAIL", "DATA"])
def test_a_line_that_breaks_before_the_mail(desk: Email, mail: MailSystem, step: str) -> None:
    outgoing = answer(heard(desk, mail), "We told the city.")
    mail.smtp.fault(step)
    with pytest.raises(Unavailable):
        desk.message(outgoing)
    assert desk.find(outgoing) is None
    assert mail.resident(ANA).mails() == []


@pytest.mark.parametrize(
    ("says", "expected"), [("451 4.3.0 later", Unavailable), ("554 5.6.0 not this", Refused)]
)
def test_a_refusal_after_the_mail_is_certain(
    desk: Email, mail: MailSystem, says: str, expected: type[ConnectorError]
) -> None:
    outgoing = answer(heard(desk, mail), "We told the city.")
    mail.smtp.fault("END", says)
    with pytest.raises(expected):
        desk.message(outgoing)
    assert desk.find(outgoing) is None


def test_a_mailbox_that_is_away_sends_nothing(desk: Email, mail: MailSystem) -> None:
    outgoing = answer(heard(desk, mail), "We told the city.")
    desk.close()
    mail.stop_imap()
    try:
        with pytest.raises(Unavailable):
            desk.message(outgoing)
        assert mail.smtp.taken_mails == []
    finally:
        mail.start_imap()


def test_a_line_that_is_lost_between_two_calls_is_opened_again(
    desk: Email, mail: MailSystem
) -> None:
    said = heard(desk, mail)
    mail.stop_imap()
    mail.start_imap()
    with pytest.raises(Unavailable):
        desk.fetch({})
    desk.message(answer(said, "We told the city."))
    assert len(mail.resident(ANA).mails()) == 1


def test_what_mail_cannot_do(desk: Email, mail: MailSystem) -> None:
    said = heard(desk, mail)
    abilities = desk.abilities()
    assert {"message", "find", "fetch", "listen", "history", "identify"} <= abilities
    assert not {"reply", "publish", "like", "hide", "edit", "delete", "look"} & abilities
    assert desk.why_not("reply") == "E-mail is private: answer privately."
    with pytest.raises(Refused):
        desk.message(Outgoing("k", now_utc(), "Hello", Lane.PRIVATE))
    with pytest.raises(Refused):
        desk.message(replace(answer(said, "Hello"), lane=Lane.PUBLIC))


def test_whom_mail_cannot_reach(desk: Email, mail: MailSystem) -> None:
    said = heard(desk, mail)
    to = reply_to(said)
    assert desk.barrier("message", to) is None
    nobody = desk.barrier("message", replace(to, author=None))
    assert nobody is not None
    assert said.author is not None
    machine = replace(said.author, external_id="no-reply@example.org")
    barrier = desk.barrier("message", replace(to, author=machine, refs={}))
    assert barrier is not None
    assert "takes no answers" in barrier.words
    assert mail.smtp.taken_mails == []


def test_headers_cannot_be_added(desk: Email, mail: MailSystem) -> None:
    """What residents put into headers never becomes one of ours."""
    lines = [
        "Subject: =?utf-8?q?Light=0D=0ABcc:_victim=40example.com?=",
        "From: =?utf-8?q?Ana=0D=0ABcc:_victim=40example.com?= <ana@example.org>",
        "Message-ID: <injected@example.org>",
    ]
    mail.resident(ANA).send("\r\n".join([*lines, "", "Hello"]).encode(), ADDRESS)
    said = said_of(desk.fetch({}).items[-1])
    bad = {"message_id": "x@y>\r\nBcc: <v@example.com", "references": ["a@b\r\nBcc: v@example.com"]}
    outgoing = answer(replace(said, refs={**said.refs, **bad}), "Hello")
    desk.message(outgoing)
    (arrived,) = mail.resident(ANA).mails()
    assert arrived["Bcc"] is None
    assert {one for letter in mail.smtp.taken_mails for one in letter.rcpt_tos} == {ANA, ADDRESS}


def test_a_strange_dot_is_only_a_dot(desk: Email, mail: MailSystem) -> None:
    text = "One\n.\n..\n.hidden\nTwo"
    desk.message(answer(heard(desk, mail), text))
    (arrived,) = mail.resident(ANA).mails()
    assert body_of(arrived).replace("\r\n", "\n").strip() == text


def test_a_mailbox_of_another_shape(mail: MailSystem) -> None:
    """A folder of its own for residents' mail."""
    desk = connected(mail, folder="Nowhere")
    with pytest.raises(Refused, match="Nowhere"):
        desk.identify()
    desk.close()
