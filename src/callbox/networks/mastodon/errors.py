"""What an answer's status means: the one table of this network.

Server families differ: a dead token is 401 on Mastodon and GoToSocial but 403 “Invalid
credentials.” on Pleroma; a suspended, unconfirmed or waiting login is 403 everywhere. A 401 that is
not the API's own JSON comes from something in front of the server (a proxy, a maintenance page) and
says nothing about our token.
"""

import re

import httpx

from callbox.connector import AuthDead, AuthTransient, ConnectorError, Refused, Unavailable
from callbox.values import mapping, text

RESET_HEADER = "x-ratelimit-reset"  # ISO 8601 on Mastodon, epoch seconds on GoToSocial
GONE = frozenset((404, 410))

_BY_STATUS: dict[int, type[ConnectorError]] = {
    401: AuthDead,
    407: Unavailable,
    408: Unavailable,
    421: Unavailable,
    425: Unavailable,
}
_BY_CLASS: dict[int, type[ConnectorError]] = {
    3: Refused,  # moved: the address has to be changed by a person
    4: Refused,
    5: Unavailable,  # reads only: `Wire.write` has already made it OutcomeUnknown
}
# Words of a 403 that are about the login and not about the one thing asked for.
_LOGIN = re.compile(
    r"\blogin is\b|account (?:is|has been|was) |pending approval|confirmed e-?mail|\bscopes?\b"
    r"|invalid credentials|insufficient permissions|token (?:is|was|has)",
    re.IGNORECASE,
)
# Mastodon's 422 for media that it is still working on.
_LATER = re.compile(r"not finished processing|try again in a moment", re.IGNORECASE)
_REPEATED = re.compile(r"already handled", re.IGNORECASE)
# GoToSocial's 422 for an edit that asks for what is already there.
_UNCHANGED = re.compile(r"\bnot changed\b", re.IGNORECASE)
_LONGEST = 300


def said_by(response: httpx.Response) -> str:
    """The server's own words for a refusal, or "" when the answer is not the API's JSON."""
    return _field(response, "error_description") or _field(response, "error")


def _field(response: httpx.Response, name: str) -> str:
    try:
        found = text(mapping(response.json()).get(name))
    except (ValueError, RecursionError):
        return ""
    return " ".join(found.split())[:_LONGEST]


def is_gone(response: httpx.Response) -> bool:
    """Whether the API itself says that something is not there (any more). Another program's 404
    page, in front of the server or in its place, does not count."""
    return response.status_code in GONE and bool(said_by(response))


def is_repetition(response: httpx.Response) -> bool:
    """Whether the server only says that it has dealt with this idempotency key before.

    GoToSocial does, with the status of the first answer and none of its content; Mastodon, Pleroma
    and Akkoma repeat the first answer.
    """
    return response.is_success and bool(_REPEATED.search(_field(response, "status")))


def is_unchanged(response: httpx.Response) -> bool:
    """Whether an edit was turned down because the post already says that."""
    return response.status_code == 422 and bool(_UNCHANGED.search(said_by(response)))


def check(response: httpx.Response, host: str) -> None:
    """Raise what an unsuccessful answer means. 429 is `Wire.limited`'s, before this."""
    if not response.is_success:
        raise meaning(response.status_code, said_by(response))(_words(response, host))


def meaning(status: int, said: str) -> type[ConnectorError]:
    """The error of a status and the server's words with it."""
    if status == 401 and not said:
        return AuthTransient
    if status == 403 and _LOGIN.search(said):
        return AuthDead
    if status == 422 and _LATER.search(said):
        return Unavailable
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, Unavailable)


def _words(response: httpx.Response, host: str) -> str:
    said, status = said_by(response), response.status_code
    if said:
        return f"{host} says: “{said}” ({status})"
    if response.is_redirect:
        return f"{host} has moved. Connect the account again with its new address."
    return f"{host} answered {status}."
