"""The doors of the staff pages: who comes in, for which agency, and what a refusal looks like.

`page` is for reading: the whole view runs in one transaction of the member's agency, and writes
nothing. `deed` is for forms: the view calls one action, which has its own transaction.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from callbox.actions.doing import now_utc
from callbox.models.people import User
from callbox.queries import people
from callbox.queries.people import Me
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Deed
from callbox.web.speaking import chosen

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class StaffRequest(HttpRequest):
    """A request with a member behind it. `me` is read once, in the door."""

    me: Me


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponse]


def _me(request: Any) -> Me:
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied("Sign in first.")
    try:
        return people.me(user, now_utc())
    except people.NotAMember as error:
        raise PermissionDenied("This login belongs to nobody here. Ask your administrator.") from (
            error
        )


def page(needs: Deed) -> Callable[[StaffView[P]], View[P]]:
    """A page for members whose roles hold a deed. Raises PermissionDenied (403) otherwise."""

    def door(view: StaffView[P]) -> View[P]:
        @wraps(view)
        def entered(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            with acting_for(request.user.agency_id):
                request.me = _me(request)
                _let_in(request.me, needs)
                with chosen(str(request.me.preferences.get("language", ""))):
                    try:
                        return view(request, *args, **kwargs)
                    except Denied as error:
                        raise PermissionDenied(str(error)) from error

        return cast("View[P]", never_cache(login_required(require_GET(entered))))

    return door


def deed(needs: Deed) -> Callable[[StaffView[P]], View[P]]:
    """A form's target for members whose roles hold a deed; the action checks unit and duty."""
    return _outside(needs, require_POST)


def returning(needs: Deed) -> Callable[[StaffView[P]], View[P]]:
    """Where another site sends a member back to: a GET that does something. Whoever uses it has to
    check that this member left for there (a state that is used once)."""
    return _outside(needs, require_GET)


def _outside(needs: Deed, method: Callable[[Any], Any]) -> Callable[[StaffView[P]], View[P]]:
    """A door whose view stands in no transaction: its actions have their own."""

    def door(view: StaffView[P]) -> View[P]:
        @wraps(view)
        def entered(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            with acting_for(request.user.agency_id):
                request.me = _me(request)
            _let_in(request.me, needs)
            with chosen(str(request.me.preferences.get("language", ""))):
                try:
                    return view(request, *args, **kwargs)
                except Denied as error:
                    raise PermissionDenied(str(error)) from error

        return cast("View[P]", never_cache(login_required(method(entered))))

    return door


def _let_in(me: Me, needs: Deed) -> None:
    if not me.standing.active or not me.standing.roles(now_utc()):
        raise PermissionDenied("You hold no role now. Ask your administrator.")
    if not me.may(needs, now_utc()):
        raise PermissionDenied(f"Your role does not include “{needs.value.replace('_', ' ')}”.")
