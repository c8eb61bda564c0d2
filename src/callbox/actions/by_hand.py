"""Answers that were given on the network itself, because its API would not take them from us."""

from uuid import UUID

from callbox import ledger
from callbox.actions.doing import NotPossible, by, locked, now_utc
from callbox.effects import announce
from callbox.models.inbox import Conversation, Draft, Note
from callbox.queries.people import Me
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import ConversationState, Deed, Happening

MOST_WORDS = 5000


def answered(me: Me, conversation_id: UUID, words: str = "") -> Conversation:
    """Say that a conversation was answered on its network by hand, and with which words.

    It is the resident's turn then, as after any answer. The words are kept as a note: they are not
    a post of ours until the network shows them to us. Raises access.Denied, NotPossible.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.REPLY, now)
        if conversation.merged_into_id is not None:
            raise NotPossible("This was merged into another conversation. Answer there.")
        if conversation.state == ConversationState.CLOSED.value:
            raise NotPossible("This conversation is closed. Open it again first.")
        conversation.state = ConversationState.WAITING.value
        conversation.answered_at = conversation.answered_at or now
        conversation.by_hand_at = conversation.changed_at = now
        conversation.assignee_id = conversation.assignee_id or me.member_id
        conversation.failed, conversation.snoozed_until = False, None
        conversation.save()
        if words.strip():
            _keep(me, conversation, kept(words.strip())[:MOST_WORDS])
        Draft.objects.filter(conversation=conversation, member_id=me.member_id).delete()
        ledger.enter(
            Happening.ANSWERED_BY_HAND,
            "conversation",
            conversation.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
            with_words=bool(words.strip()),
        )
        announce(["inbox", f"conversation:{conversation.id}"])
        return conversation


def _keep(me: Me, conversation: Conversation, words: str) -> None:
    now = now_utc()
    note = Note.objects.create(
        agency_id=me.agency_id,
        conversation=conversation,
        member_id=me.member_id,
        text=words,
        written_at=now,
    )
    ledger.enter(
        Happening.NOTE_WRITTEN,
        "note",
        note.id,
        by(me),
        conversation_id=conversation.id,
        at=now,
        by_hand=True,
    )
