"""Rows of a list, drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from callbox.queries.inbox import Row
from callbox.rules.text import shown
from callbox.vocabulary import Disposition, Lane
from callbox.web.staff import words
from callbox.web.staff.words import Clock

# A list is the page that is read most, and its rows are most of it: fifty rows through a template
# cost three times what the whole page may. So a row is one text with places, filled in one go;
# everything from outside passes `escape` in `_drawn`.
_ROW = """<a class="conv{classes}" id="c-{id}" href="/staff/c/{id}/{place}"{current} tabindex="-1">
<span class="net" role="img" aria-label="{network_name}" title="{network_name}">\
<svg class="i"><use href="/static/icons.svg#net-{network}"/></svg></span>
<span class="conv__top"><bdi class="who trunc">{who}</bdi>{lang}{dot}\
<span class="tta tta--{state}"{due}>{mark}<span>{left}</span></span></span>
<span class="ex clamp2" dir="auto"{text_lang}>{preview}</span>
<span class="conv__chips">{chips}<span class="end">{unit}{assignee}</span></span>
</a>
"""


def lines(
    rows: Iterable[Row],
    now: datetime,
    language: str,
    queue: str = "",
    current: UUID | None = None,
) -> list[SafeString]:
    """Rows for a reader of `language`. `current` is the one that is open; `queue` is the list that
    a reload of a conversation comes back to."""
    unread = escape(_("Unread"))
    reader = _Reader(
        now=now,
        language=language,
        place=f"?in={queue}" if queue else "",
        dot=f'<span class="dot" role="img" aria-label="{unread}"></span>',
        someone=_("Someone"),
    )
    return [_drawn(row, reader, open_here=row.id == current) for row in rows]


@dataclass(frozen=True, slots=True)
class _Reader:
    """What all rows of one list share."""

    now: datetime
    language: str
    place: str
    dot: str
    someone: str


def _drawn(row: Row, reader: _Reader, *, open_here: bool) -> SafeString:
    unread = row.unread and not open_here and row.disposition != Disposition.PAST.value
    emergency = row.rank == 0 and row.state == "open"
    lang = escape(row.language) if row.language and row.language != reader.language else ""
    time = clock(row, reader.now)
    return mark_safe(  # noqa: S308  # every part from outside is escaped
        _ROW.format(
            id=row.id,
            place=reader.place,
            classes=(" unread" if unread else "") + (" em" if emergency else ""),
            current=' aria-current="true"' if open_here else "",
            network=row.network,
            network_name=escape(words.network_name(row.network)),
            who=escape(shown(row.who) or reader.someone),
            lang=f'<span class="lang">{lang}</span>' if lang else "",
            dot=reader.dot if unread else "",
            state=time.state,
            due=f' data-due="{time.due}" data-span="{time.span}"' if time.due else "",
            mark=time.mark,
            left=escape(time.words),
            text_lang=f' lang="{lang}"' if lang else "",
            preview=escape(words.without_mentions(row.preview)),
            chips=_chips(row),
            unit=escape(row.unit_name.split(",")[0]),
            assignee=_assignee(row),
        )
    )


def _assignee(row: Row) -> str:
    if not row.assignee:
        return ""
    name = escape(row.assignee)
    letters = escape(words.initials(" ".join(row.assignee.split()[-2:])))
    return (
        f'<span class="av av--sm av--staff" role="img" aria-label="{name}" title="{name}">'
        f"{letters}</span>"
    )


def clock(row: Row, now: datetime) -> Clock:
    """The clock of a conversation: it runs while it is ours to answer."""
    if row.state == "open":
        return words.waiting_clock(row.due_at, row.since, now)
    if row.state == "waiting":
        return words.still_clock("paused", _("Waiting"))
    said = closed_words(row.disposition, row.answered_at, row.since)
    return words.end_clock(row.disposition, said)


def closed_words(disposition: str, answered_at: datetime | None, since: datetime) -> str:
    """How it ended, in two or three words."""
    if disposition == "answered" and answered_at is not None and answered_at > since:
        took = words.span((answered_at - since).total_seconds())
        return _("Answered in {time}").format(time=took)
    return endings().get(disposition, _("Closed"))


def endings() -> dict[str, str]:
    """Every way in which a conversation ends, in two or three words."""
    return {
        "answered": _("Answered"),
        "referred": _("Referred"),
        "merged": _("Merged"),
        "no_reply": _("No reply needed"),
        "past": _("From before we listened"),
    }


def _chips(row: Row) -> str:
    made = []
    if row.rank == 0 and row.state == "open":
        made.append(_chip(_("Emergency"), " chip--star", "triangle-alert"))
    if row.failed:
        made.append(_chip(_("Not sent"), " chip--late", "circle-alert"))
    if row.heard >= 2 and row.answered_at is None and row.disposition != Disposition.PAST.value:
        tries = _("{n} tries").format(n=row.heard)
        made.append(_chip(tries, " chip--late", "ear-off"))
    if row.lane == Lane.PRIVATE.value:
        made.append(_chip(_("Private"), " chip--line", "mail"))
    if row.intent not in ("other", "emergency"):
        made.append(_chip(words.intent(row.intent)))
    return "".join(made)


def _chip(text: str, look: str = "", icon: str = "") -> str:
    drawing = (
        f'<svg class="i i--13" aria-hidden="true"><use href="/static/icons.svg#{icon}"/></svg>'
        if icon
        else ""
    )
    return f'<span class="chip{look}">{drawing}{escape(text)}</span>'
