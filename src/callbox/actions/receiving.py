"""Taking events into conversations: idempotent, in any order, in batches.

One transaction at a time takes in an account's events (`lock_intake`), so "is it known?" has one
answer for the whole batch. A thousand events are about a dozen statements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from callbox import bulk, ledger
from callbox.actions import echoes
from callbox.actions.bumping import Heard, bump
from callbox.effects import announce, later
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.inbox import Author, ContextPost, EarlyEvent, Message, ReactionSeen, Version
from callbox.queries.accounts import lock_intake
from callbox.rules.text import kept
from callbox.vocabulary import (
    ActorKind,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Happening,
    Hidden,
    Ours,
    Reacted,
    Said,
)

_RESIDENT = ledger.Actor(ActorKind.RESIDENT)


@dataclass(slots=True)
class Taken:
    """What became of a batch: counts for health and for whoever asks."""

    messages: int = 0
    known: int = 0
    unaddressed: int = 0
    conversations: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sourced:
    """An event and the arrival that it was read from."""

    event: Event
    arrival_id: UUID | None = None


def receive(account: Account, sourced: Sequence[Sourced], now: datetime) -> Taken:
    """Take in what came through an account. Call inside `acting_for`; calling twice is once."""
    lock_intake(account.id)
    taken = Taken()
    said = _said(sourced, taken)
    fresh = _take_messages(account, said, now, taken)
    _take_changes(account, [s.event for s in sourced], now, taken)
    _apply_early(account, [m.event.external_id for m in fresh], now, taken)
    _take_ours(account, [s.event for s in sourced if isinstance(s.event, Ours)], taken)
    _take_reactions(account, [s.event for s in sourced if isinstance(s.event, Reacted)])
    if taken.conversations:
        announce(["inbox", *(f"conversation:{one}" for one in taken.conversations)])
    return taken


@dataclass(frozen=True, slots=True)
class _Spoken:
    event: Said
    arrival_id: UUID | None


def _said(sourced: Iterable[Sourced], taken: Taken) -> list[_Spoken]:
    """Everything said to us, oldest first, each message once; its later texts ride along."""
    found: list[_Spoken] = []
    for one in sourced:
        event = one.event.said if isinstance(one.event, Edited) else one.event
        if not isinstance(event, Said):
            continue
        if event.addressed is None:
            taken.unaddressed += 1
            continue
        found.append(_Spoken(event, one.arrival_id))
    return sorted(found, key=lambda spoken: spoken.event.said_at)


def _take_messages(
    account: Account, said: Sequence[_Spoken], now: datetime, taken: Taken
) -> list[_Spoken]:
    """Store messages not yet known and texts not yet seen; the fresh messages come back."""
    if not said:
        return []
    ids = {spoken.event.external_id for spoken in said}
    known: dict[str, tuple[UUID, UUID]] = {
        external: (pk, conversation)
        for external, pk, conversation in Message.objects.filter(
            account=account, external_id__in=ids
        ).values_list("external_id", "id", "conversation_id")
    }
    fresh: dict[str, _Spoken] = {}
    again: list[_Spoken] = []
    for spoken in said:
        external = spoken.event.external_id
        if external in known or external in fresh:
            again.append(spoken)
        else:
            fresh[external] = spoken
    new = list(fresh.values())
    if new:
        known.update(_store(account, new, now, taken))
    taken.known += len(again)
    if again:
        _further_versions(again, known, now, taken)
    return new


def _store(
    account: Account, new: Sequence[_Spoken], now: datetime, taken: Taken
) -> dict[str, tuple[UUID, UUID]]:
    authors = _authors(account, [spoken.event for spoken in new])
    heard = [
        Heard(
            message_id=new_id(),
            author_id=authors[_author_of(spoken.event).external_id],
            root_id=spoken.event.root_id or spoken.event.external_id,
            said=spoken.event,
            text=kept(spoken.event.text),
        )
        for spoken in new
    ]
    homes = bump(account, heard, now)
    agency = account.agency_id
    bulk.insert(
        Message,
        [
            _message_row(account, one, homes[one.message_id], spoken.arrival_id, now)
            for one, spoken in zip(heard, new, strict=True)
        ],
    )
    bulk.insert(
        Version, [_version_row(agency, one.message_id, one.said, one.text, now) for one in heard]
    )
    ledger.enter_all(
        [
            ledger.Line(
                Happening.MESSAGE_RECEIVED,
                "message",
                one.message_id,
                _RESIDENT,
                homes[one.message_id],
                now,
                {"account": str(account.id), "reason": str(one.said.addressed)},
            )
            for one in heard
        ]
    )
    taken.messages += len(heard)
    taken.conversations.update(homes.values())
    _ask_for_context(account, heard, homes)
    return {one.said.external_id: (one.message_id, homes[one.message_id]) for one in heard}


def _ask_for_context(account: Account, heard: Sequence[Heard], homes: dict[UUID, UUID]) -> None:
    """Have the thread around new public replies fetched, once per root."""
    roots = {
        one.root_id: one.said.external_id for one in heard if one.root_id != one.said.external_id
    }
    have = ContextPost.objects.filter(account=account, external_id__in=roots)
    for root in have.values_list("external_id", flat=True):
        roots.pop(root, None)
    for external_id in roots.values():
        later("fetch_context", account_id=account.id, external_id=external_id)


def _author_of(said: Said) -> AuthorSeen:
    """The author, or one stand-in per message where the network names nobody: nameless messages
    must not all become one person's conversation."""
    return said.author or AuthorSeen(external_id=f"nobody:{said.external_id}")


def _authors(account: Account, said: Sequence[Said]) -> dict[str, UUID]:
    """Ids of the authors, stored or brought up to date, by their network's id."""
    seen = {_author_of(one).external_id: _author_of(one) for one in said}
    stored = {
        author.external_id: author
        for author in Author.objects.filter(network=account.network, external_id__in=seen)
    }
    fresh, changed = [], []
    for external, author in sorted(seen.items()):
        row: dict[str, Any] = {
            "id": new_id(),
            "agency_id": account.agency_id,
            "network": account.network,
            "external_id": external,
            "handle": kept(author.handle)[:300],
            "name": kept(author.name)[:300],
            "profile_url": kept(author.profile_url)[:500],
        }
        old = stored.get(external)
        if old is None:
            fresh.append(row)
        elif author.name and (old.name, old.handle) != (row["name"], row["handle"]):
            changed.append({**row, "id": old.id})
    bulk.update(Author, changed)
    ids = {external: author.id for external, author in stored.items()}
    if bulk.insert(Author, fresh, ignore=True) == len(fresh):
        return ids | {row["external_id"]: row["id"] for row in fresh}
    # Another account's intake has stored one of them a moment ago: take theirs.
    found = Author.objects.filter(network=account.network, external_id__in=seen)
    return dict(found.values_list("external_id", "id"))


def _message_row(
    account: Account, one: Heard, home: UUID, arrival_id: UUID | None, now: datetime
) -> dict[str, Any]:
    said = one.said
    return {
        "id": one.message_id,
        "agency_id": account.agency_id,
        "conversation_id": home,
        "account_id": account.id,
        "author_id": one.author_id,
        "arrival_id": arrival_id,
        "external_id": said.external_id,
        "root_id": one.root_id,
        "parent_id": said.parent_id or "",
        "addressed": str(said.addressed),
        "lane": said.lane.value,
        "permalink": kept(said.permalink)[:1000],
        "refs": dict(said.refs),
        "said_at": said.said_at,
        "received_at": now,
    }


def _version_row(
    agency: UUID, message_id: UUID, said: Said, text: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "agency_id": agency,
        "message_id": message_id,
        "said_at": said.edited_at or said.said_at,
        "seen_at": now,
        "text": text,
        "language": said.language[:12],
        "attachments": [
            {"kind": a.kind, "url": a.url, "alt": kept(a.alt), "title": kept(a.title)}
            for a in said.attachments
        ],
    }


def _further_versions(
    again: Sequence[_Spoken],
    known: dict[str, tuple[UUID, UUID]],
    now: datetime,
    taken: Taken,
) -> None:
    """Texts of known messages that differ from every text we hold: edits, or the original of a
    message that we met edited."""
    texts: dict[UUID, set[str]] = {}
    ids = {known[spoken.event.external_id][0] for spoken in again}
    for message_id, text in Version.objects.filter(message_id__in=ids).values_list(
        "message_id", "text"
    ):
        texts.setdefault(message_id, set()).add(text)
    for spoken in again:
        message_id, home = known[spoken.event.external_id]
        text = kept(spoken.event.text)
        if text in texts.setdefault(message_id, set()):
            continue
        texts[message_id].add(text)
        at = spoken.event.edited_at or spoken.event.said_at
        _append_version(message_id, home, at, text, now, taken)


def _append_version(
    message_id: UUID, home: UUID, at: datetime, text: str, now: datetime, taken: Taken
) -> None:
    stored = Version.objects.filter(message_id=message_id).order_by("-said_at").first()
    if stored is None or stored.text == text:
        return
    written = bulk.insert(
        Version,
        [
            {
                "id": new_id(),
                "agency_id": stored.agency_id,
                "message_id": message_id,
                "said_at": at,
                "seen_at": now,
                "text": text,
                "language": stored.language,
                "attachments": stored.attachments,
            }
        ],
        ignore=True,
    )
    if written:
        ledger.enter(
            Happening.MESSAGE_EDITED,
            "message",
            message_id,
            _RESIDENT,
            conversation_id=home,
            at=now,
        )
        taken.conversations.add(home)


def _take_changes(account: Account, events: Sequence[Event], now: datetime, taken: Taken) -> None:
    """Edits, deletions and hidings: applied where the message is known, kept for later if not."""
    changes = [
        _early_row(account, event, now)
        for event in events
        if isinstance(event, Edited | Deleted | Hidden)
        and not (isinstance(event, Edited) and event.said is not None)
    ]
    if not changes:
        return
    known = {
        external: (pk, home)
        for external, pk, home in Message.objects.filter(
            account=account, external_id__in=[change["external_id"] for change in changes]
        ).values_list("external_id", "id", "conversation_id")
    }
    waiting = []
    for change in changes:
        if change["external_id"] in known:
            _apply(*known[change["external_id"]], change, now, taken)
        elif not _is_ours(account, change, now, taken):
            waiting.append(change)
    bulk.insert(EarlyEvent, waiting, ignore=True)


def _early_row(account: Account, event: Edited | Deleted | Hidden, now: datetime) -> dict[str, Any]:
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


def _is_ours(account: Account, change: dict[str, Any], now: datetime, taken: Taken) -> bool:
    """Whether the change is to something we said; a deletion of it brings its conversation back."""
    home = echoes.changed(account, change["external_id"], change["what"], change["at"], now)
    if home is None:
        return False
    if isinstance(home, UUID):
        taken.conversations.add(home)
    return True


def _apply_early(
    account: Account, external_ids: Sequence[str], now: datetime, taken: Taken
) -> None:
    """Apply what came before its message did."""
    if not external_ids:
        return
    waiting = EarlyEvent.objects.filter(account=account)
    if not waiting.exists():  # the usual case: do not ask about a thousand ids
        return
    waiting = waiting.filter(external_id__in=external_ids)
    for early in list(waiting.order_by("at")):
        message = Message.objects.only("id", "conversation_id").get(
            account=account, external_id=early.external_id
        )
        change = {"what": early.what, "at": early.at, "text": early.text}
        _apply(message.id, message.conversation_id, change, now, taken)
        early.delete()


def _apply(
    message_id: UUID, home: UUID, change: dict[str, Any], now: datetime, taken: Taken
) -> None:
    if change["what"] == "edited":
        _append_version(message_id, home, change["at"], change["text"], now, taken)
        return
    column = "deleted_at" if change["what"] == "deleted" else "hidden_at"
    shown_again = change["what"] == "shown"
    rows = Message.objects.filter(pk=message_id, **{f"{column}__isnull": not shown_again})
    if rows.update(**{column: None if shown_again else change["at"]}):
        happening = {
            "deleted": Happening.MESSAGE_DELETED,
            "hidden": Happening.MESSAGE_HIDDEN,
            "shown": Happening.MESSAGE_SHOWN,
        }[change["what"]]
        ledger.enter(happening, "message", message_id, _RESIDENT, conversation_id=home, at=now)
        taken.conversations.add(home)


def _take_ours(account: Account, ours: Sequence[Ours], taken: Taken) -> None:
    for event in ours:
        home = echoes.echo(account, event)
        if home is not None:
            taken.conversations.add(home)


def _take_reactions(account: Account, reacted: Sequence[Reacted]) -> None:
    bulk.insert(
        ReactionSeen,
        [
            {
                "id": new_id(),
                "agency_id": account.agency_id,
                "account_id": account.id,
                "target_id": event.target_id,
                "reaction": event.reaction.value,
                "at": event.reacted_at,
            }
            for event in reacted
        ],
        ignore=True,
    )
