"""A member's own pages: how it looks, which keys work, in which language; and the first look."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render

from callbox.actions import preferences
from callbox.moment import now_utc
from callbox.vocabulary import Deed
from callbox.web.doors import StaffRequest, deed, page
from callbox.web.speaking import languages
from callbox.web.staff import answers, frames, words

THEMES = ("light", "dark")


@page(Deed.SEE_ACCOUNTS)
def own(request: StaffRequest) -> HttpResponse:
    """What can be chosen, and what this member holds."""
    now = now_utc()
    frame = frames.frame(request, now, at="settings")
    values = {
        "page": frame,
        "languages": languages().items(),
        "chosen": frame.language,
        "roles": [words.ROLES[role] for role in sorted(request.me.standing.roles(now))],
        "saved": request.GET.get("saved") == "yes",
    }
    return render(request, "staff/settings.html", values)


@deed(Deed.SEE_ACCOUNTS)
def save(request: StaffRequest) -> HttpResponse:
    """Remember the choices. What is not on the list counts as the usual."""
    theme = request.POST.get("theme", "")
    language = request.POST.get("language", "")
    chosen = {
        "theme": theme if theme in THEMES else "",
        "keys": request.POST.get("keys") == "on",
        "language": language if language in languages() else "en",
    }
    preferences.prefer(request.me, chosen)
    return redirect("/staff/settings/?saved=yes")


@deed(Deed.SEE_ACCOUNTS)
def theme(request: StaffRequest) -> HttpResponse:
    """Light or dark, from the button in the header. Without a word on which: the other one."""
    asked = request.POST.get("theme", "")
    if asked not in THEMES:
        asked = "light" if request.me.preferences.get("theme") == "dark" else "dark"
    preferences.prefer(request.me, {"theme": asked})
    return answers.return_to(request, "/staff/")


@page(Deed.SEE_ACCOUNTS)
def keys(request: StaffRequest) -> HttpResponse:
    """All keys, as a page and as a dialog."""
    if answers.in_background(request):
        return render(request, "staff/keys_sheet.html")
    values = {"page": frames.frame(request, now_utc())}
    return render(request, "staff/keys.html", values)


@page(Deed.SEE_ACCOUNTS)
def welcome(request: StaffRequest) -> HttpResponse:
    """The first look: what to click, in which order."""
    now = now_utc()
    frame = frames.frame(request, now)
    values = {
        "page": frame,
        "practice": settings.CALLBOX_PRACTICE,
        "reads": request.me.may(Deed.READ, now),
        "replies": request.me.may(Deed.REPLY, now),
    }
    return render(request, "staff/welcome.html", values)
