"""Doing on a network what a member asked for (`callbox.actions.acts`)."""

from contextlib import closing
from datetime import datetime, timedelta
from uuid import UUID

from callbox import ledger
from callbox.actions import acts, echoes, settling
from callbox.actions.doing import now_utc
from callbox.connector import (
    AuthTransient,
    Connector,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from callbox.effects import later
from callbox.models.accounts import Account
from callbox.models.inbox import Message
from callbox.models.posts import NetworkAct
from callbox.queries.accounts import connector_for
from callbox.rules import posts
from callbox.scope import acting_for
from callbox.vocabulary import (
    Act,
    ActState,
    DeliveryState,
    Happening,
    Lane,
    Outgoing,
    Receipt,
)

MOST_TRIES = 8


def perform(agency_id: UUID, act_id: UUID) -> None:
    """Do an act that was asked for: one call, outside any transaction."""
    with acting_for(agency_id):
        asked = _load(act_id)
        if asked is None or asked.due_at > now_utc() + timedelta(seconds=1):
            return
        account, outgoing = asked.account, _outgoing(asked)
    outcome = _done(account, asked, outgoing)
    with acting_for(agency_id, durable=True):
        asked = _load(act_id)
        if asked is not None:
            _settle(asked, outcome)


def _load(act_id: UUID) -> NetworkAct | None:
    return (
        NetworkAct.objects.select_for_update(of=("self",))
        .select_related("account", "message", "delivery__post", "delivery__parent", "post")
        .filter(pk=act_id, state=ActState.ASKED.value)
        .first()
    )


def _outgoing(asked: NetworkAct) -> Outgoing | None:
    """The corrected words, as the connector is told them."""
    if asked.post is None:
        return None
    post = asked.post
    return Outgoing(post.id.hex, post.written_at, post.text, Lane(post.lane), post.language)


def _done(
    account: Account, asked: NetworkAct, outgoing: Outgoing | None
) -> Receipt | ConnectorError | None:
    try:
        with closing(connector_for(account)) as connector:
            return _call(connector, asked, outgoing)
    except ConnectorError as error:
        return error
    except Exception as error:  # noqa: BLE001  # a fault of ours: tried again, then shown
        return Unavailable(f"Something broke on our side ({type(error).__name__}).")


def _call(
    connector: Connector, asked: NetworkAct, outgoing: Outgoing | None
) -> Receipt | ConnectorError | None:
    message, delivery = asked.message, asked.delivery
    if message is not None:
        match Act(asked.act):
            case Act.HIDE:
                connector.hide(message.external_id, message.root_id)
            case Act.UNHIDE:
                connector.unhide(message.external_id, message.root_id)
            case _:
                connector.like(message.external_id, message.refs)
        return None
    external_id = str(delivery.external_id) if delivery else ""
    if outgoing is not None:
        return connector.edit(external_id, outgoing)
    connector.delete(external_id)
    return None


def _settle(asked: NetworkAct, outcome: Receipt | ConnectorError | None) -> None:
    now = now_utc()
    asked.tries += 1
    passing = isinstance(outcome, RateLimited | Unavailable | AuthTransient | OutcomeUnknown)
    if isinstance(outcome, ConnectorError) and passing and asked.tries < MOST_TRIES:
        _put_off(asked, outcome, now)
        return
    if isinstance(outcome, ConnectorError):
        asked.state, asked.error_words = ActState.FAILED.value, str(outcome)[:500]
        asked.save(update_fields=["state", "tries", "error_words"])
        acts.enter(asked, Happening.ACT_FAILED, ledger.SYSTEM, now, kind=type(outcome).__name__)
        return
    asked.state, asked.done_at, asked.error_words = ActState.DONE.value, now, ""
    asked.save(update_fields=["state", "tries", "done_at", "error_words"])
    _apply(asked, outcome, now)
    acts.enter(asked, Happening.ACT_DONE, ledger.SYSTEM, now)


def _put_off(asked: NetworkAct, error: ConnectorError, now: datetime) -> None:
    """The network does not answer now. The act is done later, and nobody has to ask again."""
    wait = now + posts.backoff(asked.tries)
    asked.due_at = max(error.until, wait) if isinstance(error, RateLimited) else wait
    asked.error_words = str(error)[:500]
    asked.save(update_fields=["tries", "due_at", "error_words"])
    later("perform_act", act_id=asked.id, at=asked.due_at)
    acts.tell(asked)


def _apply(asked: NetworkAct, receipt: Receipt | None, now: datetime) -> None:
    """What a done act means for our own rows: shown at once, whatever comes from there later."""
    act = Act(asked.act)
    if act in (Act.HIDE, Act.UNHIDE):
        Message.objects.filter(pk=asked.message_id).update(
            hidden_at=now if act is Act.HIDE else None
        )
    elif act is Act.CORRECT and asked.delivery is not None:
        delivery = asked.delivery
        delivery.post = asked.post
        if receipt is not None and receipt.external_id:
            delivery.external_id = receipt.external_id
            delivery.permalink = receipt.permalink[:1000] or delivery.permalink
        delivery.save(update_fields=["post", "external_id", "permalink"])
        _entered_correction(asked, now)
    elif act is Act.TAKE_DOWN and asked.delivery is not None:
        delivery = asked.delivery
        delivery.state = posts.move(DeliveryState(delivery.state), DeliveryState.WITHDRAWN).value
        delivery.save(update_fields=["state"])
        echoes.vanished(delivery, now, now)
        settling.taken_back(delivery, now)


def _entered_correction(asked: NetworkAct, now: datetime) -> None:
    ledger.enter(
        Happening.REPLY_CORRECTED,
        "delivery",
        asked.delivery_id,
        ledger.SYSTEM,
        conversation_id=asked.conversation_id,
        at=now,
        post=str(asked.post_id),
    )
