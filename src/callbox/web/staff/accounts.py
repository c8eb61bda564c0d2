"""The accounts page: every account by its network, how well we hear through it, what is stuck."""

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
from callbox.models.accounts import Account
from callbox.moment import now_utc
from callbox.queries import hearing
from callbox.queries.hearing import Heard, Stuck
from callbox.rules.text import shown
from callbox.vocabulary import Deed
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import answers, frames, tended, words
from callbox.web.staff.answers import Toast, deed, done
from callbox.web.staff.tended import Tended


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

    of: Tended
    facts: Sequence[str]
    blind: Sequence[str]
    stuck: int
    stuck_words: str
    jams: Sequence[Jam]
    pause_url: str
    resume_url: str
    read_url: str
    connect_url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The accounts of one network."""

    network: str
    name: str
    cards: Sequence[Card]


@page(Deed.SEE_ACCOUNTS)
def accounts(request: StaffRequest) -> HttpResponse:
    """All accounts of the agency, by network; those that were disconnected at the end."""
    now = now_utc()
    frame = frames.frame(request, now, at="accounts")
    runs = request.me.may(Deed.RUN_ACCOUNTS, now)
    found = hearing.overview()
    cards = [_card(one, now, frame.desk.zone, runs) for one in found]
    on = [card for card, one in zip(cards, found, strict=True) if one.account.state != "off"]
    off = [card for card, one in zip(cards, found, strict=True) if one.account.state == "off"]
    values = {"page": frame, "groups": _groups(on), "off": off, "runs": runs}
    return render(request, "staff/accounts.html", values)


def _groups(cards: Sequence[Card]) -> list[Group]:
    names = {card.of.network: card.of.network_name for card in cards}
    return [
        Group(key, name, [card for card in cards if card.of.network == key])
        for key, name in sorted(names.items(), key=lambda one: one[1].casefold())
    ]


def _card(one: Heard, now: datetime, zone: tzinfo, runs: bool) -> Card:
    account = one.account
    of = tended.tended(account, now, zone, one.health)
    jams = hearing.stuck(account.id) if one.stuck and runs else []
    return Card(
        of=of,
        facts=[fact for fact in (owned(of), of.approval, *of.facts) if fact],
        blind=[tended.blind(period, now, zone) for period in one.blind if period.ended_at],
        stuck=one.stuck,
        stuck_words=tended.stuck_words(one.stuck),
        jams=[jam(stuck, now, zone) for stuck in jams],
        **urls(account, runs=runs, stuck=bool(one.stuck)),
    )


def owned(of: Tended) -> str:
    """Which unit an account belongs to."""
    return _("Owned by {unit}").format(unit=of.unit)


def urls(account: Account, *, runs: bool, stuck: bool) -> dict[str, str]:
    """Where what can be done to an account is done; "" where it cannot."""
    state = account.state if runs else ""
    again = f"{reverse('staff:connect_login', args=[account.network])}?again={account.id}"
    return {
        "pause_url": reverse("staff:pause", args=[account.id]) if state == "on" else "",
        "resume_url": reverse("staff:resume", args=[account.id]) if state == "paused" else "",
        "read_url": reverse("staff:read_again", args=[account.id]) if runs and stuck else "",
        "connect_url": again if state in ("dead", "off") else "",
    }


def jam(stuck: Stuck, now: datetime, zone: tzinfo) -> Jam:
    """An arrival that could not be read, as a page shows it."""
    time = words.when(stuck.received_at, now, zone)
    return Jam(time, stuck.kind, shown(stuck.reason), shown(stuck.body))


@deed(Deed.RUN_ACCOUNTS)
def pause(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Neither hear nor speak through an account for now."""
    deeds.pause(request.me, pk, paused=True)
    undo = reverse("staff:resume", args=[pk])
    return _back(request, Toast(_("Paused."), undo_url=undo))


@deed(Deed.RUN_ACCOUNTS)
def resume(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Go on."""
    deeds.pause(request.me, pk, paused=False)
    return _back(request, Toast(_("It goes on.")))


@deed(Deed.RUN_ACCOUNTS)
def read_again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Read once more what could not be read."""
    taken = arrivals.run_again(request.me, pk)
    said = ngettext("{n} message came of it.", "{n} messages came of it.", taken.messages)
    return _back(request, Toast(said.format(n=taken.messages)))


def _back(request: StaffRequest, toast: Toast) -> HttpResponse:
    """Where the button was: the list, or the account's own page."""
    return done(request, toast, to=answers.back(request, reverse("staff:accounts")))
