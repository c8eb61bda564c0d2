"""One account: how well we hear, its login and webhooks, what it uses up, whose it is, its past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from callbox.actions import connecting, tending, upkeep
from callbox.actions.doing import NotPossible
from callbox.actions.tending import Tried
from callbox.connector import ConnectorError
from callbox.models.accounts import Account
from callbox.models.people import Unit
from callbox.moment import now_utc
from callbox.networks import connector_class
from callbox.queries import hearing, hooks, staffing
from callbox.queries import tending as reading
from callbox.queries.tending import Whole
from callbox.rules.text import shown
from callbox.scope import acting_for
from callbox.vocabulary import Deed
from callbox.web import doors
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import abilities, accounts, frames, imports, tended, words
from callbox.web.staff.accounts import Jam
from callbox.web.staff.answers import Toast, deed, done, in_background
from callbox.web.staff.dialogs import Sheet
from callbox.web.staff.imports import Import, Ways
from callbox.web.staff.tended import Bar, Kept, Tended


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying an account."""

    good: bool
    words: str


@dataclass(slots=True)
class Shown:
    """The page, as `staff/account.html` wants it."""

    of: Tended
    runs: bool
    urls: dict[str, str]
    blind: Sequence[str]
    bars: Sequence[Bar]
    record: Sequence[Kept]
    login_ends: str
    renews: bool
    hooks: bool
    public: bool
    imports: Sequence[Import]
    past: Ways
    units: Sequence[Unit]
    unit: str
    stuck_words: str
    jams: Sequence[Jam]
    blocks: bool
    cannot: Sequence[abilities.Missing]
    trials: Sequence[Trial] = ()


@page(Deed.SEE_ACCOUNTS)
def account(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One account."""
    return _page(request, pk)


def _page(
    request: StaffRequest, pk: UUID, *, trials: Sequence[Trial] = (), status: int = 200
) -> HttpResponse:
    now = now_utc()
    whole = reading.whole(pk, now)
    if whole is None:
        raise Http404("This account is not here.")
    frame = frames.frame(request, now, at="accounts")
    runs = request.me.may(Deed.RUN_ACCOUNTS, now)
    shown_ = _shown(whole, now, frame.desk.zone, runs)
    shown_.trials = trials
    values = {"page": frame, "account": shown_, "of": shown_.of}
    return render(request, "staff/account.html", values, status=status)


def _shown(whole: Whole, now: datetime, zone: tzinfo, runs: bool) -> Shown:
    account, health = whole.account, whole.health
    on = account.state != Account.State.OFF
    able = tended.abilities_of(account) if on else frozenset()
    ends_at = health.login_ends_at if health else None
    jams = hearing.stuck(account.id) if whole.stuck and runs else []
    return Shown(
        of=tended.tended(account, now, zone, health),
        runs=runs,
        urls=accounts.urls(account, runs=runs, stuck=bool(whole.stuck)),
        blind=[tended.blind(period, now, zone) for period in whole.blind],
        bars=[tended.bar(one) for one in whole.spent],
        record=tended.record(account),
        login_ends=words.day(ends_at, now, zone) if ends_at else "",
        renews="renew" in able,
        hooks="hooks" in able,
        public=hooks.is_public(),
        imports=[imports.shown_(one, now, zone) for one in whole.pasts],
        past=imports.ways(able, whole.pasts, runs=runs),
        units=staffing.units() if runs and on else (),
        unit=str(account.unit_id),
        stuck_words=tended.stuck_words(whole.stuck) if whole.stuck else "",
        jams=[accounts.jam(one, now, zone) for one in jams],
        blocks="blocked" in able,
        cannot=_cannot(account),
    )


def _cannot(account: Account) -> Sequence[abilities.Missing]:
    try:
        return abilities.cannot(connector_class(account.network))
    except LookupError:
        return ()


# --- small deeds ------------------------------------------------------------------------------


def _here(pk: UUID) -> str:
    return reverse("staff:account", args=[pk])


def _asking(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the network does not take is said in words, like everything else that cannot be done."""

    def asked(request: StaffRequest, pk: UUID) -> HttpResponse:
        try:
            return view(request, pk)
        except ConnectorError as error:
            raise NotPossible(shown(str(error))) from error

    return asked


@deed(Deed.RUN_ACCOUNTS)
@_asking
def renew(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Extend the login now."""
    ends_at = upkeep.renew_now(request.me, pk).ends_at
    said = _("Renewed. It never ends by itself.") if ends_at is None else _("Renewed.")
    return done(request, Toast(said), to=_here(pk))


@deed(Deed.RUN_ACCOUNTS)
@_asking
def mend(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Look at webhooks again, and make what is missing."""
    layers = upkeep.look_now(request.me, pk, repair=True)
    good = all(one.good for one in layers)
    said = _("Every part stands.") if good else _("Something is still missing. It says what.")
    return done(request, Toast(said), to=f"{_here(pk)}#webhooks")


@deed(Deed.RUN_ACCOUNTS)
@_asking
def move(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give it to another unit."""
    try:
        unit_id = UUID(request.POST.get("unit", ""))
    except ValueError as error:
        raise NotPossible(_("Say which unit owns it.")) from error
    moved = tending.move(request.me, pk, unit_id)
    said = _("It belongs to {unit} now.").format(unit=moved.unit.name)
    return done(request, Toast(said), to=_here(pk))


@deed(Deed.RUN_ACCOUNTS)
def try_out(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Log in and read once. Nothing is published, nothing kept."""
    trials = [_trial(one) for one in tending.try_out(request.me, pk)]
    with acting_for(request.me.agency_id):
        return _page(request, pk, trials=trials)


def _trial(one: Tried) -> Trial:
    if not one.good:
        return Trial(False, shown(one.words))
    if one.name == "login":
        return Trial(True, _("The login works. It is {handle}.").format(handle=shown(one.words)))
    count = int(one.words)
    if not count:
        return Trial(True, _("Reading works. Nothing new waits there."))
    read = ngettext(
        "Reading works. {n} new thing waits there.",
        "Reading works. {n} new things wait there.",
        count,
    )
    return Trial(True, read.format(n=count))


# --- disconnecting ----------------------------------------------------------------------------


@page(Deed.RUN_ACCOUNTS)
def _ask_disconnect(request: StaffRequest, pk: UUID) -> HttpResponse:
    found = Account.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("This account is not here.")
    name = words.network_name(found.network)
    sheet = Sheet(
        title=_("Disconnect {handle}?").format(handle=shown(found.handle)),
        url=reverse("staff:disconnect", args=[pk]),
        verb=_("Disconnect it"),
        questions=(),
        words=_(
            "Callbox stops hearing and speaking there. Its login is ended at {network}, and what "
            "we kept of it is wiped. Every message, answer and entry of the record stays. You "
            "can connect it again later."
        ).format(network=name),
        back=_here(pk),
    )
    if in_background(request):
        return render(request, "staff/sheet.html", {"sheet": sheet})
    values = {"page": frames.frame(request, now_utc(), at="accounts"), "sheet": sheet}
    return render(request, "staff/dialog.html", values)


@deed(Deed.RUN_ACCOUNTS)
def _disconnect(request: StaffRequest, pk: UUID) -> HttpResponse:
    why = connecting.disconnect(request.me, pk)
    if not why:
        said = _("Disconnected. What was said stays.")
    else:
        said = _("Disconnected here. The network could not be told: {why} End the login there too.")
        said = said.format(why=shown(why))
    response = done(request, Toast(said, seconds=12 if why else 10), to=_here(pk))
    if in_background(request):
        response["HX-Redirect"] = _here(pk)
    return response


@require_http_methods(["GET", "POST"])
def disconnect(request: HttpRequest, pk: UUID) -> Any:
    """Asks first; says what stays and what goes."""
    return (_disconnect if request.method == "POST" else _ask_disconnect)(request, pk=pk)


# --- who is blocked ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Blocked:
    """Somebody who is blocked on the network."""

    id: str
    name: str
    handle: str


@doors.returning(Deed.RUN_ACCOUNTS)
def blocked(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Who is blocked there, asked of the network now. It writes nothing; it is no `page` because a
    network must not be waited for inside a transaction."""
    problem, found = "", []
    try:
        for one in tending.blocked(request.me, pk):
            name = shown(one.name or one.handle or one.external_id)
            found.append(Blocked(one.external_id, name, shown(one.handle)))
    except (ConnectorError, NotPossible) as error:
        problem = shown(str(error))
    now = now_utc()
    with acting_for(request.me.agency_id):
        rows = Account.objects.select_related("unit", "approved_by")
        account = rows.filter(pk=pk).first()
        if account is None:
            raise Http404("This account is not here.")
        frame = frames.frame(request, now, at="accounts")
        of = tended.tended(account, now, frame.desk.zone)
        able = tended.abilities_of(account)
        values = {
            "page": frame, "of": of, "blocked": found, "problem": problem,
            "unblocks": "unblock" in able,
        }  # fmt: skip
        return render(request, "staff/account_blocked.html", values)


@deed(Deed.RUN_ACCOUNTS)
def unblock(request: StaffRequest, pk: UUID) -> HttpResponse:
    """End a block."""
    try:
        tending.unblock(request.me, pk, request.POST.get("author", "")[:300])
    except ConnectorError as error:
        raise NotPossible(shown(str(error))) from error
    return redirect("staff:blocked", pk)
