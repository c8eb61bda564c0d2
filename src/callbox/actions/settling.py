"""What becomes of a delivery, and of the conversation it answers.

Everything here runs inside a transaction that holds the delivery's row.
"""

from datetime import datetime

from django.db.models import Min

from callbox import ledger
from callbox.actions import opening
from callbox.actions.doing import now_utc
from callbox.effects import announce, later
from callbox.models.inbox import ContextPost, Conversation
from callbox.models.people import Agency
from callbox.models.posts import Delivery
from callbox.queries.conversations import unanswered_since
from callbox.rules import clock, posts
from callbox.vocabulary import ConversationState, DeliveryState, Evidence, Happening, Receipt


def sent(delivery: Delivery, receipt: Receipt, at: datetime, how: Evidence) -> None:
    """The network has our words, under an id; `how` we know goes on record with it. Calling it
    again changes nothing."""
    if delivery.state in (DeliveryState.SENT.value, DeliveryState.WITHDRAWN.value):
        return
    now = now_utc()
    said_by = Delivery.objects.filter(
        account_id=delivery.account_id, external_id=receipt.external_id
    ).exclude(pk=delivery.pk)
    if said_by.exists():
        failed(delivery, "SaidAlready", "The network has these words once, from another reply.")
        return
    delivery.state = posts.move(DeliveryState(delivery.state), DeliveryState.SENT).value
    delivery.external_id = receipt.external_id
    delivery.permalink = receipt.permalink[:1000]
    delivery.refs = dict(receipt.refs)
    delivery.sent_at = at
    delivery.sending_since = None
    delivery.looks = 0
    delivery.error_kind = delivery.error_words = ""
    delivery.how = how.value
    delivery.save()
    # Shown to us before we knew that it was this one.
    ContextPost.objects.filter(
        account_id=delivery.account_id, external_id=receipt.external_id
    ).delete()
    ledger.enter(
        Happening.REPLY_SENT,
        "delivery",
        delivery.id,
        conversation_id=delivery.conversation_id,
        at=now,
        account=str(delivery.account_id),
        external_id=receipt.external_id,
        how=how.value,
    )
    _answered(delivery, at, now)
    later("confirm", delivery_id=delivery.id, at=confirm_at(now))


def confirm_at(now: datetime) -> datetime:
    """When to read a post back: networks need a moment to show what they took."""
    return now + posts.look_again(1)


def _answered(delivery: Delivery, at: datetime, now: datetime) -> None:
    """It is the resident's turn, unless they have spoken again since we wrote: then the clock runs
    from what they said."""
    if delivery.conversation_id is None:
        return
    conversation = opening.home(delivery.conversation_id)
    conversation.answered_at = conversation.answered_at or at
    conversation.last_at = max(conversation.last_at, at)
    conversation.failed = False
    conversation.changed_at = now
    if conversation.state == ConversationState.OPEN.value:
        since = unanswered_since(conversation)
        if since is None:
            conversation.state = ConversationState.WAITING.value
            conversation.snoozed_until = None
        else:
            restart_clock(conversation, since)
    conversation.save()
    announce(["inbox", f"conversation:{conversation.id}"])


def restart_clock(conversation: Conversation, since: datetime) -> None:
    """Have the clock run from `since`. The caller saves it."""
    promise = Agency.objects.values_list("answer_minutes", flat=True).get(pk=conversation.agency_id)
    conversation.since = since
    conversation.due_at = clock.due(since, conversation.urgency, promise)


def failed(delivery: Delivery, kind: str, words: str) -> None:
    """It did not go out, and will not by itself: the conversation comes back with the words."""
    now = now_utc()
    delivery.state = posts.move(DeliveryState(delivery.state), DeliveryState.FAILED).value
    delivery.sending_since = None
    delivery.error_kind, delivery.error_words = kind[:40], words[:500]
    delivery.save()
    ledger.enter(
        Happening.REPLY_FAILED,
        "delivery",
        delivery.id,
        conversation_id=delivery.conversation_id,
        at=now,
        kind=kind,
    )
    bring_back(delivery, now)


def bring_back(delivery: Delivery, now: datetime) -> None:
    """Put the conversation back in the queue: what it waited for did not happen."""
    if delivery.conversation_id is None:
        return
    conversation = opening.home(delivery.conversation_id)
    opening.reopen(conversation, now)
    conversation.failed = True
    _recount(conversation)
    fields = ("failed", "answered_at", "since", "due_at", *opening.FIELDS)
    conversation.save(update_fields=fields)
    announce(["inbox", f"conversation:{conversation.id}"])


def taken_back(delivery: Delivery, now: datetime) -> None:
    """We took our own words down: whoever has no other answer waits again. Nothing has failed."""
    if delivery.conversation_id is None:
        return
    conversation = opening.home(delivery.conversation_id)
    if unanswered_since(conversation) is not None:
        opening.reopen(conversation, now)
    _recount(conversation)
    conversation.changed_at = now
    conversation.save(update_fields=["answered_at", "since", "due_at", *opening.FIELDS])
    announce(["inbox", f"conversation:{conversation.id}"])


def _recount(conversation: Conversation) -> None:
    """Work out anew when it was first answered, and since when somebody waits: an answer that is
    not there any more answered nothing."""
    sent = Delivery.objects.filter(
        conversation=conversation, state=DeliveryState.SENT.value, gone_at=None
    )
    conversation.answered_at = sent.aggregate(at=Min("sent_at"))["at"]
    restart_clock(conversation, unanswered_since(conversation) or conversation.since)


def unknown(delivery: Delivery, words: str) -> None:
    """Nobody can say whether it went out: reconcile looks before anything else happens."""
    now = now_utc()
    delivery.state = posts.move(DeliveryState(delivery.state), DeliveryState.UNKNOWN).value
    delivery.sending_since = None
    delivery.looks = 0
    delivery.due_at = now + posts.look_again(1)
    delivery.error_kind, delivery.error_words = "OutcomeUnknown", words[:500]
    delivery.save()
    ledger.enter(
        Happening.REPLY_UNKNOWN,
        "delivery",
        delivery.id,
        conversation_id=delivery.conversation_id,
        at=now,
    )
    later("reconcile", delivery_id=delivery.id, at=delivery.due_at)
    if delivery.conversation_id:
        announce([f"conversation:{delivery.conversation_id}"])


def again(delivery: Delivery, at: datetime, kind: str, words: str) -> None:
    """The network certainly did nothing: queue it again, under the same key, for `at`."""
    delivery.state = posts.move(DeliveryState(delivery.state), DeliveryState.QUEUED).value
    delivery.sending_since = None
    delivery.due_at = at
    delivery.error_kind, delivery.error_words = kind[:40], words[:500]
    delivery.save()
    later("deliver", delivery_id=delivery.id, at=at)
    if delivery.conversation_id:
        announce([f"conversation:{delivery.conversation_id}"])
