"""OAuth 2.0 with PKCE: letting us in, keeping it so, letting us go.

An access token lives two hours, a refresh token works once and is replaced by each use (docs.x.com:
fundamentals/authentication/oauth-2-0/authorization-code). So it is spent only under the account's
lock (`Session.renew`), by whoever finds that the token it knows is still the stored one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from callbox import oauth
from callbox.connector import AuthDead, AuthTransient, Session, Unavailable
from callbox.networks.x import errors
from callbox.values import text
from callbox.wire import Wire

SERVER = "https://api.x.com"
_PAGES = "https://x.com"  # where people log in
_TWO_HOURS = 7200  # seconds
_EARLY = timedelta(minutes=5)

Tokens = Mapping[str, Any]


class Login:
    """One app's way in. `client` is its id and secret."""

    def __init__(self, wire: Wire, client: tuple[str, str], now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._id, self._secret = client
        self._now = now

    def page(self, back: str, state: str, verifier: str, scopes: Sequence[str]) -> str:
        """The page where a member lets us in."""
        base = _PAGES if self._wire.base == SERVER else self._wire.base
        address = f"{base}/i/oauth2/authorize"
        return oauth.page(address, self._id, scopes, back=back, state=state, verifier=verifier)

    def tokens(self, code: str, back: str, verifier: str) -> Tokens:
        """Trade a code for tokens, within its 30 seconds. Raises AuthDead when it is not taken."""
        try:
            return self._kept({}, self._asked(oauth.code_form(code, back, verifier)))
        except AuthDead as error:
            raise AuthDead(
                "X did not take the login. Are the client ID and its secret right? Then begin once "
                "more, within 30 seconds of X's page."
            ) from error

    def ensure(self, session: Session) -> str:
        """A token that still lives for some minutes."""
        current = session.read()
        token, ends = text(current.get("access_token")), oauth.ends_at(current)
        if token and (ends is None or ends - self._now() > _EARLY):
            return token
        return self.renewed(session, token)

    def renewed(self, session: Session, known: str) -> str:
        """A token other than the one that we know to be over. Only one process spends the refresh
        token: whoever comes later finds another token stored, and takes that."""

        def is_good(current: Tokens) -> bool:
            return text(current.get("access_token")) != known

        over = "The login at X is over. Connect the account again."
        fresh = oauth.renewed(session, is_good, self._asked, self._kept, over)
        return text(fresh.get("access_token"))

    def revoke(self, session: Session) -> None:
        """Give both tokens back. What is over already is success."""
        for name in ("refresh_token", "access_token"):
            token = text(session.read().get(name))
            if token:
                self._call("/2/oauth2/revoke", {"token": token, "token_type_hint": name})

    def _asked(self, given: Mapping[str, str]) -> Tokens:
        response = self._call("/2/oauth2/token", given)
        errors.check_login(response, self._now())
        answer = errors.body(response)
        if not text(answer.get("access_token")):
            raise AuthTransient("X answered a login without a token.")
        return answer

    def _kept(self, before: Tokens, answer: Tokens) -> Tokens:
        """What a session keeps: what we may do beside the login."""
        scope = text(answer.get("scope")) or text(before.get("scope"))
        return {**oauth.kept(before, answer, self._now(), _TWO_HOURS), "scope": scope}

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
