"""The page of a conversation: whole, or only the pane beside the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from callbox.models.inbox import Conversation
from callbox.moment import now_utc
from callbox.queries import conversations, records
from callbox.queries.conversations import Thread
from callbox.queries.desk import Desk, desk
from callbox.queries.inbox import QUEUES
from callbox.vocabulary import Deed
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import composers, contexts, frames, happenings, lists, threads, words
from callbox.web.staff.composers import Typed


@page(Deed.READ)
def conversation(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A conversation; only its pane when a page of ours asks for that."""
    return show(request, pk)


def found(request: StaffRequest, pk: UUID, now: datetime) -> Conversation:
    """The conversation. Raises Http404 for one that this member may not know of."""
    one = conversations.find(request.me, pk, now)
    if one is None:
        raise Http404("This conversation is not here.")
    return one


def show(
    request: StaffRequest, pk: UUID, *, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    """The page or the pane, with what was typed when it was not taken. Call inside a scope."""
    now = now_utc()
    one = found(request, pk, now)
    queue = queue_of(request, now)
    thread = conversations.thread(request.me, one, now)
    if request.headers.get("HX-Request"):
        place = desk(request.me)
        pane = pane_values(request, thread, place, now, queue, typed)
        return render(request, "staff/thread.html", pane, status=status)
    frame = frames.frame(request, now, at="inbox", queue=queue)
    pane = pane_values(request, thread, frame.desk, now, queue, typed)
    shown = lists.page_of(request.me, QUEUES[queue], frame, current=pk)
    values = {"page": frame, "list": shown, **pane}
    return render(request, "staff/inbox.html", values, status=status)


def queue_of(request: StaffRequest, now: datetime) -> str:
    """The list that the reader came from (`?in=`), or their best one."""
    asked = request.GET.get("in", "")
    return asked if asked in QUEUES else frames.best_queue(request.me, now)


def pane_values(
    request: StaffRequest,
    thread: Thread,
    place: Desk,
    now: datetime,
    queue: str,
    typed: Typed | None = None,
) -> Mapping[str, Any]:
    """Everything that `staff/thread.html` shows."""
    me, one = request.me, thread.conversation
    language = get_language() or "en"
    past = records.history(one.id)
    return {
        "thread": threads.opened(me, thread, place, now, language, queue),
        "composer": composers.composer(me, one, now, draft=thread.draft, typed=typed),
        "context": contexts.context(thread, past, place, now),
    }


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history page. `day` is set where a new day begins."""

    day: str
    time: str
    iso: str
    icon: str
    words: str


@page(Deed.READ)
def history(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Everything that happened in a conversation, from the ledger."""
    now = now_utc()
    one = found(request, pk, now)
    frame = frames.frame(request, now, at="inbox")
    steps, last = [], ""
    for line in records.history(one.id):
        day = words.day(line.at, now, frame.desk.zone)
        steps.append(
            Step(
                day=day if day != last else "",
                time=words.clock_time(line.at, frame.desk.zone),
                iso=line.at.isoformat(),
                icon=happenings.icon(line.happening),
                words=happenings.sentence(line, frame.desk.zone),
            )
        )
        last = day
    values = {"page": frame, "title": one.preview, "one": one, "steps": steps}
    return render(request, "staff/history.html", values)
