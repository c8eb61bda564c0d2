"""What an unsuccessful answer means: the one table of this network.

Nextdoor publishes neither its error codes nor its limits, so only the status is read, and a 429
without a time is given a quarter of an hour.
"""

from datetime import datetime, timedelta

import httpx

from callbox.connector import AuthDead, ConnectorError, RateLimited, Refused, Unavailable
from callbox.values import mapping, text
from callbox.wire import retry_at

GONE = frozenset((404, 410))
_PAUSE = timedelta(minutes=15)
_LONGEST = 300
_SAYS = ("detail", "message", "error_description", "error")


def check(response: httpx.Response, now: datetime) -> None:
    """Raise what an unsuccessful answer means. 5xx come here from reads only."""
    if not response.is_success:
        raise meaning(response, now)


def meaning(response: httpx.Response, now: datetime) -> ConnectorError:
    """The error of an unsuccessful answer."""
    status = response.status_code
    if status == 429:
        told = "retry-after" in response.headers
        until = retry_at(response, now) if told else now + _PAUSE
        return RateLimited("Nextdoor asks us to slow down.", until)
    if status == 401:
        return AuthDead("Nextdoor does not take the login any more. Connect the account again.")
    if status >= 500:
        return Unavailable(f"Nextdoor answered {status}.")
    said = said_by(response)
    if status == 403:
        return Refused(said or "Nextdoor does not allow this. The permission may not be given.")
    return Refused(said or f"Nextdoor answered {status}.")


def said_by(response: httpx.Response) -> str:
    """Nextdoor's own words for a refusal, or ""."""
    try:
        body = mapping(response.json())
    except (ValueError, RecursionError):
        return ""
    words = next((text(body.get(name)) for name in _SAYS if text(body.get(name))), "")
    return f"Nextdoor says: “{' '.join(words.split())[:_LONGEST]}”" if words else ""
