"""Pages for what went wrong: what happened, and one way on. Made without the database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from callbox.web.speaking import asked_for


def _page(request: HttpRequest, status: int, title: str, words: str, icon: str) -> HttpResponse:
    ours = request.path.startswith(("/staff/", "/sign-"))
    values = {"title": title, "words": words, "icon": icon, "home": "/staff/" if ours else "/"}
    return render(request, "staff/error.html", values, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing stands here, or not for this reader."""
    with asked_for(request):
        words = _("It may have moved, or belong to somebody else’s desk.")
        return _page(request, 404, _("Nothing is here."), words, "search")


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: with the reason, which says what would help."""
    with asked_for(request):
        words = str(exception or "") or _("Your role does not reach this.")
        return _page(request, 403, _("This is not yours to open."), words, "lock")


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    with asked_for(request):
        words = _("Nothing that you wrote is lost where it says “saved”. Try again in a moment.")
        return _page(request, 500, _("Something broke on our side."), words, "circle-alert")


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form from another session: signed out meanwhile, or cookies are off."""
    with asked_for(request):
        words = _("You were away a while. Go back, load the page again, and send it once more.")
        return _page(request, 403, _("This page was too old."), words, "clock")
