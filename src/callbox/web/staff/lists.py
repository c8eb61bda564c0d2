"""One page of a queue as a view-model, with its filters and its empty state."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbox.queries import inbox
from callbox.queries.inbox import Filters, Queue
from callbox.queries.people import Me
from callbox.vocabulary import Intent
from callbox.web.staff import rows, words
from callbox.web.staff.frames import Page, queue_name


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One filter: a name and what it can be."""

    name: str
    label: str
    options: SafeString


@dataclass(slots=True)
class List:
    """The list beside a conversation, as `staff/list.html` wants it."""

    title: str
    place: str
    subtitle: str
    url: str
    fresh_url: str
    rows_url: str
    rows: list[SafeString]
    searched: str = ""
    more_url: str = ""
    empty_title: str = ""
    empty_words: str = ""
    empty_url: str = ""
    empty_link: str = ""
    today: str = ""
    narrowed: bool = False
    plain_url: str = ""
    filters: list[Narrowing] = field(default_factory=list)


_NARROW = ("network", "language", "intent", "ending")


def filters(query: QueryDict) -> Filters:
    """What an address narrows its list to."""
    return Filters(
        network=query.get("network", "")[:40],
        language=query.get("language", "")[:12],
        intent=query.get("intent", "")[:12],
        ending=query.get("ending", "")[:12],
    )


def page_of(
    me: Me,
    queue: Queue,
    page: Page,
    query: QueryDict | None = None,
    *,
    current: UUID | None = None,
) -> List:
    """A queue's list. Raises ValueError for an `after` that is not ours."""
    query = query if query is not None else QueryDict()
    narrowed = filters(query)
    after = query.get("after", "")
    found = inbox.listing(me, queue, page.now, after=after, filters=narrowed)
    kept = {name: str(query.get(name)) for name in _NARROW if query.get(name)}
    url = address(queue.key, kept)
    empty = _empty(queue.key, bool(kept or after), url, page)
    return List(
        title=queue_name(queue.key, page.desk),
        place=page.desk.unit_name if queue.key == "district" else "",
        subtitle=subtitle(queue, page, len(found.rows), narrowed=bool(kept)),
        url=url,
        fresh_url=fresh_address(queue.key, kept, page.now),
        rows_url=reverse("staff:rows", args=[queue.key]),
        rows=rows.lines(found.rows, page.now, page.language, queue.key, current),
        more_url=address(queue.key, {**kept, "after": found.after}) if found.after else "",
        empty_title=empty[0],
        empty_words=empty[1],
        empty_url=empty[2],
        empty_link=_("Show all"),
        today=promise(page),
        narrowed=bool(kept),
        plain_url=address(queue.key, {}),
        filters=_filters(queue, narrowed, page),
    )


def searched(me: Me, asked: str, page: Page) -> List:
    """What a search found, as a list."""
    found = inbox.search(me, asked, page.now) if len(asked) >= 2 else []
    best = reverse("staff:home")
    return List(
        title=_("Search"),
        place="",
        subtitle=ngettext("{n} found", "{n} found", len(found)).format(n=len(found)),
        url=best,
        fresh_url="",
        rows_url=reverse("staff:rows", args=["needs"]),
        rows=rows.lines(found, page.now, page.language),
        searched=asked,
        empty_title=_("Nothing here by that name."),
        empty_words=_("A search looks at names, handles and the first words of a message."),
        today=promise(page),
    )


def address(queue: str, kept: dict[str, str]) -> str:
    """A list's own address."""
    base = reverse("staff:inbox", args=[queue])
    return f"{base}?{urlencode(kept)}" if kept else base


def fresh_address(queue: str, kept: dict[str, str], now: datetime) -> str:
    """Where a list on screen asks what is new since it was drawn."""
    values = {**kept, "since": now.isoformat()}
    return f"{reverse('staff:fresh', args=[queue])}?{urlencode(values)}"


def subtitle(queue: Queue, page: Page, shown: int, *, narrowed: bool) -> str:
    """How many, and in which order."""
    order = _("newest first") if queue.newest_first else _("longest wait first")
    count = next((one.count for one in page.queues if one.key == queue.key), "")
    if narrowed or not count:
        return order
    return _("{n} here · {order}").format(n=count, order=order)


def promise(page: Page) -> str:
    """What the department promised, for the foot of the list."""
    time = words.span(page.desk.answer_minutes * 60)
    return _("Our promise: an answer within {time}").format(time=time)


def _empty(key: str, narrowed: bool, url: str, page: Page) -> tuple[str, str, str]:
    if narrowed:
        return _("Nothing here fits."), _("Widen the filter?"), address(key, {})
    if key == "district":
        title = _("Nobody waits for your district.")
        return title, _("Other desks may need a hand."), address("needs", {})
    quiet = {
        "emergency": _("No emergency here now."),
        "mine": _("Nothing is assigned to you."),
        "unheard": _("Nobody had to ask twice."),
        "late": _("Nothing is late."),
        "snoozed": _("Nothing is put off."),
        "waiting": _("We wait for nobody’s answer."),
        "closed": _("Nothing has been closed yet."),
    }
    return quiet.get(key, _("Everybody has an answer.")), _("New messages show up here."), ""


def _filters(queue: Queue, chosen: Filters, page: Page) -> list[Narrowing]:
    networks = {one.network: words.network_name(one.network) for one in page.desk.hearing}
    languages = {code: words.LANGUAGES.get(code, code) for code in page.desk.languages}
    intents = {one.value: words.intent(one.value) for one in Intent}
    made = [
        _narrowing("language", _("Language"), languages, chosen.language),
        _narrowing("intent", _("About"), intents, chosen.intent),
        _narrowing("network", _("Network"), networks, chosen.network),
    ]
    if queue.key == "closed":
        made.append(_narrowing("ending", _("How it ended"), rows.endings(), chosen.ending))
    return made


def _narrowing(name: str, label: str, entries: dict[str, str], chosen: str) -> Narrowing:
    everything = (("", _("All")), *entries.items())
    return Narrowing(name, label, _options(everything, chosen))


@lru_cache(maxsize=256)
def _options(entries: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    """A filter's options: the same on almost every page."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (value, mark_safe(" selected") if value == chosen else "", label)
            for value, label in entries
        ),
    )
