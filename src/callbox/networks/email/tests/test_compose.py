"""An answer as a mail."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from callbox.networks.email import compose
from callbox.networks.email.tests.make import answer, by_machine, reader, said_of, sample
from callbox.vocabulary import Media, Outgoing
from tests.servers.mail import ADDRESS, body_of

PICTURE = Media(b"\x89PNG\r\n\x1a\n", "image/png", 'A "dark" street & a lamp', "lamp.png", 10, 10)


def made(outgoing: Outgoing) -> EmailMessage:
    content = compose.mail(outgoing, ADDRESS, "Riverton Police, 11th", "ana@example.org")
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_the_same_bytes_at_every_attempt() -> None:
    outgoing = answer(said_of(sample("first")), "Hello", media=(PICTURE,))
    one, two = (compose.mail(outgoing, ADDRESS, "P", "ana@example.org") for _ in range(2))
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
