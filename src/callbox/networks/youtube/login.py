"""Logging in with Google: OAuth 2 for web servers, with PKCE.

developers.google.com/identity/protocols/oauth2/web-server. A refresh token does not rotate and has
no end by the clock, unless the Google Cloud project is still in “Testing” (7 days), the department
limited it (`refresh_token_expires_in`), or nobody used it for six months.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from callbox.connector import AuthDead, AuthTransient, ConnectorError, Refused, Session, Unavailable
from callbox.networks.youtube.values import count
from callbox.values import Json, mapping, text
from callbox.wire import Wire

SCOPES = (
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/youtube.upload",
)
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
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": self._known(self._id),
            "redirect_uri": back,
            "response_type": "code",
            "scope": " ".join(SCOPES),
            "access_type": "offline",
            "prompt": "consent",
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self._pages}/o/oauth2/v2/auth?{urlencode(query)}"

    def trade(self, code: str, back: str, verifier: str) -> Json:
        """A code's tokens, as a session keeps them. Raises AuthDead for a code not taken, and
        Refused when the member left out a permission."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        answer = self._asked(form)
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

        def change(current: Mapping[str, Any]) -> Mapping[str, Any]:
            other = text(current.get("access_token")) != stale
            if other and not self._is_due(current):
                return current
            return self._kept(current, self._refreshed(current))

        return self._session.renew(change)

    def ends_at(self) -> datetime | None:
        """When the login ends by the clock, if it does."""
        return _moment(self._session.read().get("login_ends_at"))

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
        ends = _moment(held.get("expires_at"))
        return not text(held.get("access_token")) or ends is None or self._now() >= ends - _EARLY

    def _refreshed(self, current: Mapping[str, Any]) -> Json:
        refresh = text(current.get("refresh_token"))
        if not refresh:
            raise AuthDead("There is no login. Connect the account again.")
        try:
            return self._asked({"grant_type": "refresh_token", "refresh_token": refresh})
        except Unavailable as error:
            # A network that is away says nothing about the login.
            raise AuthTransient(str(error)) from error

    def _asked(self, form: Mapping[str, str]) -> Json:
        """Google's answer at its token address. Getting a token changes nothing that people see,
        so a lost answer is only a failed read."""
        form = {**form, "client_id": self._known(self._id), "client_secret": self._secret}
        response = self._tokens.read("POST", "/token", data=form)
        self._tokens.limited(response, self._now())
        if not response.is_success:
            raise _refusal(response)
        answer = _json(response)
        if not text(answer.get("access_token")):
            raise Unavailable("Google's answer holds no token.")
        return answer

    def _kept(self, before: Mapping[str, Any], answer: Json) -> Json:
        """What a session keeps. An answer without a refresh token leaves the one that we have."""
        now = self._now()
        lasting = count(answer.get("refresh_token_expires_in"))
        ends = (now + timedelta(seconds=lasting)).isoformat() if lasting else None
        seconds = count(answer.get("expires_in")) or 300
        return {
            **before,
            "access_token": text(answer.get("access_token")),
            "refresh_token": text(answer.get("refresh_token")) or before.get("refresh_token", ""),
            "expires_at": (now + timedelta(seconds=seconds)).isoformat(),
            "login_ends_at": ends or before.get("login_ends_at", ""),
        }

    def _known(self, client: str) -> str:
        if not client:
            raise Refused("The client ID is missing.")
        return client


def _refusal(response: httpx.Response) -> ConnectorError:
    """What a refused token call means (RFC 6749, 5.2)."""
    why = text(_json(response).get("error"))
    if why in ("invalid_grant", "unauthorized_client"):
        return AuthDead("Google does not know this login any more. Connect the account again.")
    if why == "invalid_client":
        return AuthDead("Google does not take the client ID or the client secret.")
    if response.status_code >= 500 or not why:
        return Unavailable(f"Google answered {response.status_code}.")
    return AuthDead(f"Google refused the login ({why[:60]}).")


def _json(response: httpx.Response) -> Json:
    try:
        return mapping(response.json())
    except (ValueError, RecursionError):
        return {}


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
