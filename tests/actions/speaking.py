"""A resident has said something on the practice network, and we answer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine

from callbox.actions import deliveries, posts
from callbox.models.inbox import Conversation
from callbox.models.posts import Delivery
from callbox.models.records import Entry
from callbox.networks.practice.faults import Fault
from callbox.networks.practice.street import Post
from callbox.scope import acting_for
from callbox.vocabulary import Lane
from tests import make

ANSWER = "We look at it today."


def heard(town: make.Town, text: str = "@pd11 The street light is out") -> tuple[Post, UUID]:
    """Ana speaks and we hear it: her post, and the conversation's id."""
    post = town.street.post("ana", text)
    town.collect()
    with acting_for(town.agency.id):
        return post, Conversation.objects.order_by("-started_at").values_list("id", flat=True)[0]


def answer(town: make.Town, conversation_id: UUID, text: str = ANSWER, **more: Any) -> Delivery:
    """Diaz answers in public, without the hold."""
    values: dict[str, Any] = {"lane": Lane.PUBLIC, "hold": False, **more}
    return posts.reply(town.diaz, conversation_id, text, **values)


def deliver(town: make.Town, delivery: Delivery) -> Delivery:
    """What the worker does with a delivery; the row afterwards."""
    deliveries.deliver(town.agency.id, delivery.id)
    return fresh(town, delivery)


def reconcile(town: make.Town, delivery: Delivery) -> Delivery:
    deliveries.reconcile(town.agency.id, delivery.id)
    return fresh(town, delivery)


def fresh(town: make.Town, delivery: Delivery) -> Delivery:
    with acting_for(town.agency.id):
        return Delivery.objects.get(pk=delivery.id)


def conversation(town: make.Town, conversation_id: UUID) -> Conversation:
    with acting_for(town.agency.id):
        return Conversation.objects.get(pk=conversation_id)


def public(town: make.Town) -> list[str]:
    """What the public can read from us on the network: an independent witness."""
    return [post.text for post in town.street.said_by("pd11") if not post.gone]


def failing(town: make.Town, fault: Fault, operation: str = "reply", **more: Any) -> None:
    town.street.faults.ask(fault, operation, **more)


def happened(town: make.Town, conversation_id: UUID) -> list[str]:
    """The happenings of a conversation, in order."""
    with acting_for(town.agency.id):
        rows = Entry.objects.filter(conversation_id=conversation_id).order_by("id")
        return list(rows.values_list("happening", flat=True))


def after(**time: float) -> time_machine.travel:
    """So much later than now, and standing still."""
    return time_machine.travel(make.now() + timedelta(**time), tick=False)


def until(moment: datetime) -> time_machine.travel:
    """A moment after `moment`, and standing still."""
    return time_machine.travel(moment + timedelta(milliseconds=1), tick=False)
