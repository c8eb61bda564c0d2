"""The wizard that connects an account: which network, what it needs, who it turned out to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from callbox.actions import accounts as deeds
from callbox.connector import Connector, ConnectorError
from callbox.logins import Identity
from callbox.moment import now_utc
from callbox.networks import REGISTRY, connector_class
from callbox.queries import staffing
from callbox.scope import acting_for
from callbox.vocabulary import Deed
from callbox.web import doors
from callbox.web.doors import StaffRequest, page
from callbox.web.staff import frames


@dataclass(frozen=True, slots=True)
class Offer:
    """A network that can be connected."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the network needs to know. What is secret is never shown again."""

    name: str
    label: str
    secret: bool
    value: str
    help: str


@page(Deed.RUN_ACCOUNTS)
def connect(request: StaffRequest) -> HttpResponse:
    """Which network?"""
    offers = [Offer(key, connector_class(key).name) for key in REGISTRY]
    values = {"page": frames.frame(request, now_utc(), at="accounts"), "offers": offers}
    return render(request, "staff/connect.html", values)


def _network(key: str) -> type[Connector]:
    try:
        return connector_class(key)
    except LookupError as error:
        raise Http404(str(error)) from error


def _form(
    request: StaffRequest,
    network: str,
    typed: Mapping[str, str],
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    connector = _network(network)
    asked = [
        Asked(
            one.name,
            one.label,
            one.secret,
            "" if one.secret else typed.get(one.name, one.default),
            one.help,
        )
        for one in connector.settings
    ]
    values = {
        "page": frames.frame(request, now_utc(), at="accounts"),
        "network": Offer(network, connector.name),
        "asked": asked,
        "units": staffing.units(),
        "unit": typed.get("unit", str(request.me.home_unit_id or "")),
        "problem": problem,
    }
    return render(request, "staff/connect_to.html", values, status=status)


@page(Deed.RUN_ACCOUNTS)
def _asking(request: StaffRequest, network: str) -> HttpResponse:
    return _form(request, network, {})


@doors.deed(Deed.RUN_ACCOUNTS)
def _connecting(request: StaffRequest, network: str) -> HttpResponse:
    """Log in first, outside any transaction; keep only what worked."""
    connector = _network(network)
    typed = {name: str(value)[:4000] for name, value in request.POST.items()}
    config, secrets = _sorted(connector, typed)
    try:
        identity, session = deeds.try_login(network, config, secrets)
        _keep(request, network, identity, config, secrets, session, typed.get("unit", ""))
    except ConnectorError as error:
        return _again(request, network, typed, str(error))
    except _NoUnit:
        return _again(request, network, typed, _("Say which unit owns it."))
    return redirect("staff:accounts")


class _NoUnit(Exception):
    """No unit of ours was chosen."""


def _again(request: StaffRequest, network: str, typed: Mapping[str, str], why: str) -> HttpResponse:
    with acting_for(request.me.agency_id):
        return _form(request, network, typed, why, 422)


def _sorted(
    connector: type[Connector], typed: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was typed, with secrets apart."""
    config: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    for one in connector.settings:
        (secrets if one.secret else config)[one.name] = typed.get(one.name, "").strip()
    return config, secrets


def _keep(
    request: StaffRequest,
    network: str,
    identity: Identity,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    session: Mapping[str, Any],
    unit: str,
) -> None:
    with acting_for(request.me.agency_id):
        owner: UUID | None = next((one.id for one in staffing.units() if str(one.id) == unit), None)
    if owner is None:
        raise _NoUnit
    deeds.connect(
        request.me,
        request.me.agency_id,
        network,
        owner,
        identity,
        config=config,
        secrets=secrets,
        session=session,
    )


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def connect_to(request: HttpRequest, network: str) -> Any:
    """What this network needs, and connecting to it."""
    return (_connecting if request.method == "POST" else _asking)(request, network=network)
