"""What residents and networks tell us, as events; and taking them in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from callbox.actions.receiving import Sourced, Taken, receive
from callbox.models.inbox import Conversation, Message, Version
from callbox.scope import acting_for
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Hidden,
    Lane,
    Ours,
    Said,
)
from tests import make

START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
ANA = AuthorSeen("ana-1", "ana", "Ana Ejemplo")
BEN = AuthorSeen("ben-1", "ben", "Ben Example")


def at(minutes: float) -> datetime:
    """A time of the half hour before the tests began."""
    return START + timedelta(minutes=minutes)


def said(external_id: str = "m1", minutes: float = 0, text: str = "Hello?", **more: Any) -> Said:
    """Ana says something to us."""
    values: dict[str, Any] = {"author": ANA, "addressed": Addressed.MENTION, **more}
    return Said(external_id, at(minutes), text=text, **values)


def edited(external_id: str, minutes: float, text: str) -> Edited:
    return Edited(external_id, at(minutes), text)


def deleted(external_id: str = "m1", minutes: float = 9) -> Deleted:
    return Deleted(external_id, at(minutes))


def hidden(minutes: float, external_id: str = "m1") -> Hidden:
    return Hidden(external_id, at(minutes), hidden=True)


def shown(minutes: float, external_id: str = "m1") -> Hidden:
    return Hidden(external_id, at(minutes), hidden=False)


def ours(external_id: str, text: str, parent: str | None = "m1", **more: Any) -> Ours:
    """The network shows us our own words."""
    return Ours(external_id, make.now(), text, Lane.PUBLIC, parent, parent, **more)


def take(town: make.Town, *events: Event) -> Taken:
    """Receive events as one batch."""
    with acting_for(town.agency.id):
        return receive(town.account, [Sourced(event) for event in events], make.now())


def each(town: make.Town, events: Sequence[Event]) -> None:
    """Receive events one by one."""
    for event in events:
        take(town, event)


def conversation(town: make.Town, root_id: str = "m1") -> Conversation:
    with acting_for(town.agency.id):
        return Conversation.objects.get(root_id=root_id)


def message(town: make.Town, external_id: str = "m1") -> Message:
    with acting_for(town.agency.id):
        return Message.objects.get(external_id=external_id)


def texts(town: make.Town, external_id: str = "m1") -> list[str]:
    """A message's words, oldest first."""
    with acting_for(town.agency.id):
        rows = Version.objects.filter(message__external_id=external_id).order_by("said_at")
        return list(rows.values_list("text", flat=True))
