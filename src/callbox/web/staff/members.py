"""Members: who holds what since when, and their hours. Refusals in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from callbox.actions import people as deeds
from callbox.actions.doing import NotPossible
from callbox.models.people import DutyWindow, Grant, Member
from callbox.moment import now_utc
from callbox.queries import staffing
from callbox.queries.desk import desk
from callbox.queries.staffing import Staff
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Role
from callbox.web import doors
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import frames, words

MOST_HOURS = 24 * 14


@dataclass(frozen=True, slots=True)
class Held:
    """A grant in words."""

    role: str
    unit: str
    since: str
    over: bool
    end_url: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member on the page."""

    id: UUID
    initials: str
    name: str
    rank: str
    unit: str
    email: str
    signature: str
    url: str
    grants: Sequence[Held]
    duty: Sequence[str]
    on_duty: bool


@page(Deed.SEE_MEMBERS)
def members(request: StaffRequest) -> HttpResponse:
    """Everybody who works here."""
    now = now_utc()
    frame = frames.frame(request, now, at="members")
    found = staffing.everyone(now)
    people = [_person(one, now, frame.desk.zone, grants=False) for one in found]
    values = {"page": frame, "people": people, "may_grant": request.me.may(Deed.GRANT, now)}
    return render(request, "staff/members.html", values)


@page(Deed.SEE_MEMBERS)
def member(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One member."""
    return _shown(request, pk)


def _shown(request: StaffRequest, pk: UUID, problem: str = "", status: int = 200) -> HttpResponse:
    now = now_utc()
    found = staffing.one(pk, now)
    if found is None:
        raise Http404("This member is not here.")
    frame = frames.frame(request, now, at="members")
    grants = request.me.may(Deed.GRANT, now)
    values = {
        "page": frame,
        "person": _person(found, now, frame.desk.zone, grants=grants),
        "roles": [(role.value, name) for role, name in words.ROLES.items()],
        "units": staffing.units(),
        "may_grant": grants,
        "may_waive": request.me.may(Deed.WAIVE_DUTY, now),
        "problem": problem,
    }
    return render(request, "staff/member.html", values, status=status)


def _person(one: Staff, now: datetime, zone: tzinfo, *, grants: bool) -> Person:
    who = one.member
    return Person(
        id=who.id,
        initials=words.initials(who.name),
        name=who.name,
        rank=who.rank,
        unit=who.home_unit.name if who.home_unit else "",
        email=who.user.email,
        signature=who.signature,
        url=reverse("staff:member", args=[who.id]),
        grants=[_held(grant, now, zone, ends=grants) for grant in one.grants],
        duty=[_window(window, now, zone) for window in one.duty[:8]],
        on_duty=any(window.starts_at <= now for window in one.duty),
    )


def _held(grant: Grant, now: datetime, zone: tzinfo, *, ends: bool) -> Held:
    over = grant.ends_at is not None and grant.ends_at <= now
    since = _("since {day}").format(day=words.day(grant.starts_at, now, zone))
    if grant.ends_at is not None:
        since = _("{start} to {end}").format(
            start=words.day(grant.starts_at, now, zone), end=words.day(grant.ends_at, now, zone)
        )
    return Held(
        role=str(words.ROLES[Role(grant.role)]),
        unit=grant.unit.name,
        since=since,
        over=over,
        end_url=reverse("staff:end_grant", args=[grant.id]) if ends and not over else "",
    )


def _window(window: DutyWindow, now: datetime, zone: tzinfo) -> str:
    start, end = (
        words.when(window.starts_at, now, zone),
        words.when(window.ends_at, now, zone),
    )
    said = _("{start} to {end}").format(start=start, end=end)
    if window.waived_by is None:
        return said
    waived = _("let in by {name}: {reason}")
    return f"{said}, {waived.format(name=window.waived_by.called, reason=window.reason)}"


# --- deeds ------------------------------------------------------------------------------------


def _member(request: StaffRequest, pk: UUID) -> Member:
    with acting_for(request.me.agency_id):
        found = Member.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("This member is not here.")
    return found


def _refused(request: StaffRequest, pk: UUID, error: Exception) -> HttpResponse:
    with acting_for(request.me.agency_id):
        return _shown(request, pk, str(error), 422)


def _local(request: StaffRequest, name: str) -> datetime | None:
    """A time typed in the agency's zone, or None for none. Raises NotPossible for nonsense."""
    typed = request.POST.get(name, "").strip()
    if not typed:
        return None
    with acting_for(request.me.agency_id):
        zone = desk(request.me).zone
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError as error:
        raise NotPossible(_("Write times like 2026-05-01 14:00.")) from error


@doors.deed(Deed.GRANT)
def give(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give a role in a unit, from now on, until a day where one is named."""
    who = _member(request, pk)
    try:
        role, unit = _role(request), _unit(request)
        deeds.give(request.me, who, role, unit, ends_at=_local(request, "ends"))
    except (NotPossible, Denied) as error:
        return _refused(request, pk, error)
    return redirect("staff:member", pk)


def _role(request: StaffRequest) -> Role:
    try:
        return Role(request.POST.get("role", ""))
    except ValueError as error:
        raise NotPossible(_("Pick a role first.")) from error


def _unit(request: StaffRequest) -> UUID:
    asked = request.POST.get("unit", "")
    with acting_for(request.me.agency_id):
        known = {str(one.id) for one in staffing.units()}
    if asked not in known:
        raise NotPossible(_("Pick a unit first."))
    return UUID(asked)


@doors.deed(Deed.GRANT)
def end_grant(request: StaffRequest, pk: UUID) -> HttpResponse:
    """End a role now."""
    with acting_for(request.me.agency_id):
        found = Grant.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("This role is not here.")
    try:
        deeds.end_grant(request.me, pk)
    except (NotPossible, Denied) as error:
        return _refused(request, found.member_id, error)
    return redirect("staff:member", found.member_id)


@doors.deed(Deed.GRANT)
def set_duty(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Enter hours on duty."""
    who = _member(request, pk)
    try:
        starts, ends = _local(request, "starts"), _local(request, "ends")
        if starts is None or ends is None:
            raise NotPossible(_("Say from when until when."))
        deeds.set_duty(request.me, who, starts, ends)
    except (NotPossible, Denied) as error:
        return _refused(request, pk, error)
    return redirect("staff:member", pk)


@doors.deed(Deed.WAIVE_DUTY)
def waive(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Let a member act outside their hours for some hours, with a reason, on record."""
    who = _member(request, pk)
    try:
        until = now_utc() + timedelta(hours=_hours(request))
        deeds.waive_duty(request.me, who, until, request.POST.get("reason", ""))
    except (NotPossible, Denied) as error:
        return _refused(request, pk, error)
    return redirect("staff:member", pk)


def _hours(request: StaffRequest) -> int:
    typed = request.POST.get("hours", "")
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed[:4]) <= MOST_HOURS:
        raise NotPossible(_("Say for how many hours, in digits."))
    return int(typed)


@doors.deed(Deed.GRANT)
def _add(request: StaffRequest) -> HttpResponse:
    """Add a person and their login. They hold nothing until a role is given."""
    said = {name: request.POST.get(name, "").strip()[:120] for name in ("name", "rank", "email")}
    try:
        if not said["name"] or "@" not in said["email"]:
            raise NotPossible(_("A name and a work address are needed."))
        unit = _unit(request)
        made = deeds.add_member(
            request.me,
            request.me.agency_id,
            email=said["email"],
            name=said["name"],
            rank=said["rank"],
            signature=request.POST.get("signature", "").strip()[:120] or said["name"],
            home_unit_id=unit,
            password=request.POST.get("password", "") or None,
        )
    except (NotPossible, Denied) as error:
        with acting_for(request.me.agency_id):
            return _adding(request, said, str(error), 422)
    return redirect("staff:member", made.id)


@page(Deed.GRANT)
def _blank(request: StaffRequest) -> HttpResponse:
    return _adding(request, {})


@require_http_methods(["GET", "POST"])
def add_member(request: HttpRequest) -> Any:
    """The form for somebody new, and what it does."""
    return (_add if request.method == "POST" else _blank)(request)


def _adding(
    request: StaffRequest, said: dict[str, str], problem: str = "", status: int = 200
) -> HttpResponse:
    frame = frames.frame(request, now_utc(), at="members")
    values = {"page": frame, "said": said, "units": staffing.units(), "problem": problem}
    return render(request, "staff/add_member.html", values, status=status)
