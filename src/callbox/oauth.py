"""OAuth 2 logins: where a member lets us in, and one life of the tokens that come of it.

A login in `Session` is `{"access_token", "refresh_token", "expires_at"}` (the time in ISO 8601) and
whatever else its network keeps beside it. Rules that every network here shares:

- logging in carries PKCE's S256 (RFC 7636); what does not know it has to ignore it (RFC 6749, 3.1);
- a refresh token may work only once: it is spent under the account's lock (`Session.renew`), and
  whoever comes second finds a login that is good, and takes that;
- a network that is away says nothing about a login: the old one stays;
- an answer without a refresh token never overwrites the one that we have.

Addresses, errors and how early to renew are each network's own.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from callbox.connector import AuthDead, AuthTransient, Session, Unavailable
from callbox.values import Json, mapping, moment, text

Held = Mapping[str, Any]  # what a session holds

_LONGEST = 10**9  # seconds: no token lives for thirty years


def challenge(verifier: str) -> str:
    """PKCE's S256 of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def page(
    address: str,
    client_id: str,
    scopes: Sequence[str],
    *,
    back: str,
    state: str,
    verifier: str,
    **more: str,
) -> str:
    """Where a member lets us in."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        **more,
    }
    return f"{address}?{urlencode(query)}"


def code_form(code: str, back: str, verifier: str) -> dict[str, str]:
    """What is sent to trade a code for tokens."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }


def body(response: httpx.Response) -> Json:
    """The object that a token address answered, or an empty one."""
    try:
        return mapping(response.json())
    except (ValueError, RecursionError):
        return {}


def ends_at(held: Held) -> datetime | None:
    """When the access token of a login ends, where that is known."""
    return moment(held.get("expires_at"))


def kept(before: Held, answer: Json, now: datetime, usual: int) -> dict[str, Any]:
    """What a session keeps of an answer. `usual` is how many seconds a token lives where the answer
    does not say."""
    ends = now + timedelta(seconds=_seconds(answer.get("expires_in")) or usual)
    return {
        **before,
        "access_token": text(answer.get("access_token")),
        "refresh_token": text(answer.get("refresh_token")) or text(before.get("refresh_token")),
        "expires_at": ends.isoformat(),
    }


def _seconds(value: Any) -> int:
    told = isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LONGEST
    return value if told else 0


def renewed(
    session: Session,
    is_good: Callable[[Held], bool],
    ask: Callable[[Mapping[str, str]], Json],
    keep: Callable[[Held, Json], Held],
    over: str,
) -> Held:
    """The session with a login that is good: renewed by us, or by another process before us.

    `ask` sends a form to the token address. Raises AuthDead, with the words `over` where there is
    nothing to renew with, and AuthTransient when nobody can say; what is stored then stays.
    """

    def change(current: Held) -> Held:
        if is_good(current):
            return current
        spent = text(current.get("refresh_token"))
        if not spent:
            raise AuthDead(over)
        try:
            answer = ask({"grant_type": "refresh_token", "refresh_token": spent})
        except Unavailable as error:
            raise AuthTransient(str(error)) from error
        return keep(current, answer)

    return session.renew(change)
