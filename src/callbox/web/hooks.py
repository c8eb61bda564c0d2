"""Webhooks: the signature is checked over the raw bytes, the bytes are stored, and 200 goes back.

Reading happens in a job: a network that waits for us must not wait for our sorting. What is signed
is never rate limited (networks switch off a receiver that refuses).
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from callbox.actions import arrivals
from callbox.connector import Malformed, Refused, Signed
from callbox.models.accounts import Account
from callbox.queries.accounts import connector_for
from callbox.queries.people import agencies
from callbox.scope import acting_for

MOST_BYTES = 1024 * 1024


@csrf_exempt  # a network has no cookie; its signature is its proof
def receive(request: HttpRequest, agency_id: UUID, account_id: UUID) -> HttpResponse:
    """One webhook request for one account: 200, 400 malformed, 403 signature, 404, 413."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BYTES:
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    body = request.body
    if agency_id not in agencies():
        return HttpResponse(status=404)
    with acting_for(agency_id):
        account = Account.objects.filter(pk=account_id, state=Account.State.ON).first()
    if account is None:
        return HttpResponse(status=404)
    connector = connector_for(account)
    try:
        answer = connector.receive_hook(_signed(request, body))
    except Malformed as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    except Refused as error:
        return HttpResponse(str(error), status=403, content_type="text/plain")
    finally:
        connector.close()
    if answer.raws:
        arrivals.store(account, answer.raws, "hook", read_later=True)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _signed(request: HttpRequest, body: bytes) -> Signed:
    return Signed(
        method=request.method or "",
        url=request.build_absolute_uri(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        query=request.GET.dict(),
    )


urlpatterns = [path("<uuid:agency_id>/<uuid:account_id>/", receive, name="hook")]
