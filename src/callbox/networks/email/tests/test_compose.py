"""An answer as a mail."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from callbox.networks.email import compose, ids
from callbox.networks.email.tests.make import answer, by_machine, mail_of, reader, said_of, sample
from callbox.vocabulary import Media, Outgoing
from tests.servers.mail import ADDRESS, body_of

ANA = "ana@example.org"
PICTURE = Media(b"\x89PNG\r\n\x1a\n", "image/png", 'A "dark" street & a lamp', "lamp.png", 10, 10)


def made(outgoing: Outgoing) -> EmailMessage:
    content = compose.mail(outgoing, ADDRESS, "Riverton Police, 11th", ANA)
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_the_same_bytes_at_every_attempt() -> None:
    outgoing = answer(said_of(sample("first")), "Hello", media=(PICTURE,))
    one, two = (compose.mail(outgoing, ADDRESS, "P", ANA) for _ in range(2))
    assert one == two
    assert b"\n" not in one.replace(b"\r\n", b"")


def test_headers() -> None:
    outgoing = answer(said_of(sample("answer_quoted")), "Hello")
    mail = made(outgoing)
    assert mail["From"] == '"Riverton Police, 11th" <desk@police.example>'
    assert mail["Subject"] == "Re: Street light out on Fifth"
    assert str(mail["References"]).split() == [
        "<CAJ0aaa111@mail.example.org>",
        "<cb1.0198c1a2b3c47d5e8f90a1b2c3d4e5f6.cd4eeb07d5a61aa3c9b0f5d1@police.example>",
        "<CAJ0aaa222@mail.example.org>",
    ]
    assert mail["Message-ID"] == "<cb1.key-1.cd4eeb07d5a61aa3c9b0f5d1@police.example>"
    told = datetime.strptime(str(mail["Date"]), "%a, %d %b %Y %H:%M:%S %z")
    assert told.astimezone(UTC) == outgoing.made_at.replace(microsecond=0)


def test_long_ids_stay_ids_and_other_words_are_folded() -> None:
    """A Message-ID in encoded words is none: threads and bounces would be lost."""
    first = said_of(sample("answer_quoted"))
    refs = {**first.refs, "message_id": "a" * 300 + "@x.example", "subject": "zażółć " * 30}
    outgoing = answer(replace(first, refs=refs), "Hello", key="0123456789abcdef" * 2)
    content = compose.mail(
        outgoing, "desk@a.very.long.name.of.a.city.example", "Policja " * 12, ANA
    )
    head = content.partition(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) < 998 for line in head.split("\r\n"))
    for title in ("Message-ID", "In-Reply-To", "References"):
        value = head.partition(f"\r\n{title}: ")[2].partition(": ")[0]
        assert value.startswith("<")
        assert "=?" not in value
    mail = message_from_bytes(content, policy=default)
    assert str(mail["Subject"]).startswith("Re: zażółć zażółć")
    seen = ids.references(str(mail["References"]))
    assert seen[-1] == refs["message_id"]


def test_an_id_that_another_program_folded_is_read_all_the_same() -> None:
    said = said_of(
        mail_of(
            "From: ana@example.org\nMessage-ID: <f@x>\nSubject: Re: x\n"
            "References: <a@x> =?utf-8?q?=3Ccb1=2Ekey=2Ecd4eeb07d5a61aa3c9b0f?=\n"
            " =?utf-8?q?5d1=40police=2Eexample=3E?= <b@x>\n\nHello"
        )
    )
    assert said.root_id == "mail:cd4eeb07d5a61aa3c9b0f5d1"


def test_a_machine_says_that_it_is_one() -> None:
    mail = made(by_machine(answer(said_of(sample("first")), "We have your mail.")))
    assert mail["Auto-Submitted"] == "auto-replied"
    assert str(mail["Message-ID"]).startswith("<cba.")
    person = made(answer(said_of(sample("first")), "Hello"))
    assert person["Auto-Submitted"] is None


def test_pictures_say_what_they_show() -> None:
    mail = made(answer(said_of(sample("first")), "Look", media=(PICTURE,)))
    html = mail.get_body(("html",))
    assert html is not None
    assert body_of(mail) == 'Look\n\n[A "dark" street & a lamp]\n'
    assert 'alt="A &quot;dark&quot; street &amp; a lamp"' in html.get_content()
    images = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"] for part in images] == ["<picture0>"]


@pytest.mark.parametrize(
    "text",
    [
        "Hello <b>you</b> & me",
        "Zażółć gęślą jaźń",
        "您好",
        "مرحبا بكم",
        "a" * 3000,
        "one\r\ntwo",
        "😀",
    ],
)
def test_words_arrive_as_they_were_written(text: str) -> None:
    mail = made(answer(said_of(sample("first")), text))
    html = mail.get_body(("html",))
    assert body_of(mail) == text.replace("\r\n", "\n") + "\n"
    assert html is not None
    assert "<b>" not in html.get_content()


def test_addresses_can_be_clicked() -> None:
    mail = made(answer(said_of(sample("first")), "See https://city.example/a?b=1&c=2."))
    html = mail.get_body(("html",))
    assert html is not None
    link = '<a href="https://city.example/a?b=1&amp;c=2">https://city.example/a?b=1&amp;c=2</a>.'
    assert link in html.get_content()


@pytest.mark.parametrize(
    ("answered", "subject"),
    [
        ("Light", "Re: Light"),
        ("RE: Light", "RE: Light"),
        ("", "Re: your message"),
        ("a\r\nBcc: x", "Re: a Bcc: x"),
    ],
)
def test_subjects(answered: str, subject: str) -> None:
    assert compose.subject(answered) == subject


def test_what_does_not_fit_is_said_before() -> None:
    first = said_of(sample("first"))
    big = Media(b"x" * 18_000_000, "image/png", "alt")
    odd = Media(b"x", "image/tiff", "alt", "scan.tiff")
    words = [one.words for one in reader().check(answer(first, "Hi", media=(big, odd)))]
    assert len(words) == 2
    assert reader().check(answer(first, "  "))[0].code == "empty"
    assert reader().check(answer(first, "Hi", media=(PICTURE,))) == ()
