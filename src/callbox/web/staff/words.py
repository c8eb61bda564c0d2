"""Times, clocks and enumerations as people say them. No database; `now` is given."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from django.utils.dateformat import format as written
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from callbox.networks import connector_class
from callbox.rules.clock import left
from callbox.vocabulary import Disposition, Intent, NoReplyReason, Role, Urgency

INTENTS: dict[Intent, Promise] = {
    Intent.QUESTION: gettext_lazy("Question"),
    Intent.CONCERN: gettext_lazy("Concern"),
    Intent.COMPLAINT: gettext_lazy("Complaint"),
    Intent.PRAISE: gettext_lazy("Praise"),
    Intent.REPORT: gettext_lazy("Report"),
    Intent.EMERGENCY: gettext_lazy("Possible emergency"),
    Intent.CRISIS: gettext_lazy("Possible crisis"),
    Intent.EVENT: gettext_lazy("Event"),
    Intent.MEDIA: gettext_lazy("Press"),
    Intent.THREAT: gettext_lazy("Threat to a member"),
    Intent.SPAM: gettext_lazy("Advertising"),
    Intent.OTHER: gettext_lazy("Something else"),
}
URGENCIES: dict[Urgency, Promise] = {
    Urgency.EMERGENCY: gettext_lazy("Now: it may be an emergency"),
    Urgency.SOON: gettext_lazy("Within the hour"),
    Urgency.ROUTINE: gettext_lazy("Within the promise"),
}
REASONS: dict[NoReplyReason, Promise] = {
    NoReplyReason.THANKS: gettext_lazy("A thank-you that asks for nothing"),
    NoReplyReason.ANSWERED_ELSEWHERE: gettext_lazy("We answered somewhere else"),
    NoReplyReason.TAGGED_IN_PASSING: gettext_lazy("We are named, and nothing is asked"),
    NoReplyReason.WITHDRAWN: gettext_lazy("They took it back"),
    NoReplyReason.SPAM: gettext_lazy("Advertising, or written by a machine"),
    NoReplyReason.OTHER: gettext_lazy("Something else, in words"),
}
ROLES: dict[Role, Promise] = {
    Role.OFFICER: gettext_lazy("Officer"),
    Role.SUPERVISOR: gettext_lazy("Supervisor"),
    Role.NEWS_AFFAIRS: gettext_lazy("News Affairs"),
    Role.RECORDS: gettext_lazy("Records"),
    Role.TIP_HANDLER: gettext_lazy("Tip handler"),
    Role.OVERSIGHT: gettext_lazy("Oversight"),
    Role.ADMINISTRATOR: gettext_lazy("Administrator"),
}
LANGUAGES = {"en": "English", "es": "Español", "pl": "Polski", "zh": "中文", "ar": "العربية"}
_SOON = 0.15  # of the time is left: design, section 4


@dataclass(frozen=True, slots=True)
class Clock:
    """How long there is to answer, in words and as a drawing; pages count on from `due`."""

    state: str  # "calm" | "soon" | "late" | "paused" | "done" | "none"
    words: str
    mark: SafeString
    due: int = 0  # seconds since 1970; 0 when nothing runs
    span: int = 0


def span(seconds: float) -> str:
    """A length of time: “38 m”, “1 h 05 m”, “3 d”."""
    return _span(get_language() or "en", int(abs(seconds)) // 60)


@lru_cache(maxsize=4096)
def _span(language: str, minutes: int) -> str:
    m = pgettext("minutes, short", "m")
    if minutes < 60:
        return f"{minutes} {m}"
    if minutes >= 2880:
        return f"{minutes // 1440} {pgettext('days, short', 'd')}"
    return f"{minutes // 60} {pgettext('hours, short', 'h')} {minutes % 60:02d} {m}"


def waiting_clock(due_at: datetime, since: datetime, now: datetime) -> Clock:
    """The clock of something that waits for us."""
    share = left(due_at, since, now)
    late = share < 0
    state = "late" if late else "soon" if share < _SOON else "calm"
    minutes = int(abs((due_at - now).total_seconds())) // 60
    return Clock(
        state,
        _waiting(get_language() or "en", late, minutes),
        _ring(round(max(0.0, min(1.0, share)) * 100)),
        int(due_at.timestamp()),
        int((due_at - since).total_seconds()),
    )


@lru_cache(maxsize=4096)
def _waiting(language: str, late: bool, minutes: int) -> str:
    words = _("{time} late") if late else _("{time} left")
    return words.replace("{time}", _span(language, minutes))


def still_clock(state: str, words: str) -> Clock:
    """A clock that does not run: “paused”, “done”, or “none” where none ever ran here."""
    signs = {"done": "circle-check", "none": "history"}
    return Clock(state, words, _sign(signs.get(state, "pause")))


def end_clock(disposition: str, words: str) -> Clock:
    """The clock of what is closed."""
    return still_clock("none" if disposition == Disposition.PAST.value else "done", words)


@lru_cache(maxsize=128)
def _ring(share: int) -> SafeString:
    return mark_safe(  # noqa: S308  # our own text and a number
        '<svg class="ring" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"/>'
        f'<circle cx="8" cy="8" r="6" pathLength="100" stroke-dasharray="{share} 100"/>'
        '<path class="hand" d="M8 4.2V8l2.3 1.6"/></svg>'
    )


@lru_cache
def _sign(icon: str) -> SafeString:
    return mark_safe(  # noqa: S308  # our own text
        f'<svg class="i" aria-hidden="true"><use href="/static/icons.svg#{icon}"/></svg>'
    )


def clock_time(at: datetime, zone: tzinfo) -> str:
    """The time of day, on staff's 24-hour clock."""
    return f"{at.astimezone(zone):%H:%M}"


def when(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A moment, as near as it needs to be: “14:02”, “Mon 9:02”, “Mar 12”, “Nov 2025”."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    days = (here.date() - there.date()).days
    if days == 0:
        return f"{there:%H:%M}"
    if 0 < days < 7:
        return written(there, "D H:i")
    if there.year == here.year:
        return written(there, "M j, H:i")
    return written(there, "M j, Y")


def day(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A day: “Today”, “Mar 12”, “Mar 12, 2025”."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    if there.date() == here.date():
        return _("Today")
    return written(there, "M j" if there.year == here.year else "M j, Y")


def network_name(network: str) -> str:
    """What people call a network; its own key when it is not installed any more."""
    try:
        return connector_class(network).name
    except LookupError:
        return network


def intent(value: str) -> str:
    """A label of a message."""
    return _intent(get_language() or "en", value)


@lru_cache(maxsize=256)
def _intent(language: str, value: str) -> str:
    return str(INTENTS[Intent(value)])


_MENTIONS = re.compile(r"^(?:@\S+\s+)+")


def without_mentions(line: str) -> str:
    """A first line without the handles that it begins with: every message to us has them."""
    return _MENTIONS.sub("", line) or line


def initials(name: str) -> str:
    """One or two letters for a round picture."""
    parts = [part for part in name.replace("@", " ").split() if part[0].isalnum()]
    if not parts:
        return ""
    first, last = parts[0][0], parts[-1][0] if len(parts) > 1 else ""
    # Scripts without capitals show one sign: two halves of a name read as a wrong word.
    return (first + last).upper() if first.upper() != first.lower() else first
