"""Twilio's two ways of telling us about a text: a webhook's form, and the Messages resource.

Both give the same events under the same ids, so that what came by webhook and is met again by
polling is one message. A webhook does not say when it was sent: its `Raw.kind` carries when we got
it. The exchange with one resident is one thread, `dm:` and their number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from callbox.connector import AccountSeen, Malformed, Raw
from callbox.networks.sms import optout, signature
from callbox.networks.sms.values import count, message_sid, moment, number, sender
from callbox.values import Json, mapping, objects, text, web
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    Event,
    Lane,
    Ours,
    Reported,
    Said,
    Stage,
    Unreadable,
)

HOOK, MESSAGE = "hook", "message"
MOST_MEDIA = 10

_STAGES = {
    "sent": Stage.SENT,
    "delivered": Stage.DELIVERED,
    "read": Stage.READ,
    "failed": Stage.FAILED,
    "undelivered": Stage.FAILED,
    "canceled": Stage.FAILED,
}
_INCOMING = frozenset(("received", "receiving"))
_WHY = {
    "30003": "Their phone is off or out of reach.",
    "30004": "They, or their carrier, block texts from this number.",
    "30005": "This number is not in use.",
    "30006": "This number cannot receive texts. It may be a landline.",
    "30007": "The carrier held it back as spam.",
    "30008": "The carrier did not say why.",
    "30034": "This number is not registered for texting (A2P 10DLC). An administrator has to look.",
    "21610": optout.WORDS,
}


def parse(raw: Raw, account: AccountSeen) -> Sequence[Event]:
    """Events of one form or one resource. Raises Malformed for anything else."""
    kind, _, at = raw.kind.partition("@")
    if kind == HOOK:
        return _form(dict(signature.fields_of(raw.body)), moment(at), account)
    if kind == MESSAGE:
        return _resource(raw.json(), account)
    raise Malformed(f"an arrival of an unknown kind: {kind[:40]}")


def root_of(resident: str) -> str:
    """The thread of everything between us and one number."""
    return f"dm:{resident}"


def is_us(account: AccountSeen, to: str, service: str) -> bool:
    """Whether a text was sent to this account: to its number, or into its messaging service."""
    ours = account.external_id or text(account.config.get("sender"))
    return bool(ours) and (service == ours or number(to) in numbers_of(account))


def whose(form: Mapping[str, str], account: AccountSeen) -> Sequence[str]:
    """External ids of the accounts that a webhook's form is for: this one, or, where one address
    serves several numbers of one Twilio account, whichever of a number and its messaging service
    is connected."""
    ours = form.get("From") if form.get("MessageStatus") else form.get("To")
    service = text(form.get("MessagingServiceSid"))
    if is_us(account, text(ours), service):
        return [account.external_id]
    return [one for one in (number(ours), service) if one] or [account.external_id]


def numbers_of(account: AccountSeen) -> tuple[str, ...]:
    """Our numbers: the sender itself, or those of the messaging service that a member named."""
    ours = number(account.external_id or account.config.get("sender"))
    if ours:
        return (ours,)
    listed = text(account.config.get("numbers")).replace(";", ",").split(",")
    return tuple(dict.fromkeys(found for one in listed if (found := number(one))))


@dataclass(frozen=True, slots=True)
class _Text:
    """What both ways tell about a text to us."""

    sid: str
    at: datetime
    who: str
    words: str
    to: str
    service: str
    declared: str
    media: Sequence[tuple[str, str]]  # address, type


def _form(form: dict[str, str], at: datetime | None, account: AccountSeen) -> Sequence[Event]:
    sid = message_sid(form.get("MessageSid") or form.get("SmsSid"))
    status = text(form.get("MessageStatus") or form.get("SmsStatus")).lower()
    if not sid or at is None:
        return [Unreadable("A request without a message's id, or without a time.", "MessageSid")]
    if status and status not in _INCOMING:
        return _report(sid, status, text(form.get("ErrorCode")), at)
    media = [
        (text(form.get(f"MediaUrl{i}")), text(form.get(f"MediaContentType{i}")))
        for i in range(min(count(form.get("NumMedia")), MOST_MEDIA))
    ]
    heard = _Text(
        sid,
        at,
        sender(form.get("From")),
        text(form.get("Body")),
        text(form.get("To")),
        text(form.get("MessagingServiceSid")),
        text(form.get("OptOutType")),
        media,
    )
    return [_said(heard, account)]


def _resource(value: object, account: AccountSeen) -> Sequence[Event]:
    message = mapping(value)
    sid = message_sid(message.get("sid"))
    at = moment(message.get("date_sent")) or moment(message.get("date_created"))
    if not sid or at is None:
        return [Unreadable("A message without an id or a time.", "sid")]
    if text(message.get("direction")).startswith("outbound"):
        return _ours(message, sid, at)
    heard = _Text(
        sid,
        at,
        sender(message.get("from")),
        text(message.get("body")),
        text(message.get("to")),
        text(message.get("messaging_service_sid")),
        "",
        [_listed(one, account) for one in objects(message.get("media_list"))[:MOST_MEDIA]],
    )
    return [_said(heard, account)]


def _listed(media: Json, account: AccountSeen) -> tuple[str, str]:
    """Address and type of a Media resource: its `uri` names the description, without “.json” it
    is the file itself."""
    base = text(account.config.get("server")) or "https://api.twilio.com"
    path = text(media.get("uri")).removesuffix(".json")
    joined = urljoin(f"{base.rstrip('/')}/", path.lstrip("/")) if path else ""
    return joined, text(media.get("content_type"))


def _ours(message: Json, sid: str, at: datetime) -> Sequence[Event]:
    """What we sent, met again: its words, and how far it has come."""
    root = root_of(sender(message.get("to")) or "nobody")
    status = text(message.get("status")).lower()
    echo = Ours(sid, at, text(message.get("body")), Lane.PRIVATE, root)
    when = moment(message.get("date_updated")) or at
    code = message.get("error_code")
    return [echo, *_report(sid, status, "" if code is None else str(code)[:10], when)]


def _report(sid: str, status: str, code: str, at: datetime) -> Sequence[Event]:
    stage = _STAGES.get(status)
    if stage is None:
        return []  # queued, sending, scheduled...: Twilio has it, and we knew that
    words = ""
    if stage is Stage.FAILED:
        words = _WHY.get(code, f"The carrier refused it ({code or status}).")
    return [Reported(sid, stage, at, words)]


def _said(heard: _Text, account: AccountSeen) -> Said:
    opt = optout.meaning(heard.words, heard.declared)
    attachments = [_attachment(url, mime) for url, mime in heard.media]
    return Said(
        external_id=heard.sid,
        said_at=heard.at,
        author=AuthorSeen(heard.who, handle=heard.who) if heard.who else None,
        text=heard.words,
        addressed=Addressed.DIRECT if is_us(account, heard.to, heard.service) else None,
        lane=Lane.PRIVATE,
        root_id=root_of(heard.who or heard.sid),
        attachments=tuple(one for one in attachments if one),
        refs={"to": number(heard.to), **({"opt": opt} if opt else {})},
    )


def _attachment(url: str, mime: str) -> AttachmentSeen | None:
    found = web(url)
    kind = mime.partition("/")[0].lower()
    if not found:
        return None
    return AttachmentSeen(kind if kind in ("image", "video", "audio") else "other", found)
