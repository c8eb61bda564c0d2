"""Who is writing where: drafts are kept at every pause, and fresh ones tell the others."""

from datetime import datetime, timedelta
from uuid import UUID

from callbox import ledger
from callbox.actions.doing import NotPossible, by, locked, now_utc
from callbox.effects import announce
from callbox.models.inbox import Conversation, Draft, ReadMark
from callbox.queries import people
from callbox.queries.people import Me
from callbox.rules import access
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Happening

FRESH = timedelta(seconds=60)


def save_draft(me: Me, conversation_id: UUID, lane: str, text: str) -> Draft | None:
    """Keep what is being written; an empty text lets go of the conversation.

    Drafts are not history: they leave no entry. Raises access.Denied, NotPossible.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        path_of = Conversation.objects.values_list("unit_id", flat=True)
        unit_id = path_of.filter(pk=conversation_id).first()
        if unit_id is None:
            raise NotPossible("This conversation is not here.")
        access.require(me.standing, Deed.NOTE, people.unit_path(unit_id), now)
        mine = Draft.objects.filter(conversation_id=conversation_id, member_id=me.member_id)
        if not text.strip():
            if mine.delete()[0]:
                announce([f"presence:{conversation_id}"])
            return None
        before = mine.first()
        draft, _ = Draft.objects.update_or_create(
            agency_id=me.agency_id,
            conversation_id=conversation_id,
            member_id=me.member_id,
            defaults={"lane": lane[:10], "text": kept(text), "typed_at": now},
        )
        if before is None or now - before.typed_at > FRESH:
            announce([f"presence:{conversation_id}"])
        return draft


def ask_to_take_over(me: Me, conversation_id: UUID) -> None:
    """Tell whoever is writing that somebody else would like to. Nothing is taken."""
    with acting_for(me.agency_id):
        locked(me, conversation_id, Deed.REPLY, now_utc())
        Draft.objects.filter(conversation_id=conversation_id).exclude(
            member_id=me.member_id
        ).update(asked_by_id=me.member_id)
        announce([f"presence:{conversation_id}"])


def take_over(me: Me, conversation_id: UUID) -> Draft:
    """Go on with a colleague's draft. Theirs is kept; a fresh one needs the deed TAKE_OVER or their
    consent (they asked to hand it over by letting it rest a minute).

    Raises access.Denied, NotPossible.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.REPLY, now)
        theirs = (
            Draft.objects.filter(conversation=conversation)
            .exclude(member_id=me.member_id)
            .order_by("-typed_at")
            .first()
        )
        if theirs is None:
            raise NotPossible("Nobody else is writing here.")
        if now - theirs.typed_at < FRESH:
            path = people.unit_path(conversation.unit_id)
            access.require(me.standing, Deed.TAKE_OVER, path, now)
        mine, _ = Draft.objects.update_or_create(
            agency_id=me.agency_id,
            conversation=conversation,
            member_id=me.member_id,
            defaults={"lane": theirs.lane, "text": theirs.text, "typed_at": now},
        )
        ledger.enter(
            Happening.DRAFT_TAKEN_OVER,
            "conversation",
            conversation.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
            member=str(theirs.member_id),
        )
        announce([f"presence:{conversation_id}"])
        return mine


def hand_over(me: Me, conversation_id: UUID) -> None:
    """Give my draft to the colleague who asked for it, and the conversation with it.

    Raises access.Denied, NotPossible when nobody asked.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.ASSIGN, now)
        mine = Draft.objects.filter(conversation=conversation, member_id=me.member_id).first()
        if mine is None or mine.asked_by_id is None:
            raise NotPossible("Nobody asks for it any more.")
        Draft.objects.update_or_create(
            agency_id=me.agency_id,
            conversation=conversation,
            member_id=mine.asked_by_id,
            defaults={"lane": mine.lane, "text": mine.text, "typed_at": now, "asked_by": None},
        )
        conversation.assignee_id = mine.asked_by_id
        conversation.changed_at = now
        conversation.save(update_fields=["assignee", "changed_at"])
        ledger.enter(
            Happening.CONVERSATION_ASSIGNED,
            "conversation",
            conversation.id,
            by(me),
            conversation_id=conversation.id,
            at=now,
            member=str(mine.asked_by_id),
            unit=str(conversation.unit_id),
        )
        mine.delete()
        announce(["inbox", f"conversation:{conversation_id}", f"presence:{conversation_id}"])


def mark_read(me: Me, conversation_id: UUID, at: datetime) -> None:
    """Remember how far a member has read. Never moves back, and leaves no entry."""
    with acting_for(me.agency_id):
        mark, created = ReadMark.objects.get_or_create(
            agency_id=me.agency_id,
            conversation_id=conversation_id,
            member_id=me.member_id,
            defaults={"read_at": at},
        )
        if not created and mark.read_at < at:
            mark.read_at = at
            mark.save(update_fields=["read_at"])
