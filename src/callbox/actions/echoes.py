"""When a network shows us what we said ourselves."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from callbox import bulk, ledger
from callbox.actions import settling
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.inbox import ContextPost
from callbox.models.posts import Delivery
from callbox.rules.text import kept
from callbox.vocabulary import DeliveryState as S
from callbox.vocabulary import Evidence, Happening, Ours, Receipt

_IN_FLIGHT = Q(state__in=[S.SENDING.value, S.UNKNOWN.value, S.FAILED.value]) | (
    # Tried before and about to be tried again: the first attempt may have arrived after all.
    Q(state=S.QUEUED.value) & ~Q(error_kind="")
)


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
    settling.sent(delivery, receipt, event.said_at, Evidence.ECHO)
    home: UUID | None = delivery.conversation_id
    return home


def _in_flight(account: Account, event: Ours) -> Delivery | None:
    """The delivery that this can only be: by key, else by same text under the same parent."""
    rows = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("post", "parent")
        .filter(_IN_FLIGHT, account=account)
        .order_by("due_at")
    )
    if event.key:
        return next((one for one in rows if one.id.hex == event.key), None)
    alike = [one for one in rows if _is_like(one, event)]
    # Of several alike nobody can say which: each learns its own id from its own call.
    return alike[0] if len(alike) == 1 else None


def _is_like(delivery: Delivery, event: Ours) -> bool:
    parent = delivery.parent.external_id if delivery.parent else None
    return parent == event.parent_id and delivery.post.text.strip() in event.text


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
                "permalink": kept(event.permalink)[:1000],
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
    """Our reply is not on the network any more: the resident may never have seen it, so the
    conversation is open again. What we took down ourselves has been settled by that act."""
    delivery.gone_at = at
    delivery.save(update_fields=["gone_at"])
    if delivery.state == S.WITHDRAWN.value:
        return
    ledger.enter(
        Happening.REPLY_VANISHED,
        "delivery",
        delivery.id,
        conversation_id=delivery.conversation_id,
        at=now,
        account=str(delivery.account_id),
    )
    settling.bring_back(delivery, now)
