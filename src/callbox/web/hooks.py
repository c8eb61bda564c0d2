"""Webhooks: the signature is checked over the raw bytes, the bytes are stored, and 200 goes back.

Reading happens in a job: a network that waits for us must not wait for our sorting. What is signed
is never rate limited (networks switch off a receiver that refuses).
"""

import threading
import time
from uuid import UUID

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from callbox.actions import arrivals
from callbox.connector import Malformed, Refused, Signed
from callbox.effects import later
from callbox.models.accounts import Account
from callbox.queries.accounts import connector_for
from callbox.queries.people import agencies
from callbox.scope import acting_for

MOST_BYTES = 1024 * 1024
KNOWN_FOR = 5.0  # seconds that an account is remembered: a pause takes effect within them
GATHER = 0.03  # seconds that a nudge waits for more of the same

_known: dict[tuple[UUID, UUID], tuple[float, Account | None]] = {}


class Nudges:
    """One job for a burst of requests. A job per request would have every commit wait for the one
    before (notifying is one at a time in PostgreSQL). A nudge that is lost with its process is made
    good by the next round, because the arrivals are rows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[UUID, UUID]] = set()
        self._timer: threading.Timer | None = None

    def soon(self, agency_id: UUID, account_id: UUID) -> None:
        """Have this account's arrivals read in a moment."""
        with self._lock:
            self._waiting.add((agency_id, account_id))
            if self._timer is None:
                self._timer = threading.Timer(GATHER, self._nudge)
                self._timer.daemon = True
                self._timer.start()

    def _nudge(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, set()
            self._timer = None
        try:
            for agency_id, account_id in waiting:
                with acting_for(agency_id):
                    later("read_arrivals", account_id=account_id)
        finally:
            connections.close_all()


nudges = Nudges()


@csrf_exempt  # a network has no cookie; its signature is its proof
def receive(request: HttpRequest, agency_id: UUID, account_id: UUID) -> HttpResponse:
    """One webhook request for one account: 200, 400 malformed, 403 signature, 404, 413."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BYTES:
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    account = _account(agency_id, account_id)
    if account is None:
        return HttpResponse(status=404)
    connector = connector_for(account)
    try:
        answer = connector.receive_hook(_signed(request, request.body))
    except Malformed as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    except Refused as error:
        return HttpResponse(str(error), status=403, content_type="text/plain")
    finally:
        connector.close()
    if answer.raws:
        arrivals.store(account, answer.raws, "hook")
        nudges.soon(agency_id, account_id)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _account(agency_id: UUID, account_id: UUID) -> Account | None:
    """The account, if it is on; remembered for a moment."""
    until, account = _known.get((agency_id, account_id), (0.0, None))
    if until > time.monotonic():
        return account
    account = None
    if agency_id in agencies():
        with acting_for(agency_id):
            account = Account.objects.filter(pk=account_id, state=Account.State.ON).first()
    if account is not None:  # what is not there is not remembered: addresses can be made up
        _known[agency_id, account_id] = (time.monotonic() + KNOWN_FOR, account)
    return account


def _signed(request: HttpRequest, body: bytes) -> Signed:
    return Signed(
        method=request.method or "",
        url=request.build_absolute_uri(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        query=request.GET.dict(),
    )


urlpatterns = [path("<uuid:agency_id>/<uuid:account_id>/", receive, name="hook")]
