"""Lines of a list, precomputed: a template that loops fifty times only prints."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from callbox.queries.inbox import Row
from callbox.rules.text import shown
from callbox.vocabulary import Lane
from callbox.web.staff import words
from callbox.web.staff.words import Clock


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation in a list, as `staff/rows.html` wants it."""

    id: UUID
    classes: str
    href: str
    network: str
    network_name: str
    who: str
    lang: str
    unread: bool
    clock: Clock
    preview: str
    chips: SafeString
    place: str
    initials: str
    assignee: str
    current: bool


def lines(
    rows: Iterable[Row],
    now: datetime,
    language: str,
    queue: str = "",
    current: UUID | None = None,
) -> list[Line]:
    """Lines for a reader of `language`. `current` is the one that is open; `queue` is the list that
    a reload of a conversation comes back to."""
    place = f"?in={queue}" if queue else ""
    return [_line(row, now, language, place, row.id == current) for row in rows]


def _line(row: Row, now: datetime, language: str, place: str, current: bool) -> Line:
    classes = " unread" if row.unread and not current else ""
    return Line(
        id=row.id,
        classes=classes + (" em" if row.rank == 0 and row.state == "open" else ""),
        href=f"/staff/c/{row.id}/{place}",
        network=row.network,
        network_name=words.network_name(row.network),
        who=shown(row.who) or _("Someone"),
        lang=row.language if row.language and row.language != language else "",
        unread=row.unread and not current,
        clock=clock(row, now),
        preview=words.without_mentions(row.preview),
        chips=_chips(row),
        place=row.unit_name.split(",")[0],
        initials=words.initials(" ".join(row.assignee.split()[-2:])),
        assignee=row.assignee,
        current=current,
    )


def clock(row: Row, now: datetime) -> Clock:
    """The clock of a conversation: it runs while it is ours to answer."""
    if row.state == "open":
        return words.waiting_clock(row.due_at, row.since, now)
    if row.state == "waiting":
        return words.still_clock("paused", _("Waiting"))
    return words.still_clock("done", closed_words(row.disposition, row.answered_at, row.since))


def closed_words(disposition: str, answered_at: datetime | None, since: datetime) -> str:
    """How it ended, in two or three words."""
    if disposition == "answered" and answered_at is not None and answered_at > since:
        took = words.span((answered_at - since).total_seconds())
        return _("Answered in {time}").format(time=took)
    return {
        "answered": _("Answered"),
        "referred": _("Referred"),
        "merged": _("Merged"),
        "no_reply": _("No reply needed"),
    }.get(disposition, _("Closed"))


def _chips(row: Row) -> SafeString:
    made = []
    if row.rank == 0 and row.state == "open":
        made.append(_chip(_("Emergency"), " chip--star", "triangle-alert"))
    if row.failed:
        made.append(_chip(_("Not sent"), " chip--late", "circle-alert"))
    if row.heard >= 2 and row.answered_at is None:
        tries = _("{n} tries").format(n=row.heard)
        made.append(_chip(tries, " chip--late", "ear-off"))
    if row.lane == Lane.PRIVATE.value:
        made.append(_chip(_("Private"), " chip--line", "mail"))
    if row.intent not in ("other", "emergency"):
        made.append(_chip(words.intent(row.intent)))
    return mark_safe("".join(made))  # noqa: S308  # every part is escaped in `_chip`


def _chip(text: str, look: str = "", icon: str = "") -> str:
    drawing = (
        f'<svg class="i i--13" aria-hidden="true"><use href="/static/icons.svg#{icon}"/></svg>'
        if icon
        else ""
    )
    return f'<span class="chip{look}">{drawing}{escape(text)}</span>'
