"""Bringing what we say to a network, once, and finding out what became of it.

The order is what makes it safe: SENDING is committed before the network is called, the call is
made once and outside any transaction, and its outcome is committed after. Whatever dies in between
leaves a row that says so, and `reconcile` asks the network before anybody says it again.
"""

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError

from callbox import ledger
from callbox.actions import echoes, settling
from callbox.actions.doing import now_utc
from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.effects import announce, later
from callbox.models.accounts import Account
from callbox.models.posts import Delivery, Picture
from callbox.queries import targets
from callbox.queries.accounts import connector_for
from callbox.queries.pictures import media_of
from callbox.rules import posts
from callbox.scope import acting_for
from callbox.vocabulary import (
    DeliveryState,
    Evidence,
    Happening,
    Lane,
    Outgoing,
    Poll,
    Receipt,
)

_ABSENT = "NotThereYet"  # looked once, and it was not there


def _load(delivery_id: UUID) -> Delivery | None:
    return (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("post", "account", "parent__author", "after")
        .filter(pk=delivery_id)
        .first()
    )


def outgoing_of(delivery: Delivery) -> Outgoing:
    """What a connector is given: the same at every attempt."""
    parent, post = delivery.parent, delivery.post
    reply_to = targets.target(parent, delivery.id) if parent else targets.after(delivery)
    pictures = Picture.objects.filter(post_id=delivery.post_id).order_by("id")
    return Outgoing(
        key=delivery.id.hex,
        made_at=post.written_at,
        text=post.text,
        lane=Lane(post.lane),
        language=post.language,
        reply_to=reply_to,
        poll=_poll(post.poll),
        link=post.card,
        form=post.form,
        publish_at=delivery.publish_at,
        media=media_of(list(pictures), delivery.account),
    )


def _poll(stored: Mapping[str, Any] | None) -> Poll | None:
    if not stored:
        return None
    return Poll(tuple(stored["options"]), int(stored["minutes"]), bool(stored.get("multiple")))


def deliver(agency_id: UUID, delivery_id: UUID) -> None:
    """Send one queued delivery. Calling it twice, or at the wrong moment, sends nothing twice."""
    with acting_for(agency_id, durable=True):
        started = _start(delivery_id)
    if started is None:
        return
    outcome = _say(started.account, started.outgoing)
    _settle_surely(agency_id, delivery_id, outcome, started.at)


@dataclass(frozen=True, slots=True)
class _Started:
    """One attempt, known by when it began."""

    account: Account
    outgoing: Outgoing
    at: datetime


def _start(delivery_id: UUID) -> _Started | None:
    """Claim a due delivery by marking it SENDING; None when there is nothing to send."""
    now = now_utc()
    delivery = _load(delivery_id)
    if delivery is None or delivery.state != DeliveryState.QUEUED.value:
        return None
    if delivery.due_at > now + timedelta(seconds=1):  # put off since this job was made
        later("deliver", delivery_id=delivery.id, at=delivery.due_at)
        return None
    if _waits_for_another(delivery, now):
        return None
    account = delivery.account
    if account.state != Account.State.ON:
        settling.failed(delivery, "AccountOff", f"{account.handle} is not connected at present.")
        return None
    if account.lapses_at is not None and account.lapses_at <= now:
        settling.failed(delivery, "AccountLapsed", f"The approval of {account.handle} is over.")
        return None
    outgoing = outgoing_of(delivery)
    delivery.state = posts.move(DeliveryState.QUEUED, DeliveryState.SENDING).value
    delivery.sending_since = now
    delivery.attempts += 1
    delivery.save()
    ledger.enter(
        Happening.REPLY_SENDING,
        "delivery",
        delivery.id,
        conversation_id=delivery.conversation_id,
        at=now,
        attempt=delivery.attempts,
    )
    # Seen to even if this process dies now: the sweep finds rows, this only finds them sooner.
    later("sweep_delivery", delivery_id=delivery.id, at=now + posts.LEASE + timedelta(seconds=5))
    return _Started(account, outgoing, now)


def _waits_for_another(delivery: Delivery, now: datetime) -> bool:
    """Whether the part of the thread before this one is not there yet, or will never be: a thread
    with a hole in it says something else than its writer did."""
    before = delivery.after
    if before is None or before.state == DeliveryState.SENT.value:
        return False
    if before.state in (DeliveryState.FAILED.value, DeliveryState.WITHDRAWN.value):
        settling.failed(delivery, "PartMissing", "The part before it did not go out.")
    else:
        delivery.due_at = now + timedelta(seconds=5)
        delivery.save(update_fields=["due_at"])
        later("deliver", delivery_id=delivery.id, at=delivery.due_at)
    return True


def _say(account: Account, outgoing: Outgoing) -> Receipt | ConnectorError:
    """One call to the network. A fault of our own in it counts as "outcome unknown": by then the
    network may have heard us."""
    try:
        connector = connector_for(account)
    except Exception as error:  # noqa: BLE001  # before any call: the network certainly did nothing
        return Refused(f"This account cannot be used ({type(error).__name__}).")
    try:
        if outgoing.lane is Lane.PRIVATE:
            return connector.message(outgoing)
        under = outgoing.reply_to is not None
        return connector.reply(outgoing) if under else connector.publish(outgoing)
    except ConnectorError as error:
        return error
    except Exception as error:  # noqa: BLE001  # whatever broke, the row must not stay SENDING
        return OutcomeUnknown(f"Something broke on our side ({type(error).__name__}).")
    finally:
        connector.close()


def _settle_surely(
    agency_id: UUID, delivery_id: UUID, outcome: Receipt | ConnectorError, began: datetime
) -> None:
    """What the network did must not be forgotten because the database stumbled (a deadlock with an
    echo, a connection lost): try three times. After that the sweep finds the row."""
    for pause in (0.1, 0.5, None):
        try:
            with acting_for(agency_id, durable=True):
                _settle(delivery_id, outcome, began)
            return
        except (OperationalError, InterfaceError):
            if pause is None:
                raise
            time.sleep(pause)


def _settle(delivery_id: UUID, outcome: Receipt | ConnectorError, began: datetime) -> None:
    """Write down what became of a call. An echo may have settled it already; and somebody who was
    held up so long that the delivery is being sent again has no say in that, unless it went out."""
    delivery = _load(delivery_id)
    if delivery is None or delivery.state not in (
        DeliveryState.SENDING.value,
        DeliveryState.UNKNOWN.value,
    ):
        return
    now = now_utc()
    if isinstance(outcome, Receipt):
        settling.sent(delivery, outcome, now, Evidence.ANSWER)
    elif delivery.sending_since != began:
        return
    elif isinstance(outcome, OutcomeUnknown):
        settling.unknown(delivery, str(outcome))
    else:
        _not_done(delivery, outcome, now)


def _not_done(delivery: Delivery, error: ConnectorError, now: datetime) -> None:
    """The network certainly did nothing: wait and try again, or bring it back to a person."""
    kind, words = type(error).__name__, str(error)
    if delivery.attempts >= posts.MOST_ATTEMPTS:
        settling.failed(delivery, kind, words)
    elif isinstance(error, RateLimited):
        settling.again(delivery, max(error.until, now), kind, words)
    elif isinstance(error, Unavailable | AuthTransient):
        settling.again(delivery, now + posts.backoff(delivery.attempts), kind, words)
    else:
        if isinstance(error, AuthDead):
            later("check_account", account_id=delivery.account_id)
        settling.failed(delivery, kind, words)


def sweep(agency_id: UUID, delivery_id: UUID) -> None:
    """A delivery that has been SENDING longer than any call takes: its worker is dead, and nobody
    knows what the network did."""
    with acting_for(agency_id, durable=True):
        delivery = _load(delivery_id)
        if (
            delivery is not None
            and delivery.state == DeliveryState.SENDING.value
            and posts.lease_over(delivery.sending_since, now_utc())
        ):
            settling.unknown(delivery, "Sending was interrupted. Looking whether it went out.")


def reconcile(agency_id: UUID, delivery_id: UUID) -> None:
    """Ask the network whether an UNKNOWN delivery went out, and act on what it says."""
    with acting_for(agency_id):
        delivery = _load(delivery_id)
        if delivery is None or delivery.state != DeliveryState.UNKNOWN.value:
            return
        account, outgoing = delivery.account, outgoing_of(delivery)
    found = _find(account, outgoing)
    with acting_for(agency_id, durable=True):
        delivery = _load(delivery_id)
        if delivery is None or delivery.state != DeliveryState.UNKNOWN.value:
            return
        _reconciled(delivery, found)


def _find(account: Account, outgoing: Outgoing) -> Receipt | ConnectorError | None:
    try:
        with closing(connector_for(account)) as connector:
            return connector.find(outgoing)
    except ConnectorError as error:
        return error
    except Exception as error:  # noqa: BLE001  # it counts as a look that found nothing out
        return Unavailable(f"Something broke on our side ({type(error).__name__}).")


def _reconciled(delivery: Delivery, found: Receipt | ConnectorError | None) -> None:
    now = now_utc()
    delivery.looks += 1
    if isinstance(found, Receipt):
        settling.sent(delivery, found, now, Evidence.FOUND)
    elif found is None and delivery.error_kind == _ABSENT:
        # Looked twice, half a minute apart, and it is not there. It did not go out; whether to say
        # it again is a person's decision, with the text at hand.
        settling.failed(delivery, "NeverArrived", "It did not arrive. You can send it again.")
    elif isinstance(found, Refused) or delivery.looks >= posts.MOST_LOOKS:
        settling.failed(
            delivery,
            "NobodyKnows",
            "We could not find out whether it went out. Look on the network before you try again.",
        )
    else:
        delivery.error_kind = _ABSENT if found is None else delivery.error_kind
        delivery.due_at = now + max(posts.look_again(delivery.looks + 1), posts.IN_FLIGHT)
        delivery.save(update_fields=["looks", "due_at", "error_kind"])
        later("reconcile", delivery_id=delivery.id, at=delivery.due_at)


def confirm(agency_id: UUID, delivery_id: UUID) -> None:
    """Read a sent reply back as the public sees it: only then is it shown as public."""
    with acting_for(agency_id):
        delivery = _load(delivery_id)
        if delivery is None or not _is_unconfirmed(delivery):
            return
        account, external_id = delivery.account, str(delivery.external_id)
    gone = _gone(account, external_id)
    with acting_for(agency_id, durable=True):
        delivery = _load(delivery_id)
        if delivery is not None and _is_unconfirmed(delivery):
            _confirmed(delivery, gone)


def _is_unconfirmed(delivery: Delivery) -> bool:
    sent = delivery.state == DeliveryState.SENT.value
    return sent and delivery.confirmed_at is None and delivery.gone_at is None


def _gone(account: Account, external_id: str) -> bool | None:
    """Whether the post is gone; None when nobody can say now."""
    try:
        with closing(connector_for(account)) as connector:
            if "look" not in connector.abilities():
                return False  # its id is all that this network ever gives
            return connector.look(external_id).gone
    except Exception:  # noqa: BLE001  # ours or the network's: asked again later
        return None


def _confirmed(delivery: Delivery, gone: bool | None) -> None:
    now = now_utc()
    delivery.looks += 1
    patient = delivery.looks < 4  # networks index late: gone counts when it stays gone
    if gone is False:
        delivery.confirmed_at = now
        delivery.save(update_fields=["confirmed_at", "looks"])
        ledger.enter(
            Happening.REPLY_CONFIRMED,
            "delivery",
            delivery.id,
            conversation_id=delivery.conversation_id,
            at=now,
        )
        if delivery.conversation_id:
            announce([f"conversation:{delivery.conversation_id}"])
    elif gone is True and not patient:
        echoes.vanished(delivery, now, now)
    elif delivery.looks < posts.MOST_LOOKS:
        delivery.save(update_fields=["looks"])
        later("confirm", delivery_id=delivery.id, at=now + posts.look_again(delivery.looks))
