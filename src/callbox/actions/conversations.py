"""What members do to a conversation besides answering: note, assign, close, label, wait, merge."""

from datetime import datetime
from uuid import UUID

from callbox import ledger
from callbox.actions import opening, previews
from callbox.actions.doing import NotPossible, by, locked, now_utc
from callbox.effects import announce
from callbox.ledger import Actor
from callbox.models.inbox import RANKS, Conversation, Merge, Note
from callbox.models.people import Agency, Member, Unit
from callbox.queries import people
from callbox.queries.people import Me
from callbox.rules import access, clock
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import (
    ConversationState,
    Deed,
    Disposition,
    Happening,
    Intent,
    NoReplyReason,
    Urgency,
)


def _changed(conversation: Conversation, now: datetime, *fields: str) -> None:
    conversation.changed_at = now
    conversation.save(update_fields={*fields, "changed_at"})
    announce(["inbox", f"conversation:{conversation.id}"])


def note(me: Me, conversation_id: UUID, text: str) -> Note:
    """Write a note for colleagues. Raises access.Denied, NotPossible for an empty one."""
    if not text.strip():
        raise NotPossible("Write something first.")
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.NOTE, now)
        written = Note.objects.create(
            agency_id=me.agency_id,
            conversation=conversation,
            member_id=me.member_id,
            text=kept(text.strip()),
            written_at=now,
        )
        ledger.enter(
            Happening.NOTE_WRITTEN,
            "note",
            written.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
        )
        _changed(conversation, now)
        return written


def assign(
    me: Me, conversation_id: UUID, *, member_id: UUID | None, unit_id: UUID | None = None
) -> Conversation:
    """Give a conversation to a member (None: to nobody), or to another unit's desk.

    Raises access.Denied; NotPossible when the member could not answer there.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.ASSIGN, now)
        if unit_id is not None and unit_id != conversation.unit_id:
            if not Unit.objects.filter(pk=unit_id).exists():
                raise NotPossible("That unit is not here.")
            conversation.unit_id = unit_id
        if member_id is not None:
            _can_answer(member_id, conversation.unit_id, now)
        conversation.assignee_id = member_id
        ledger.enter(
            Happening.CONVERSATION_ASSIGNED,
            "conversation",
            conversation.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
            member=str(member_id) if member_id else None,
            unit=str(conversation.unit_id),
        )
        _changed(conversation, now, "assignee", "unit")
        return conversation


def _can_answer(member_id: UUID, unit_id: UUID, now: datetime) -> None:
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotPossible("That member is not here.")
    standing = people.describe(member, now).standing
    if not access.covers(standing.paths(Deed.REPLY, now), people.unit_path(unit_id)):
        raise NotPossible(f"{member.called} cannot answer for this unit.")


def close(
    me: Me,
    conversation_id: UUID,
    disposition: Disposition,
    *,
    reason: NoReplyReason | None = None,
    words: str = "",
) -> Conversation:
    """End a conversation with exactly one disposition.

    ANSWERED needs an answer that the network has; NO_REPLY needs a reason, and OTHER and REFERRED
    need words. Raises access.Denied, NotPossible.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.CLOSE, now)
        _closable(conversation, disposition, reason, words)
        conversation.state = ConversationState.CLOSED.value
        conversation.disposition = disposition.value
        has_reason = reason is not None and disposition is Disposition.NO_REPLY
        conversation.reason = reason.value if reason and has_reason else ""
        conversation.reason_words = kept(words.strip())[:300]
        conversation.closed_at = now
        conversation.closed_by_id = me.member_id
        conversation.snoozed_until = None
        conversation.failed = False
        ledger.enter(
            Happening.CONVERSATION_CLOSED,
            "conversation",
            conversation.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
            disposition=disposition.value,
            reason=conversation.reason,
        )
        _changed(
            conversation,
            now,
            "state",
            "disposition",
            "reason",
            "reason_words",
            "closed_at",
            "closed_by",
            "snoozed_until",
            "failed",
        )
        return conversation


def _closable(
    conversation: Conversation,
    disposition: Disposition,
    reason: NoReplyReason | None,
    words: str,
) -> None:
    if conversation.state == ConversationState.CLOSED.value:
        raise NotPossible("It is closed already.")
    if disposition is Disposition.MERGED:
        raise NotPossible("Use “merge” for that.")
    if disposition is Disposition.ANSWERED and conversation.answered_at is None:
        raise NotPossible("Nothing has gone out to them yet, so it cannot be closed as answered.")
    if disposition is Disposition.NO_REPLY and reason is None:
        raise NotPossible("Say why no reply is needed.")
    needs_words = disposition is Disposition.REFERRED or reason is NoReplyReason.OTHER
    if needs_words and not words.strip():
        raise NotPossible("Say it in a few words, for whoever reads this later.")


def reopen(me: Me, conversation_id: UUID) -> Conversation:
    """Take a closing back: the undo of `close`, and the way back to a closed conversation."""
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.CLOSE, now)
        if conversation.merged_into_id is not None:
            raise NotPossible("It was merged. Undo the merge instead.")
        if conversation.state == ConversationState.OPEN.value:
            return conversation
        opening.reopen(conversation, now, by(me))
        _changed(conversation, now, *opening.FIELDS)
        return conversation


def relabel(me: Me, conversation_id: UUID, *, intent: Intent, urgency: Urgency) -> Conversation:
    """Correct what the machine made of it. A person's label stands (promise 4)."""
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.ASSIGN, now)
        promise = Agency.objects.values_list("answer_minutes", flat=True).get(pk=me.agency_id)
        ledger.enter(
            Happening.CONVERSATION_RELABELLED,
            "conversation",
            conversation.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
            was=[conversation.intent, conversation.urgency.value],
            to=[intent.value, urgency.value],
        )
        conversation.intent = intent.value
        conversation.rank = RANKS[urgency]
        conversation.due_at = clock.due(conversation.since, urgency, promise)
        conversation.labelled_by_id = me.member_id
        _changed(conversation, now, "intent", "rank", "due_at", "labelled_by")
        return conversation


def snooze(me: Me, conversation_id: UUID, until: datetime | None) -> Conversation:
    """Put a conversation off until a time (None: now again). Its clock goes on."""
    now = now_utc()
    if until is not None and until <= now:
        raise NotPossible("That time is over. Pick a later one.")
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.ASSIGN, now)
        if until is not None and conversation.rank == RANKS[Urgency.EMERGENCY]:
            raise NotPossible("A possible emergency cannot be put off.")
        if until is not None and conversation.state != ConversationState.OPEN.value:
            raise NotPossible("Only what waits for us can be put off.")
        conversation.snoozed_until = until
        ledger.enter(
            Happening.CONVERSATION_SNOOZED,
            "conversation",
            conversation.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
            until=until.isoformat() if until else None,
        )
        _changed(conversation, now, "snoozed_until")
        return conversation


def merge(me: Me, source_id: UUID, target_id: UUID) -> Merge:
    """Fold one conversation into another on the same network lane; reversible.

    Nothing moves: the target shows the source's messages as well, and the source is closed as
    MERGED. Only conversations of one author may be merged: identities are never joined across
    people or networks (promise 3). Raises access.Denied, NotPossible.
    """
    now = now_utc()
    if source_id == target_id:
        raise NotPossible("Pick another conversation to merge this into.")
    with acting_for(me.agency_id):
        first, second = sorted([source_id, target_id])
        rows = {one: locked(me, one, Deed.MERGE, now) for one in (first, second)}
        source, target = rows[source_id], rows[target_id]
        _mergeable(source, target)
        done = Merge.objects.create(
            agency_id=me.agency_id, source=source, target=target, by_id=me.member_id, at=now
        )
        if source.state == ConversationState.OPEN.value:
            _carry(source, target, now, by(me))
        source.merged_into_id = target.id
        source.state = ConversationState.CLOSED.value
        source.disposition = Disposition.MERGED.value
        source.reason = source.reason_words = ""
        source.closed_at, source.closed_by_id = now, me.member_id
        source.snoozed_until = None
        _changed(source, now, "merged_into", *opening.FIELDS)
        ledger.enter(
            Happening.CONVERSATION_MERGED,
            "conversation",
            source.id,
            by(me),
            conversation_id=target.id,
            at=now,
            source=str(source.id),
            merge=str(done.id),
        )
        return done


def _carry(source: Conversation, target: Conversation, now: datetime, actor: Actor) -> None:
    """What waits for an answer in the source waits in the target now, for as long, as urgently."""
    both_open = target.state == ConversationState.OPEN.value
    opening.reopen(target, now, actor)
    if both_open:
        target.since = min(target.since, source.since)
        target.due_at = min(target.due_at, source.due_at)
    else:
        target.since, target.due_at = source.since, source.due_at
    if source.rank < target.rank:
        target.rank, target.intent, target.because = source.rank, source.intent, source.because
    fields = ("since", "due_at", "rank", "intent", "because")
    _changed(target, now, *fields, *opening.FIELDS)


def _mergeable(source: Conversation, target: Conversation) -> None:
    if source.author_id != target.author_id:
        raise NotPossible("Only conversations with the same person can be merged.")
    if source.lane != target.lane:
        raise NotPossible("One is public and one is private. They stay apart.")
    if source.merged_into_id is not None or target.merged_into_id is not None:
        raise NotPossible("One of these was merged already.")
    if Conversation.objects.filter(merged_into=source).exists():
        raise NotPossible("Others were merged into this one. Merge the other way round.")


def unmerge(me: Me, source_id: UUID) -> Conversation:
    """Undo a merge: the source is open again, with everything that was its own."""
    now = now_utc()
    with acting_for(me.agency_id):
        source = locked(me, source_id, Deed.MERGE, now)
        if source.merged_into_id is None:
            raise NotPossible("This was not merged.")
        target_id = source.merged_into_id
        Merge.objects.filter(source=source, undone_at=None).update(undone_at=now)
        source.merged_into_id = None
        opening.reopen(source, now, by(me))
        ledger.enter(
            Happening.CONVERSATION_UNMERGED,
            "conversation",
            source.id,
            by(me),
            conversation_id=target_id,
            at=now,
            source=str(source.id),
        )
        _changed(source, now, "merged_into", *opening.FIELDS)
        previews.refresh([target_id])
        announce([f"conversation:{target_id}"])
        return source
