"""The first page, the form, and the key that is shown once."""

import base64
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from callbox.actions import portal as deeds
from callbox.actions.doing import now_utc
from callbox.ids import new_id
from callbox.queries import portal
from callbox.scope import acting_for
from callbox.sealing import CannotOpen, seal, unseal
from callbox.web.portal import forms, keys, limits
from callbox.web.portal.copy import LANGUAGES
from callbox.web.portal.visit import Visit, visiting

_ONCE = "portal_new_key"  # the cookie that carries a new key from one page to the next
_ONCE_SECONDS = 600
_SAME_CLICK = timedelta(minutes=2)  # sent again within this, a form was sent by the same person


@require_safe
@vary_on_headers("Accept-Language")
def root(request: HttpRequest) -> HttpResponse:
    """To the first page in the language that the browser asks for."""
    code = get_language_from_request(request).split("-")[0]
    return redirect("portal:front", code if code in LANGUAGES else "en")


@require_safe
@visiting
def front(visit: Visit) -> HttpResponse:
    """What this is, and the doors."""
    return visit.page("front.html")


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def talk(visit: Visit) -> HttpResponse:
    """The form: one box."""
    if visit.request.method != "POST":
        return _form(visit, forms.blank(visit.request.GET.get("about", "")), None)
    draft, wrong = forms.read(visit.request)
    now = now_utc()
    with acting_for(visit.agency.id):
        if wrong is None and limits.reached(limits.FORMS, visit.request, now):
            wrong = forms.Wrong("wrong_flood", minutes=limits.FORMS.minutes)
        first = portal.first_key_at(draft.id)
    if wrong is not None:
        return _form(visit, draft, wrong)
    limits.count(limits.FORMS, visit.request, visit.account, now)
    # An old form sent again, from the history of a shared screen, is a new message: it must not
    # give its sender a key to what the first one became.
    form_id = draft.id if first is None or now - first < _SAME_CLICK else str(new_id())
    return _sent(visit, form_id, draft)


def _form(visit: Visit, draft: forms.Draft, wrong: forms.Wrong | None) -> HttpResponse:
    doors = [(door, visit.t[door]) for door in forms.DOORS]
    values = {"draft": draft, "doors": doors, "most": forms.MOST_TEXT, "trap": forms.TRAP}
    return visit.page("talk.html", values | problem(visit, wrong), 422 if wrong else 200)


def problem(visit: Visit, wrong: forms.Wrong | None) -> dict[str, object]:
    """What a page says about a form that was not taken; nothing when nothing is wrong."""
    if wrong is None:
        return {}
    words = visit.t.say(wrong.words, n=wrong.n, most=wrong.most, minutes=wrong.minutes)
    return {"wrong": wrong, "words": words}


def declared(visit: Visit) -> str:
    """The language that a writer declared by choosing one. English is where everybody starts, so
    being there says nothing."""
    return "" if visit.language.code == "en" else visit.language.code


def _sent(visit: Visit, form_id: str, draft: forms.Draft) -> HttpResponse:
    key = keys.new_key()
    form = deeds.Form(form_id, draft.text, declared(visit), draft.name, draft.door)
    deeds.take(visit.account, form, deeds.NewKey(keys.locator(key), keys.verifier(key)))
    response = HttpResponseRedirect(f"/{visit.language.code}/talk/sent/")
    response.set_cookie(
        _ONCE,
        base64.urlsafe_b64encode(seal({"key": key})).decode(),
        max_age=_ONCE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@require_safe
@visiting
def sent(visit: Visit) -> HttpResponse:
    """The key, once. Asked again, the page says that it was shown."""
    key = _once(visit.request)
    if key is None:
        return visit.page("key_gone.html")
    *words, digits = key.split()
    response = visit.page("sent.html", {"words": words, "digits": digits})
    response.delete_cookie(_ONCE, samesite="Strict")
    return response


def _once(request: HttpRequest) -> str | None:
    try:
        sealed = base64.urlsafe_b64decode(request.COOKIES.get(_ONCE, ""))
        return str(unseal(sealed).get("key", "")) or None
    except (CannotOpen, ValueError):
        return None
