"""What an answer, a like or a hiding is about, as connectors are told it; and what stands in the
way of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Max

from callbox.connector import Connector
from callbox.logins import Barrier
from callbox.models.accounts import Account
from callbox.models.inbox import Conversation, Message
from callbox.models.posts import Delivery
from callbox.queries.accounts import reader_for
from callbox.vocabulary import Addressed, AuthorSeen, DeliveryState, Lane, ReplyTo

#: A private answer in one of these states counts as given, or may have been.
_GIVEN = (DeliveryState.SENDING.value, DeliveryState.SENT.value, DeliveryState.UNKNOWN.value)


def target(message: Message, besides: UUID | None = None) -> ReplyTo:
    """A message as a connector is told it. Reads its author (select it with the message).

    `besides` is the delivery that is asking: it does not count as an answer given before itself.
    """
    author = message.author
    nameless = author.external_id.startswith("nobody:")
    said = Message.objects.filter(
        conversation_id=message.conversation_id, author_id=message.author_id
    )
    return ReplyTo(
        parent_id=message.external_id,
        root_id=message.root_id,
        author=None
        if nameless
        else AuthorSeen(author.external_id, author.handle, author.name, author.profile_url),
        refs=message.refs,
        addressed=Addressed(message.addressed),
        lane=Lane(message.lane),
        said_at=message.said_at,
        heard_at=said.aggregate(at=Max("said_at"))["at"],
        answered_privately=_answered_privately(message, besides),
        permalink=message.permalink,
    )


def _answered_privately(message: Message, besides: UUID | None) -> bool:
    if message.lane == Lane.PRIVATE.value:
        return False
    given = Delivery.objects.filter(
        parent_id=message.id, post__lane=Lane.PRIVATE.value, state__in=_GIVEN
    )
    return given.exclude(pk=besides).exists() if besides else given.exists()


def after(delivery: Delivery) -> ReplyTo | None:
    """The part of a thread that this one follows, as a connector is told it."""
    before = delivery.after
    if before is None or before.external_id is None:
        return None
    return ReplyTo(
        parent_id=before.external_id,
        root_id=str(before.refs.get("root_id", "")) or before.external_id,
        author=None,
        refs=before.refs,
        permalink=before.permalink,
        ours=True,
    )


def newest(conversation: Conversation) -> Message | None:
    """The message that an answer would go to: the newest that is still there, else the newest."""
    rows = Message.objects.select_related("author").filter(
        conversation=conversation, account_id=conversation.account_id
    )
    return rows.order_by("-said_at", "-id").filter(deleted_at=None).first() or (
        rows.order_by("-said_at", "-id").first()
    )


def of_conversation(conversation: Conversation) -> Mapping[str, Barrier | None]:
    """What stands in the way of answering, in public ("reply") and in private ("message")."""
    connector = reader_for(conversation.account)
    # A network whose rules are the same for every message needs nothing read for them.
    alike = type(connector).barrier is Connector.barrier
    message = None if alike else newest(conversation)
    if message is None:
        return {name: _able(connector, name) for name in ("reply", "message")}
    to = target(message)
    return {name: connector.barrier(name, to) for name in ("reply", "message")}


def of_messages(
    conversation: Conversation, messages: Sequence[Message], abilities: Sequence[str]
) -> Mapping[UUID, Mapping[str, Barrier | None]]:
    """What stands in the way of acts ("like", "hide", "unhide") on these messages."""
    connector = reader_for(conversation.account)
    return {
        message.id: {name: connector.barrier(name, told) for name in abilities}
        for message in messages
        for told in [_told(message)]
    }


def of_deliveries(
    account: Account, deliveries: Sequence[Delivery], abilities: Sequence[str]
) -> Mapping[UUID, Mapping[str, Barrier | None]]:
    """What stands in the way of changing or removing ("edit", "delete") what we said."""
    connector = reader_for(account)
    return {
        delivery.id: {name: connector.barrier(name, told) for name in abilities}
        for delivery in deliveries
        for told in [_said(delivery)]
    }


def _said(delivery: Delivery) -> ReplyTo:
    """Something of ours (with its post) as a connector is told it."""
    external_id = delivery.external_id or ""
    return ReplyTo(
        parent_id=external_id,
        root_id=str(delivery.refs.get("root_id", "")) or external_id,
        author=None,
        refs=delivery.refs,
        lane=Lane(delivery.post.lane),
        said_at=delivery.sent_at,
        permalink=delivery.permalink,
        ours=True,
    )


def _told(message: Message) -> ReplyTo:
    """A message as far as acts need it: no window, no answers given, so nothing is read for it."""
    author = message.author
    return ReplyTo(
        parent_id=message.external_id,
        root_id=message.root_id,
        author=AuthorSeen(author.external_id, author.handle, author.name, author.profile_url),
        refs=message.refs,
        addressed=Addressed(message.addressed),
        lane=Lane(message.lane),
        said_at=message.said_at,
        heard_at=message.said_at,
        permalink=message.permalink,
    )


def _able(connector: Connector, ability: str) -> Barrier | None:
    words = connector.why_not(ability)
    return Barrier(words) if words else None
