"""A visit to the practice network: the street is open for one request, and somebody walks on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from callbox.networks.practice.street import Person, Street, Trouble
from callbox.practice_city.where import file

COOKIE = "practice_as"
_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, the open street, and whom the visitor plays (None: nobody yet)."""

    request: HttpRequest
    street: Street
    me: Person | None

    def page(
        self, template: str, context: Mapping[str, object] | None = None, status: int = 200
    ) -> HttpResponse:
        """A page of this site."""
        common = {
            "me": self.me,
            "residents": self.street.people.residents(),
            "agencies": self.street.people.agencies(),
            "here": self.request.path,
        }
        return render(
            self.request, f"practice/{template}", {**common, **(context or {})}, status=status
        )


def visiting(
    view: Callable[Concatenate[Visit, _P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, _P], HttpResponse]:
    """Open the street for a view. 404 outside practice; what the network refuses becomes a page
    that says so and gives the words back."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if not settings.CALLBOX_PRACTICE:
            raise Http404
        with Street(file()) as street:
            visit = Visit(request, street, _me(request, street))
            try:
                return view(visit, *args, **kwargs)
            except Trouble as trouble:
                said = request.POST.get("text", "")
                return visit.page("trouble.html", {"words": str(trouble), "said": said}, 422)

    return wrapped


def _me(request: HttpRequest, street: Street) -> Person | None:
    try:
        return street.people.called(request.COOKIES.get(COOKIE, ""))
    except Trouble:
        return None
