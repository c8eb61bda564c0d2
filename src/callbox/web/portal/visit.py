"""A visit to the public pages: in which language, to which agency, with which words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_cache_control

from callbox.models.accounts import Account
from callbox.models.people import Agency
from callbox.queries import people, portal
from callbox.scope import acting_for
from callbox.web.portal.copy import LANGUAGES, Copy, Language, how_long, site_name


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with what every page needs."""

    request: HttpRequest
    language: Language
    agency: Agency
    account: Account
    t: Copy

    @property
    def tips_url(self) -> str:
        """Where this agency takes tips; "" when nobody said. Only web addresses count."""
        url = str(self.account.config.get("tips_url", ""))
        return url if url.startswith("https://") else ""

    def page(
        self, template: str, context: Mapping[str, object] | None = None, status: int = 200
    ) -> HttpResponse:
        """A page that browsers do not keep: whoever sits here next must not go back to it."""
        values = {"visit": self, "t": self.t, "agency": self.agency, **(context or {})}
        return _page(self.request, self.language, template, values, status)


def visiting(view: Callable[[Visit], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Find language, agency and account for a view; its dates are in the agency's own time."""

    @wraps(view)
    def wrapped(request: HttpRequest, code: str) -> HttpResponse:
        language = LANGUAGES.get(code)
        if language is None:
            return _plain(request, LANGUAGES["en"], "not_found", 404)
        agency = people.the_agency()
        if agency is None:
            return _plain(request, language, "not_open", 503)
        with acting_for(agency.id):
            account = portal.account()
        if account is None:
            return _plain(request, language, "not_open", 503)
        visit = Visit(request, language, agency, account, _copy(language, agency, account))
        with translation.override(language.django), timezone.override(ZoneInfo(agency.time_zone)):
            return view(visit)

    return wrapped


def _copy(language: Language, agency: Agency, account: Account) -> Copy:
    return Copy(
        language,
        agency=agency.name,
        time=how_long(language, agency.answer_minutes),
        site=site_name(str(account.config.get("tips_url", ""))),
    )


def _plain(request: HttpRequest, language: Language, name: str, status: int) -> HttpResponse:
    """A page that says one thing, for when there is no agency to say more."""
    t = Copy(language, agency="")
    values = {"t": t, "title": t[name], "about": t[f"{name}_about"]}
    return _page(request, language, "plain.html", values, status)


def _page(
    request: HttpRequest,
    language: Language,
    template: str,
    values: Mapping[str, object],
    status: int,
) -> HttpResponse:
    rest = request.path.removeprefix(f"/{language.code}/")
    context = {
        "language": language,
        "here": rest.split("/")[0],
        "languages": [(other, f"/{other.code}/{rest}") for other in LANGUAGES.values()],
        **values,
    }
    response = render(request, f"portal/{template}", context, status=status)
    add_never_cache_headers(response)
    patch_cache_control(response, no_store=True)
    return response
