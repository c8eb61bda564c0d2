"""What every deed begins with: is it allowed, and who does it."""

from datetime import datetime
from uuid import UUID

from callbox.ledger import Actor
from callbox.models.inbox import Conversation
from callbox.moment import now_utc
from callbox.queries import people
from callbox.queries.people import Me
from callbox.rules import access
from callbox.vocabulary import ActorKind, Deed

__all__ = ["NotPossible", "Stale", "by", "locked", "now_utc"]


class Stale(Exception):
    """Something changed meanwhile; `str()` says what, and nothing was done."""


class NotPossible(Exception):
    """A deed that makes no sense as asked; `str()` says what to do instead."""


def by(me: Me) -> Actor:
    """The member as the ledger names them."""
    return Actor(ActorKind.MEMBER, me.member_id)


def locked(me: Me, conversation_id: UUID, deed: Deed, now: datetime) -> Conversation:
    """The conversation, locked, if this member may do this deed to it.

    Raises access.Denied, and NotPossible when there is no such conversation for them.
    """
    conversation = (
        Conversation.objects.select_for_update(of=("self",)).filter(pk=conversation_id).first()
    )
    if conversation is None:
        raise NotPossible("This conversation is not here.")
    access.require(me.standing, deed, people.unit_path(conversation.unit_id), now)
    return conversation
