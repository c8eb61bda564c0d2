"""A mail as an event. Pure: its bytes, the door it came through, and our own address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import quote

from callbox.connector import Raw
from callbox.networks.email import bounces, doors, ids, machines, mime, people, quotes
from callbox.networks.email.doors import Door
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    Doubt,
    Event,
    Lane,
    Ours,
    Said,
)

MOST_ATTACHMENTS = 50
MOST_SUBJECT = 500
PART = "mail-part:"  # what an attachment's address begins with; `parts.located` fetches it
# "Re", "Odp", "回复"... in front of a subject, in any number.
_REPLY = re.compile(
    r"(?:\s*(?:re|aw|sv|odp|res|r|回复|回覆|答复|رد)(?:\[\d{1,3}\])?\s*[:：])+",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|pd|rv|enc|转发|轉寄|إعادة توجيه)\s*[:：]", re.IGNORECASE)
_VERDICT = re.compile(r"\b(dkim|spf|dmarc)\s*=\s*([a-z]{2,12})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Us:
    """Whose mailbox it is, and the forms that write to it in residents' names."""

    address: str
    forms: frozenset[str] = frozenset()

    @property
    def domain(self) -> str:
        """What our Message-IDs end with."""
        return people.own_domain(self.address)


def parse(raw: Raw, us: Us) -> Sequence[Event]:
    """The events in one mail. Raises Malformed for what is none."""
    door = doors.read(raw.kind)
    mail = mime.read(raw.body)
    at = doors.said_at(mail, door)
    if door.name == doors.SENT:
        return [_sent(mail, raw, at, us)]
    reports = bounces.reports(mail, at, us.address, us.domain)
    return reports or [_said(mail, raw, door, at, us)]


class _Read:
    """What decides where a mail belongs."""

    def __init__(self, mail: Message, raw: Raw, us: Us) -> None:
        domain = us.domain
        self.author, self.address = people.author(mail, us.forms)
        self.message_id = ids.message_id(mime.shown(mail, "message-id"))
        # Decoded: some programs fold long ids into encoded words.
        answered = mime.shown(mail, "in-reply-to")
        self.named = ids.references(mime.shown(mail, "references"), answered)
        self.own = [found for one in self.named if (found := ids.own(one, domain))]
        self.name = self.message_id or f"unnamed.{ids.token(repr(raw.body))}"
        self.root = ids.root_of(self.name, self.named, domain)
        self.subject = mime.shown(mail, "subject")[:MOST_SUBJECT]
        last = ids.references(answered)
        self.parent = last[-1] if last else (self.named[-1] if self.named else None)


def _said(mail: Message, raw: Raw, door: Door, at: datetime, us: Us) -> Said:
    read = _Read(mail, raw, us)
    words = mime.words(mail)
    return Said(
        external_id=external_id(mail, raw, us),
        said_at=at,
        author=read.author,
        text=_text(read, words),
        addressed=None if _is_nobodys(mail, read, us) else Addressed.DIRECT,
        lane=Lane.PRIVATE,
        root_id=read.root,
        parent_id=read.parent,
        attachments=tuple(_attachments(mail, raw, door, us)),
        refs=_refs(mail, read, door),
        doubts=(Doubt.SENDER,) if _verdicts(mail) else (),
    )


def external_id(mail: Message, raw: Raw, us: Us) -> str:
    """Our name for a resident's mail (`ids.external`); of the whole mail's bytes when it has no
    Message-ID, so that two nameless mails are never taken for one."""
    name = ids.message_id(mime.shown(mail, "message-id"))
    if not name:
        return ids.external("unnamed", "", raw.body)
    author, _ = people.author(mail, us.forms)
    first = next((part for part in mime.leaves(mail) if part.is_words), None)
    told = mime.value(mail, "date").encode("utf-8", "replace")
    content = told + b" " + (first.content() if first else b"")
    return ids.external(name, author.external_id if author else "", content)


def _is_nobodys(mail: Message, read: _Read, us: Us) -> bool:
    """Whether it is no person's word to us: a machine's, or our own coming back."""
    author = read.author.external_id if read.author else ""
    ours = author == people.normal(us.address) or ids.own(read.message_id, us.domain) is not None
    return ours or machines.is_machine(mail)


def _text(read: _Read, words: str) -> str:
    """What a member reads: the new words, under the subject where that says something."""
    said = words.strip()
    if read.own and not _FORWARD.match(read.subject):
        said = quotes.new_words(said)
    if not said:
        return read.subject
    if not read.subject or _REPLY.match(read.subject) or said.startswith(read.subject):
        return said
    return f"{read.subject}\n\n{said}"


def _attachments(mail: Message, raw: Raw, door: Door, us: Us) -> list[AttachmentSeen]:
    name, _, mark = external_id(mail, raw, us).rpartition("#")
    place = f"{PART}{quote(name, safe='')}/{mark}"
    found = [
        AttachmentSeen(_kind(part.mime), f"{place}/{part.number}", title=_title(part))
        for part in mime.leaves(mail)
        if not part.is_words
    ][:MOST_ATTACHMENTS]
    if door.size > len(raw.body):
        size = f"{door.size / 1_000_000:.1f} MB"
        words = f"The whole mail ({size}): only its beginning is kept here"
        found.append(AttachmentSeen("other", f"{place}/all", title=words))
    return found


def _kind(mime_type: str) -> str:
    main = mime_type.partition("/")[0]
    return main if main in ("image", "video", "audio") else "other"


def _title(part: mime.Part) -> str:
    return part.name or {"text/calendar": "invitation", "message/rfc822": "forwarded mail"}.get(
        part.mime, part.mime[:80]
    )


def _refs(mail: Message, read: _Read, door: Door) -> Mapping[str, Any]:
    """What an answer needs, and what a careful reader wants to know."""
    refs: dict[str, Any] = {
        "message_id": read.message_id,
        "references": list(read.named),
        "subject": read.subject,
        "address": read.address,
        "machine": sum(one.machine for one in read.own),
    }
    if door.size:
        refs["bytes"] = door.size
    verdicts = _verdicts(mail)
    return {**refs, "failed": verdicts} if verdicts else refs


def _verdicts(mail: Message) -> list[str]:
    """Which checks of the sender our mail server says failed. Only the topmost header is believed:
    it is the last that was put there, by the server that we read from (RFC 8601, section 5)."""
    said = _VERDICT.findall(mime.value(mail, "authentication-results"))
    bad = {name.lower() for name, verdict in said if verdict.lower() in ("fail", "permerror")}
    return sorted(bad)


def _sent(mail: Message, raw: Raw, at: datetime, us: Us) -> Event:
    """Something in our own “Sent” folder. Mail outside any thread is no answer to a resident, and
    nobody's business here: dropped."""
    read = _Read(mail, raw, us)
    ours = ids.own(read.message_id, us.domain)
    words = quotes.new_words(mime.words(mail).strip())
    if not ours and not read.named:
        return Said(read.name, at, read.author, "", None, Lane.PRIVATE)
    return Ours(
        external_id=read.name,
        said_at=at,
        text=words,
        lane=Lane.PRIVATE,
        root_id=ids.ROOT + ours.root if ours else read.root,
        key=ours.key if ours else "",
        refs={"message_id": read.message_id},
    )
