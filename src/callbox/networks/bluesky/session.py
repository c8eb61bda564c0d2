"""Logging in, rarely: a session is kept and renewed, never made anew for a request.

The server counts logins (30 in five minutes, 300 a day) and not renewals, so `createSession` is
called only when there is no session or its refresh token is dead.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx

from callbox.connector import (
    AccountSeen,
    AuthDead,
    AuthTransient,
    Refused,
    Session,
    Unavailable,
)
from callbox.networks.bluesky.errors import TokenRefused, check
from callbox.networks.bluesky.shapes import fields, words
from callbox.wire import Wire

Stored = Mapping[str, Any]  # {"access": token, "refresh": token, "did": ..., "handle": ...}


class Login:
    """One account's tokens. Secrets and tokens never appear in an error's words."""

    def __init__(
        self, wire: Wire, account: AccountSeen, session: Session, now: Callable[[], datetime]
    ) -> None:
        self._wire = wire
        self._account = account
        self._session = session
        self._now = now

    def did(self) -> str:
        """Our own stable id, logging in for it if need be."""
        return self._account.external_id or self._known("did")

    def handle(self) -> str:
        """Our handle as the server last gave it."""
        return self._known("handle")

    def token(self) -> str:
        """The access token that we have, or a first one."""
        return self._known("access")

    def renewed(self, refused: str) -> str:
        """Another access token, after the server did not take `refused`.

        When another process renewed meanwhile, its token is returned and nothing is spent. Raises
        AuthDead when the login itself is not taken any more, AuthTransient when nobody can say.
        """
        return words(self._session.renew(lambda current: self._renew(current, refused))["access"])

    def _known(self, name: str) -> str:
        found = words(self._session.read().get(name))
        if not found:
            found = words(self._session.renew(lambda now: self._renew(now, ""))[name])
        return found

    def _renew(self, current: Stored, refused: str) -> Stored:
        access = words(current.get("access"))
        if access and access != refused:
            return current
        return self._refreshed(current) or self._created()

    def _refreshed(self, current: Stored) -> Stored | None:
        """A session from the refresh token; None when that token is dead.

        Trouble on the way is never taken for a revocation.
        """
        refresh = words(current.get("refresh"))
        if not refresh:
            return None
        try:
            response = self._post("refreshSession", headers={"authorization": f"Bearer {refresh}"})
        except TokenRefused:
            return None
        except (Unavailable, Refused) as error:
            raise AuthTransient(f"Renewing the login failed for now. {error}") from error
        return self._checked(response)

    def _created(self) -> Stored:
        """A session from the password."""
        identifier = words(self._account.config.get("identifier")) or self._account.handle
        password = words(self._account.secrets.get("password"))
        if not identifier or not password:
            raise AuthDead("No handle or app password is stored for this account.")
        login = {"identifier": identifier.lstrip("@").strip(), "password": password}
        try:
            response = self._post("createSession", json=login)
        except Refused as error:
            raise AuthDead(str(error)) from error
        return self._checked(response)

    def _post(self, method: str, **kwargs: Any) -> httpx.Response:
        response = self._wire.read("POST", f"/xrpc/com.atproto.server.{method}", **kwargs)
        if response.status_code >= 500:
            raise AuthTransient(f"Bluesky could not log us in ({response.status_code}).")
        check(self._wire, response, self._now(), write=False)
        return response

    def _checked(self, response: httpx.Response) -> Stored:
        """The session to store; what is incomplete or somebody else's never gets there."""
        try:
            answer = fields(response.json())
        except (ValueError, RecursionError):
            answer = {}
        found = {
            "access": words(answer.get("accessJwt")),
            "refresh": words(answer.get("refreshJwt")),
            "did": words(answer.get("did")),
            "handle": words(answer.get("handle")),
        }
        if not all(found.values()):
            raise AuthTransient("Bluesky sent an incomplete login.")
        if answer.get("active") is False:
            status = words(answer.get("status")) or "not active"
            raise AuthDead(f"Bluesky says that this account is {status}.")
        if self._account.external_id not in ("", found["did"]):
            raise AuthDead("This login now belongs to a different account.")
        return found
