"""Acts on a network: hide and show, like, correct and take down.

A member asks; a job does it. Everything here can be done twice without harm, so an act whose
answer was lost is done again, and `reconcile` is not needed. Nothing is ever hidden by itself
(policing R31): an act has a member, and a hiding has a reason from a published list.
"""

from contextlib import closing
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from callbox import ledger
from callbox.actions.doing import NotPossible, by, locked, now_utc
from callbox.actions.posts import DoesNotFit, signed
from callbox.connector import (
    ConnectorError,
)
from callbox.effects import announce, later
from callbox.models.accounts import Account
from callbox.models.inbox import Message
from callbox.models.posts import Delivery, NetworkAct, Post
from callbox.queries import targets
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import (
    Act,
    ActState,
    Deed,
    DeliveryState,
    Happening,
    HideReason,
    Lane,
    Outgoing,
    PostKind,
)

#: What an act needs: the member's deed, and the connector's ability.
NEEDS: dict[Act, tuple[Deed, str]] = {
    Act.HIDE: (Deed.HIDE, "hide"),
    Act.UNHIDE: (Deed.HIDE, "unhide"),
    Act.LIKE: (Deed.LIKE, "like"),
    Act.CORRECT: (Deed.REPLY, "edit"),
    Act.TAKE_DOWN: (Deed.WITHDRAW, "delete"),
}
ON_MESSAGES = frozenset({Act.HIDE, Act.UNHIDE, Act.LIKE})


def ask(
    me: Me,
    act: Act,
    *,
    message_id: UUID | None = None,
    delivery_id: UUID | None = None,
    reason: HideReason | None = None,
    words: str = "",
    text: str = "",
) -> NetworkAct:
    """Have something done on a network: to a message, or to a reply of ours that is there.

    HIDE needs a reason, and words where the reason is that the law forbids it; CORRECT needs the
    new text. Raises access.Denied, NotPossible, DoesNotFit.
    """
    now = now_utc()
    if act is Act.HIDE and reason is None:
        raise NotPossible("Say which rule it breaks.")
    if act is Act.HIDE and reason is HideReason.UNLAWFUL and not words.strip():
        raise NotPossible("Say which law forbids it.")
    if (message_id is None) is (act in ON_MESSAGES) or (delivery_id is None) is (
        act not in ON_MESSAGES
    ):
        raise NotPossible("This cannot be done to that.")
    if act is Act.CORRECT:
        _fits(me, delivery_id, text)
    with acting_for(me.agency_id):
        asked = _on_message(me, act, message_id, now) if message_id else None
        asked = asked or _on_delivery(me, act, delivery_id, now)
        if act is Act.CORRECT:
            asked.post = _corrected(me, asked, text, now)
        asked.reason, asked.words = reason.value if reason else "", kept(words.strip())[:500]
        asked.save(force_insert=True)
        enter(asked, Happening.ACT_ASKED, by(me), now)
        later("perform_act", act_id=asked.id)
        return asked


def _on_message(me: Me, act: Act, message_id: UUID, now: datetime) -> NetworkAct:
    rows = Message.objects.select_related("author", "account", "conversation")
    message = rows.filter(pk=message_id).first()
    if message is None:
        raise NotPossible("That message is not here.")
    deed, ability = NEEDS[act]
    locked(me, message.conversation_id, deed, now)
    _still_there(message, act)
    barrier = targets.of_messages(message.conversation, [message], [ability])[message.id][ability]
    if barrier is not None:
        raise NotPossible(barrier.words)
    _once(NetworkAct.objects.filter(message=message, act=act.value))
    return _asked(me, act, message.account, message.conversation_id, now, message=message)


def _still_there(message: Message, act: Act) -> None:
    if message.deleted_at is not None:
        raise NotPossible("Its author took it away.")
    if act is Act.HIDE and message.hidden_at is not None:
        raise NotPossible("It is hidden already.")
    if act is Act.UNHIDE and message.hidden_at is None:
        raise NotPossible("It is not hidden.")


def _on_delivery(me: Me, act: Act, delivery_id: UUID | None, now: datetime) -> NetworkAct:
    rows = Delivery.objects.select_related("post", "account")
    delivery = rows.filter(pk=delivery_id).first() if delivery_id else None
    if delivery is None or delivery.conversation_id is None:
        raise NotPossible("That reply is not here.")
    deed, ability = NEEDS[act]
    locked(me, delivery.conversation_id, deed, now)
    if delivery.state != DeliveryState.SENT.value or delivery.gone_at is not None:
        raise NotPossible("It is not on the network.")
    barriers = targets.of_deliveries(delivery.account, [delivery], [ability])
    barrier = barriers[delivery.id][ability]
    if barrier is not None:
        raise NotPossible(barrier.words)
    _once(NetworkAct.objects.filter(delivery=delivery, act=act.value))
    return _asked(me, act, delivery.account, delivery.conversation_id, now, delivery=delivery)


def _once(acts: QuerySet[NetworkAct]) -> None:
    """Raise NotPossible while the same act is under way."""
    if acts.filter(state=ActState.ASKED.value).exists():
        raise NotPossible("It is being done already.")


def _asked(
    me: Me,
    act: Act,
    account: Account,
    conversation_id: UUID,
    now: datetime,
    *,
    message: Message | None = None,
    delivery: Delivery | None = None,
) -> NetworkAct:
    if account.state != Account.State.ON:
        raise NotPossible(f"{account.handle} is not connected at present.")
    return NetworkAct(
        agency_id=me.agency_id,
        account=account,
        conversation_id=conversation_id,
        message=message,
        delivery=delivery,
        member_id=me.member_id,
        act=act.value,
        asked_at=now,
        due_at=now,
    )


def _fits(me: Me, delivery_id: UUID | None, text: str) -> None:
    """Ask the connector whether the new words fit, before and outside the transaction. A network
    that cannot say now holds nobody up: it will say when it is asked to change them."""
    with acting_for(me.agency_id):
        rows = Delivery.objects.select_related("post", "account")
        delivery = rows.filter(pk=delivery_id).first() if delivery_id else None
        if delivery is None or delivery.conversation_id is None:
            raise NotPossible("That reply is not here.")
        locked(me, delivery.conversation_id, NEEDS[Act.CORRECT][0], now_utc())
    post = delivery.post
    words = signed(kept(text), me)
    outgoing = Outgoing("check", post.written_at, words, Lane(post.lane), post.language)
    with closing(connector_for(delivery.account)) as connector:
        try:
            problems = connector.check(outgoing)
        except ConnectorError:
            return
    if problems:
        raise DoesNotFit(problems)


def _corrected(me: Me, asked: NetworkAct, text: str, now: datetime) -> Post:
    """The new words, as a post of their own that replaces the old one when the network has them."""
    if asked.delivery is None or not text.strip():
        raise NotPossible("Write the new words first.")
    old = asked.delivery.post
    text = signed(kept(text), me)
    if text == old.text:
        raise NotPossible("These are the words that stand there.")
    return Post.objects.create(
        agency_id=me.agency_id,
        kind=PostKind.CORRECTION.value,
        conversation_id=asked.conversation_id,
        member_id=me.member_id,
        text=text,
        language=old.language,
        lane=old.lane,
        written_at=now,
        replaces=old,
    )


def again(me: Me, act_id: UUID) -> NetworkAct:
    """Try a failed act once more. Raises access.Denied, NotPossible."""
    now = now_utc()
    with acting_for(me.agency_id):
        asked = NetworkAct.objects.select_for_update(of=("self",)).filter(pk=act_id).first()
        if asked is None or asked.conversation_id is None:
            raise NotPossible("That is not here.")
        locked(me, asked.conversation_id, NEEDS[Act(asked.act)][0], now)
        if asked.state != ActState.FAILED.value:
            raise NotPossible("This is not one that failed.")
        asked.state, asked.tries, asked.due_at = ActState.ASKED.value, 0, now
        asked.save(update_fields=["state", "tries", "due_at"])
        enter(asked, Happening.ACT_ASKED, by(me), now, again=True)
        later("perform_act", act_id=asked.id)
        return asked


def enter(
    asked: NetworkAct, happening: Happening, actor: ledger.Actor, now: datetime, **facts: object
) -> None:
    """Write a line about an act, and tell open pages."""
    ledger.enter(
        happening,
        "act",
        asked.id,
        actor,
        conversation_id=asked.conversation_id,
        at=now,
        act=asked.act,
        reason=asked.reason,
        message=str(asked.message_id or ""),
        delivery=str(asked.delivery_id or ""),
        **facts,
    )
    tell(asked)


def tell(asked: NetworkAct) -> None:
    """Tell open pages that an act has moved."""
    if asked.conversation_id:
        announce(["inbox", f"conversation:{asked.conversation_id}"])
