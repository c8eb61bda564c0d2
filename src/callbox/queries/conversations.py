"""Reading one conversation whole: what was said around it, in it, and about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet

from callbox.logins import Barrier
from callbox.models.inbox import (
    Author,
    ContextPost,
    Conversation,
    Draft,
    Message,
    Note,
    ReactionSeen,
    ReadMark,
    Version,
)
from callbox.models.media import Attachment
from callbox.models.people import Member
from callbox.models.posts import Delivery, NetworkAct, Picture
from callbox.networks import connector_class
from callbox.queries import acts, people, targets
from callbox.queries.people import Me
from callbox.rules.access import covers
from callbox.vocabulary import Deed, DeliveryState, Doubt, doubts_in

#: Abilities that are about a message of somebody else's; `Item.barriers` has those that the network
#: has at all.
ACTS = ("like", "hide", "unhide")
#: The same for what we said.
CHANGES = ("edit", "delete")
PRESENT = timedelta(seconds=60)
MOST_ITEMS = 400


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """A message's words at one time."""

    said_at: datetime
    text: str
    language: str
    attachments: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a thread, whatever it is: templates switch on `kind`.

    `context` something said around it (`ours` when by us), `message` something said to us,
    `reply` something we said (with its `delivery`), `note` words for colleagues.
    """

    kind: str
    at: datetime
    id: UUID
    who: str = ""
    text: str = ""
    language: str = ""
    ours: bool = False
    permalink: str = ""
    attachments: Sequence[dict[str, Any]] = ()
    files: Mapping[str, Attachment] = field(default_factory=dict)  # by mark: see `queries.media`
    versions: Sequence[VersionSeen] = ()
    deleted_at: datetime | None = None
    hidden_at: datetime | None = None
    doubts: Sequence[Doubt] = ()
    lane: str = ""
    delivery: Delivery | None = None
    pictures: Sequence[tuple[UUID, str, str]] = ()  # id, description, type
    reactions: int = 0
    merged: bool = False  # belongs to a conversation that was merged into this one
    acts: Sequence[NetworkAct] = ()  # what members have done to it on the network, oldest first
    barriers: Mapping[str, Barrier | None] = field(default_factory=dict)  # see `ACTS`


@dataclass(frozen=True, slots=True)
class Present:
    """A colleague who is writing here now."""

    member_id: UUID
    called: str
    lane: str
    text: str
    typed_at: datetime
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another conversation with the same author on the same network."""

    id: UUID
    preview: str
    state: str
    disposition: str
    answered_at: datetime | None
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """Everything that the conversation page shows."""

    conversation: Conversation
    author: Author
    items: Sequence[Item]
    present: Sequence[Present] = ()
    earlier: Sequence[Earlier] = ()
    draft: Draft | None = None
    merged: Sequence[UUID] = field(default=())
    read_at: datetime | None = None

    @property
    def newest_message(self) -> Item | None:
        """The message that a reply would answer."""
        said = [item for item in self.items if item.kind == "message"]
        return said[-1] if said else None


def find(me: Me, conversation_id: UUID, now: datetime) -> Conversation | None:
    """The conversation, with its account, author, unit and assignee, if this member may read it."""
    conversation = (
        Conversation.objects.select_related("account", "author", "unit", "beat", "assignee")
        .filter(pk=conversation_id)
        .first()
    )
    if conversation is None:
        return None
    paths = me.standing.paths(Deed.READ, now)
    return conversation if covers(paths, conversation.unit.path) else None


def thread(me: Me, conversation: Conversation, now: datetime) -> Thread:
    """The page of a conversation that `find` gave: at most ten statements, whatever its size.

    What an author deleted shows its words only to those who may read deleted things (policing R36).
    """
    merged = list(
        Conversation.objects.filter(merged_into=conversation).values_list("id", flat=True)
    )
    ids = [conversation.id, *merged]
    may_see_deleted = covers(me.standing.paths(Deed.READ_DELETED, now), conversation.unit.path)
    done = _done(ids)
    items = [
        *_context(conversation),
        *(
            replace(one, acts=done.get(one.id, ()))
            for one in [
                *_messages(conversation, ids, may_see_deleted),
                *_replies(conversation, ids),
            ]
        ),
        *_notes(ids),
    ]
    drafts = list(
        Draft.objects.select_related("member", "asked_by").filter(conversation=conversation)
    )
    mark = ReadMark.objects.filter(conversation=conversation, member_id=me.member_id).first()
    return Thread(
        conversation=conversation,
        author=conversation.author,
        items=sorted(items, key=_place)[-MOST_ITEMS:],
        present=[_present(d) for d in drafts if _is_present(d, me, now)],
        earlier=_earlier(me, conversation, now),
        draft=next((d for d in drafts if d.member_id == me.member_id), None),
        merged=merged,
        read_at=mark.read_at if mark else None,
    )


def _place(item: Item) -> tuple[datetime, bool, UUID]:
    """Where something stands: by its time; networks tell whole seconds, and what was said around a
    message is what it came after."""
    return item.at, item.kind != "context", item.id


def _done(ids: Sequence[UUID]) -> Mapping[UUID, Sequence[NetworkAct]]:
    """What was done on the network, by the message or delivery that it was done to."""
    found: dict[UUID, list[NetworkAct]] = {}
    for act in acts.of_thread(ids):
        about = act.message_id or act.delivery_id
        if about is not None:
            found.setdefault(about, []).append(act)
    return found


def _is_present(draft: Draft, me: Me, now: datetime) -> bool:
    return draft.member_id != me.member_id and now - draft.typed_at < PRESENT


def _present(draft: Draft) -> Present:
    asked = draft.asked_by.called if draft.asked_by else ""
    return Present(
        draft.member_id, draft.member.called, draft.lane, draft.text, draft.typed_at, asked
    )


def _context(conversation: Conversation) -> list[Item]:
    rows = ContextPost.objects.filter(
        account_id=conversation.account_id, root_id=conversation.root_id
    ).order_by("said_at")
    # What was around at first can be said to us later, by an edit that names us.
    said = Message.objects.filter(conversation=conversation).values("external_id")
    posts = list(rows.exclude(external_id__in=said)[:60])
    liked: dict[str, int] = {}
    ours = [post.external_id for post in posts if post.ours]
    if ours:
        seen = ReactionSeen.objects.filter(account_id=conversation.account_id, target_id__in=ours)
        for target in seen.values_list("target_id", flat=True)[:5000]:
            liked[target] = liked.get(target, 0) + 1
    return [
        Item(
            kind="context",
            at=post.said_at,
            id=post.id,
            who=post.who,
            text=post.text,
            ours=post.ours,
            permalink=post.permalink,
            attachments=post.attachments,
            deleted_at=post.gone_at,
            reactions=liked.get(post.external_id, 0),
        )
        for post in posts
    ]


def files_of(message_ids: Iterable[UUID]) -> dict[UUID, dict[str, Attachment]]:
    """Where the files of these messages stand, by message and mark (`queries.media.mark_of`)."""
    found: dict[UUID, dict[str, Attachment]] = {}
    for row in Attachment.objects.filter(message_id__in=list(message_ids)):
        found.setdefault(row.message_id, {})[row.mark] = row
    return found


def _messages(conversation: Conversation, ids: Sequence[UUID], may_see_deleted: bool) -> list[Item]:
    said = Message.objects.select_related("author").filter(conversation_id__in=ids)
    rows = list(said.order_by("-said_at")[:MOST_ITEMS])
    able = _able(conversation, ACTS)
    barriers = targets.of_messages(conversation, rows, able) if able else {}
    texts: dict[UUID, list[VersionSeen]] = {}
    for version in Version.objects.filter(message_id__in=[row.id for row in rows]).order_by(
        "said_at"
    ):
        texts.setdefault(version.message_id, []).append(
            VersionSeen(version.said_at, version.text, version.language, version.attachments)
        )
    illustrated = [one for one, seen in texts.items() if any(v.attachments for v in seen)]
    files = files_of(illustrated) if illustrated else {}
    return [
        replace(
            _message(row, texts.get(row.id, []), conversation, may_see_deleted),
            files=files.get(row.id, {}),
            barriers=barriers.get(row.id, {}),
        )
        for row in rows
    ]


def _able(conversation: Conversation, wanted: Sequence[str]) -> list[str]:
    """Which of these its network can do at all."""
    able = connector_class(conversation.account.network).abilities()
    return [name for name in wanted if name in able]


def _message(
    row: Message,
    versions: Sequence[VersionSeen],
    conversation: Conversation,
    may_see_deleted: bool,
) -> Item:
    closed_eyes = row.deleted_at is not None and not may_see_deleted
    shown = () if closed_eyes else versions
    last = shown[-1] if shown else None
    return Item(
        kind="message",
        at=row.said_at,
        id=row.id,
        who=str(conversation.author),
        text=last.text if last else "",
        language=last.language if last else "",
        permalink=row.permalink,
        attachments=last.attachments if last else (),
        versions=shown,
        deleted_at=row.deleted_at,
        hidden_at=row.hidden_at,
        doubts=doubts_in(row.refs),
        lane=row.lane,
        merged=row.conversation_id != conversation.id,
    )


def _replies(conversation: Conversation, ids: Sequence[UUID]) -> list[Item]:
    deliveries = Delivery.objects.select_related("post__member", "post__replaces")
    rows = list(deliveries.filter(conversation_id__in=ids))
    able = _able(conversation, CHANGES)
    barriers = targets.of_deliveries(conversation.account, rows, able) if able else {}
    pictures: dict[UUID, list[tuple[UUID, str, str]]] = {}
    found = Picture.objects.filter(post_id__in=[row.post_id for row in rows]).order_by("id")
    for post_id, pk, alt, mime in found.values_list("post_id", "id", "alt", "mime"):
        pictures.setdefault(post_id, []).append((pk, alt, mime))
    return [
        Item(
            kind="reply",
            at=row.sent_at or row.post.written_at,
            id=row.id,
            who=row.post.member.called,
            text=row.post.text,
            language=row.post.language,
            ours=True,
            permalink=row.permalink,
            lane=row.post.lane,
            delivery=row,
            pictures=pictures.get(row.post_id, ()),
            deleted_at=row.gone_at,
            versions=_before(row),
            barriers=barriers.get(row.id, {}),
        )
        for row in rows
    ]


def _before(row: Delivery) -> Sequence[VersionSeen]:
    """The words that a correction took the place of."""
    old = row.post.replaces
    return [VersionSeen(old.written_at, old.text, old.language, ())] if old else ()


def _notes(ids: Sequence[UUID]) -> list[Item]:
    rows = Note.objects.select_related("member").filter(conversation_id__in=ids)
    return [
        Item(kind="note", at=row.written_at, id=row.id, who=row.member.called, text=row.text)
        for row in rows.order_by("-written_at")[:100]
    ]


def _same_author(me: Me, conversation: Conversation, now: datetime) -> QuerySet[Conversation]:
    """Other conversations with this author, in units that this member may read (policing R2)."""
    seen = Q(pk__in=[])
    for path in me.standing.paths(Deed.READ, now):
        seen |= Q(unit__path__startswith=path)
    rows = Conversation.objects.filter(seen, author_id=conversation.author_id)
    return rows.exclude(pk=conversation.id)


def _earlier(me: Me, conversation: Conversation, now: datetime) -> list[Earlier]:
    rows = (
        _same_author(me, conversation, now)
        .order_by("-last_at")
        .values_list("id", "preview", "state", "disposition", "answered_at", "started_at")
    )
    return [Earlier(*row) for row in rows[:6]]


def unanswered_since(conversation: Conversation) -> datetime | None:
    """When the oldest thing was said that none of our answers came after; None when all have one.

    An answer is to what had reached us when it was written. Words that their author deleted, and
    answers that are not there any more, do not count.
    """
    merged = Conversation.objects.filter(merged_into=conversation).values("id")
    here = Q(conversation=conversation) | Q(conversation_id__in=merged)
    answers = Delivery.objects.filter(here, state=DeliveryState.SENT.value, gone_at=None)
    times = [answers.aggregate(at=Max("post__written_at"))["at"], conversation.by_hand_at]
    last = max((time for time in times if time is not None), default=None)
    said = Message.objects.filter(here, deleted_at=None)
    if last is not None:
        said = said.filter(received_at__gt=last)
    oldest: datetime | None = said.aggregate(at=Min("said_at"))["at"]
    return oldest


def colleagues(conversation: Conversation, now: datetime) -> list[Member]:
    """Members who could answer in this conversation's unit: for the assign dialog."""
    able = people.holding(Deed.REPLY, conversation.unit.path, now)
    return list(Member.objects.filter(active=True, pk__in=able).order_by("name"))


def mergeable(me: Me, conversation: Conversation, now: datetime) -> list[Conversation]:
    """Conversations with the same author that this one could be merged into."""
    rows = _same_author(me, conversation, now).filter(lane=conversation.lane, merged_into=None)
    return list(rows.order_by("-last_at")[:20])
