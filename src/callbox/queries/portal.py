"""Reading for our own pages: what residents may see of their own conversation, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from callbox.models.accounts import Account
from callbox.models.inbox import Conversation, Message, Version
from callbox.models.portal import PortalKey, PortalTry
from callbox.models.posts import Delivery
from callbox.networks.portal.connector import Portal
from callbox.vocabulary import ConversationState, DeliveryState, Disposition

MOST_LINES = 200


class Standing(StrEnum):
    """Where a conversation stands, as its resident needs to know it."""

    KEPT = "kept"  # the words are safe, and not yet in the queue
    OPEN = "open"  # our turn, and in time
    LATE = "late"  # our turn, and the promise is broken
    ANSWERED = "answered"  # their turn, or finished with an answer
    READ = "read"  # finished without an answer, because none was needed
    REFERRED = "referred"  # somebody else answers
    MERGED = "merged"  # answered together with another message


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said, by the resident or by us; `who` is the member's signature."""

    ours: bool
    at: datetime
    text: str
    language: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A conversation as its resident sees it."""

    account_id: UUID
    root_id: str
    name: str
    standing: Standing
    due_at: datetime | None
    since: datetime | None
    lines: Sequence[Line]


def account() -> Account | None:
    """The account of our own pages. Call inside `acting_for`."""
    return Account.objects.filter(network=Portal.key, state=Account.State.ON).first()


def keys_at(locator: bytes) -> list[PortalKey]:
    """The keys that may be meant; nearly always none or one."""
    return list(PortalKey.objects.filter(locator=locator))


def key(key_id: UUID) -> PortalKey | None:
    """A key that was opened before."""
    return PortalKey.objects.filter(pk=key_id).first()


def first_key_at(root_id: str) -> datetime | None:
    """When the first key to a conversation was made; None when there is none."""
    rows = PortalKey.objects.filter(root_id=root_id).order_by("made_at")
    return rows.values_list("made_at", flat=True).first()


def tries(what: str, bucket: bytes, since: datetime) -> int:
    """How often something came from one connection since a moment."""
    return PortalTry.objects.filter(what=what, bucket=bucket, at__gte=since).count()


def exchange(account_id: UUID, root_id: str, now: datetime) -> Exchange:
    """What a key opens: the resident's words, and the answers that were sent. Notes, drafts and
    answers that have not gone out are not even read here."""
    conversation = (
        Conversation.objects.select_related("author")
        .filter(account_id=account_id, root_id=root_id)
        .first()
    )
    if conversation is None:
        return Exchange(account_id, root_id, "", Standing.KEPT, None, None, ())
    lines = [*_said(account_id, root_id), *_answers(conversation.id)]
    return Exchange(
        account_id=account_id,
        root_id=root_id,
        name=conversation.author.name,
        standing=_standing(conversation, now),
        due_at=conversation.due_at,
        since=conversation.since,
        lines=sorted(lines, key=lambda line: line.at)[-MOST_LINES:],
    )


def _said(account_id: UUID, root_id: str) -> list[Line]:
    messages = Message.objects.filter(
        account_id=account_id, root_id=root_id, deleted_at__isnull=True
    ).values_list("id", "said_at")
    said_at = dict(messages)
    versions = Version.objects.filter(message_id__in=said_at).order_by("said_at")
    return [
        Line(ours=False, at=said_at[row.message_id], text=row.text, language=row.language)
        for row in {version.message_id: version for version in versions}.values()
    ]


def _answers(conversation_id: UUID) -> list[Line]:
    sent = (
        Delivery.objects.select_related("post__member")
        .filter(
            conversation_id=conversation_id,
            state=DeliveryState.SENT.value,
            gone_at__isnull=True,
            sent_at__isnull=False,
        )
        .order_by("sent_at")
    )
    return [
        Line(
            ours=True,
            at=delivery.sent_at,
            text=delivery.post.text,
            language=delivery.post.language,
            who=delivery.post.member.signature,
        )
        for delivery in sent
        if delivery.sent_at is not None
    ]


_CLOSED = {
    Disposition.ANSWERED.value: Standing.ANSWERED,
    Disposition.REFERRED.value: Standing.REFERRED,
    Disposition.MERGED.value: Standing.MERGED,
}


def _standing(conversation: Conversation, now: datetime) -> Standing:
    if conversation.state == ConversationState.CLOSED.value:
        return _CLOSED.get(conversation.disposition, Standing.READ)
    if conversation.state == ConversationState.WAITING.value:
        return Standing.ANSWERED
    return Standing.LATE if conversation.due_at < now else Standing.OPEN
