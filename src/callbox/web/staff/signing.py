"""Signing in and out."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from callbox.actions import signing_in
from callbox.models.people import User
from callbox.practice_city.content import city
from callbox.practice_city.load import PASSWORD
from callbox.practice_city.plans import MemberPlan
from callbox.web.speaking import asked_for

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def _demos() -> Sequence[MemberPlan]:
    """Demo logins, in practice alone."""
    if not settings.CALLBOX_PRACTICE:
        return ()
    return [member for member in city().members.values() if member.demo]


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: a page of ours, or the member's own start."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if asked and ours else str(settings.LOGIN_REDIRECT_URL)


def _form(
    request: HttpRequest, *, email: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    with asked_for(request):
        values = {
            "email": email,
            "problem": problem,
            "next": _next(request),
            "demos": _demos(),
            "password": PASSWORD,
        }
        return render(request, "staff/sign_in.html", values, status=status)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and what it does. Kind about mistakes; says nothing about who exists."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(_next(request))
        return _form(request)
    email = request.POST.get("email", "")[:254]
    if signing_in.must_wait(email):
        wait = _("That was tried too often. Wait ten minutes, or ask your administrator.")
        return _form(request, email=email, problem=wait, status=429)
    user = authenticate(request, username=email.strip().lower(), password=_password(request))
    if user is None:
        signing_in.refused(email)
        wrong = _("The address and the password do not go together. Try again.")
        return _form(request, email=email, problem=wrong, status=422)
    signing_in.welcomed(email)
    login(request, user)
    return HttpResponseRedirect(_next(request))


def _password(request: HttpRequest) -> str:
    return request.POST.get("password", "")[:1000]


@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Sign in as an invented member, with one click. Practice only."""
    emails = {member.email for member in _demos()}
    user = User.objects.filter(email=request.POST.get("email", ""), is_active=True).first()
    if user is None or user.email not in emails:
        raise Http404("There is no such demo login.")
    login(request, user, backend=_BACKEND)
    return HttpResponseRedirect(_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, here and in the database."""
    logout(request)
    return redirect("sign_in")
