"""Saying something first: a post, or a thread of posts, from one of our accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callbox import ledger
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.actions.posts import DoesNotFit, signed
from callbox.connector import Connector, ConnectorError
from callbox.effects import later
from callbox.models.accounts import Account
from callbox.models.posts import Delivery, Picture, Post
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.queries.pictures import media_of
from callbox.rules import access
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Happening, Lane, Outgoing, Poll, PostKind, Problem

FORMS = ("post", "story", "reel")


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be said. `parts` are the further posts of a thread, each hung on the one before.
    Pictures, poll and card belong to the first."""

    text: str
    parts: tuple[str, ...] = ()
    language: str = ""
    picture_ids: tuple[UUID, ...] = ()
    poll: Poll | None = None
    card: str = ""
    form: str = "post"
    publish_at: datetime | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Every post's words, in order."""
        return (self.text, *self.parts)


def publish(me: Me, account_id: UUID, words: Words) -> Sequence[Delivery]:
    """Queue a post, or a thread. The last part carries the signature: one thread, one name.

    Raises access.Denied, NotPossible, DoesNotFit.
    """
    if not words.text.strip() and not words.picture_ids:
        raise NotPossible("Write something first.")
    if words.form not in FORMS:
        raise NotPossible(f"“{words.form}” is no form of a post: {', '.join(FORMS)}.")
    now = now_utc()
    texts = _signed(me, words.texts)
    account = _checked(me, account_id, words, texts, now)
    with acting_for(me.agency_id):
        posts = [_post(me, words, at, text, now) for at, text in enumerate(texts)]
        pictures = Picture.objects.filter(
            pk__in=words.picture_ids, member_id=me.member_id, post=None
        )
        if pictures.update(post=posts[0]) != len(set(words.picture_ids)):
            raise NotPossible("A picture is not here any more. Add it again.")
        deliveries: list[Delivery] = []
        for post in posts:
            deliveries.append(_queue(me, account, post, words, deliveries, now))
        return deliveries


def _signed(me: Me, texts: Sequence[str]) -> list[str]:
    plain = [kept(text) for text in texts]
    return [*plain[:-1], signed(plain[-1], me)]


def _checked(
    me: Me, account_id: UUID, words: Words, texts: Sequence[str], now: datetime
) -> Account:
    """The account, once its connector has nothing against any of the posts."""
    with acting_for(me.agency_id):
        access.require(me.standing, Deed.PUBLISH, "", now)
        account = Account.objects.filter(pk=account_id, state=Account.State.ON).first()
        if account is None:
            raise NotPossible("That account is not connected.")
        mine = Picture.objects.filter(pk__in=words.picture_ids, member_id=me.member_id)
        media = media_of(list(mine.order_by("id")), account)
    first = Outgoing(
        "check",
        now,
        texts[0],
        language=words.language,
        media=media,
        poll=words.poll,
        link=words.card,
        form=words.form,
        publish_at=words.publish_at,
    )
    rest = [Outgoing("check", now, text, language=words.language) for text in texts[1:]]
    connector = connector_for(account)
    try:
        problems = _problems(connector, [first, *rest])
    finally:
        connector.close()
    if problems:
        raise DoesNotFit(problems)
    return account


def _problems(connector: Connector, all_of_it: Sequence[Outgoing]) -> list[Problem]:
    """What the network has against it. One that cannot say now holds nobody up."""
    needed = ("publish", "reply") if len(all_of_it) > 1 else ("publish",)
    for ability in needed:
        why_not = connector.why_not(ability)
        if why_not:
            raise NotPossible(why_not)
    try:
        return [problem for one in all_of_it for problem in connector.check(one)]
    except ConnectorError:
        return []


def _post(me: Me, words: Words, at: int, text: str, now: datetime) -> Post:
    first = at == 0
    poll = words.poll if first else None
    return Post.objects.create(
        agency_id=me.agency_id,
        kind=PostKind.POST.value,
        member_id=me.member_id,
        text=text,
        language=words.language[:12],
        lane=Lane.PUBLIC.value,
        written_at=now,
        poll={"options": list(poll.options), "minutes": poll.minutes, "multiple": poll.multiple}
        if poll
        else None,
        card=words.card[:1000] if first else "",
        form=words.form if first else "post",
    )


def _queue(
    me: Me, account: Account, post: Post, words: Words, before: Sequence[Delivery], now: datetime
) -> Delivery:
    delivery = Delivery.objects.create(
        agency_id=me.agency_id,
        post=post,
        account=account,
        due_at=now,
        after=before[-1] if before else None,
        publish_at=words.publish_at if not before else None,
    )
    ledger.enter(
        Happening.REPLY_QUEUED,
        "delivery",
        delivery.id,
        by(me),
        at=now,
        post=str(post.id),
        kind=post.kind,
        account=str(account.id),
    )
    later("deliver", delivery_id=delivery.id)
    return delivery
