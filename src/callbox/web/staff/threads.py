"""An open conversation as a view-model: head, items, and who else is writing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from callbox.models.accounts import Account
from callbox.models.inbox import Conversation
from callbox.networks import connector_class
from callbox.queries.conversations import Present, Thread
from callbox.queries.desk import Desk
from callbox.queries.people import Me
from callbox.rules import access
from callbox.rules.text import shown
from callbox.vocabulary import ConversationState, Deed, Lane, NoReplyReason
from callbox.web.staff import acted, items, rows, words
from callbox.web.staff.items import Shown
from callbox.web.staff.parts import Button, Reader
from callbox.web.staff.words import Clock


@dataclass(frozen=True, slots=True)
class Link:
    """Something to do with the whole conversation."""

    href: str
    key: str
    icon: str
    label: str
    letter: str = ""
    dialog: bool = True
    away: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A colleague who is writing here."""

    initials: str
    words: str
    since: str
    text: str
    ask_url: str
    ask_label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A colleague who would like to go on with what I write."""

    initials: str
    words: str
    url: str


@dataclass(slots=True)
class Open:
    """The open conversation, as `staff/thread.html` wants it."""

    id: UUID
    url: str
    read_url: str
    unread: bool
    title: str
    list_url: str
    network: str
    network_name: str
    kind: str
    place: str
    held_by: str
    clock: Clock
    why: str
    relabel_url: str
    items: list[Shown]
    acts: list[Link] = field(default_factory=list)
    more: list[Link] = field(default_factory=list)
    other: Other | None = None
    asked: Asked | None = None


def opened(
    me: Me, thread: Thread, place: Desk, now: datetime, language: str, queue: str = ""
) -> Open:
    """A conversation that `queries.conversations.thread` read, for this member."""
    one = thread.conversation
    network = words.network_name(one.account.network)
    can = _able(me, one, now)
    reader = _reader(one, place, now, language, can)
    url = reverse("staff:conversation", args=[one.id])
    relabels = reverse("staff:relabel", args=[one.id]) if Deed.ASSIGN in can else ""
    return Open(
        id=one.id,
        url=url,
        read_url=reverse("staff:read", args=[one.id]),
        unread=thread.read_at is None or thread.read_at < one.last_at,
        title=words.without_mentions(shown(one.preview)) or shown(str(thread.author)),
        list_url=reverse("staff:inbox", args=[queue]) if queue else reverse("staff:home"),
        network=one.account.network,
        network_name=network,
        kind=_kind(one, network),
        place=one.beat.name if one.beat else one.unit.name,
        held_by=_held_by(one, me),
        clock=_clock(one, now),
        why=_why(one),
        relabel_url=relabels,
        items=[*_items(thread, reader), *_states(thread, reader, can)],
        acts=_acts(one, can),
        more=_more(one, can, network),
        other=next(iter(_others(me, one, thread.present, now)), None),
        asked=_asked(one, thread),
    )


def _able(me: Me, one: Conversation, now: datetime) -> frozenset[Deed]:
    """Deeds that this member may do here now."""
    path = one.unit.path
    return frozenset(deed for deed in Deed if not access.refusal(me.standing, deed, path, now))


def _reader(
    one: Conversation, place: Desk, now: datetime, language: str, can: frozenset[Deed]
) -> Reader:
    """For whom it is written, and what the network cannot do at all."""
    return Reader(
        now,
        place.zone,
        language,
        words.network_name(one.account.network),
        can,
        connected=one.account.state == Account.State.ON,
        cannot=acted.lacking(connector_class(one.account.network)),
    )


def _kind(one: Conversation, network: str) -> str:
    if one.lane == Lane.PRIVATE.value:
        return _("Private, on {network}").format(network=network)
    return _("Public, on {network}").format(network=network)


def _held_by(one: Conversation, me: Me) -> str:
    if one.assignee is None:
        return _("nobody has it yet")
    if one.assignee_id == me.member_id:
        return _("assigned to you")
    return _("assigned to {name}").format(name=one.assignee.called)


def _clock(one: Conversation, now: datetime) -> Clock:
    if one.state == ConversationState.OPEN.value:
        return words.waiting_clock(one.due_at, one.since, now)
    if one.state == ConversationState.WAITING.value:
        return words.still_clock("paused", _("Waiting"))
    done = rows.closed_words(one.disposition, one.answered_at, one.since)
    return words.end_clock(one.disposition, done)


def _why(one: Conversation) -> str:
    """One to three facts: what the sorting saw, or that a person decided."""
    label = words.intent(one.intent)
    if one.labelled_by_id is not None:
        return _("A colleague labelled it: {label}.").format(label=label)
    found = [word for word in one.because if word != "?"]
    asks = "?" in one.because
    if found:
        quoted = ", ".join(f"“{shown(word)}”" for word in found)
        return _("It says {words}, so it is sorted as: {label}.").format(words=quoted, label=label)
    if asks:
        return _("It asks something, so it is sorted as: {label}.").format(label=label)
    return _("Nothing in it told us more. It is sorted as: {label}.").format(label=label)


def _items(thread: Thread, reader: Reader) -> Iterable[Shown]:
    newest = thread.newest_message
    last = next((one.id for one in reversed(thread.items) if one.kind == "reply"), None)
    for item in thread.items:
        if item.kind == "message":
            yield items.message(item, reader, focus=newest is not None and item.id == newest.id)
        elif item.kind == "reply" and item.delivery is not None:
            yield items.reply(item, item.delivery, reader, newest=item.id == last)
        elif item.kind == "note":
            yield items.note(item, reader)
        else:
            yield items.context(item, reader)


def _states(thread: Thread, reader: Reader, can: frozenset[Deed]) -> Iterable[Shown]:
    """What became of the conversation itself, at the end of the thread."""
    one = thread.conversation
    for source in thread.merged:
        undo = [Button(reverse("staff:unmerge", args=[source]), _("Undo the merge"))]
        yield Shown(
            kind="state",
            id=f"merged-{source}",
            icon="git-merge",
            title=_("Another conversation was merged into this one."),
            acts=undo if Deed.MERGE in can else [],
        )
    if one.state == ConversationState.CLOSED.value:
        yield _closed(one, reader, can)
    elif one.snoozed_until is not None and one.snoozed_until > reader.now:
        now_again = [Button(reverse("staff:now", args=[one.id]), _("Take it up now"))]
        yield Shown(
            kind="state",
            id=f"later-{int(one.snoozed_until.timestamp())}",
            icon="alarm-clock",
            title=_("Put off until {time}.").format(time=reader.when(one.snoozed_until)),
            words=_("Its clock goes on."),
            acts=now_again if Deed.ASSIGN in can else [],
        )


def _closed(one: Conversation, reader: Reader, can: frozenset[Deed]) -> Shown:
    at = reader.when(one.closed_at) if one.closed_at else ""
    reason = ""
    if one.reason:
        reason = str(words.REASONS[NoReplyReason(one.reason)])
    said = ". ".join(part.rstrip(".") for part in (reason, shown(one.reason_words), at) if part)
    merged = one.merged_into_id is not None
    name, label = ("unmerge", _("Undo the merge")) if merged else ("reopen", _("Open again"))
    may = (Deed.MERGE if merged else Deed.CLOSE) in can
    return Shown(
        kind="state",
        id=f"closed-{int(one.closed_at.timestamp()) if one.closed_at else 0}",
        icon="archive",
        title=_("Closed: {how}.").format(how=rows.closed_words(one.disposition, None, one.since)),
        words=said,
        acts=[Button(reverse(f"staff:{name}", args=[one.id]), label)] if may else [],
    )


def _acts(one: Conversation, can: frozenset[Deed]) -> list[Link]:
    if one.state == ConversationState.CLOSED.value:
        return []
    made = []
    if Deed.ASSIGN in can:
        assign = reverse("staff:assign", args=[one.id])
        later = reverse("staff:later", args=[one.id])
        made.append(Link(assign, "assign", "user-round-plus", _("Assign"), "A"))
        made.append(Link(later, "later", "alarm-clock", _("Later"), "S"))
    if Deed.CLOSE in can:
        close = reverse("staff:close", args=[one.id])
        made.append(Link(close, "close", "check", _("Close"), "E"))
    return made


def _more(one: Conversation, can: frozenset[Deed], network: str) -> list[Link]:
    made = []
    if Deed.MERGE in can and one.merged_into_id is None:
        merge = reverse("staff:merge", args=[one.id])
        made.append(Link(merge, "merge", "git-merge", _("Merge with another")))
    history = reverse("staff:history", args=[one.id])
    made.append(Link(history, "history", "history", _("History"), dialog=False))
    profile = items.safe_url(one.author.profile_url)
    if profile:
        label = _("Their page on {network}").format(network=network)
        made.append(Link(profile, "", "external-link", label, dialog=False, away=True))
    return made


def _others(
    me: Me, one: Conversation, present: Iterable[Present], now: datetime
) -> Iterable[Other]:
    may_take = not access.refusal(me.standing, Deed.TAKE_OVER, one.unit.path, now)
    for colleague in present:
        writes = (
            _("{name} is writing a note") if colleague.lane == "note" else _("{name} is replying")
        )
        asked = colleague.asked_by == me.called
        name = "take_over" if may_take else "ask"
        label = _("Take over") if may_take else _("Ask to take over")
        seconds = int((now - colleague.typed_at).total_seconds())
        yield Other(
            initials=words.initials(colleague.called.rsplit(" ", 1)[-1]),
            words=writes.format(name=colleague.called),
            since=_("{n} s ago").format(n=seconds),
            text=shown(colleague.text),
            ask_url="" if asked and not may_take else reverse(f"staff:{name}", args=[one.id]),
            ask_label=label,
        )


def _asked(one: Conversation, thread: Thread) -> Asked | None:
    draft = thread.draft
    if draft is None or draft.asked_by is None:
        return None
    name = draft.asked_by.called
    return Asked(
        initials=words.initials(name.rsplit(" ", 1)[-1]),
        words=_("{name} would like to take over.").format(name=name),
        url=reverse("staff:hand_over", args=[one.id]),
    )
