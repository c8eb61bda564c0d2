"""When a network shows us what we said ourselves."""

from datetime import datetime
from uuid import UUID

from callbox import bulk, ledger
from callbox.actions import settling
from callbox.effects import announce
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.inbox import ContextPost, Conversation
from callbox.models.posts import Delivery
from callbox.rules.text import kept
from callbox.vocabulary import (
    ConversationState,
    DeliveryState,
    Happening,
    Ours,
    Receipt,
)

_IN_FLIGHT = (DeliveryState.SENDING.value, DeliveryState.UNKNOWN.value, DeliveryState.FAILED.value)


def echo(account: Account, event: Ours) -> UUID | None:
    """Our own words, shown by the network: settle the delivery they belong to, or keep them as
    context when they were said outside Callbox. The conversation touched, if any.

    An echo can come before the answer to the call that made it: either way there is one row.
    """
    known = Delivery.objects.filter(account=account, external_id=event.external_id)
    if known.exists():
        return None
    delivery = _in_flight(account, event)
    if delivery is None:
        _keep(account, event)
        return None
    receipt = Receipt(event.external_id, event.permalink, event.refs)
    settling.sent(delivery, receipt, event.said_at)
    home: UUID | None = delivery.conversation_id
    return home


def _in_flight(account: Account, event: Ours) -> Delivery | None:
    """The delivery that this can only be: by key, else by same text under the same parent."""
    rows = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("post", "parent")
        .filter(account=account, state__in=_IN_FLIGHT)
        .order_by("due_at")
    )
    for delivery in rows:
        if event.key and event.key == delivery.id.hex:
            return delivery
        parent = delivery.parent.external_id if delivery.parent else None
        if parent == event.parent_id and delivery.post.text.strip() in event.text:
            return delivery
    return None


def _keep(account: Account, event: Ours) -> None:
    bulk.insert(
        ContextPost,
        [
            {
                "id": new_id(),
                "agency_id": account.agency_id,
                "account_id": account.id,
                "external_id": event.external_id,
                "root_id": event.root_id or event.external_id,
                "parent_id": event.parent_id or "",
                "ours": True,
                "who": account.name,
                "text": kept(event.text),
                "permalink": event.permalink[:1000],
                "attachments": [],
                "said_at": event.said_at,
            }
        ],
        ignore=True,
    )


def changed(
    account: Account, external_id: str, what: str, at: datetime, now: datetime
) -> UUID | bool | None:
    """A change to something of ours: None when it is not ours, else its conversation or False."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(account=account, external_id=external_id)
        .first()
    )
    if delivery is None:
        context = ContextPost.objects.filter(account=account, external_id=external_id)
        if not context.exists():
            return None
        if what == "deleted":
            context.filter(gone_at=None).update(gone_at=at)
        return False
    if what == "deleted" and delivery.gone_at is None:
        vanished(delivery, at, now)
    return delivery.conversation_id or False


def vanished(delivery: Delivery, at: datetime, now: datetime) -> None:
    """Our reply is not on the network any more: the resident may never have seen it, so unless we
    took it back ourselves the conversation is open again."""
    delivery.gone_at = at
    delivery.save(update_fields=["gone_at"])
    if delivery.state == DeliveryState.WITHDRAWN.value or delivery.conversation_id is None:
        return
    conversation = Conversation.objects.select_for_update(of=("self",)).get(
        pk=delivery.conversation_id
    )
    ledger.enter(
        Happening.REPLY_VANISHED,
        "delivery",
        delivery.id,
        conversation_id=conversation.id,
        at=now,
        account=str(delivery.account_id),
    )
    conversation.state = ConversationState.OPEN.value
    conversation.disposition = ""
    conversation.failed = True
    conversation.changed_at = now
    conversation.save(update_fields=["state", "disposition", "failed", "changed_at"])
    announce(["inbox", f"conversation:{conversation.id}"])
