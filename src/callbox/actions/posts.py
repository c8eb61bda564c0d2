"""Saying something: a reply is written, held for a moment, and can be taken back or tried again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from callbox import ledger
from callbox.actions.doing import NotPossible, Stale, by, locked, now_utc
from callbox.connector import Connector, ConnectorError
from callbox.effects import announce, later
from callbox.models.accounts import Account
from callbox.models.inbox import Conversation, Draft, Message
from callbox.models.posts import Delivery, Picture, Post
from callbox.queries import people, targets
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.queries.pictures import media_of
from callbox.rules import access, posts
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import (
    ConversationState,
    Deed,
    DeliveryState,
    Happening,
    Lane,
    Outgoing,
    PostKind,
    Problem,
    ReplyTo,
)


class DoesNotFit(Exception):
    """The network would not take this text. `problems` say why, in words for its writer."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.words for problem in problems))
        self.problems = tuple(problems)


def signed(text: str, me: Me) -> str:
    """The text with its writer's name: nobody answers anonymously."""
    line = f"— {me.signature}"
    return text if text.rstrip().endswith(line) else f"{text.rstrip()}\n{line}"


def reply(
    me: Me,
    conversation_id: UUID,
    text: str,
    *,
    lane: Lane,
    language: str = "",
    picture_ids: Sequence[UUID] = (),
    seen_at: datetime | None = None,
    hold: bool = True,
) -> Delivery:
    """Queue an answer to the newest message of a conversation.

    It goes out after `posts.HOLD` unless taken back; the conversation stays ours until the network
    has it. `seen_at` is when its writer last saw the conversation: if the resident has spoken
    since, or a colleague has answered, Stale is raised once, so that nobody answers yesterday's
    question, or answers it twice.

    Raises access.Denied, NotPossible, Stale, DoesNotFit.
    """
    if not text.strip():
        raise NotPossible("Write something first.")
    text = signed(kept(text), me)
    _check(me, conversation_id, text, lane, language, picture_ids)
    now = now_utc()
    with acting_for(me.agency_id):
        conversation = locked(me, conversation_id, Deed.REPLY, now)
        parent = _parent(conversation, lane, seen_at)
        _not_answered_since(me, conversation, seen_at)
        post = Post.objects.create(
            agency_id=me.agency_id,
            kind=PostKind.REPLY.value,
            conversation=conversation,
            member_id=me.member_id,
            text=text,
            language=language[:12],
            lane=lane.value,
            written_at=now,
        )
        _illustrate(me, post, picture_ids)
        delivery = _queue(me, post, conversation, parent, now + posts.HOLD if hold else now)
        _taken_on(me, conversation, now)
        return delivery


def _illustrate(me: Me, post: Post, picture_ids: Sequence[UUID]) -> None:
    pictures = Picture.objects.filter(pk__in=picture_ids, member_id=me.member_id, post=None)
    if pictures.update(post=post) != len(set(picture_ids)):
        raise NotPossible("A picture is not here any more. Add it again.")


def _queue(
    me: Me, post: Post, conversation: Conversation, parent: Message, due_at: datetime
) -> Delivery:
    delivery = Delivery.objects.create(
        agency_id=me.agency_id,
        post=post,
        account_id=conversation.account_id,
        conversation=conversation,
        parent=parent,
        due_at=due_at,
    )
    ledger.enter(
        Happening.REPLY_QUEUED,
        "delivery",
        delivery.id,
        by(me),
        conversation_id=conversation.id,
        at=post.written_at,
        post=str(post.id),
        lane=post.lane,
    )
    later("deliver", delivery_id=delivery.id, at=due_at)
    return delivery


def _taken_on(me: Me, conversation: Conversation, now: datetime) -> None:
    """Whoever answers first has it; what they were writing is written."""
    if conversation.assignee_id is None:
        conversation.assignee_id = me.member_id
    conversation.failed = False
    conversation.changed_at = now
    conversation.save(update_fields=["assignee", "failed", "changed_at"])
    Draft.objects.filter(conversation=conversation, member_id=me.member_id).delete()
    announce(["inbox", f"conversation:{conversation.id}"])


def _parent(conversation: Conversation, lane: Lane, seen_at: datetime | None) -> Message:
    """The message to answer: the newest one that is still there, of this conversation or of those
    merged into it. Raises NotPossible, and Stale when something came after `seen_at`."""
    if conversation.merged_into_id is not None:
        raise NotPossible("This was merged into another conversation. Answer there.")
    if lane is Lane.PUBLIC and conversation.lane == Lane.PRIVATE.value:
        raise NotPossible("They wrote privately. Answer privately.")
    merged = Conversation.objects.filter(merged_into=conversation).values("id")
    said = Message.objects.filter(Q(conversation=conversation) | Q(conversation_id__in=merged))
    if seen_at is not None and said.filter(received_at__gt=seen_at).exists():
        raise Stale("They wrote again while you were writing. Read it, then send.")
    # Another account's message would have to be answered by that account.
    ours = said.filter(account_id=conversation.account_id)
    there_first = ours.order_by(F("deleted_at").asc(nulls_first=True), "-said_at", "-id")
    newest = there_first.first()
    if newest is None:
        raise NotPossible("There is nothing here to answer.")
    return newest


def _not_answered_since(me: Me, conversation: Conversation, seen_at: datetime | None) -> None:
    """Raise Stale when a colleague has answered after `seen_at`; what was taken back is nothing."""
    if seen_at is None:
        return
    said = Delivery.objects.filter(conversation=conversation, post__written_at__gt=seen_at)
    others = said.exclude(post__member_id=me.member_id).exclude(state=DeliveryState.WITHDRAWN.value)
    newest = others.select_related("post__member").order_by("-post__written_at").first()
    if newest is not None:
        who = newest.post.member.called
        raise Stale(f"{who} answered while you were writing. Read it, then send.")


def _check(
    me: Me,
    conversation_id: UUID,
    text: str,
    lane: Lane,
    language: str,
    picture_ids: Sequence[UUID],
) -> None:
    """Ask the connector whether it fits, before and outside the transaction: it may have to read
    its network's limits. A network that cannot say now does not hold up a reply."""
    with acting_for(me.agency_id):
        conversation = (
            Conversation.objects.select_related("account").filter(pk=conversation_id).first()
        )
        if conversation is None:
            raise NotPossible("This conversation is not here.")
        path = people.unit_path(conversation.unit_id)
        access.require(me.standing, Deed.REPLY, path, now_utc())
        account: Account = conversation.account
        pictures = list(Picture.objects.filter(pk__in=picture_ids, member_id=me.member_id))
        newest = targets.newest(conversation)
        to = targets.target(newest) if newest else None
    connector = connector_for(account)
    try:
        _not_barred(connector, lane, to)
        media = media_of(pictures, account)
        outgoing = Outgoing("check", now_utc(), text, lane, language, to, media)
        problems = connector.check(outgoing)
    except ConnectorError:
        problems = ()
    finally:
        connector.close()
    if problems:
        raise DoesNotFit(problems)


def _not_barred(connector: Connector, lane: Lane, to: ReplyTo | None) -> None:
    """Raise NotPossible, with the network's reason, where it would not take an answer now."""
    ability = "message" if lane is Lane.PRIVATE else "reply"
    words = connector.why_not(ability)
    if to is not None:
        barrier = connector.barrier(ability, to)
        words = barrier.words if barrier else ""
    if words:
        raise NotPossible(words)


def withdraw(me: Me, delivery_id: UUID) -> Delivery:
    """Take a reply back before it goes out. Its text becomes a draft again.

    Raises access.Denied, and NotPossible once the network may have it.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        delivery = _mine(me, delivery_id, Deed.WITHDRAW, now)
        if delivery.state != DeliveryState.QUEUED.value:
            raise NotPossible("It has gone out already.")
        delivery.state = posts.move(DeliveryState.QUEUED, DeliveryState.WITHDRAWN).value
        delivery.save(update_fields=["state"])
        ledger.enter(
            Happening.REPLY_WITHDRAWN,
            "delivery",
            delivery.id,
            by(me),
            conversation_id=delivery.conversation_id,
            at=now,
        )
        _back_to_draft(me, delivery, now)
        announce(["inbox", f"conversation:{delivery.conversation_id}"])
        return delivery


def _back_to_draft(me: Me, delivery: Delivery, now: datetime) -> None:
    """Give a text back to whoever took it back, above what they have begun to write since."""
    post = delivery.post
    text = post.text.removesuffix(f"\n— {post.member.signature}")
    mine = {"conversation_id": delivery.conversation_id, "member_id": me.member_id}
    begun = Draft.objects.filter(**mine).values_list("text", flat=True).first()
    if begun and begun.strip():
        text = f"{text}\n\n{begun}"
    Draft.objects.update_or_create(
        agency_id=me.agency_id,
        **mine,
        defaults={"lane": post.lane, "text": text, "typed_at": now},
    )


def try_again(me: Me, delivery_id: UUID) -> Delivery:
    """Queue a failed reply again, at once and under the same key. Raises access.Denied, NotPossible
    when it is not failed or the conversation has moved on."""
    now = now_utc()
    with acting_for(me.agency_id):
        delivery = _mine(me, delivery_id, Deed.REPLY, now)
        if delivery.state != DeliveryState.FAILED.value:
            raise NotPossible("This reply is not one that failed.")
        _not_moved_on(delivery)
        delivery.state = posts.move(DeliveryState.FAILED, DeliveryState.QUEUED).value
        delivery.attempts = 0
        delivery.looks = 0
        delivery.due_at = now
        delivery.save(update_fields=["state", "attempts", "looks", "due_at"])
        ledger.enter(
            Happening.REPLY_QUEUED,
            "delivery",
            delivery.id,
            by(me),
            conversation_id=delivery.conversation_id,
            at=now,
            again=True,
        )
        Conversation.objects.filter(pk=delivery.conversation_id).update(
            failed=False, changed_at=now
        )
        later("deliver", delivery_id=delivery.id)
        announce(["inbox", f"conversation:{delivery.conversation_id}"])
        return delivery


def _not_moved_on(delivery: Delivery) -> None:
    """Raise NotPossible where the old words would come too late."""
    conversation = Conversation.objects.get(pk=delivery.conversation_id)
    if conversation.state == ConversationState.CLOSED.value:
        raise NotPossible("This conversation was closed since. Open it again first.")
    after = Delivery.objects.filter(
        conversation=conversation,
        state=DeliveryState.SENT.value,
        gone_at=None,
        post__written_at__gt=delivery.post.written_at,
    )
    if after.exists():
        raise NotPossible("Another answer went out since. Write a new one.")


def _mine(me: Me, delivery_id: UUID, deed: Deed, now: datetime) -> Delivery:
    """The delivery, locked, with its conversation's permission checked."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("post__member")
        .filter(pk=delivery_id)
        .first()
    )
    if delivery is None or delivery.conversation_id is None:
        raise NotPossible("This reply is not here.")
    unit_id = Conversation.objects.values_list("unit_id", flat=True).get(
        pk=delivery.conversation_id
    )
    access.require(me.standing, deed, people.unit_path(unit_id), now)
    return delivery
