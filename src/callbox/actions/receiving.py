"""Taking events into conversations: idempotent, in any order, in batches.

One transaction at a time takes in an account's events (`lock_intake`), so "is it known?" has one
answer for the whole batch. A thousand events are about a dozen statements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from callbox import bulk, ledger
from callbox.actions import changing, echoes, media, previews, reports
from callbox.actions.bumping import Heard, bump
from callbox.actions.changing import Known
from callbox.effects import announce, later_for_each
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.inbox import Author, ContextPost, Message, ReactionSeen, Version
from callbox.queries.accounts import lock_intake
from callbox.rules.text import kept, kept_all
from callbox.vocabulary import (
    DOUBTS,
    AuthorSeen,
    Edited,
    Event,
    Happening,
    Ours,
    Reacted,
    Reported,
    Said,
)


@dataclass(slots=True)
class Taken:
    """What became of a batch: counts for health and for whoever asks."""

    messages: int = 0
    known: int = 0
    unaddressed: int = 0
    conversations: set[UUID] = field(default_factory=set)
    late: set[UUID] = field(default_factory=set)  # whose newest words may be others than the last

    def add(self, other: "Taken") -> None:
        """Count another batch in."""
        self.messages += other.messages
        self.known += other.known
        self.unaddressed += other.unaddressed
        self.conversations |= other.conversations


@dataclass(frozen=True, slots=True)
class Sourced:
    """An event and the arrival that it was read from. `past`: it came in with an import, and makes
    no work."""

    event: Event
    arrival_id: UUID | None = None
    past: bool = False


def receive(account: Account, sourced: Sequence[Sourced], now: datetime) -> Taken:
    """Take in what came through an account. Call inside `acting_for`; calling twice is once."""
    lock_intake(account.id)
    taken = Taken()
    events = [one.event for one in sourced]
    # Our own words first: like whoever sends, we then lock a delivery before its conversation.
    _take_ours(account, [event for event in events if isinstance(event, Ours)], taken)
    said, passing = _said(sourced, now)
    fresh = _take_messages(account, said, now, taken)
    changed = _take_passing(account, passing, now, taken)
    changed |= changing.take(account, events, now)
    changed |= reports.take(account, [one for one in events if isinstance(one, Reported)], now)
    changed |= changing.take_early(account, [one.event.external_id for one in fresh], now)
    previews.refresh(changed | taken.late)
    taken.conversations |= changed
    _take_reactions(account, [event for event in events if isinstance(event, Reacted)])
    if taken.conversations:
        announce(["inbox", *(f"conversation:{one}" for one in taken.conversations)])
    return taken


@dataclass(frozen=True, slots=True)
class _Spoken:
    event: Said
    arrival_id: UUID | None
    past: bool


def _said(sourced: Iterable[Sourced], now: datetime) -> tuple[list[_Spoken], list[Said]]:
    """Everything said to us, oldest first; and what was not said to us, oldest first."""
    found: list[_Spoken] = []
    passing: list[Said] = []
    for one in sourced:
        said = _words_of(one.event, now)
        if said is None:
            continue
        if said.addressed is None:
            passing.append(said)
        else:
            found.append(_Spoken(said, one.arrival_id, one.past))
    found.sort(key=lambda spoken: spoken.event.said_at)
    return found, sorted(passing, key=lambda said: said.said_at)


def _words_of(event: Event, now: datetime) -> Said | None:
    """What an event says. Nobody speaks in the future: a clock that is ahead, or a date that its
    writer made up, must not put a message behind everybody else's for years."""
    said = event.said if isinstance(event, Edited) else event
    if not isinstance(said, Said):
        return None
    if isinstance(event, Edited) and said.edited_at is None:
        said = replace(said, edited_at=event.edited_at)
    return replace(said, said_at=now) if said.said_at > now else said


def _take_messages(
    account: Account, said: Sequence[_Spoken], now: datetime, taken: Taken
) -> list[_Spoken]:
    """Store messages not yet known and words not yet seen; the fresh messages come back."""
    known = changing.known(account, [spoken.event.external_id for spoken in said])
    fresh: dict[str, _Spoken] = {}
    again: list[Said] = []
    for spoken in said:
        external = spoken.event.external_id
        if external in known or external in fresh:
            again.append(spoken.event)
        else:
            fresh[external] = spoken
    new = list(fresh.values())
    if new:
        known.update(_store(account, new, now, taken))
    taken.known += len(again)
    if again:
        # A network can tell us who wrote later than what they wrote.
        _authors(account, [one for one in again if one.author and one.author.name])
        pairs = [(known[one.external_id], one) for one in again]
        changed = changing.again(account, pairs, now)
        taken.late |= changed
        taken.conversations |= changed
    return new


def _take_passing(
    account: Account, passing: Sequence[Said], now: datetime, taken: Taken
) -> set[UUID]:
    """What was not said to us is counted and forgotten (policing R11), unless we hold the message:
    an edit can take our name out of it."""
    known = changing.known(account, [one.external_id for one in passing])
    pairs = [(known[one.external_id], one) for one in passing if one.external_id in known]
    taken.unaddressed += len(passing) - len(pairs)
    return changing.again(account, pairs, now) if pairs else set()


def _store(
    account: Account, new: Sequence[_Spoken], now: datetime, taken: Taken
) -> dict[str, Known]:
    authors = _authors(account, [spoken.event for spoken in new])
    heard = [
        Heard(
            message_id=new_id(),
            author_id=authors[_author_of(spoken.event).external_id],
            root_id=spoken.event.root_id or spoken.event.external_id,
            said=spoken.event,
            text=kept(spoken.event.text),
            past=spoken.past,
        )
        for spoken in new
    ]
    bumped = bump(account, heard, now)
    homes = bumped.homes
    agency = account.agency_id
    bulk.insert(
        Message,
        [
            _message_row(account, one, homes[one.message_id], spoken.arrival_id, now)
            for one, spoken in zip(heard, new, strict=True)
        ],
    )
    bulk.insert(
        Version,
        [changing.version_row(agency, one.message_id, one.said, one.text, now) for one in heard],
    )
    illustrated = [one for one in heard if one.said.attachments]
    found = [(one.message_id, changing.attachments_of(one.said)) for one in illustrated]
    media.want(agency, found, now)
    ledger.enter_all(
        [
            ledger.Line(
                Happening.MESSAGE_RECEIVED,
                "message",
                one.message_id,
                changing.RESIDENT,
                homes[one.message_id],
                now,
                {
                    "account": str(account.id),
                    "reason": str(one.said.addressed),
                    **({"past": True} if one.past else {}),
                },
            )
            for one in heard
        ]
    )
    taken.messages += len(heard)
    taken.conversations |= bumped.touched
    taken.late |= bumped.late
    _ask_for_context(account, [one for one in heard if not one.past], homes)
    return {
        one.said.external_id: Known(one.message_id, homes[one.message_id], one.said.said_at)
        for one in heard
    }


def _ask_for_context(account: Account, heard: Sequence[Heard], homes: dict[UUID, UUID]) -> None:
    """Have the thread around new public replies fetched, once per root."""
    roots = {
        one.root_id: one.said.external_id for one in heard if one.root_id != one.said.external_id
    }
    have = ContextPost.objects.filter(account=account, external_id__in=roots)
    for root in have.values_list("external_id", flat=True):
        roots.pop(root, None)
    ids = list(roots.values())
    later_for_each("fetch_context", "external_id", ids, account_id=account.id)


def _author_of(said: Said) -> AuthorSeen:
    """The author, or one stand-in per message where the network names nobody: nameless messages
    must not all become one person's conversation."""
    return said.author or AuthorSeen(external_id=f"nobody:{said.external_id}")


def _authors(account: Account, said: Sequence[Said]) -> dict[str, UUID]:
    """Ids of the authors, stored or brought up to date, by their network's id."""
    if not said:
        return {}
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
        "refs": _refs(said),
        "said_at": said.said_at,
        "received_at": now,
    }


def _refs(said: Said) -> dict[str, Any]:
    doubts = {DOUBTS: [one.value for one in said.doubts]} if said.doubts else {}
    refs: dict[str, Any] = kept_all(said.refs)
    return {**refs, **doubts}


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
