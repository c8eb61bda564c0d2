"""OAuth 2.0 with PKCE: letting us in, keeping it so, letting us go.

An access token lives two hours, a refresh token works once and is replaced by each use (docs.x.com:
fundamentals/authentication/oauth-2-0/authorization-code). So it is spent only under the account's
lock (`Session.renew`), by whoever finds that the token it knows is still the stored one.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from callbox.connector import AuthDead, AuthTransient, Session, Unavailable
from callbox.networks.x import errors
from callbox.values import moment, text
from callbox.wire import Wire

SERVER = "https://api.x.com"
_PAGES = "https://x.com"  # where people log in
_EARLY = timedelta(minutes=5)

Tokens = Mapping[str, Any]


class Login:
    """One app's way in. `client` is its id and secret."""

    def __init__(self, wire: Wire, client: tuple[str, str], now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._id, self._secret = client
        self._now = now

    def page(self, back: str, state: str, verifier: str, scopes: str) -> str:
        """The page where a member lets us in."""
        base = _PAGES if self._wire.base == SERVER else self._wire.base
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._id,
            "redirect_uri": back,
            "scope": scopes,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{base}/i/oauth2/authorize?{urlencode(asked)}"

    def tokens(self, code: str, back: str, verifier: str) -> Tokens:
        """Trade a code for tokens, within its 30 seconds. Raises AuthDead when it is not taken."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        try:
            return self._asked(given, {})
        except AuthDead as error:
            raise AuthDead(
                "X did not take the login. Are the client ID and its secret right? Then begin once "
                "more, within 30 seconds of X's page."
            ) from error

    def ensure(self, session: Session) -> str:
        """A token that still lives for some minutes."""
        current = session.read()
        token, ends = text(current.get("access_token")), moment(current.get("expires_at"))
        if token and (ends is None or ends - self._now() > _EARLY):
            return token
        return self.renewed(session, token)

    def renewed(self, session: Session, known: str) -> str:
        """A token other than the one that we know to be over. Only one process spends the refresh
        token: whoever comes later finds another token stored, and takes that."""

        def change(current: Tokens) -> Tokens:
            if text(current.get("access_token")) != known:
                return current
            spent = text(current.get("refresh_token"))
            if not spent:
                raise AuthDead("The login at X is over. Connect the account again.")
            return self._asked({"grant_type": "refresh_token", "refresh_token": spent}, current)

        return text(session.renew(change).get("access_token"))

    def revoke(self, session: Session) -> None:
        """Give both tokens back. What is over already is success."""
        for name in ("refresh_token", "access_token"):
            token = text(session.read().get(name))
            if token:
                self._call("/2/oauth2/revoke", {"token": token, "token_type_hint": name})

    def _asked(self, given: Mapping[str, str], current: Tokens) -> Tokens:
        response = self._call("/2/oauth2/token", given)
        errors.check_login(response, self._now())
        answer = errors.body(response)
        access = text(answer.get("access_token"))
        if not access:
            raise AuthTransient("X answered a login without a token.")
        lives = answer.get("expires_in")
        seconds = lives if isinstance(lives, int) and 0 < lives < 10**9 else 7200
        made = {
            "access_token": access,
            "expires_at": (self._now() + timedelta(seconds=seconds)).astimezone(UTC).isoformat(),
            "scope": text(answer.get("scope")) or text(current.get("scope")),
        }
        # An answer without a new refresh token must not lose the one that we have.
        made["refresh_token"] = text(answer.get("refresh_token")) or text(
            current.get("refresh_token")
        )
        return made

    def _call(self, path: str, given: Mapping[str, str]) -> httpx.Response:
        """Nothing is published here, so a failure is never "it may have happened"."""
        form = {**given, "client_id": self._id}
        kwargs: dict[str, Any] = {"data": form}
        if self._secret:
            kwargs["auth"] = httpx.BasicAuth(self._id, self._secret)
        try:
            return self._wire.read("POST", path, **kwargs)
        except Unavailable as error:
            raise AuthTransient(str(error)) from error
