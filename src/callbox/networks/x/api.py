"""The HTTP side: calls as the account, calls as the app, failures from the error tree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from callbox.connector import AuthDead, OutcomeUnknown, Session, Unavailable
from callbox.networks.x import errors
from callbox.networks.x.login import Login
from callbox.networks.x.values import ident
from callbox.values import Json, mapping, objects, text
from callbox.wire import Wire

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list, newest first, and the token for the page after it ("" at the end)."""

    items: list[Json]
    includes: Json
    next: str = ""
    answer: Mapping[str, Any] | None = None


class Api:
    """Calls to X. Tokens go in a header, never into an address or a message."""

    def __init__(
        self,
        wire: Wire,
        login: Login,
        session: Session,
        app_token: str,
        now: Callable[[], datetime],
    ) -> None:
        self._wire = wire
        self._login = login
        self._session = session
        self._app_token = app_token
        self._now = now

    # --- as the account -------------------------------------------------------------------------

    def get(self, path: str, params: Params | None = None) -> Json:
        """What X answers, decoded. Parts may be missing: X answers 200 with `errors` for those."""
        return self.decoded(self.checked(self.read(path, params)))

    def read(self, path: str, params: Params | None = None) -> httpx.Response:
        """Any answer but a refused login."""
        return self._as_account(
            lambda token: self._wire.read("GET", path, params=params, headers=_headers(token))
        )

    def listed(self, path: str, params: Params) -> Listed:
        """A page of a list."""
        answer = self.get(path, params)
        meta = mapping(answer.get("meta"))
        next_token = text(meta.get("next_token"))
        items = [one for one in objects(answer.get("data")) if ident(one.get("id"))]
        return Listed(items, mapping(answer.get("includes")), next_token, answer)

    def help(self, method: str, path: str, **kwargs: Any) -> Json:
        """A call that shows nothing to anybody (an upload): to be repeated at will."""
        response = self._as_account(
            lambda token: self._wire.read(method, path, headers=_headers(token), **kwargs)
        )
        return self.decoded(self.checked(response))

    def change(self, method: str, path: str, body: Json | None = None) -> Json:
        """A call that does something, and the `data` of what it did. Raises OutcomeUnknown when a
        success cannot be read."""
        return self.done(self.deed(method, path, body))

    def deed(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        """A call that does something: any answer but 401 and 5xx, for the caller to judge."""
        return self._as_account(
            lambda token: self._wire.write(method, path, headers=_headers(token), json=body)
        )

    def done(self, response: httpx.Response) -> Json:
        """The `data` of a deed."""
        self.checked(response)
        done = mapping(errors.body(response).get("data"))
        if not done:
            raise OutcomeUnknown("X answered without saying what it did.")
        return done

    def _as_account(self, call: Callable[[str], httpx.Response]) -> httpx.Response:
        """A call with the account's token. A 401 did nothing, so it may be said again once, with a
        new token: it can end in the middle of what we do."""
        token = self._login.ensure(self._session)
        response = call(token)
        if response.status_code == 401:
            response = call(self._login.renewed(self._session, token))
        if response.status_code == 401:
            raise AuthDead("X does not take this login any more. Connect the account again.")
        return response

    # --- as the app -----------------------------------------------------------------------------

    def app(self, method: str, path: str, body: Json | None = None, **kwargs: Any) -> Json:
        """A call about webhooks, which belong to the app and not to an account."""
        kwargs |= {"json": body} if body is not None else {}
        response = self._wire.read(method, path, headers=_headers(self._app_token), **kwargs)
        return self.decoded(self.checked(response))

    # --- answers --------------------------------------------------------------------------------

    def checked(self, response: httpx.Response) -> httpx.Response:
        """The answer, if it is a success."""
        errors.check(response, self._now())
        return response

    def decoded(self, response: httpx.Response) -> Json:
        """The object of an answer. Raises Unavailable when it is none (a page, cut short)."""
        try:
            return mapping(response.json()) if response.content else {}
        except (ValueError, RecursionError) as error:
            raise Unavailable("X sent an answer that is not JSON.") from error


def _headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


def path_id(external_id: str) -> str:
    """An id that may stand in a path: digits, or "0", which nothing has."""
    return ident(external_id) or "0"
