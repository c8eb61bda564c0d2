"""The accounts page: every account, how well we hear through it, and what is stuck."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbox.actions import accounts as deeds
from callbox.actions import arrivals
from callbox.models.accounts import Account, BlindPeriod, Health
from callbox.moment import now_utc
from callbox.queries import hearing
from callbox.queries.hearing import Heard, Stuck
from callbox.rules.text import shown
from callbox.vocabulary import Deed
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import frames, words
from callbox.web.staff.answers import Toast, deed, done
from callbox.web.staff.items import safe_url


@dataclass(frozen=True, slots=True)
class Fact:
    """A short fact, with the look of its chip."""

    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Jam:
    """An arrival that could not be read, for whoever looks into it."""

    time: str
    kind: str
    reason: str
    body: str


@dataclass(frozen=True, slots=True)
class Card:
    """One account on the page."""

    id: UUID
    network: str
    network_name: str
    name: str
    handle: str
    profile_url: str
    state: Fact
    facts: Sequence[str]
    error: str
    blind: Sequence[str]
    stuck: int
    stuck_words: str
    jams: Sequence[Jam]
    pause_url: str
    resume_url: str
    read_url: str
    connect_url: str


@page(Deed.SEE_ACCOUNTS)
def accounts(request: StaffRequest) -> HttpResponse:
    """All accounts of the agency."""
    now = now_utc()
    frame = frames.frame(request, now, at="accounts")
    runs = request.me.may(Deed.RUN_ACCOUNTS, now)
    found = hearing.overview()
    cards = [_card(one, now, frame.desk.zone, runs) for one in found]
    values = {"page": frame, "cards": cards, "runs": runs}
    return render(request, "staff/accounts.html", values)


def _card(one: Heard, now: datetime, zone: tzinfo, runs: bool) -> Card:
    account = one.account
    paused, dead = account.state == "paused", account.state == "dead"
    jams = hearing.stuck(account.id) if one.stuck and runs else []
    connect = reverse("staff:connect_to", args=[account.network])
    return Card(
        id=account.id,
        network=account.network,
        network_name=words.network_name(account.network),
        name=shown(account.name),
        handle=shown(account.handle),
        profile_url=safe_url(account.profile_url),
        state=_state(account, one.health, now, zone),
        facts=_facts(account, one.health, now, zone),
        error=_error(account, one.health),
        blind=[_blind(period, now, zone) for period in one.blind if period.ended_at],
        stuck=one.stuck,
        stuck_words=ngettext(
            "{n} arrival could not be read. It is kept.",
            "{n} arrivals could not be read. They are kept.",
            one.stuck,
        ).format(n=one.stuck),
        jams=[_jam(jam, now, zone) for jam in jams],
        pause_url=reverse("staff:pause", args=[account.id]) if runs and not paused else "",
        resume_url=reverse("staff:resume", args=[account.id]) if runs and paused else "",
        read_url=reverse("staff:read_again", args=[account.id]) if runs and one.stuck else "",
        connect_url=connect if runs and dead else "",
    )


def _state(account: Account, health: Health | None, now: datetime, zone: tzinfo) -> Fact:
    if account.state == "dead":
        return Fact(_("Has to be connected again"), " chip--late")
    if account.state == "paused":
        return Fact(_("Paused"), " chip--line")
    if health is not None and health.blind_since is not None:
        since = words.when(health.blind_since, now, zone)
        return Fact(_("Blind since {time}").format(time=since), " chip--late")
    if health is not None and health.failing_since is not None:
        return Fact(_("Trying again"), " chip--late")
    return Fact(_("We hear it"), " chip--ok")


def _facts(account: Account, health: Health | None, now: datetime, zone: tzinfo) -> list[str]:
    facts = [_("Owned by {unit}").format(unit=account.unit.name), _approval(account, now, zone)]
    if health is None:
        return [fact for fact in facts if fact]
    if health.heard_at is not None:
        heard = words.when(health.heard_at, now, zone)
        facts.append(_("Last heard something {time}").format(time=heard))
    if health.checked_at is not None:
        checked = words.when(health.checked_at, now, zone)
        facts.append(_("Last answered us {time}").format(time=checked))
    facts.append(_("Live stream") if health.streaming else _("Asked every few seconds"))
    if health.limited_until is not None and health.limited_until > now:
        until = words.when(health.limited_until, now, zone)
        facts.append(_("Asked to slow down until {time}").format(time=until))
    if health.dropped:
        facts.append(_("{n} not for us, not kept").format(n=health.dropped))
    return [fact for fact in facts if fact]


def _approval(account: Account, now: datetime, zone: tzinfo) -> str:
    if account.approved_at is None:
        return ""
    day = words.day(account.approved_at, now, zone)
    if account.approved_by is None:
        return _("Approved {day}").format(day=day)
    return _("Approved by {name}, {day}").format(name=account.approved_by.called, day=day)


def _error(account: Account, health: Health | None) -> str:
    if health is None or (health.failing_since is None and account.state != "dead"):
        return ""
    return shown(health.error_words)


def _blind(period: BlindPeriod, now: datetime, zone: tzinfo) -> str:
    began = words.when(period.began_at, now, zone)
    ended = words.when(period.ended_at, now, zone) if period.ended_at else ""
    said = _("Blind from {began} to {ended}.").format(began=began, ended=ended)
    got = ngettext("{n} message fetched after.", "{n} messages fetched after.", period.recovered)
    gap = " " + _("Some could not be had any more.") if period.gap else ""
    return f"{said} {got.format(n=period.recovered)}{gap}"


def _jam(jam: Stuck, now: datetime, zone: tzinfo) -> Jam:
    time = words.when(jam.received_at, now, zone)
    return Jam(time, jam.kind, shown(jam.reason), shown(jam.body))


@deed(Deed.RUN_ACCOUNTS)
def pause(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Neither hear nor speak through an account for now."""
    deeds.pause(request.me, pk, paused=True)
    undo = reverse("staff:resume", args=[pk])
    return done(request, Toast(_("Paused."), undo_url=undo), to=reverse("staff:accounts"))


@deed(Deed.RUN_ACCOUNTS)
def resume(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Go on."""
    deeds.pause(request.me, pk, paused=False)
    return done(request, Toast(_("It goes on.")), to=reverse("staff:accounts"))


@deed(Deed.RUN_ACCOUNTS)
def read_again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Read once more what could not be read."""
    taken = arrivals.run_again(request.me, pk)
    said = ngettext("{n} message came of it.", "{n} messages came of it.", taken.messages)
    toast = Toast(said.format(n=taken.messages))
    return done(request, toast, to=reverse("staff:accounts"))
