"""Logging in with Nextdoor: OAuth 2 with the client's secret in a Basic header.

developer.nextdoor.com/reference/sharing-get-authorization-code and …/sharing-get-access-token. A
token lasts a year in the documented example. Its pages say nothing of PKCE: a server has to ignore
what it does not know (RFC 6749, 3.1), so the proof is sent all the same.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from callbox import oauth
from callbox.connector import AuthDead, AuthTransient, Refused, Session, Unavailable
from callbox.values import Json, text
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
        address = f"{self._pages}/v3/authorize/"
        client_id = self._known()[0]
        return oauth.page(address, client_id, SCOPES, back=back, state=state, verifier=verifier)

    def trade(self, code: str, back: str, verifier: str) -> Json:
        """A code's token, as a session keeps it. Raises AuthDead for a code that is not taken."""
        return self._kept({}, self._asked(oauth.code_form(code, back, verifier)))

    def token(self) -> str:
        """The token. Raises AuthDead when there is none, or its year is over."""
        held = self._session.read()
        token, ends = text(held.get("access_token")), oauth.ends_at(held)
        if not token:
            raise AuthDead("There is no login. Connect the account again.")
        if ends is not None and self._now() >= ends:
            raise AuthDead("The login has ended. Connect the account again.")
        return token

    def renew(self) -> datetime | None:
        """Extend the login in its last month, where Nextdoor gave us the means; its end."""
        held = self._session.read()
        if self._is_due(held) and text(held.get("refresh_token")):
            held = self._renewed()
        return oauth.ends_at(held)

    def _renewed(self) -> oauth.Held:
        def is_good(current: oauth.Held) -> bool:
            return not self._is_due(current)

        over = "There is no login. Connect the account again."
        try:
            return oauth.renewed(self._session, is_good, self._asked, self._kept, over)
        except AuthDead as error:
            ends = oauth.ends_at(self._session.read())
            if ends is not None and self._now() < ends:
                # What we have is still good; only the extension was refused.
                raise AuthTransient(str(error)) from error
            raise

    def _is_due(self, held: Mapping[str, Any]) -> bool:
        ends = oauth.ends_at(held)
        return ends is not None and self._now() >= ends - _EARLY

    def _asked(self, form: Mapping[str, str]) -> Json:
        """The answer at the token address. Nothing that people see is changed by asking."""
        response = self._tokens.read("POST", "/v2/token", data=dict(form), auth=self._known())
        self._tokens.limited(response, self._now())
        if response.status_code >= 500:
            raise Unavailable(f"Nextdoor answered {response.status_code}.")
        if not response.is_success:
            raise AuthDead("Nextdoor does not take this login. Start again from the beginning.")
        answer = oauth.body(response)
        if not text(answer.get("access_token")):
            raise Unavailable("Nextdoor's answer holds no token.")
        return answer

    def _kept(self, before: Mapping[str, Any], answer: Json) -> Json:
        return oauth.kept(before, answer, self._now(), _YEAR)

    def _known(self) -> tuple[str, str]:
        if not self._client[0]:
            raise Refused("The client ID is missing.")
        return self._client
