"""How long a text is, told while it is written."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbox.actions import posts
from callbox.moment import now_utc
from callbox.queries import targets
from callbox.rules.text import kept
from callbox.rules.triage import language_of
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Lane, Outgoing
from callbox.web.doors import StaffRequest, deed
from callbox.web.staff import limits
from callbox.web.staff.conversation import found
from callbox.web.staff.limits import Counted
from callbox.web.staff.replying import typed_text


@deed(Deed.REPLY)
def count(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the network makes of these words: JSON, or 204 while nobody can say. Changes nothing; a
    POST because what is being written has no place in an address."""
    lane = request.POST.get("lane", "")
    now = now_utc()
    with acting_for(request.me.agency_id):
        one = found(request, pk, now)
        newest = targets.newest(one)
        to = targets.target(newest) if newest else None
    if lane not in (Lane.PUBLIC.value, Lane.PRIVATE.value):
        return HttpResponse(status=204)
    text = posts.signed(kept(typed_text(request)), request.me)
    outgoing = Outgoing("count", now, text, Lane(lane), language_of(text), to)
    counted = limits.count(one.account, outgoing)
    return JsonResponse(_told(counted)) if counted else HttpResponse(status=204)


def _told(counted: Counted) -> dict[str, object]:
    parts = counted.parts
    several = ngettext("{n} text message", "{n} text messages", parts).format(n=parts)
    over = counted.used - counted.most if counted.most is not None else 0
    return {
        "used": counted.used,
        "words": _words(counted, over),
        "over": over > 0 or bool(counted.problem),
        "parts": several if parts > 1 else "",
    }


def _words(counted: Counted, over: int) -> str:
    if over > 0:
        return _("{n} too many").format(n=over)
    if counted.problem:
        return counted.problem
    if counted.most is None:
        return ""
    return _("{n} of {limit}").format(n=counted.used, limit=counted.most)
