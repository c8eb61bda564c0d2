"""Logging in with Google: OAuth 2 for web servers, with PKCE.

developers.google.com/identity/protocols/oauth2/web-server. A refresh token does not rotate and has
no end by the clock, unless the Google Cloud project is still in “Testing” (7 days), the department
limited it (`refresh_token_expires_in`), or nobody used it for six months.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from callbox import oauth
from callbox.connector import AuthDead, ConnectorError, Refused, Session, Unavailable
from callbox.networks.youtube.values import count
from callbox.values import Json, moment, text
from callbox.wire import Wire

SCOPES = (
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/youtube.upload",
)
_LEAST = 300  # seconds a token surely lives, where Google does not say
_EARLY = timedelta(minutes=5)  # renewed this long before the end: clocks differ, calls take time


class Login:
    """One account's login at Google. `pages` is where people log in, `tokens` where tokens are."""

    def __init__(
        self,
        pages: str,
        tokens: Wire,
        client: tuple[str, str],
        session: Session,
        now: Callable[[], datetime],
    ) -> None:
        self._pages = pages
        self._tokens = tokens
        self._id, self._secret = client
        self._session = session
        self._now = now

    def page(self, back: str, state: str, verifier: str) -> str:
        """Where a member lets us in. `prompt=consent` because Google gives a refresh token only
        with a fresh consent."""
        return oauth.page(
            f"{self._pages}/o/oauth2/v2/auth",
            self._known(self._id),
            SCOPES,
            back=back,
            state=state,
            verifier=verifier,
            access_type="offline",
            prompt="consent",
        )

    def trade(self, code: str, back: str, verifier: str) -> Json:
        """A code's tokens, as a session keeps them. Raises AuthDead for a code not taken, and
        Refused when the member left out a permission."""
        answer = self._asked(oauth.code_form(code, back, verifier))
        if not text(answer.get("refresh_token")):
            raise AuthDead("Google gave no lasting login. Start again from the beginning.")
        granted = text(answer.get("scope")).split()
        if granted and not set(SCOPES) <= set(granted):
            raise Refused("A permission was not given. Start again and tick every box.")
        return self._kept({}, answer)

    def token(self) -> str:
        """A token that holds now, renewed when it is due."""
        held = self._session.read()
        if not self._is_due(held):
            return text(held.get("access_token"))
        return text(self.renewed(text(held.get("access_token"))).get("access_token"))

    def renewed(self, stale: str) -> Json:
        """The session with a token other than `stale`. Only one process asks Google; the others
        find its result."""

        def is_good(current: oauth.Held) -> bool:
            return text(current.get("access_token")) != stale and not self._is_due(current)

        over = "There is no login. Connect the account again."
        return oauth.renewed(self._session, is_good, self._asked, self._kept, over)

    def ends_at(self) -> datetime | None:
        """When the login ends by the clock, if it does."""
        return moment(self._session.read().get("login_ends_at"))

    def revoke(self) -> None:
        """End the login at Google. A token that is not known any more is success."""
        held = self._session.read()
        token = text(held.get("refresh_token")) or text(held.get("access_token"))
        if not token:
            return
        response = self._tokens.read("POST", "/revoke", data={"token": token})
        self._tokens.limited(response, self._now())
        if response.status_code >= 500:
            raise Unavailable(f"Google answered {response.status_code}.")

    # --- inside -------------------------------------------------------------------------------

    def _is_due(self, held: Mapping[str, Any]) -> bool:
        ends = oauth.ends_at(held)
        return not text(held.get("access_token")) or ends is None or self._now() >= ends - _EARLY

    def _asked(self, form: Mapping[str, str]) -> Json:
        """Google's answer at its token address. Getting a token changes nothing that people see,
        so a lost answer is only a failed read."""
        form = {**form, "client_id": self._known(self._id), "client_secret": self._secret}
        response = self._tokens.read("POST", "/token", data=form)
        self._tokens.limited(response, self._now())
        if not response.is_success:
            raise _refusal(response)
        answer = oauth.body(response)
        if not text(answer.get("access_token")):
            raise Unavailable("Google's answer holds no token.")
        return answer

    def _kept(self, before: Mapping[str, Any], answer: Json) -> Json:
        """What a session keeps: the login itself may have an end too."""
        now = self._now()
        lasting = count(answer.get("refresh_token_expires_in"))
        ends = (now + timedelta(seconds=lasting)).isoformat() if lasting else None
        return {
            **oauth.kept(before, answer, now, _LEAST),
            "login_ends_at": ends or before.get("login_ends_at", ""),
        }

    def _known(self, client: str) -> str:
        if not client:
            raise Refused("The client ID is missing.")
        return client


def _refusal(response: httpx.Response) -> ConnectorError:
    """What a refused token call means (RFC 6749, 5.2)."""
    why = text(oauth.body(response).get("error"))
    if why in ("invalid_grant", "unauthorized_client"):
        return AuthDead("Google does not know this login any more. Connect the account again.")
    if why == "invalid_client":
        return AuthDead("Google does not take the client ID or the client secret.")
    if response.status_code >= 500 or not why:
        return Unavailable(f"Google answered {response.status_code}.")
    return AuthDead(f"Google refused the login ({why[:60]}).")
