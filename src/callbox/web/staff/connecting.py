"""The wizard that connects an account: which network, what to prepare, logging in, which accounts,
and what happens next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from callbox.actions import connecting as deeds
from callbox.actions import upkeep
from callbox.actions.connecting import Begun, Wanted
from callbox.actions.doing import NotPossible
from callbox.connector import Connector, ConnectorError
from callbox.logins import Candidate, Scope
from callbox.models.accounts import Account, Health
from callbox.models.people import Unit
from callbox.moment import now_utc
from callbox.networks import REGISTRY, connector_class
from callbox.queries import hooks, staffing
from callbox.queries.desk import desk
from callbox.rules.text import shown
from callbox.scope import acting_for
from callbox.vocabulary import Deed
from callbox.web import doors
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import abilities, connect_form, frames, tended
from callbox.web.staff.connect_form import Source
from callbox.web.staff.items import safe_url


@dataclass(frozen=True, slots=True)
class Offer:
    """A network that can be connected."""

    key: str
    name: str
    connected: int = 0
    away: bool = False  # the login is on the network's own page


@dataclass(frozen=True, slots=True)
class Before:
    """What to know before connecting to a network."""

    can: Sequence[str]
    cannot: Sequence[abilities.Missing]
    preparation: Sequence[str]
    scopes: Sequence[Scope]
    calls: bool  # the network calls us
    hook_url: str  # "" where every account has an address of its own
    hook_token: str = field(repr=False)
    back_url: str
    public: bool


@dataclass(frozen=True, slots=True)
class Picked:
    """One account that a login opens."""

    id: str
    name: str
    handle: str
    profile_url: str
    connected: bool
    note: str


@page(Deed.RUN_ACCOUNTS)
def connect(request: StaffRequest) -> HttpResponse:
    """Which network?"""
    counted: dict[str, int] = {}
    rows = Account.objects.exclude(state=Account.State.OFF)
    for key in rows.values_list("network", flat=True):
        counted[key] = counted.get(key, 0) + 1
    offers = [_offer(key, counted.get(key, 0)) for key in REGISTRY]
    offers.sort(key=lambda one: one.name.casefold())
    values = {"page": frames.frame(request, now_utc(), at="accounts"), "offers": offers}
    return render(request, "staff/connect.html", values)


def _offer(key: str, connected: int = 0) -> Offer:
    connector = _network(key)
    return Offer(key, connector.name, connected, "authorize" in connector.abilities())


def _network(key: str) -> type[Connector]:
    try:
        return connector_class(key)
    except LookupError as error:
        raise Http404(str(error)) from error


# --- before you begin -------------------------------------------------------------------------


@page(Deed.RUN_ACCOUNTS)
def connect_to(request: StaffRequest, network: str) -> HttpResponse:
    """What Callbox will be able to do there, what not, and what to prepare."""
    connector = _network(network)
    able = connector.abilities()
    agency, shared = request.me.agency_id, connector.hook_shared
    before = Before(
        can=abilities.can(connector),
        cannot=abilities.cannot(connector),
        preparation=connector.preparation,
        scopes=connector.scopes,
        calls="receive_hook" in able,
        hook_url=hooks.shared_address(agency, network) if shared else "",
        hook_token=hooks.token(agency, network) if shared else "",
        back_url=_back() if "authorize" in able else "",
        public=hooks.is_public(),
    )
    frame = frames.frame(request, now_utc(), at="accounts")
    values = {"page": frame, "network": _offer(network), "before": before}
    return render(request, "staff/connect_to.html", values)


def _back() -> str:
    """Where a network sends members back to: it is told this address beforehand."""
    return f"{settings.CALLBOX_URL}{reverse('staff:connect_back')}"


# --- logging in -------------------------------------------------------------------------------


def _form(
    request: StaffRequest,
    network: str,
    source: Source,
    typed: Mapping[str, str],
    *,
    problem: str = "",
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form, with what was typed. Call inside a scope."""
    now = now_utc()
    frame = frames.frame(request, now, at="accounts")
    form = connect_form.form(
        request.me, network, _network(network), now, frame.desk.zone,
        source=source, typed=typed, problem=problem, problems=problems,
    )  # fmt: skip
    values = {"page": frame, "form": form, "network": _offer(network)}
    return render(request, "staff/connect_login.html", values, status=status)


@page(Deed.RUN_ACCOUNTS)
def _asking(request: StaffRequest, network: str) -> HttpResponse:
    return _form(request, network, connect_form.source_of(request.GET.dict()), {})


@doors.deed(Deed.RUN_ACCOUNTS)
def _connecting(request: StaffRequest, network: str) -> HttpResponse:
    """Log in first, outside any transaction; keep only what worked."""
    connector = _network(network)
    typed = connect_form.typed_in(request)
    try:
        with acting_for(request.me.agency_id):
            zone = desk(request.me).zone
            wanted, problems = connect_form.read(
                request.me, network, connector, typed, now_utc(), zone
            )
        if wanted is None:
            return _again(request, network, typed, problems=problems)
        if _goes_away(connector, wanted):
            return _leaving(request, network, wanted)
        account = deeds.log_in(request.me, wanted)
    except (ConnectorError, NotPossible) as error:
        return _again(request, network, typed, problem=shown(str(error)))
    return _finished(request, [account])


def _goes_away(connector: type[Connector], wanted: Wanted) -> bool:
    """Whether a member has to say yes on the network's own page."""
    typed = any(one.login and wanted.secrets.get(one.name) for one in connector.settings)
    return "authorize" in connector.abilities() and not typed


def _again(
    request: StaffRequest,
    network: str,
    typed: Mapping[str, str],
    *,
    problem: str = "",
    problems: Mapping[str, str] | None = None,
) -> HttpResponse:
    source = connect_form.source_of(typed)
    problem = problem or _("Something is missing or not right yet. It is marked below.")
    with acting_for(request.me.agency_id):
        return _form(
            request, network, source, typed, problem=problem, problems=problems, status=422
        )


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def connect_login(request: HttpRequest, network: str) -> Any:
    """What this network needs to know, and logging in."""
    return (_connecting if request.method == "POST" else _asking)(request, network=network)


# --- the network's own page -------------------------------------------------------------------


def _leaving(request: StaffRequest, network: str, wanted: Wanted) -> HttpResponse:
    """A page with a link, and no redirect: our own policy lets forms lead nowhere else, and a
    member should see where they go."""
    url = deeds.leave(request.me, wanted, _back())
    with acting_for(request.me.agency_id):
        values = {
            "page": frames.frame(request, now_utc(), at="accounts"),
            "network": _offer(network),
            "url": url,
            "host": urlsplit(url).netloc,
            "handle": _handle(wanted.again),
        }
        return render(request, "staff/connect_leave.html", values)


def _handle(account_id: UUID | None) -> str:
    found = Account.objects.filter(pk=account_id).first() if account_id else None
    return shown(found.handle) if found else ""


@doors.returning(Deed.RUN_ACCOUNTS)
def connect_back(request: StaffRequest) -> HttpResponse:
    """The network sends a member back, with a code or with the reason why there is none."""
    try:
        begun = deeds.come_back(request.me, request.GET.get("state", "")[:200])
    except NotPossible as error:
        return _over(request, str(error))
    try:
        return _answered(request, begun)
    except (ConnectorError, NotPossible) as error:
        words = shown(str(error))
    network = begun.wanted.network
    typed = {"unit": str(begun.wanted.unit_id)}
    with acting_for(request.me.agency_id):
        source = Source(begun=str(begun.id))
        return _form(request, network, source, typed, problem=words, status=422)


def _answered(request: StaffRequest, begun: Begun) -> HttpResponse:
    name = _network(begun.wanted.network).name
    code = request.GET.get("code", "")
    if not code:
        raise NotPossible(_refusal(request, name))
    found = deeds.exchange(request.me, begun, code[:4000], _back())
    sure = found if len(found) == 1 else _the_same(request, begun, found)
    if len(sure) != 1 or sure[0].lacking:
        return redirect("staff:connect_pick", begun.id)
    units = {sure[0].identity.external_id: begun.wanted.unit_id}
    return _finished(request, deeds.pick(request.me, begun.id, units))


def _the_same(request: StaffRequest, begun: Begun, found: Sequence[Candidate]) -> list[Candidate]:
    """Of several accounts the one that is connected again, if that is what was begun."""
    with acting_for(request.me.agency_id):
        rows = Account.objects.filter(pk=begun.wanted.again) if begun.wanted.again else ()
        known = {one.external_id for one in rows}
    return [one for one in found if one.identity.external_id in known]


def _refusal(request: StaffRequest, name: str) -> str:
    """Why there is no code, kindly. Error names are those of OAuth 2 (RFC 6749, 4.1.2.1)."""
    error = request.GET.get("error", "")
    said = shown(request.GET.get("error_description", "")[:300])
    words = {
        "access_denied": _("You did not let Callbox in on {name}’s page. Nothing was connected."),
        "invalid_scope": _("{name} does not grant one of the permissions to this app yet."),
        "temporarily_unavailable": _("{name} is busy. Try again in a few minutes."),
        "server_error": _("{name} had a problem of its own. Try again in a few minutes."),
        "unauthorized_client": _("{name} does not know this app. Look at the app’s id and secret."),
        "invalid_request": _("{name} did not understand us. Does it know the address below?"),
    }
    told = words.get(error, _("{name} sent no code back. Nothing was connected.")).format(name=name)
    return f"{told} {name}: “{said}”" if said else told


def _over(request: StaffRequest, words: str) -> HttpResponse:
    with acting_for(request.me.agency_id):
        frame = frames.frame(request, now_utc(), at="accounts")
        values = {"page": frame, "words": words}
        return render(request, "staff/connect_over.html", values, status=422)


# --- which accounts ---------------------------------------------------------------------------


@page(Deed.RUN_ACCOUNTS)
def _picking(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        return _choice(request, deeds.under_way(request.me, pk))
    except NotPossible as error:
        raise Http404(str(error)) from error


def _choice(
    request: StaffRequest, begun: Begun, problem: str = "", status: int = 200
) -> HttpResponse:
    network = begun.wanted.network
    rows = Account.objects.filter(network=network).exclude(state=Account.State.OFF)
    here = set(rows.values_list("external_id", flat=True))
    values = {
        "page": frames.frame(request, now_utc(), at="accounts"),
        "network": _offer(network),
        "begun": begun.id,
        "candidates": [_picked(one, here) for one in begun.candidates],
        "units": staffing.units(),
        "unit": str(begun.wanted.unit_id),
        "typed": request.POST,
        "problem": problem,
    }
    return render(request, "staff/connect_pick.html", values, status=status)


def _picked(one: Candidate, here: set[str]) -> Picked:
    who = one.identity
    return Picked(
        id=who.external_id,
        name=shown(who.name or who.handle),
        handle=shown(who.handle),
        profile_url=safe_url(who.profile_url),
        connected=who.external_id in here,
        note=shown(one.lacking),
    )


@doors.deed(Deed.RUN_ACCOUNTS)
def _taking(request: StaffRequest, pk: UUID) -> HttpResponse:
    picked = request.POST.getlist("account")
    with acting_for(request.me.agency_id):
        units = {str(one.id): one for one in staffing.units()}
        owners = {one: units.get(request.POST.get(f"unit_{one}", "")) for one in picked}
    try:
        begun = deeds.under_way(request.me, pk)
    except NotPossible as error:
        return _over(request, str(error))
    try:
        made = deeds.pick(request.me, pk, _owned(owners))
    except NotPossible as error:
        with acting_for(request.me.agency_id):
            return _choice(request, begun, str(error), 422)
    return _finished(request, made)


def _owned(owners: Mapping[str, Unit | None]) -> dict[str, UUID]:
    found = {one: unit.id for one, unit in owners.items() if unit is not None}
    if len(found) != len(owners):
        raise NotPossible(_("Say which unit owns it."))
    return found


@require_http_methods(["GET", "POST"])
def connect_pick(request: HttpRequest, pk: UUID) -> Any:
    """Which of the accounts that a login opens."""
    return (_taking if request.method == "POST" else _picking)(request, pk=pk)


# --- done -------------------------------------------------------------------------------------


def _finished(request: StaffRequest, made: Sequence[Account]) -> HttpResponse:
    """Look after what is connected now: its webhooks, and until when its login lasts. What does not
    work yet is shown on the next page, with a way to try again."""
    for account in made:
        upkeep.renew(account.agency_id, account.id)
        upkeep.look_after_hooks(account.agency_id, account.id)
    query = urlencode([("a", str(one.id)) for one in made])
    return redirect(f"{reverse('staff:connect_done')}?{query}")


@page(Deed.RUN_ACCOUNTS)
def connect_done(request: StaffRequest) -> HttpResponse:
    """What is connected, and what happens next."""
    now = now_utc()
    frame = frames.frame(request, now, at="accounts")
    asked = [one for one in request.GET.getlist("a")[:50] if _is_uuid(one)]
    rows = (
        Account.objects.select_related("unit", "approved_by").filter(pk__in=asked).order_by("name")
    )
    health = {one.account_id: one for one in Health.objects.filter(account_id__in=asked)}
    done = [tended.tended(one, now, frame.desk.zone, health.get(one.id)) for one in rows]
    if not done:
        return redirect("staff:accounts")
    values = {"page": frame, "done": done, "public": hooks.is_public()}
    return render(request, "staff/connect_done.html", values)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
