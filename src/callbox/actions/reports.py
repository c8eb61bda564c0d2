"""How far the network says that a sent message of ours has come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from callbox import ledger
from callbox.actions import settling
from callbox.effects import announce
from callbox.models.accounts import Account
from callbox.models.posts import Delivery
from callbox.rules import posts
from callbox.vocabulary import Happening, Reported, Stage


def take(account: Account, reported: Sequence[Reported], now: datetime) -> set[UUID]:
    """Take in reports, in whatever order and however often they come: a message that was read never
    becomes merely delivered again, and one that failed stays failed. Call inside a scope; returns
    the conversations in which something changed."""
    touched: set[UUID] = set()
    for event in sorted(reported, key=lambda one: posts.STAGES[one.stage]):
        home = _take_one(account, event, now)
        if home is not None:
            touched.add(home)
    return touched


def _take_one(account: Account, event: Reported, now: datetime) -> UUID | None:
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(account=account, external_id=event.external_id)
        .first()
    )
    if delivery is None or not posts.further(delivery.stage, event.stage):
        return None
    delivery.stage, delivery.stage_at = event.stage.value, event.reported_at
    delivery.save(update_fields=["stage", "stage_at"])
    ledger.enter(
        Happening.REPLY_REPORTED,
        "delivery",
        delivery.id,
        conversation_id=delivery.conversation_id,
        at=now,
        stage=event.stage.value,
    )
    if event.stage is Stage.FAILED:
        _never_arrived(delivery, event, now)
    if delivery.conversation_id is not None:
        announce([f"conversation:{delivery.conversation_id}"])
    home: UUID | None = delivery.conversation_id
    return home


def _never_arrived(delivery: Delivery, event: Reported, now: datetime) -> None:
    """The network took our words and could not bring them: whoever asked has no answer."""
    delivery.gone_at = event.reported_at
    delivery.error_kind = "NeverReached"
    delivery.error_words = (event.words or "The network could not bring it to them.")[:500]
    delivery.save(update_fields=["gone_at", "error_kind", "error_words"])
    settling.bring_back(delivery, now)
