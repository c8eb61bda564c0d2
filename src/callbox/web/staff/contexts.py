"""What stands beside a conversation: its author, earlier talks, facts, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from callbox.models.inbox import Conversation
from callbox.queries.conversations import Earlier, Thread
from callbox.queries.desk import Desk
from callbox.queries.records import Past
from callbox.rules.text import shown
from callbox.vocabulary import Disposition, Happening
from callbox.web.staff import items, rows, words
from callbox.web.staff.happenings import sentence

_RECENT = 5
_QUIET = frozenset({Happening.MEDIA_KEPT})  # one for each picture: the history page has them


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier conversation with the same author."""

    href: str
    look: str
    icon: str
    title: str
    words: str
    time: str


@dataclass(frozen=True, slots=True)
class Recent:
    """A line of the history."""

    time: str
    words: str


@dataclass(frozen=True, slots=True)
class Context:
    """The panel, as `staff/context.html` wants it."""

    initials: str
    name: str
    handle: str
    words: str
    profile_url: str
    earlier_count: str
    earlier: Sequence[Before]
    facts: Sequence[tuple[str, str]]
    recent: Sequence[Recent]
    history_url: str


def context(thread: Thread, past: Sequence[Past], place: Desk, now: datetime) -> Context:
    """The panel beside a thread. It names nothing that the network did not show."""
    one, author = thread.conversation, thread.author
    name = shown(str(author))
    language = words.LANGUAGES.get(one.language, "")
    network = words.network_name(one.account.network)
    writes = _("Writes in {language}.").format(language=language) if language else ""
    only = _("On {network} only. Never a case file.").format(network=network)
    return Context(
        initials=words.initials(name),
        name=name,
        handle=shown(author.handle) if author.handle != author.name else "",
        words=f"{writes} {only}".strip(),
        profile_url=items.safe_url(author.profile_url),
        earlier_count=str(len(thread.earlier)) if thread.earlier else "",
        earlier=[_before(earlier, place, now) for earlier in thread.earlier],
        facts=_facts(one, place, now),
        recent=[
            Recent(words.when(line.at, now, place.zone), sentence(line, place.zone))
            for line in [line for line in past if line.happening not in _QUIET][-_RECENT:]
        ],
        history_url=reverse("staff:history", args=[one.id]),
    )


def _before(earlier: Earlier, place: Desk, now: datetime) -> Before:
    look, icon, said = _end_of(earlier)
    return Before(
        href=reverse("staff:conversation", args=[earlier.id]),
        look=look,
        icon=icon,
        title=words.without_mentions(shown(earlier.preview)),
        words=said,
        time=words.day(earlier.started_at, now, place.zone),
    )


def _end_of(earlier: Earlier) -> tuple[str, str, str]:
    """How it looks, and what it says, that a conversation has come this far."""
    said = rows.closed_words(earlier.disposition, earlier.answered_at, earlier.started_at)
    if earlier.answered_at is not None:
        return "ok", "check", said if earlier.state == "closed" else _("Answered")
    if earlier.disposition == Disposition.PAST.value:
        return "dim", "history", said  # whether it was answered then, nobody here knows
    closed = earlier.state == "closed"
    return "late", "ear-off", _("Never answered") if closed else _("Not answered yet")


def _facts(one: Conversation, place: Desk, now: datetime) -> list[tuple[str, str]]:
    facts = [
        (_("Asked"), words.when(one.since, now, place.zone)),
        (_("Promise"), _("by {time}").format(time=words.when(one.due_at, now, place.zone))),
        (_("Account"), one.account.name),
        (_("Desk"), one.unit.name),
        (_("About"), words.intent(one.intent)),
    ]
    if one.beat is not None:
        facts.append((_("Beat"), one.beat.code))
    return facts
