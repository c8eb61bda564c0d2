"""Making a conversation ours again, whatever for: nothing of its closing stays behind."""

from datetime import datetime

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


def reopen(
    conversation: Conversation, now: datetime, actor: ledger.Actor = ledger.SYSTEM
) -> Conversation:
    """Open a locked conversation, and enter it where it was not open.

    One that was merged stays closed, and what it is part of is opened instead. Whichever it was
    comes back, locked; the caller saves it (`FIELDS`, and what else it changes).
    """
    if conversation.merged_into_id is not None:
        conversation = Conversation.objects.select_for_update(of=("self",)).get(
            pk=conversation.merged_into_id
        )
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
    return conversation
