"""What stands around every staff page: header, rail, tab bar, strips. View-models, made once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _

from callbox.queries import inbox
from callbox.queries.desk import Desk, desk
from callbox.queries.people import Me
from callbox.vocabulary import Deed
from callbox.web.doors import StaffRequest
from callbox.web.staff import words

#: Queues in the rail: icon, and how their number looks.
_RAIL: tuple[tuple[str, str, str], ...] = (
    ("emergency", "triangle-alert", "star"),
    ("needs", "message-circle-question", ""),
    ("mine", "user-round", ""),
    ("district", "map-pin", ""),
    ("unheard", "ear-off", "late"),
    ("late", "clock", "late"),
    ("snoozed", "alarm-clock", ""),
    ("waiting", "hourglass", ""),
    ("closed", "archive", ""),
)
_UNCOUNTED = ("closed",)


@dataclass(frozen=True, slots=True)
class QueueLink:
    """A queue in the rail."""

    key: str
    icon: str
    label: str
    count: str
    kind: str
    href: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A place in the tab bar of a phone."""

    href: str
    icon: str
    label: str
    selected: bool
    counter: str = ""
    count: str = ""


@dataclass(slots=True)
class Page:
    """The frame, as `staff/shell.html` wants it."""

    language: str
    direction: str
    theme: str
    keys: bool
    at: str
    here: str
    home: str
    agency: str
    me: str
    initials: str
    duty: str
    hearing: str
    blind: list[str]
    desk: Desk
    now: datetime
    accounts_url: str = ""
    members_url: str = ""
    queues: list[QueueLink] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)
    search: str = ""
    search_url: str = ""
    live_url: str = "/live/"
    keys_url: str = ""
    theme_url: str = ""
    settings_url: str = ""
    sign_out_url: str = ""


def queue_name(key: str, place: Desk) -> str:
    """What a queue is called."""
    names = {
        "emergency": _("Emergency"),
        "needs": _("Needs answer"),
        "mine": _("Mine"),
        "district": _("My district"),
        "unheard": _("Unheard, 2+ tries"),
        "late": _("Late"),
        "snoozed": _("Put off"),
        "waiting": _("Waiting on resident"),
        "closed": _("Closed"),
    }
    return names[key]


def best_queue(me: Me, now: datetime) -> str:
    """Where a member's day begins: their own desk, or everything that needs an answer."""
    return "district" if me.home_unit_id and not _whole_agency(me, now) else "needs"


def _whole_agency(me: Me, now: datetime) -> bool:
    return any(path.count("/") == 2 for path in me.standing.paths(Deed.READ, now))


def frame(
    request: StaffRequest, now: datetime, *, at: str = "", queue: str = "", counted: bool = True
) -> Page:
    """The frame around a page. `counted` False leaves the queues' numbers out, and their cost."""
    me = request.me
    place = desk(me)
    reads = me.may(Deed.READ, now)
    counts = inbox.counts(me, now) if reads and counted else {}
    language = get_language() or "en"
    page = Page(
        language=language,
        direction="rtl" if get_language_bidi() else "ltr",
        theme=str(me.preferences.get("theme", "")),
        keys=bool(me.preferences.get("keys", True)),
        at=at,
        here=request.path,
        home=reverse("staff:home"),
        agency=place.agency,
        me=me.called,
        initials=words.initials(me.name),
        duty=_duty(me, place, now),
        hearing=hearing_words(place),
        blind=blind_words(place, now),
        desk=place,
        now=now,
        search_url=reverse("staff:search"),
        keys_url=reverse("staff:keys"),
        theme_url=reverse("staff:theme"),
        settings_url=reverse("staff:settings"),
        sign_out_url=reverse("sign_out"),
    )
    if me.may(Deed.SEE_ACCOUNTS, now):
        page.accounts_url = reverse("staff:accounts")
    if me.may(Deed.SEE_MEMBERS, now):
        page.members_url = reverse("staff:members")
    page.queues = _queues(me, place, counts, queue) if reads else []
    page.tabs = _tabs(page, queue, counts, reads)
    return page


def _queues(me: Me, place: Desk, counts: dict[str, int], selected: str) -> list[QueueLink]:
    return [
        QueueLink(
            key=key,
            icon=icon,
            label=queue_name(key, place),
            count=count_words(key, counts),
            kind=kind,
            href=reverse("staff:inbox", args=[key]),
            selected=key == selected,
        )
        for key, icon, kind in _RAIL
        if key != "district" or me.home_unit_id
    ]


def count_words(key: str, counts: dict[str, int]) -> str:
    """A queue's number; nothing for none, “999+” where counting stopped."""
    count = counts.get(key, 0)
    if key in _UNCOUNTED or not count:
        return ""
    return f"{inbox.MOST_COUNTED - 1}+" if count >= inbox.MOST_COUNTED else str(count)


def _tabs(page: Page, queue: str, counts: dict[str, int], reads: bool) -> list[Tab]:
    inboxes = [
        Tab(page.home, "inbox", _("Inbox"), page.at == "inbox" and queue not in _TABS),
        Tab(reverse("staff:inbox", args=["mine"]), "user-round", _("Mine"), queue == "mine"),
        Tab(
            reverse("staff:inbox", args=["emergency"]),
            "triangle-alert",
            _("Emergency"),
            queue == "emergency",
            "emergency",
            count_words("emergency", counts),
        ),
    ]
    others = [
        Tab(page.accounts_url, "share-2", _("Accounts"), page.at == "accounts"),
        Tab(page.settings_url, "circle-user-round", _("Me"), page.at == "settings"),
    ]
    return [tab for tab in [*(inboxes if reads else []), *others] if tab.href]


_TABS = ("mine", "emergency")


def _duty(me: Me, place: Desk, now: datetime) -> str:
    ends = [end for start, end in me.standing.duty if start <= now < end]
    where = place.unit_name.split(",")[0] or place.agency
    if not ends:
        return _("{unit} · off duty").format(unit=where)
    if max(ends) - now > timedelta(hours=24):  # a time of day would read as today's
        return _("{unit} · on duty").format(unit=where)
    until = words.clock_time(max(ends), place.zone)
    return _("{unit} · until {time}").format(unit=where, time=until)


def hearing_words(place: Desk) -> str:
    """How many of our accounts hear: “Live · 8 of 9 accounts”."""
    everyone = len(place.hearing)
    fine = sum(one.state == "on" and one.blind_since is None for one in place.hearing)
    if fine == everyone:
        words_ = ngettext("Live · {n} account", "Live · all {n} accounts", everyone)
        return words_.format(n=everyone)
    return _("Live · {n} of {all} accounts").format(n=fine, all=everyone)


def blind_words(place: Desk, now: datetime) -> list[str]:
    """One line for each account that we cannot hear through, three at most."""
    lines = [
        _("Blind on {account} since {time}.").format(
            account=one.name, time=words.when(one.blind_since, now, place.zone)
        )
        for one in place.hearing
        if one.blind_since is not None and one.state == "on"
    ]
    dead = [
        _("{account} has to be connected again.").format(account=one.name)
        for one in place.hearing
        if one.state == "dead"
    ]
    found = [*dead, *lines]
    if len(found) <= 3:
        return found
    more = len(found) - 2
    return [*found[:2], ngettext("And {n} more.", "And {n} more.", more).format(n=more)]


def render_values(page: Page, **values: Any) -> dict[str, Any]:
    """Template values with the frame in its place."""
    return {"page": page, **values}
