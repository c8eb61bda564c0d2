"""Webhooks to events. Everything that somebody writes to our number is a direct message.

WhatsApp names people by phone number (`from`, `wa_id`) and, since usernames, by an id of their own
for every business (`from_user_id`, `user_id`), which is always there while the number may be hidden
(“Business-scoped user IDs” in the WhatsApp documentation). So the id comes first, and the number is
kept for answering.

A report of a message's state carries back the string that we sent with it
(`biz_opaque_callback_data`): that is how a delivery whose answer was lost learns that it went out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbox.connector import AccountSeen, Malformed, Raw
from callbox.meta.times import moment
from callbox.meta.values import ident, objects
from callbox.networks.whatsapp.content import attachments, words
from callbox.values import Json, mapping, text
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Lane,
    Ours,
    Reacted,
    Reaction,
    Reported,
    Said,
    Stage,
    Unreadable,
)

HOOK = "webhook"
OBJECT = "whatsapp_business_account"

_STAGES = {
    "sent": Stage.SENT,
    "delivered": Stage.DELIVERED,
    "read": Stage.READ,
    "played": Stage.READ,
    "failed": Stage.FAILED,
}
_KEY = re.compile(r"[0-9a-f]{32}")
# “Error codes” of the WhatsApp documentation, in words for a member.
WHY: Mapping[int, str] = {
    130472: "WhatsApp is trying something out and did not deliver this one. Try later.",
    131026: "Their phone cannot receive it: no WhatsApp, an old one, or our number is blocked.",
    131047: "They last wrote more than 24 hours ago, so WhatsApp did not take it.",
    131049: "WhatsApp held it back, because they get many such messages.",
    131050: "They have asked not to get such messages.",
    131053: "WhatsApp could not take the picture.",
}


def parse(raw: Raw, account: AccountSeen) -> Sequence[Event]:
    """Events of one webhook body, oldest first as they stand. What is for another phone number of
    the same app gives none."""
    if raw.kind != HOOK:
        raise Malformed(f"an arrival of an unknown kind: {raw.kind[:40]}")
    body = raw.json()
    entries = body.get("entry") if isinstance(body, dict) else None
    if not isinstance(entries, list) or body.get("object") != OBJECT:
        raise Malformed("not a webhook of WhatsApp's")
    found: list[Event] = []
    for i, entry in enumerate(entries):
        for j, change in enumerate(objects(mapping(entry).get("changes"))):
            found += _change(change, account, f"entry[{i}].changes[{j}]")
    return found


def split(body: Json) -> Iterator[tuple[str, Json]]:
    """A body's changes, each as a body of its own beside the phone number that it is for: one
    address serves every number of an app."""
    around = {name: value for name, value in body.items() if name != "entry"}
    for entry in objects(body.get("entry")):
        for change in objects(entry.get("changes")):
            one = {**entry, "changes": [change]}
            yield phone_of(change), {**around, "entry": [one]}


def phone_of(change: Json) -> str:
    """The id of the phone number that a change is for, or ""."""
    return ident(mapping(mapping(change.get("value")).get("metadata")).get("phone_number_id"))


def _change(change: Json, account: AccountSeen, where: str) -> Iterator[Event]:
    value = mapping(change.get("value"))
    phone = phone_of(change)
    if phone and account.external_id and phone != account.external_id:
        return
    people = _People(objects(value.get("contacts")))
    for kind, read in (
        ("messages", _message),
        ("statuses", _status),
        ("message_echoes", _echo),
    ):
        for i, one in enumerate(objects(value.get(kind))):
            yield from read(one, people, f"{where}.value.{kind}[{i}]")


@dataclass(frozen=True, slots=True)
class _People:
    """Who a webhook is about: its `contacts`."""

    contacts: Sequence[Json]

    def of(self, message: Json) -> tuple[str, str, Json]:
        """Phone number, own id and contact of a message's writer; what is not told is ""."""
        phone, own = _digits(message.get("from")), ident(message.get("from_user_id"))
        for one in self.contacts:
            wa_id, user_id = _digits(one.get("wa_id")), ident(one.get("user_id"))
            alone = len(self.contacts) == 1 and not (phone or own)
            if alone or (phone and wa_id == phone) or (own and user_id == own):
                return phone or wa_id, own or user_id, one
        return phone, own, {}


def _message(message: Json, people: _People, where: str) -> Iterator[Event]:
    external_id, at = ident(message.get("id")), moment(message.get("timestamp"))
    kind = text(message.get("type"))
    if not external_id or at is None:
        yield Unreadable("A message without an id or a time.", where)
    elif kind == "system" or message.get("group_id"):
        return  # a changed number; or what was said in a group, which is not to us alone
    elif kind == "reaction":
        reaction = mapping(message.get("reaction"))
        target = ident(reaction.get("message_id"))
        if target and text(reaction.get("emoji")):
            yield Reacted(target, Reaction.LIKE, at)
    elif kind == "revoke":
        target = ident(mapping(message.get("revoke")).get("original_message_id"))
        yield Deleted(target, at) if target else Unreadable("Nothing is named.", where)
    elif kind == "edit":
        edit = mapping(message.get("edit"))
        target = ident(edit.get("original_message_id"))
        inside = mapping(edit.get("message"))
        yield Edited(target, at, words(inside)) if target else Unreadable("Nothing named.", where)
    else:
        yield _said(message, external_id, at, people)


def _said(message: Json, external_id: str, at: datetime, people: _People) -> Said:
    phone, own, contact = people.of(message)
    who = own or phone
    profile = mapping(contact.get("profile"))
    username = text(profile.get("username"))
    handle = f"@{username}" if username else f"+{phone}" if phone else ""
    link = f"https://wa.me/{phone}" if phone else ""
    return Said(
        external_id=external_id,
        said_at=at,
        author=AuthorSeen(who, handle, text(profile.get("name")), link) if who else None,
        text=words(message),
        addressed=Addressed.DIRECT,
        lane=Lane.PRIVATE,
        root_id=root_of(who or external_id),
        attachments=attachments(message),
        refs={"phone": phone, "user_id": own},
    )


def root_of(who: str) -> str:
    """The thread of everything between us and one person."""
    return f"dm:{who}"


def _status(status: Json, people: _People, where: str) -> Iterator[Event]:
    external_id, at = ident(status.get("id")), moment(status.get("timestamp"))
    stage = _STAGES.get(text(status.get("status")))
    if not external_id or at is None:
        yield Unreadable("A report without an id or a time.", where)
        return
    key = text(status.get("biz_opaque_callback_data"))
    if _KEY.fullmatch(key):
        root = ident(status.get("recipient_user_id")) or _digits(status.get("recipient_id"))
        yield Ours(external_id, at, "", Lane.PRIVATE, root_of(root or external_id), key=key)
    if stage is not None:
        yield Reported(external_id, stage, at, _why(status) if stage is Stage.FAILED else "")


def _why(status: Json) -> str:
    for error in objects(status.get("errors")):
        code = error.get("code")
        if isinstance(code, int) and code in WHY:
            return WHY[code]
        details = text(mapping(error.get("error_data")).get("details"))
        if said := details or text(error.get("title")):
            return f"WhatsApp says: “{said[:200]}” ({str(code)[:12]})"
    return "WhatsApp did not say why."


def _echo(message: Json, people: _People, where: str) -> Iterator[Event]:
    """Something that a member said on the phone, with the WhatsApp Business app."""
    external_id, at = ident(message.get("id")), moment(message.get("timestamp"))
    to = ident(message.get("to_user_id")) or _digits(message.get("to"))
    if not external_id or at is None:
        yield Unreadable("An echo without an id or a time.", where)
    elif text(message.get("type")) not in ("edit", "revoke", "reaction"):
        yield Ours(external_id, at, words(message), Lane.PRIVATE, root_of(to or external_id))


def _digits(value: Any) -> str:
    found = ident(value).lstrip("+")
    return found if found.isascii() and found.isdigit() else ""
