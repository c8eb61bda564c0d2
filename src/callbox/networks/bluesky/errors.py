"""What the protocol's error names mean for us: the one table.

An XRPC error is a status and `{"error": name, "message": words}`. Names are from the lexicons and
from the reference server; a name that is not in the table counts by its status.
"""

from datetime import datetime

import httpx

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from callbox.networks.bluesky.shapes import fields, words
from callbox.wire import Wire


class NoRecord(Refused):
    """There is no such record (any more)."""


class Swapped(Unavailable):
    """The record is not in the state that we expected: somebody wrote in between."""


class TokenRefused(AuthTransient):
    """The access or refresh token is not taken (any more); another one may be."""


MEANING: dict[str, type[ConnectorError]] = {
    # logging in
    "ExpiredToken": TokenRefused,
    "InvalidToken": TokenRefused,
    "AuthMissing": TokenRefused,
    "AuthenticationRequired": AuthDead,
    "AuthFactorTokenRequired": AuthDead,
    "AccountTakedown": AuthDead,
    "AccountSuspended": AuthDead,
    "AccountDeactivated": AuthDead,
    "AccountNotFound": AuthDead,
    # records
    "RecordNotFound": NoRecord,
    "NotFound": NoRecord,
    "RepoNotFound": NoRecord,
    "RepoTakendown": NoRecord,
    "RepoSuspended": NoRecord,
    "RepoDeactivated": NoRecord,
    "InvalidSwap": Swapped,
    # what is never taken as it stands
    "InvalidRequest": Refused,
    "InvalidHandle": Refused,
    "InvalidMimeType": Refused,
    "BlobTooLarge": Refused,
    "PayloadTooLarge": Refused,
    "UnsupportedMediaType": Refused,
    "BlockedActor": Refused,
    "BlockedByActor": Refused,
    "Forbidden": Refused,
    "ScopeMissingError": Refused,
    "XRPCNotSupported": Refused,
    "MethodNotImplemented": Refused,
    # the server's own trouble
    "InternalServerError": Unavailable,
    "UpstreamFailure": Unavailable,
    "UpstreamTimeout": Unavailable,
    "NotEnoughResources": Unavailable,
}
# For an answer without a name: it came from something in front of the server. A bare 404 is not
# “no such record”, or a proxy's bad hour would look like deleted posts.
BY_STATUS: dict[int, type[ConnectorError]] = {401: TokenRefused, 413: Refused}
# The AppView says this of an account that was deleted or put to sleep.
_NO_REPO = "Could not find repo"
RESET_HEADER = "ratelimit-reset"


def check(wire: Wire, response: httpx.Response, now: datetime, *, write: bool) -> None:
    """Return for a success; raise what the answer means for everything else.

    5xx answers to a write never get here (`Wire.write` has raised OutcomeUnknown).
    """
    if response.status_code == 200:
        return
    wire.limited(response, now, RESET_HEADER)
    if response.status_code == 408 and write:
        raise OutcomeUnknown("Bluesky gave up on our request half-way.")
    name, message = _said(response)
    raise _meaning(response.status_code, name, message)(_shown(response.status_code, message))


def _said(response: httpx.Response) -> tuple[str, str]:
    try:
        answer = fields(response.json())
    except (ValueError, RecursionError):
        return "", ""
    return words(answer.get("error")), words(answer.get("message"))


def _meaning(status: int, name: str, message: str) -> type[ConnectorError]:
    if status >= 500 or status < 400:
        return Unavailable
    if name == "InvalidRequest" and message.startswith(_NO_REPO):
        return NoRecord
    if not name:
        return BY_STATUS.get(status, Unavailable)
    return MEANING.get(name, Refused)


def _shown(status: int, message: str) -> str:
    return f"Bluesky says: {message[:300]}" if message else f"Bluesky answered {status}."
