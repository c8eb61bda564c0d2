"""What a deed answers: a toast and an event for pages that ask in the background, a redirect for
everybody else; and refusals in words, beside the form that was refused."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from callbox.actions.doing import NotPossible, Stale
from callbox.rules.access import Denied
from callbox.vocabulary import Deed
from callbox.web import doors
from callbox.web.doors import StaffRequest

P = ParamSpec("P")
View = Callable[Concatenate[StaffRequest, P], HttpResponse]
UNDO_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Toast:
    """A line that says what was done, and takes it back."""

    words: str
    conversation: UUID | str = ""
    seconds: int = UNDO_SECONDS
    counts: bool = False
    undo_url: str = ""
    undo_fields: Sequence[tuple[str, str]] = ()


def in_background(request: StaffRequest) -> bool:
    """Whether a page of ours asks, and shows the answer itself."""
    return bool(request.headers.get("HX-Request"))


def done(request: StaffRequest, toast: Toast, *, to: str = "") -> HttpResponse:
    """A deed about a conversation is done."""
    if not in_background(request):
        return HttpResponseRedirect(to or _conversation(toast.conversation))
    response = render(request, "staff/toast.html", {"toast": toast})
    response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "innerHTML"
    response["HX-Trigger"] = json.dumps({"callbox:did": {"id": str(toast.conversation)}})
    return response


def _conversation(pk: UUID | str) -> str:
    return reverse("staff:conversation", args=[pk]) if pk else reverse("staff:home")


def deed(needs: Deed) -> Callable[[View[P]], Any]:
    """`doors.deed` for small deeds: what cannot be done is said in words, and nothing is lost."""

    def door(view: View[P]) -> Any:
        @wraps(view)
        def entered(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except (NotPossible, Stale, Denied) as error:
                return refused(request, str(error))

        return doors.deed(needs)(entered)

    return door


def refused(request: StaffRequest, words: str) -> HttpResponse:
    """Why a small deed was not done: a toast, or a page with the way back."""
    if in_background(request):
        toast = Toast(words, seconds=12)
        response = render(request, "staff/toast.html", {"toast": toast}, status=422)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "innerHTML"
        return response
    values = {"words": words, "back": back(request)}
    return render(request, "staff/refused.html", values, status=422)


def back(request: StaffRequest, otherwise: str = "") -> str:
    """Where the reader was, if that is a page of ours."""
    said = request.POST.get("next", "") or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(said, {request.get_host()}, request.is_secure())
    return said if ours and said else otherwise or reverse("staff:home")


def return_to(request: StaffRequest, otherwise: str) -> HttpResponse:
    """Back to where the form was."""
    return redirect(back(request, otherwise))
