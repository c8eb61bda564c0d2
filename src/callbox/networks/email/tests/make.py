"""What the tests say and send."""

import json
from dataclasses import replace
from pathlib import Path

from callbox.connector import AccountSeen, Raw
from callbox.moment import now_utc
from callbox.networks.email.connector import Email
from callbox.vocabulary import Event, Lane, Media, Outgoing, Said
from tests.contract.answers import reply_to
from tests.servers.mail import ADDRESS, MailSystem

SAMPLES = Path(__file__).parents[1] / "samples"
KIND = "inbox 2026-11-23T22:55:10+00:00 0"


def sample(name: str) -> Raw:
    """A sample as it came."""
    told = json.loads((SAMPLES / f"{name}.json").read_text())
    return Raw(told["kind"], "\r\n".join(told["mail"]).encode())


def reader() -> Email:
    """A connector that can only parse."""
    return Email(AccountSeen("1", ADDRESS, ADDRESS))


def connected(mail: MailSystem, **config: str) -> Email:
    """Our account's connector."""
    return Email(AccountSeen("1", ADDRESS, ADDRESS, mail.config | config, mail.secrets))


def mail_of(text: str, kind: str = KIND) -> Raw:
    """A mail written with plain line ends."""
    return Raw(kind, text.strip("\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape"))


def event_of(raw: Raw) -> Event:
    """The one event of a mail."""
    (event,) = reader().parse(raw)
    return event


def said_of(raw: Raw) -> Said:
    """The one thing said in a mail."""
    event = event_of(raw)
    assert isinstance(event, Said)
    return event


def answer(
    said: Said | None, text: str, key: str = "key-1", media: tuple[Media, ...] = ()
) -> Outgoing:
    """An answer to something said."""
    to = reply_to(said) if said else None
    return Outgoing(key, now_utc(), text, Lane.PRIVATE, reply_to=to, media=media)


def by_machine(outgoing: Outgoing) -> Outgoing:
    """The same, said by no person."""
    return replace(outgoing, by_person=False)
