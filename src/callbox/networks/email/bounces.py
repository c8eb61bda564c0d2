"""What mail servers report about mail of ours (RFC 3464): that it could not be delivered."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.message import Message

from callbox.networks.email import charsets, ids, mime, people
from callbox.vocabulary import Reported, Stage

_STAGES = {"failed": Stage.FAILED, "delivered": Stage.DELIVERED}
_ORIGINALS = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global")
_MOST_ORIGINAL = 100_000  # characters of a returned mail in which its name is looked for
_NAMED = re.compile(r"^message-id:\s*<([^<>\s]{1,400})>", re.IGNORECASE | re.MULTILINE)


def reports(mail: Message, at: datetime, address: str, domain: str) -> list[Reported]:
    """What this mail reports about ours; empty when it is no report, or about nobody's mail."""
    leaves = mime.leaves(mail)
    told = [one for one in leaves if one.mime.startswith("message/delivery-status")]
    named = _named(leaves, mail, domain)
    if not named:
        return []
    if told:
        stages = [found for one in told for found in _stages(one.message, at, named, address)]
        failed = [one for one in stages if one.stage is Stage.FAILED]
        return (failed or stages)[:1]
    if mime.value(mail, "x-failed-recipients"):
        return [Reported(named, Stage.FAILED, at, "The mail server could not deliver it.")]
    return []


def _named(leaves: list[mime.Part], mail: Message, domain: str) -> str:
    """The Message-ID of ours that a report is about, or ""."""
    originals = [part for part in leaves if part.mime in _ORIGINALS]
    found = [name for part in originals for name in _ids_in(part)]
    found += ids.references(mime.shown(mail, "references"), mime.shown(mail, "in-reply-to"))
    if mime.value(mail, "x-failed-recipients"):
        found += [name for part in leaves if part.is_words for name in _ids_in(part)]
    return next((one for one in found if ids.own(one, domain)), "")


def _ids_in(part: mime.Part) -> list[str]:
    return _NAMED.findall(charsets.decoded(part.content()[:_MOST_ORIGINAL]).replace("\r\n", "\n"))


def _stages(part: Message, at: datetime, named: str, address: str) -> Iterator[Reported]:
    """One report for each recipient but ourselves, who get a copy. The parser gives the blocks of
    fields as parts of their own; “delayed” is no news yet."""
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        if not isinstance(block, Message):
            continue
        to = mime.value(block, "final-recipient").rpartition(";")[2]
        if people.normal(to.strip().strip("<>")) == people.normal(address):
            continue
        stage = _STAGES.get(mime.value(block, "action").strip().lower())
        if stage:
            yield Reported(named, stage, at, _words(block) if stage is Stage.FAILED else "")


def _words(block: Message) -> str:
    """Why, in the words of the server that refused."""
    said = mime.shown(block, "diagnostic-code").partition(";")[2].strip()
    status = mime.shown(block, "status")
    return (said or status or "The mail server could not deliver it.")[:300]
