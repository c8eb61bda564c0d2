"""The inbox: queues as lists, rows drawn again, what is new, and search."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, ngettext

from callbox.moment import now_utc
from callbox.queries import inbox as queries
from callbox.queries.inbox import QUEUES, Queue
from callbox.vocabulary import Deed
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import frames, lists, rows, words

MOST_ROWS = 100  # that one page may ask to have drawn again


@page(Deed.SEE_ACCOUNTS)
def home(request: StaffRequest) -> HttpResponse:
    """To where this member's work is."""
    now = now_utc()
    if not request.me.may(Deed.READ, now):
        return redirect("staff:accounts")
    return redirect("staff:inbox", frames.best_queue(request.me, now))


@page(Deed.READ)
def inbox(request: StaffRequest, queue: str) -> HttpResponse:
    """A queue's list, without an open conversation."""
    now = now_utc()
    frame = frames.frame(request, now, at="inbox", queue=queue)
    try:
        shown = lists.page_of(request.me, _queue(queue), frame, request.GET)
    except ValueError as error:
        raise Http404("This is not a page of this list.") from error
    return render(request, "staff/inbox.html", {"page": frame, "list": shown})


@page(Deed.READ)
def drawn(request: StaffRequest, queue: str) -> HttpResponse:
    """Rows on screen, drawn again: `?ids=` names them."""
    asked = request.GET.get("ids", "").split(",")[:MOST_ROWS]
    now = now_utc()
    found = queries.rows(request.me, [one for one in map(_uuid, asked) if one], now)
    shown = rows.lines(found, now, get_language() or "en", _queue(queue).key)
    return render(request, "staff/rows.html", {"rows": shown})


@page(Deed.READ)
def fresh(request: StaffRequest, queue: str) -> HttpResponse:
    """Numbers, and how many are new since a list was drawn (`?since=`)."""
    now = now_utc()
    chosen = _queue(queue)
    frame = frames.frame(request, now, at="inbox", queue=queue)
    since = _since(request.GET.get("since", ""), now)
    new = queries.newer(request.me, chosen, since, now)
    said = ngettext("{n} new since {time}", "{n} new since {time}", new).format(
        n=new, time=words.clock_time(since, frame.desk.zone)
    )
    narrowed = lists.filters(request.GET)
    kept = any((narrowed.network, narrowed.language, narrowed.intent, narrowed.ending))
    values = {
        "page": frame,
        "list_url": lists.address(queue, {}),
        "subtitle": lists.subtitle(chosen, frame, new, narrowed=kept),
        "new": said if new else "",
    }
    return render(request, "staff/fresh.html", values)


@page(Deed.READ)
def search(request: StaffRequest) -> HttpResponse:
    """Conversations by name, handle or first words."""
    asked = " ".join(request.GET.get("q", "").split())[:100]
    if not asked:
        return redirect("staff:home")
    frame = frames.frame(request, now_utc(), at="inbox")
    frame.search = asked
    shown = lists.searched(request.me, asked, frame)
    return render(request, "staff/inbox.html", {"page": frame, "list": shown})


def _queue(key: str) -> Queue:
    try:
        return QUEUES[key]
    except KeyError as error:
        raise Http404("There is no such list.") from error


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _since(text: str, now: datetime) -> datetime:
    try:
        at = parse_datetime(text)
    except ValueError:
        return now
    return at if at is not None and at.tzinfo is not None else now
