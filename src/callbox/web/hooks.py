"""Webhooks: the signature is checked over the raw bytes, the bytes are stored, and 200 goes back.

Reading happens in a job: a network that waits for us must not wait for our sorting. What is signed
is never rate limited (networks switch off a receiver that refuses).
"""

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from callbox.actions import arrivals
from callbox.connector import (
    AccountSeen,
    ConnectorError,
    HookAnswer,
    Malformed,
    Raw,
    Signed,
)
from callbox.models.accounts import Account
from callbox.networks import REGISTRY, connector_class
from callbox.queries import hooks
from callbox.queries.accounts import connector_for
from callbox.queries.people import agencies
from callbox.scope import acting_for
from callbox.web.nudges import HookMeter, nudges

MOST_BYTES = 1024 * 1024
KNOWN_FOR = 5.0  # seconds that an account is remembered: a pause takes effect within them

_known: dict[tuple[UUID, str], tuple[float, Sequence[Account]]] = {}


@csrf_exempt  # a network has no cookie; its signature is its proof
def receive(request: HttpRequest, agency_id: UUID, account_id: UUID) -> HttpResponse:
    """One webhook request for one account: 200, 400 malformed, 403 signature, 404, 413."""
    if _is_too_large(request):
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    account = next(iter(_accounts(agency_id, str(account_id), pk=account_id)), None)
    if account is None:
        return HttpResponse(status=404)
    return _taken(request, agency_id, [account])


@csrf_exempt  # the same
def receive_shared(request: HttpRequest, agency_id: UUID, network: str) -> HttpResponse:
    """One webhook request for any of an agency's accounts of a network, which lets an app have one
    address only. Whoever's secret fits the signature hands it over; `Raw.to` says for whom it is.
    """
    if _is_too_large(request):
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    shared = network in REGISTRY and connector_class(network).hook_shared
    if not shared or agency_id not in agencies():
        return HttpResponse(status=404)
    accounts = _accounts(agency_id, network, network=network)
    if not accounts and request.method == "GET":
        return _greeted(request, agency_id, network)
    return _taken(request, agency_id, accounts) if accounts else HttpResponse(status=404)


def _is_too_large(request: HttpRequest) -> bool:
    """By the header, before anything is read."""
    length = request.headers.get("content-length") or "0"
    is_number = length.isascii() and length.isdigit() and len(length) < 10
    return not is_number or int(length) > MOST_BYTES


def _taken(request: HttpRequest, agency_id: UUID, accounts: Sequence[Account]) -> HttpResponse:
    """Have the first account whose secret fits take the request, store what is in it, answer."""
    signed = _signed(request, request.body)
    for account in accounts:
        try:
            with closing(connector_for(account)) as connector:
                connector.meter = HookMeter(account)
                answer = connector.receive_hook(signed)
        except Malformed as error:
            return HttpResponse(str(error), status=400, content_type="text/plain")
        except ConnectorError:
            continue
        _keep(agency_id, account, accounts, answer)
        return _said(answer)
    return _refused()


def _said(answer: HookAnswer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _refused() -> HttpResponse:
    """The same for every reason: strangers need not know what is missing here."""
    return HttpResponse("Not taken.\n", status=403, content_type="text/plain")


def _keep(agency_id: UUID, taker: Account, accounts: Sequence[Account], answer: HookAnswer) -> None:
    """Store raws with the accounts that they are for. What is for an account that is not connected
    here was never ours to read: an app can be subscribed to more than we serve."""
    by_id = {account.external_id: account for account in accounts}
    sorted_: dict[UUID, tuple[Account, list[Raw]]] = {}
    for raw in answer.raws:
        account = by_id.get(raw.to) if raw.to else taker
        if account is not None:
            sorted_.setdefault(account.id, (account, []))[1].append(raw)
    for account, raws in sorted_.values():
        arrivals.store(account, raws, "hook")
        nudges.soon(agency_id, account.id)


def _greeted(request: HttpRequest, agency_id: UUID, network: str) -> HttpResponse:
    """A network's handshake before any account is connected: some want to see that somebody is at
    home before they let a member in."""
    seen = AccountSeen("new", "", "", {}, {"hook_token": hooks.token(agency_id, network)})
    try:
        with closing(connector_class(network)(seen)) as connector:
            return _said(connector.receive_hook(_signed(request, b"")))
    except ConnectorError:
        return _refused()


def _accounts(agency_id: UUID, what: str, **wanted: Any) -> Sequence[Account]:
    """Accounts that are on; remembered for a moment."""
    until, accounts = _known.get((agency_id, what), (0.0, ()))
    if until > time.monotonic():
        return accounts
    accounts = ()
    if agency_id in agencies():
        with acting_for(agency_id):
            rows = Account.objects.filter(state=Account.State.ON, **wanted)
            accounts = tuple(rows.order_by("connected_at"))
    if accounts:  # what is not there is not remembered: addresses can be made up
        _known[agency_id, what] = (time.monotonic() + KNOWN_FOR, accounts)
    return accounts


def _signed(request: HttpRequest, body: bytes) -> Signed:
    return Signed(
        method=request.method or "",
        url=_called(request),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        query=request.GET.dict(),
    )


def _called(request: HttpRequest) -> str:
    """The address that was called, as its caller knows it: behind a proxy that is not the one that
    we are called at, and some signatures are over it, query and all."""
    if not hooks.is_public():
        return request.build_absolute_uri()
    query = request.META.get("QUERY_STRING", "")
    return f"{settings.CALLBOX_URL}{request.path}" + (f"?{query}" if query else "")


urlpatterns = [
    path("<uuid:agency_id>/<uuid:account_id>/", receive, name="hook"),
    path("<uuid:agency_id>/<slug:network>/", receive_shared, name="shared_hook"),
]
