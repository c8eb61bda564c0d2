"""What happens to a message after it was said: other words, deletion, hiding. In any order.

A version is known by its time, and whether a message is hidden follows from the latest word about
it, so that the same events end in the same state however they come, and however often.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from callbox import bulk, ledger
from callbox.actions import echoes, media, previews
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.inbox import EarlyEvent, Message, Version
from callbox.moment import now_utc
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import ActorKind, Deleted, Edited, Event, Happening, Hidden, Said

EARLY_KEPT = timedelta(days=7)  # networks deliver again for days, not for weeks
RESIDENT = ledger.Actor(ActorKind.RESIDENT)
_JUST = timedelta(milliseconds=1)
_HAPPENINGS = {
    "deleted": Happening.MESSAGE_DELETED,
    "hidden": Happening.MESSAGE_HIDDEN,
    "shown": Happening.MESSAGE_SHOWN,
}


@dataclass(frozen=True, slots=True)
class Known:
    """A message that we hold."""

    id: UUID
    conversation_id: UUID
    said_at: datetime


def known(account: Account, external_ids: Iterable[str]) -> dict[str, Known]:
    """The messages that we hold among these, by their network's id."""
    ids = set(external_ids)
    if not ids:
        return {}
    rows = Message.objects.filter(account=account, external_id__in=ids)
    return {
        external: Known(pk, home, said_at)
        for external, pk, home, said_at in rows.values_list(
            "external_id", "id", "conversation_id", "said_at"
        )
    }


def version_row(
    agency_id: UUID, message_id: UUID, said: Said, text: str, now: datetime
) -> dict[str, Any]:
    """The words of a message at one time, as a row."""
    return {
        "id": new_id(),
        "agency_id": agency_id,
        "message_id": message_id,
        "said_at": _written_at(said),
        "seen_at": now,
        "text": text,
        "language": kept(said.language)[:12],
        "attachments": attachments_of(said),
    }


def _written_at(said: Said) -> datetime:
    """When these words were written. Some networks count in whole seconds, so that an edit can be
    as old as what it edits: it comes after all the same."""
    if said.edited_at == said.said_at:
        return said.said_at + _JUST
    return said.edited_at or said.said_at


def attachments_of(said: Said) -> list[dict[str, str]]:
    """What came with a message, as it is stored."""
    return [
        {"kind": one.kind, "url": kept(one.url), "alt": kept(one.alt), "title": kept(one.title)}
        for one in said.attachments
    ]


def again(account: Account, said: Sequence[tuple[Known, Said]], now: datetime) -> set[UUID]:
    """Take in messages that we hold already, for their words: an edit, or the original of what we
    met edited. Returns the conversations in which something changed."""
    ids = {message.id for message, _ in said}
    held: dict[UUID, dict[datetime, str]] = {one: {} for one in ids}
    rows = Version.objects.filter(message_id__in=ids)
    for message_id, at, words in rows.values_list("message_id", "said_at", "text"):
        held[message_id][at] = words
    changed = set()
    for message, one in said:
        texts, text = held[message.id], kept(one.text)
        if one.edited_at is None and message.said_at in texts:  # we hold something of that time
            if text in texts.values():
                continue
            # Either these are the first words, late, and what we hold was edited without a word of
            # it; or this is such an edit.
            first = one.first_words and len(texts) == 1
            one = replace(one, edited_at=message.said_at - _JUST if first else now)
        row = version_row(account.agency_id, message.id, one, text, now)
        if row["said_at"] not in texts:
            texts[row["said_at"]] = text
            _append(message, row, now)
            changed.add(message.conversation_id)
    return changed


def _append(message: Known, row: Mapping[str, Any], now: datetime) -> bool:
    """Store a version, unless one of that time is there."""
    if not bulk.insert(Version, [row], ignore=True):
        return False
    if row["attachments"]:
        media.want(row["agency_id"], [(message.id, row["attachments"])], now)
    ledger.enter(
        Happening.MESSAGE_EDITED,
        "message",
        message.id,
        RESIDENT,
        conversation_id=message.conversation_id,
        at=now,
    )
    previews.resort(message.conversation_id, str(row["text"]), row["said_at"], now)
    return True


def take(account: Account, events: Sequence[Event], now: datetime) -> set[UUID]:
    """Apply edits, deletions and hidings where the message is known, and keep them for later where
    it is not. Returns the conversations in which something changed."""
    changes = [
        _row(account, event, now)
        for event in events
        if isinstance(event, Edited | Deleted | Hidden)
        and not (isinstance(event, Edited) and event.said is not None)
    ]
    messages = known(account, [change["external_id"] for change in changes])
    touched: set[UUID] = set()
    for change in changes:
        message = messages.get(change["external_id"])
        if message is not None:
            touched |= _apply(message, change, now)
        else:
            touched |= _not_a_message(account, change, now)
    return touched


def _row(account: Account, event: Edited | Deleted | Hidden, now: datetime) -> dict[str, Any]:
    """A change as a row of EarlyEvent."""
    what, at, text = "deleted", now, ""
    if isinstance(event, Edited):
        what, at, text = "edited", event.edited_at, kept(event.text)
    elif isinstance(event, Hidden):
        what, at = ("hidden" if event.hidden else "shown"), event.hidden_at
    else:
        at = event.deleted_at
    return {
        "id": new_id(),
        "agency_id": account.agency_id,
        "account_id": account.id,
        "external_id": event.external_id,
        "what": what,
        "at": at,
        "text": text,
        "received_at": now,
    }


def _not_a_message(account: Account, change: dict[str, Any], now: datetime) -> set[UUID]:
    """A change to something we said, whose deletion brings its conversation back; or one that came
    before its message, and waits."""
    home = echoes.changed(account, change["external_id"], change["what"], change["at"], now)
    if home is None:
        bulk.insert(EarlyEvent, [change], ignore=True)
    return {home} if isinstance(home, UUID) else set()


def take_early(account: Account, external_ids: Sequence[str], now: datetime) -> set[UUID]:
    """Apply what came before its message did."""
    waiting = EarlyEvent.objects.filter(account=account)
    if not external_ids or not waiting.exists():  # the usual case: do not ask about a thousand ids
        return set()
    rows = list(waiting.filter(external_id__in=external_ids).order_by("at", "what").values())
    messages = known(account, [row["external_id"] for row in rows])
    touched: set[UUID] = set()
    for row in rows:
        touched |= _apply(messages[row["external_id"]], dict(row), now)
    done = [row["id"] for row in rows if row["what"] != "shown"]
    EarlyEvent.objects.filter(pk__in=done).delete()
    return touched


def forget_early(agency_id: UUID) -> None:
    """Forget what came early for messages that never came: they were not for us (policing R11)."""
    with acting_for(agency_id):
        EarlyEvent.objects.filter(received_at__lt=now_utc() - EARLY_KEPT).delete()


def _apply(message: Known, change: dict[str, Any], now: datetime) -> set[UUID]:
    """Apply a change to a message; its conversation if anything is different now."""
    apply = {
        "edited": _other_words,
        "deleted": _deleted,
        "hidden": _hidden,
        "shown": _shown,
    }[change["what"]]
    if not apply(message, change, now):
        return set()
    if change["what"] in _HAPPENINGS:
        ledger.enter(
            _HAPPENINGS[change["what"]],
            "message",
            message.id,
            RESIDENT,
            conversation_id=message.conversation_id,
            at=now,
        )
    return {message.conversation_id}


def _other_words(message: Known, change: dict[str, Any], now: datetime) -> bool:
    """New words alone: pictures and language stay those of the version before."""
    at = change["at"] + _JUST if change["at"] == message.said_at else change["at"]
    rows = Version.objects.filter(message_id=message.id).order_by("-said_at")
    before = rows.filter(said_at__lte=at).first() or rows.last()
    row = {
        "id": new_id(),
        "agency_id": change["agency_id"],
        "message_id": message.id,
        "said_at": at,
        "seen_at": now,
        "text": change["text"],
        "language": before.language if before else "",
        "attachments": before.attachments if before else [],
    }
    return _append(message, row, now)


def _deleted(message: Known, change: dict[str, Any], now: datetime) -> bool:
    rows = Message.objects.filter(pk=message.id, deleted_at=None)
    return bool(rows.update(deleted_at=change["at"]))


def _hidden(message: Known, change: dict[str, Any], now: datetime) -> bool:
    """Hidden, unless it was shown again later. The latest hiding counts."""
    external_id = change["external_id"]
    later = EarlyEvent.objects.filter(
        account_id=change["account_id"], external_id=external_id, what="shown", at__gte=change["at"]
    )
    if later.exists():
        return False
    rows = Message.objects.filter(pk=message.id)
    was_shown = bool(rows.filter(hidden_at=None).update(hidden_at=change["at"]))
    rows.filter(hidden_at__lt=change["at"]).update(hidden_at=change["at"])
    return was_shown


def _shown(message: Known, change: dict[str, Any], now: datetime) -> bool:
    """Shown, unless it was hidden later. Kept, so that an older hiding that comes late is known
    for what it is."""
    bulk.insert(EarlyEvent, [{**change, "id": new_id()}], ignore=True)
    rows = Message.objects.filter(pk=message.id, hidden_at__lte=change["at"])
    return bool(rows.update(hidden_at=None))
