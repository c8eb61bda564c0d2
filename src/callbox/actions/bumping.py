"""Giving new messages their conversation: found, opened again, or begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from callbox import bulk, ledger
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.inbox import RANKS, Conversation
from callbox.models.people import Agency
from callbox.rules import clock, triage
from callbox.rules.text import kept, preview
from callbox.vocabulary import ConversationState, Disposition, Happening, Said, Urgency

Key = tuple[UUID, str, str]  # author, root, lane


@dataclass(frozen=True, slots=True)
class Heard:
    """A message about to be stored."""

    message_id: UUID
    author_id: UUID
    root_id: str
    said: Said
    text: str
    past: bool = False  # it came in with an import: no work for anybody

    @property
    def key(self) -> Key:
        return (self.author_id, self.root_id, self.said.lane.value)


@dataclass(slots=True)
class Bumped:
    """Where messages went: their conversations, and whichever conversations look different now.
    Of those in `late`, something newer than these messages is known already."""

    homes: dict[UUID, UUID]
    touched: set[UUID]
    late: set[UUID]


def bump(account: Account, heard: Sequence[Heard], now: datetime) -> Bumped:
    """Give messages their conversations, begun or brought back to its members. Oldest first.

    Messages under a key that was merged stay with their own conversation (so that a merge can be
    undone) while the one it was merged into is brought back.
    """
    groups: dict[Key, list[Heard]] = {}
    for one in heard:
        groups.setdefault(one.key, []).append(one)
    promise = Agency.objects.values_list("answer_minutes", flat=True).get(pk=account.agency_id)
    found = _existing(account, groups)
    begun = [
        _begin(account, group, promise, now) | _as_past(group, now)
        for key, group in groups.items()
        if key not in found
    ]
    bulk.insert(Conversation, begun)
    homes: dict[Key, UUID] = {
        (row["author_id"], row["root_id"], row["lane"]): row["id"] for row in begun
    }
    homes |= {key: conversation.id for key, conversation in found.items()}
    to_open = _to_open(found, groups)
    bulk.update(
        Conversation, [_bring_back(one, group, promise, now) for one, group in to_open.values()]
    )
    # What was folded into another, and what only the past has grown, changes no state.
    folded = [
        (one, groups[key])
        for key, one in found.items()
        if one.merged_into_id or _is_past(groups[key])
    ]
    bulk.update(Conversation, [_heard_more(one, group, now) for one, group in folded])
    behind = [*to_open.values(), *folded]
    return Bumped(
        homes={one.message_id: homes[one.key] for one in heard},
        touched={*homes.values(), *to_open},
        late={one.id for one, group in behind if group[-1].said.said_at < one.last_at},
    )


def _to_open(
    found: dict[Key, Conversation], groups: dict[Key, list[Heard]]
) -> dict[UUID, tuple[Conversation, list[Heard]]]:
    """The conversations to bring back, each with all that is new in it or folded into it."""
    targets = _targets(list(found.values()))
    to_open: dict[UUID, tuple[Conversation, list[Heard]]] = {}
    for key, conversation in found.items():
        if _is_past(groups[key]):
            continue
        target = targets.get(conversation.merged_into_id, conversation)
        to_open.setdefault(target.id, (target, []))[1].extend(groups[key])
    for _, group in to_open.values():
        group.sort(key=lambda one: one.said.said_at)
    return to_open


def _existing(account: Account, groups: dict[Key, list[Heard]]) -> dict[Key, Conversation]:
    rows = Conversation.objects.select_for_update().filter(
        account=account,
        author_id__in={key[0] for key in groups},
        root_id__in={key[1] for key in groups},
    )
    found = {(row.author_id, row.root_id, row.lane): row for row in rows.order_by("id")}
    return {key: row for key, row in found.items() if key in groups}


def _targets(found: Sequence[Conversation]) -> dict[UUID | None, Conversation]:
    ids = {one.merged_into_id for one in found if one.merged_into_id}
    if not ids:
        return {}
    rows = Conversation.objects.select_for_update().filter(pk__in=ids).order_by("id")
    return {row.id: row for row in rows}


def _most_urgent(group: Sequence[Heard]) -> tuple[Any, Heard]:
    """The verdict that counts: the most urgent one, of the newest message among equals."""
    judged = [(triage.sort(one.text, kept(one.said.language)), one) for one in group]
    return min(reversed(judged), key=lambda pair: RANKS[pair[0].urgency])


def _begin(account: Account, group: Sequence[Heard], promise: int, now: datetime) -> dict[str, Any]:
    verdict, _ = _most_urgent(group)
    first, last = group[0], group[-1]
    return {
        "id": new_id(),
        "agency_id": account.agency_id,
        "account_id": account.id,
        "author_id": first.author_id,
        "root_id": first.root_id,
        "lane": first.said.lane.value,
        "state": ConversationState.OPEN.value,
        "disposition": "",
        "reason": "",
        "reason_words": "",
        "closed_at": None,
        "rank": RANKS[verdict.urgency],
        "intent": verdict.intent.value,
        "language": verdict.language,
        "because": [words[:120] for words in verdict.because],
        "unit_id": account.unit_id,
        "since": first.said.said_at,
        "due_at": clock.due(first.said.said_at, verdict.urgency, promise),
        "failed": False,
        "preview": preview(last.text),
        "heard": len(group),
        "started_at": first.said.said_at,
        "last_at": last.said.said_at,
        "changed_at": now,
    }


def _is_past(group: Sequence[Heard]) -> bool:
    return all(one.past for one in group)


def _as_past(group: Sequence[Heard], now: datetime) -> dict[str, Any]:
    """What makes a conversation of the past: it is closed as such, and nobody was asked."""
    if not _is_past(group):
        return {}
    return {
        "state": ConversationState.CLOSED.value,
        "disposition": Disposition.PAST.value,
        "closed_at": now,
    }


def _bring_back(
    conversation: Conversation, group: Sequence[Heard], promise: int, now: datetime
) -> dict[str, Any]:
    """New columns for a conversation in which the resident spoke again. Its clock starts with the
    oldest thing that has no answer; a label that a person gave stays, unless danger speaks."""
    verdict, _ = _most_urgent(group)
    first = group[0]
    was_open = conversation.state == ConversationState.OPEN.value
    if not was_open:
        ledger.enter(
            Happening.CONVERSATION_REOPENED,
            "conversation",
            conversation.id,
            conversation_id=conversation.id,
            at=now,
            was=conversation.state,
        )
    since = min(conversation.since, first.said.said_at) if was_open else first.said.said_at
    rank = RANKS[verdict.urgency]
    keep_label = conversation.labelled_by_id is not None and rank > 0
    if was_open:
        rank = min(rank, conversation.rank)
    if keep_label:
        rank = conversation.rank
    return {
        **_heard_more(conversation, group, now),
        "state": ConversationState.OPEN.value,
        "disposition": "",
        "reason": "",
        "reason_words": "",
        "closed_at": None,
        "closed_by_id": None,
        "snoozed_until": None,
        "rank": rank,
        "intent": conversation.intent if keep_label else verdict.intent.value,
        "language": verdict.language or conversation.language,
        "because": conversation.because
        if keep_label
        else [words[:120] for words in verdict.because],
        "since": since,
        "due_at": clock.due(since, _urgency(rank), promise),
    }


def _heard_more(
    conversation: Conversation, group: Sequence[Heard], now: datetime
) -> dict[str, Any]:
    """New columns for a conversation that has more messages now."""
    last = group[-1]
    return {
        "id": conversation.id,
        "agency_id": conversation.agency_id,
        "preview": preview(last.text),
        "heard": conversation.heard + len(group),
        "last_at": max(conversation.last_at, last.said.said_at),
        "changed_at": now,
    }


def _urgency(rank: int) -> Urgency:
    return next(urgency for urgency, number in RANKS.items() if number == rank)
