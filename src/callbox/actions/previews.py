"""What a list shows of a conversation, kept true when its messages change afterwards."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from callbox.actions import opening
from callbox.models.inbox import RANKS, Conversation, Message, Version
from callbox.models.people import Agency
from callbox.rules import clock, triage
from callbox.rules.text import preview
from callbox.vocabulary import ConversationState, Urgency


def refresh(conversation_ids: Collection[UUID]) -> None:
    """Show the newest words that are still there: what its author deleted leaves every list
    (policing R36), and what they edited reads as it does now."""
    if not conversation_ids:
        return
    rows = Conversation.objects.filter(pk__in=conversation_ids)
    homes = {one for pair in rows.values_list("id", "merged_into_id") for one in pair if one}
    for home in sorted(homes):
        Conversation.objects.filter(pk=home).update(preview=preview(_newest(home)))


def _newest(conversation_id: UUID) -> str:
    merged = Conversation.objects.filter(merged_into_id=conversation_id).values_list("id")
    ids = [conversation_id, *(pk for (pk,) in merged)]
    there = Message.objects.filter(conversation_id__in=ids, deleted_at=None)
    message = there.order_by("-said_at", "-id").first()
    if message is None:
        return ""
    versions = Version.objects.filter(message=message).order_by("-said_at")
    return versions.values_list("text", flat=True).first() or ""


def resort(conversation_id: UUID, text: str, at: datetime, now: datetime) -> None:
    """Judge edited words: they can make a conversation more urgent, never less, and an emergency
    brings it back. A label that a person gave stays, unless danger speaks."""
    verdict = triage.sort(text)
    rank, danger = RANKS[verdict.urgency], verdict.urgency is Urgency.EMERGENCY
    conversation = opening.home(conversation_id)
    if rank >= conversation.rank or (conversation.labelled_by_id is not None and not danger):
        return
    if danger and conversation.state != ConversationState.OPEN.value:
        opening.reopen(conversation, now)
        conversation.since = min(at, now)
    promise = Agency.objects.values_list("answer_minutes", flat=True).get(pk=conversation.agency_id)
    conversation.rank, conversation.intent = rank, verdict.intent.value
    conversation.because = [words[:120] for words in verdict.because]
    conversation.due_at = clock.due(conversation.since, verdict.urgency, promise)
    conversation.save(
        update_fields=["rank", "intent", "because", "since", "due_at", *opening.FIELDS]
    )
