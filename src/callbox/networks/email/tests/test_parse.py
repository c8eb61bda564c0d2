"""What a mail says, who wrote it, and where it belongs.

Failure mode 15: strangers never end up in one thread, whatever their mails name or leave out.
"""

from datetime import UTC, datetime

import pytest

from callbox.connector import AccountSeen, Malformed, Raw
from callbox.networks.email.connector import Email
from callbox.networks.email.tests.make import (
    KIND,
    SAMPLES,
    event_of,
    mail_of,
    reader,
    said_of,
    sample,
)
from callbox.rules.events import faults_of
from callbox.vocabulary import Addressed, Doubt, Lane, Ours, Said
from tests.servers.mail import ADDRESS


def test_a_first_mail() -> None:
    said = said_of(sample("first"))
    assert said.author is not None
    assert (said.author.external_id, said.author.name) == ("ana.lopez@example.org", "Ana López")
    assert said.author.handle == "Ana.Lopez@Example.org"
    assert said.text == (
        "Street light out on Fifth\n\n"
        "Good evening, the street light at Fifth and Main has been out for a week."
    )
    assert said.said_at == datetime(2026, 11, 23, 22, 54, 58, tzinfo=UTC)
    assert (said.addressed, said.lane, said.parent_id) == (Addressed.DIRECT, Lane.PRIVATE, None)
    assert (said.root_id or "").startswith("mail:")
    assert "failed" not in said.refs
    assert said.doubts == ()


def test_an_answer_belongs_to_our_mail_and_is_told_without_it() -> None:
    said = said_of(sample("answer_quoted"))
    assert said.text == "Thank you, it is bright again."
    assert said.root_id == "mail:cd4eeb07d5a61aa3c9b0f5d1"
    assert (said.parent_id or "").startswith("cb1.0198c1a2")


def test_html_alone_becomes_words() -> None:
    said = said_of(sample("html_only"))
    assert said.text == (
        "Zgłoszenie\n\nDzień dobry,\n\nhałas każdej nocy przy naszej ulicy (https://map.example/1)."
    )
    assert said.author is not None
    assert said.author.name == "Nowak, Piotr"


def test_what_is_attached_is_listed_and_its_words_are_not_the_writers() -> None:
    said = said_of(sample("attachments"))
    assert "您好，这里是照片。" in said.text
    assert "somebody else" not in said.text
    assert [(one.kind, one.title) for one in said.attachments] == [
        ("image", "lámpara.png"),
        ("other", "invitation"),
        ("other", "forwarded mail"),
    ]
    assert all(one.url.startswith("mail-part:att-1%40example.com/") for one in said.attachments)


def test_our_own_answer_from_another_program() -> None:
    event = event_of(sample("sent_by_hand"))
    assert isinstance(event, Ours)
    assert event.root_id == said_of(sample("first")).root_id
    assert (event.key, event.text) == ("", "The city has been told.")


def test_our_mail_to_somebody_who_never_wrote_is_nobodys_business() -> None:
    raw = sample("sent_by_hand")
    lines = [line for line in raw.body.split(b"\r\n") if b"CAJ0aaa111" not in line]
    said = event_of(Raw(raw.kind, b"\r\n".join(lines)))
    assert isinstance(said, Said)
    assert (said.addressed, said.text) == (None, "")


BASE = """
From: Ana <ana@example.org>
To: desk@police.example
Subject: {subject}
Message-ID: <{name}>
{more}
{text}
"""


def written(
    name: str, more: str = "", subject: str = "Re: light", text: str = "Hello", kind: str = KIND
) -> Said:
    """A plain mail of Ana's."""
    more = more.strip("\n") + "\n" if more else ""
    return said_of(mail_of(BASE.format(name=name, more=more, subject=subject, text=text), kind))


OURS = "cb1.key1.{root}@police.example"


def test_a_conversation_stays_together_however_the_answer_names_it() -> None:
    first = written("a1@example.org", subject="light")
    token = (first.root_id or "").removeprefix("mail:")
    ours = OURS.format(root=token)
    whole = written("a2@x", f"References: <a1@example.org> <{ours}>\nIn-Reply-To: <{ours}>")
    only_answered = written("a3@x", f"In-Reply-To: <{ours}>")
    only_chain = written("a4@x", f"References: <{ours}> <unknown@list.example>")
    to_herself = written("a5@x", "In-Reply-To: <a1@example.org>")
    chain = written("a6@x", "References: <a1@example.org> <a5@x>\nIn-Reply-To: <a5@x>")
    together = (first, whole, only_answered, only_chain, to_herself, chain)
    assert {one.root_id for one in together} == {first.root_id}


def test_neither_the_subject_nor_reply_to_makes_a_thread() -> None:
    one = written("b1@x", "Reply-To: <a1@example.org>", subject="Re: light")
    two = written("b2@x", "Reply-To: <a1@example.org>", subject="Re: light")
    assert one.root_id != two.root_id


def test_somebody_elses_domain_is_not_ours() -> None:
    token = "cd4eeb07d5a61aa3c9b0f5d1"
    said = written("c1@x", f"In-Reply-To: <cb1.key1.{token}@mallory.example>")
    assert said.root_id != f"mail:{token}"


@pytest.mark.parametrize("empty", ["", "<>", "< >", "<@>", "<->", "   "])
def test_mails_without_a_name_are_not_taken_for_one(empty: str) -> None:
    words = "From: {who}@example.org\nTo: d@p.example\nSubject: x\nMessage-ID: {name}\n\n{text}"
    one = said_of(mail_of(words.format(who="a", name=empty, text="one")))
    two = said_of(mail_of(words.format(who="a", name=empty, text="two")))
    again = said_of(mail_of(words.format(who="a", name=empty, text="one")))
    assert one.external_id != two.external_id
    assert one.root_id != two.root_id
    assert one == again
    answer = said_of(
        mail_of(
            f"From: b@example.org\nSubject: Re: x\nMessage-ID: <r@b>\nReferences: {empty}\n"
            f"In-Reply-To: {empty}\n\nme too"
        )
    )
    assert answer.root_id not in (one.root_id, two.root_id)
    assert answer.parent_id is None


def test_the_same_mail_twice_is_one_and_a_borrowed_name_is_another() -> None:
    """A second mail under a known Message-ID must never pass for new words of the first."""
    first = written("same@x", text="Original words")
    other_path = written("same@x", "Received: from elsewhere", text="Original words")
    forged = written("same@x", text="Forged words")
    assert first.external_id == other_path.external_id
    assert forged.external_id != first.external_id
    theirs = said_of(
        mail_of("From: m@example.com\nMessage-ID: <same@x>\nSubject: Re: light\n\nOriginal words")
    )
    assert theirs.external_id != first.external_id


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ("Mon, 23 Nov 2026 22:00:00 +0000", (2026, 11, 23, 22, 0)),
        ("Mon, 23 Nov 2026 17:00:00 -0500", (2026, 11, 23, 22, 0)),
        ("Mon, 23 Nov 2026 22:58:00 +0000", (2026, 11, 23, 22, 55)),  # a clock that is ahead
        ("Tue, 24 Nov 2036 22:00:00 +0000", (2026, 11, 23, 22, 55)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", (2026, 11, 23, 22, 55)),
        ("Mon, 2 Nov 2026 22:00:00 +0000", (2026, 11, 23, 22, 55)),  # three weeks under way: no
        ("yesterday", (2026, 11, 23, 22, 55)),
        ("Mon, 99 Foo 99999 25:61:61 +99999999", (2026, 11, 23, 22, 55)),
    ],
)
def test_nobody_writes_in_the_future_or_long_ago(told: str, seen: tuple[int, ...]) -> None:
    at = written("d@x", f"Date: {told}").said_at
    assert (at.year, at.month, at.day, at.hour, at.minute) == seen


def test_the_past_keeps_its_own_dates() -> None:
    kind = KIND.replace("inbox", "past")
    said = written("e@x", "Date: Mon, 2 Nov 2020 22:00:00 +0000", kind=kind)
    assert said.said_at.year == 2020


def test_the_subject_is_told_where_it_says_something() -> None:
    assert written("f@x", subject="Help now", text="At 5 Main").text == "Help now\n\nAt 5 Main"
    assert written("f@x", subject="Re: light", text="Still dark").text == "Still dark"
    assert written("f@x", subject="Re: light", text="").text == "Re: light"
    assert written("f@x", subject="Odp: Re: lampa", text="Nadal").text == "Nadal"
    assert written("f@x", subject="", text="Only this").text == "Only this"


def test_who_wrote_is_who_is_answered() -> None:
    """Reply-To to a stranger is not believed; a form of our own names the writer by it."""
    base = "From: {sender}\nReply-To: Ben <ben@example.org>\nMessage-ID: <g@x>\n\nHello"
    forms = {"forms": "Form@city.example , other@city.example"}
    desk = Email(AccountSeen("1", ADDRESS, ADDRESS, forms))
    seen = [
        event.author
        for sender in ("Ana <ana@example.org>", "noreply@mallory.example", "form@city.example")
        for event in desk.parse(mail_of(base.format(sender=sender)))
        if isinstance(event, Said) and event.author
    ]
    assert [(one.external_id, one.name) for one in seen] == [
        ("ana@example.org", "Ana"),
        ("noreply@mallory.example", ""),
        ("ben@example.org", "Ben"),
    ]


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ('"desk@police.example" <m@example.org>', "m@example.org", "desk@police.example"),
        (
            "=?utf-8?q?=3Cdesk=40police.example=3E?= <m@example.org>",
            "m@example.org",
            "<desk@police.example>",
        ),
        ("m@example.org (Mallory)", "m@example.org", "Mallory"),
        ("M@EXAMPLE.org", "m@example.org", ""),
        ('"Nowak, Piotr" <p@example.net>', "p@example.net", "Nowak, Piotr"),
        ("a@example.org, b@example.org", "a@example.org", ""),
        ("<desk@police.example> <m@example.org>", "", ""),
        ("nobody", "", ""),
        ("a\u00adb@example.org", "", ""),  # nobody sees the hyphen that makes it another address
        ("a\u200bb@example.org", "", ""),
        ("", "", ""),
        ("Ana\x00 <ana@example.org>", "ana@example.org", "Ana"),
        ("żółw@żółw.example", "żółw@żółw.example", ""),
    ],
)
def test_addresses_in_disguise(header: str, address: str, name: str) -> None:
    author = said_of(mail_of(f"From: {header}\nMessage-ID: <h@x>\n\nHello")).author
    assert (author.external_id if author else "") == address
    assert (author.name if author else "") == name


def test_two_senders_are_none() -> None:
    said = said_of(mail_of("From: a@example.org\nFrom: b@example.org\nMessage-ID: <i@x>\n\nHi"))
    assert said.author is None


def test_a_check_that_failed_is_kept_in_sight() -> None:
    said = written(
        "j@x",
        "Authentication-Results: mx.police.example; dkim=fail; spf=pass; dmarc=fail\n"
        "Authentication-Results: mx.police.example; dkim=pass; dmarc=pass",
    )
    assert said.refs["failed"] == ["dkim", "dmarc"]
    assert said.doubts == (Doubt.SENDER,)


def test_a_mail_cut_short_says_so() -> None:
    said = written("k@x", kind="inbox 2026-11-23T22:55:10+00:00 4200000")
    assert [one.title for one in said.attachments] == [
        "The whole mail (4.2 MB): only its beginning is kept here"
    ]
    assert said.refs["bytes"] == 4_200_000


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_is_fit_to_be_kept(path: object) -> None:
    name = getattr(path, "stem", "")
    for event in reader().parse(sample(name)):
        assert faults_of(event) == ""


@pytest.mark.parametrize("body", [b"", b"\r\n\r\n", b"no header at all", b"\xff\xfe"])
def test_what_is_no_mail(body: bytes) -> None:
    with pytest.raises(Malformed):
        reader().parse(Raw(KIND, body))


@pytest.mark.parametrize("kind", ["", "outbox", "inbox x y z", "sent 1 2 3"])
def test_an_unknown_door(kind: str) -> None:
    with pytest.raises(Malformed):
        reader().parse(Raw(kind, b"From: a@b\r\n\r\nHi"))
