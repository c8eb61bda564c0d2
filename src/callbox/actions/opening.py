"""Making a conversation ours again, whatever for: nothing of its closing stays behind."""

from datetime import datetime
from uuid import UUID

from callbox import ledger
from callbox.models.inbox import Conversation
from callbox.vocabulary import ConversationState, Happening

#: What `reopen` sets: for `save(update_fields=...)`.
FIELDS = (
    "state",
    "disposition",
    "reason",
    "reason_words",
    "closed_at",
    "closed_by",
    "snoozed_until",
    "changed_at",
)


def home(conversation_id: UUID) -> Conversation:
    """A conversation, or what it was merged into: the one that members see. Locked."""
    rows = Conversation.objects.select_for_update(of=("self",))
    conversation = rows.get(pk=conversation_id)
    if conversation.merged_into_id is not None:
        conversation = rows.get(pk=conversation.merged_into_id)
    return conversation


def reopen(conversation: Conversation, now: datetime, actor: ledger.Actor = ledger.SYSTEM) -> None:
    """Open a locked conversation that is not merged, and enter it where it was not open. The caller
    saves it: `FIELDS`, and what else it changes."""
    if conversation.state != ConversationState.OPEN.value:
        ledger.enter(
            Happening.CONVERSATION_REOPENED,
            "conversation",
            conversation.id,
            actor,
            conversation_id=conversation.id,
            at=now,
            was=conversation.state,
        )
    conversation.state = ConversationState.OPEN.value
    conversation.disposition = conversation.reason = conversation.reason_words = ""
    conversation.closed_at = conversation.closed_by_id = conversation.snoozed_until = None
    conversation.changed_at = now
