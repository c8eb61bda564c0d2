"""Deeds that ask first: assign, later, close, merge, relabel. Each is a page with one form, which
pages of ours show as a dialog."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from callbox.actions import conversations as deeds
from callbox.actions.doing import NotPossible, Stale
from callbox.models.inbox import Conversation
from callbox.moment import now_utc
from callbox.queries import conversations
from callbox.queries.desk import desk
from callbox.rules import access
from callbox.rules.access import Denied
from callbox.rules.text import shown
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Disposition, Intent, NoReplyReason, Urgency
from callbox.web import doors
from callbox.web.doors import StaffRequest
from callbox.web.staff import frames, words
from callbox.web.staff.answers import Toast, done, in_background
from callbox.web.staff.conversation import found
from callbox.web.staff.deeds import undo_assign


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer a question."""

    value: str
    label: str
    hint: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One part of a form: radio buttons, a list to choose from, a line or more of words."""

    name: str
    label: str
    kind: str  # "radio" | "select" | "text" | "area"
    choices: Sequence[Choice] = ()
    value: str = ""
    hint: str = ""


@dataclass(slots=True)
class Sheet:
    """A dialog, as `staff/sheet.html` wants it."""

    title: str
    url: str
    verb: str
    questions: Sequence[Question]
    words: str = ""
    problem: str = ""
    back: str = ""
    back_words: str = field(default="")


Ask = Callable[[StaffRequest, Conversation, datetime], Sheet]
Do = Callable[[StaffRequest, Conversation, datetime], HttpResponse]


def _dialog(needs: Deed, ask: Ask, do: Do) -> Any:
    """The two halves of a dialog under one address: GET asks, POST does."""

    def asked(request: StaffRequest, pk: UUID) -> HttpResponse:
        now = now_utc()
        one = found(request, pk, now)
        access.require(request.me.standing, needs, one.unit.path, now)
        return shown_(request, ask(request, one, now), 200)

    def done_(request: StaffRequest, pk: UUID) -> HttpResponse:
        now = now_utc()
        with acting_for(request.me.agency_id):
            one = found(request, pk, now)
        try:
            return do(request, one, now)
        except (NotPossible, Stale, Denied) as error:
            with acting_for(request.me.agency_id):
                sheet = ask(request, one, now)
                sheet.problem = str(error)
                return shown_(request, sheet, 422)

    reading, doing = doors.page(needs)(asked), doors.deed(needs)(done_)

    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, pk: UUID) -> Any:
        return (doing if request.method == "POST" else reading)(request, pk=pk)

    return view


def shown_(request: StaffRequest, sheet: Sheet, status: int) -> HttpResponse:
    """A dialog: alone for pages of ours, else as a page."""
    if in_background(request):
        return render(request, "staff/sheet.html", {"sheet": sheet}, status=status)
    frame = frames.frame(request, now_utc(), at="inbox")
    values: Mapping[str, Any] = {"page": frame, "sheet": sheet}
    return render(request, "staff/dialog.html", values, status=status)


def _sheet(one: Conversation, name: str, title: str, verb: str, *asked: Question) -> Sheet:
    return Sheet(
        title=title,
        url=reverse(f"staff:{name}", args=[one.id]),
        verb=verb,
        questions=asked,
        back=reverse("staff:conversation", args=[one.id]),
    )


def _picked(request: StaffRequest, name: str) -> str:
    return str(request.POST.get(name, ""))[:400]


# --- assign -----------------------------------------------------------------------------------


def _ask_assign(request: StaffRequest, one: Conversation, now: datetime) -> Sheet:
    able = conversations.colleagues(one, now)
    me = request.me.member_id
    first = [Choice(str(m.id), _("Me"), m.called) for m in able if m.id == me]
    rest = [Choice(str(m.id), m.called, m.signature) for m in able if m.id != me]
    nobody = Choice("", _("Nobody"), _("It stays with the desk."))
    chosen = str(one.assignee_id or (me if first else ""))
    choices = [Choice(c.value, c.label, c.hint, c.value == chosen) for c in [*first, *rest, nobody]]
    title = _("Who takes care of it?")
    return _sheet(one, "assign", title, _("Assign"), Question("member", title, "radio", choices))


def _assign(request: StaffRequest, one: Conversation, now: datetime) -> HttpResponse:
    member = _picked(request, "member")
    try:
        member_id = UUID(member) if member else None
    except ValueError as error:
        raise NotPossible(_("That member is not here.")) from error
    deeds.assign(request.me, one.id, member_id=member_id)
    said = _("Assigned.") if member_id else _("It is back with the desk.")
    url, fields = undo_assign(one)
    return done(request, Toast(said, one.id, undo_url=url, undo_fields=fields))


# --- later ------------------------------------------------------------------------------------


def _later_times(now: datetime, zone: Any) -> list[tuple[str, str, datetime]]:
    here = now.astimezone(zone)
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time(8), zone)
    monday = datetime.combine(
        here.date() + timedelta(days=(7 - here.weekday()) or 7), time(8), zone
    )
    return [
        ("1h", _("In an hour"), now + timedelta(hours=1)),
        ("3h", _("In three hours"), now + timedelta(hours=3)),
        ("tomorrow", _("Tomorrow morning"), tomorrow),
        ("monday", _("Monday morning"), monday),
    ]


def _ask_later(request: StaffRequest, one: Conversation, now: datetime) -> Sheet:
    zone = desk(request.me).zone
    choices = [
        Choice(key, label, words.when(at, now, zone), key == "1h")
        for key, label, at in _later_times(now, zone)
    ]
    sheet = _sheet(
        one, "later", _("Put it off"), _("Put it off"), Question("until", "", "radio", choices)
    )
    sheet.words = _("It comes back by itself. Its clock goes on.")
    return sheet


def _later(request: StaffRequest, one: Conversation, now: datetime) -> HttpResponse:
    with acting_for(request.me.agency_id):
        zone = desk(request.me).zone
    times = {key: at for key, _label, at in _later_times(now, zone)}
    until = times.get(_picked(request, "until"))
    if until is None:
        raise NotPossible(_("Pick a time first."))
    deeds.snooze(request.me, one.id, until)
    said = _("Put off until {time}.").format(time=words.when(until, now, zone))
    undo = reverse("staff:now", args=[one.id])
    return done(request, Toast(said, one.id, undo_url=undo))


# --- close ------------------------------------------------------------------------------------


def _ask_close(request: StaffRequest, one: Conversation, now: datetime) -> Sheet:
    picked = _picked(request, "how")
    answered = one.answered_at is not None
    first = "answered" if answered else ""
    hint = "" if answered else _("Nothing has gone out to them yet.")
    ways = [
        Choice("answered", _("Answered"), hint),
        Choice("referred", _("Referred"), _("Somebody else takes care of it. Say who.")),
        *(Choice(f"no:{r.value}", str(words.REASONS[r])) for r in NoReplyReason),
    ]
    choices = [Choice(c.value, c.label, c.hint, c.value == (picked or first)) for c in ways]
    return _sheet(
        one,
        "close",
        _("How did it end?"),
        _("Close it"),
        Question("how", _("How did it end?"), "radio", choices),
        Question(
            "words",
            _("In a few words"),
            "text",
            value=_picked(request, "words"),
            hint=_("For whoever reads this later. Residents never see it."),
        ),
    )


def _close(request: StaffRequest, one: Conversation, now: datetime) -> HttpResponse:
    disposition, reason = _ending(_picked(request, "how"))
    said = _picked(request, "words")
    deeds.close(request.me, one.id, disposition, reason=reason, words=said)
    undo = reverse("staff:reopen", args=[one.id])
    return done(request, Toast(_("Closed."), one.id, undo_url=undo))


def _ending(how: str) -> tuple[Disposition, NoReplyReason | None]:
    try:
        if how.startswith("no:"):
            return Disposition.NO_REPLY, NoReplyReason(how.removeprefix("no:"))
        return Disposition(how), None
    except ValueError as error:
        raise NotPossible(_("Say how it ended first.")) from error


# --- merge ------------------------------------------------------------------------------------


def _ask_merge(request: StaffRequest, one: Conversation, now: datetime) -> Sheet:
    zone = desk(request.me).zone
    others = conversations.mergeable(request.me, one, now)
    choices = [
        Choice(str(o.id), shown(o.preview), words.day(o.started_at, now, zone), at == 0)
        for at, o in enumerate(others)
    ]
    title = _("Merge into which one?")
    sheet = _sheet(one, "merge", title, _("Merge"), Question("into", title, "radio", choices))
    sheet.words = _("Only conversations with the same person can be merged. It can be undone.")
    if not others:
        sheet.questions = ()
        sheet.verb = ""
        sheet.words = _("There is no other conversation with this person.")
    return sheet


def _merge(request: StaffRequest, one: Conversation, now: datetime) -> HttpResponse:
    try:
        into = UUID(_picked(request, "into"))
    except ValueError as error:
        raise NotPossible(_("Pick a conversation first.")) from error
    deeds.merge(request.me, one.id, into)
    undo = reverse("staff:unmerge", args=[one.id])
    return done(request, Toast(_("Merged."), one.id, undo_url=undo))


# --- relabel ----------------------------------------------------------------------------------


def _ask_relabel(request: StaffRequest, one: Conversation, now: datetime) -> Sheet:
    about = [Choice(i.value, str(words.INTENTS[i]), "", i.value == one.intent) for i in Intent]
    soon = [Choice(u.value, str(words.URGENCIES[u]), "", u is one.urgency) for u in Urgency]
    return _sheet(
        one,
        "relabel",
        _("What is it about?"),
        _("Label it"),
        Question("intent", _("About"), "select", about),
        Question("urgency", _("How soon?"), "radio", soon),
    )


def _relabel(request: StaffRequest, one: Conversation, now: datetime) -> HttpResponse:
    try:
        intent, urgency = Intent(_picked(request, "intent")), Urgency(_picked(request, "urgency"))
    except ValueError as error:
        raise NotPossible(_("Pick one of each first.")) from error
    deeds.relabel(request.me, one.id, intent=intent, urgency=urgency)
    return done(request, Toast(_("Labelled."), one.id))


assign = _dialog(Deed.ASSIGN, _ask_assign, _assign)
later = _dialog(Deed.ASSIGN, _ask_later, _later)
close = _dialog(Deed.CLOSE, _ask_close, _close)
merge = _dialog(Deed.MERGE, _ask_merge, _merge)
relabel = _dialog(Deed.ASSIGN, _ask_relabel, _relabel)
