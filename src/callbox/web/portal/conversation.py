"""Coming back with a key: what was said, where it stands, and a box to write again."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST

from callbox.actions import portal as deeds
from callbox.actions.doing import now_utc
from callbox.models.portal import PortalKey
from callbox.queries import portal
from callbox.queries.portal import Exchange, Standing
from callbox.rules.text import shown
from callbox.scope import acting_for
from callbox.web.portal import forms, keys, limits
from callbox.web.portal.views import declared, problem
from callbox.web.portal.visit import Visit, visiting

_PASS = "portal_pass"  # noqa: S105  # a cookie's name: which key was opened here, signed
_PASS_SECONDS = 1800


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def key(visit: Visit) -> HttpResponse:
    """Enter the key."""
    if visit.request.method != "POST":
        return visit.page("key.html")
    now = now_utc()
    with acting_for(visit.agency.id):
        waiting = limits.reached(limits.KEYS, visit.request, now)
    if waiting:
        words = visit.t.say("key_many", minutes=limits.KEYS.minutes)
        return visit.page("key.html", {"words": words}, 429)
    typed = keys.tidy(visit.request.POST.get("key", ""))
    row = _row_of(visit, typed) if typed else None
    if row is None:
        if typed:  # what cannot be a key is a slip of the finger and no guess
            limits.count(limits.KEYS, visit.request, visit.account, now)
        return visit.page("key.html", {"words": visit.t["key_wrong"]}, 422)
    response = HttpResponseRedirect(f"/{visit.language.code}/key/conversation/")
    response.set_signed_cookie(
        _PASS,
        str(row.id),
        max_age=_PASS_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _row_of(visit: Visit, typed: str) -> PortalKey | None:
    """The row that a key opens. The slow part runs outside any transaction."""
    with acting_for(visit.agency.id):
        rows = portal.keys_at(keys.locator(typed))
    if not rows:
        keys.fits(keys.decoy(), typed)
    return next((row for row in rows if keys.fits(row.verifier, typed)), None)


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def conversation(visit: Visit) -> HttpResponse:
    """The conversation of the key that was opened here in the last half hour."""
    opened = _opened(visit)
    if opened is None:
        return HttpResponseRedirect(f"/{visit.language.code}/key/")
    if visit.request.method == "POST":
        return _write_back(visit, opened)
    return _page(visit, opened, forms.blank(), None)


def _opened(visit: Visit) -> PortalKey | None:
    value = visit.request.get_signed_cookie(_PASS, "", max_age=_PASS_SECONDS)
    if not value:
        return None
    with acting_for(visit.agency.id):
        return portal.key(UUID(value))


def _page(
    visit: Visit, opened: PortalKey, draft: forms.Draft, wrong: forms.Wrong | None
) -> HttpResponse:
    with acting_for(visit.agency.id):
        exchange = portal.exchange(opened.account_id, opened.root_id, now_utc())
    values = {
        "standing": exchange.standing.value,
        "status": _status(visit, exchange),
        "lines": [(line, shown(line.text)) for line in exchange.lines],
        "draft": draft,
        "trap": forms.TRAP,
        "more_sent": "sent" in visit.request.GET and wrong is None,
    }
    return visit.page("conversation.html", values | problem(visit, wrong), 422 if wrong else 200)


def _status(visit: Visit, exchange: Exchange) -> str:
    """Where it stands, in plain words."""
    name = exchange.standing.value
    if exchange.standing is Standing.OPEN:
        name = "open_again" if any(line.ours for line in exchange.lines) else "open_due"
    due, since = exchange.due_at, exchange.since
    return visit.t.say(
        name,
        due=date_format(timezone.localtime(due), "DATETIME_FORMAT") if due else "",
        since=date_format(timezone.localtime(since), "DATE_FORMAT") if since else "",
    )


def _write_back(visit: Visit, opened: PortalKey) -> HttpResponse:
    draft, wrong = forms.read(visit.request)
    now = now_utc()
    with acting_for(visit.agency.id):
        if wrong is None and limits.reached(limits.FORMS, visit.request, now):
            wrong = forms.Wrong("wrong_flood", minutes=limits.FORMS.minutes)
        name = portal.exchange(opened.account_id, opened.root_id, now).name
    if wrong is not None:
        return _page(visit, opened, draft, wrong)
    limits.count(limits.FORMS, visit.request, visit.account, now)
    form = deeds.Form(draft.id, draft.text, declared(visit), name=name, follow_up_of=opened.root_id)
    deeds.take(visit.account, form)
    return HttpResponseRedirect(f"/{visit.language.code}/key/conversation/?sent#newest")


@require_POST
@visiting
def close(visit: Visit) -> HttpResponse:
    """Forget here which key was opened."""
    response = HttpResponseRedirect(f"/{visit.language.code}/")
    response.delete_cookie(_PASS, samesite="Strict")
    return response
