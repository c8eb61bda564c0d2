"""Logging in with Nextdoor: OAuth 2 with the client's secret in a Basic header.

developer.nextdoor.com/reference/sharing-get-authorization-code and …/sharing-get-access-token. A
token lasts a year in the documented example. Its pages say nothing of PKCE: a server has to ignore
what it does not know (RFC 6749, 3.1), so the proof is sent all the same.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from callbox.connector import AuthDead, AuthTransient, Refused, Session, Unavailable
from callbox.values import Json, mapping, text
from callbox.wire import Wire

SCOPES = (
    "openid",
    "profile:read",
    "post:write",
    "post:read",
    "comment:write",
    "agency.boundary:read",
)
_YEAR = 31_536_000  # seconds
_EARLY = timedelta(days=30)  # a login is renewed this long before its end, where it can be


class Login:
    """One account's login. `pages` is where people log in, `tokens` where tokens are."""

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
        self._client = client
        self._session = session
        self._now = now

    def page(self, back: str, state: str, verifier: str) -> str:
        """Where a member lets us in."""
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": self._known()[0],
            "redirect_uri": back,
            "response_type": "code",
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self._pages}/v3/authorize/?{urlencode(query)}"

    def trade(self, code: str, back: str, verifier: str) -> Json:
        """A code's token, as a session keeps it. Raises AuthDead for a code that is not taken."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        return self._kept({}, self._asked(form))

    def token(self) -> str:
        """The token. Raises AuthDead when there is none, or its year is over."""
        held = self._session.read()
        token, ends = text(held.get("access_token")), moment(held.get("expires_at"))
        if not token:
            raise AuthDead("There is no login. Connect the account again.")
        if ends is not None and self._now() >= ends:
            raise AuthDead("The login has ended. Connect the account again.")
        return token

    def renew(self) -> datetime | None:
        """Extend the login in its last month, where Nextdoor gave us the means; its end."""
        held = self._session.read()
        if self._is_due(held) and text(held.get("refresh_token")):
            held = self._session.renew(self._renewed)
        return moment(held.get("expires_at"))

    def _renewed(self, current: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self._is_due(current):
            return current  # another process was first
        form = {"grant_type": "refresh_token", "refresh_token": text(current.get("refresh_token"))}
        try:
            return self._kept(current, self._asked(form))
        except Unavailable as error:
            raise AuthTransient(str(error)) from error
        except AuthDead as error:
            ends = moment(current.get("expires_at"))
            if ends is not None and self._now() < ends:
                # What we have is still good; only the extension was refused.
                raise AuthTransient(str(error)) from error
            raise

    def _is_due(self, held: Mapping[str, Any]) -> bool:
        ends = moment(held.get("expires_at"))
        return ends is not None and self._now() >= ends - _EARLY

    def _asked(self, form: Mapping[str, str]) -> Json:
        """The answer at the token address. Nothing that people see is changed by asking."""
        response = self._tokens.read("POST", "/v2/token", data=dict(form), auth=self._known())
        self._tokens.limited(response, self._now())
        if response.status_code >= 500:
            raise Unavailable(f"Nextdoor answered {response.status_code}.")
        if not response.is_success:
            raise AuthDead("Nextdoor does not take this login. Start again from the beginning.")
        answer = _json(response)
        if not text(answer.get("access_token")):
            raise Unavailable("Nextdoor's answer holds no token.")
        return answer

    def _kept(self, before: Mapping[str, Any], answer: Json) -> Json:
        seconds = answer.get("expires_in")
        lasts = seconds if isinstance(seconds, int) and 0 < seconds < 10**10 else _YEAR
        return {
            **before,
            "access_token": text(answer.get("access_token")),
            "refresh_token": text(answer.get("refresh_token")) or before.get("refresh_token", ""),
            "expires_at": (self._now() + timedelta(seconds=lasts)).isoformat(),
        }

    def _known(self) -> tuple[str, str]:
        if not self._client[0]:
            raise Refused("The client ID is missing.")
        return self._client


def moment(value: Any) -> datetime | None:
    """A time that a session holds, or None."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _json(response: httpx.Response) -> Json:
    try:
        return mapping(response.json())
    except (ValueError, RecursionError):
        return {}
