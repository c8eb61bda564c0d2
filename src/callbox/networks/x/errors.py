"""What X's answers mean, in our error tree.

An error is problem JSON (`title`, `detail`, `status`, `type`), an old list of `errors`, or an OAuth
object. A 200 may carry `errors` beside its `data` (docs.x.com:
fundamentals/response-codes-and-errors).
"""

from datetime import datetime

import httpx

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.x.values import ident
from callbox.values import Json, mapping, objects, text
from callbox.wire import retry_at

RESET_HEADER = "x-rate-limit-reset"
_GONE = ("resource-not-found", "not-authorized-for-resource", "resource-unavailable")
_CAPPED = "usage-capped"


def body(response: httpx.Response) -> Json:
    """The object that came, or an empty one."""
    try:
        return mapping(response.json())
    except (ValueError, RecursionError):
        return {}


def said_by(response: httpx.Response) -> str:
    """What X says is wrong, for the member."""
    answer = body(response)
    first = next(iter(objects(answer.get("errors"))), {})
    for place in (answer, first):
        for name in ("detail", "message", "error_description", "title", "error"):
            if text(place.get(name)):
                return text(place[name])[:300]
    return ""


def check(response: httpx.Response, now: datetime) -> None:
    """Raise what an answer stands for; nothing for a success."""
    status = response.status_code
    if status < 300:
        return
    said = said_by(response)
    words = f"X says: “{said}” ({status})" if said else f"X answered {status}."
    if status == 429:
        raise limited(response, now, words)
    if status == 403 and _CAPPED in text(body(response).get("type")):
        raise Refused(f"{words} The plan's limit for this month is used up; X raises it.")
    raise _kind(status)(words)


def limited(response: httpx.Response, now: datetime, words: str) -> RateLimited:
    """A 429 ends when its header says: a window of 15 minutes, or of a day."""
    if _CAPPED in text(body(response).get("type")):
        return RateLimited(
            f"{words} X's own cap for this account is reached.", retry_at(response, now)
        )
    return RateLimited("X asks us to slow down.", retry_at(response, now, RESET_HEADER))


def _kind(status: int) -> type[ConnectorError]:
    if status == 401:
        return AuthDead
    if status >= 500 or status in (408, 425):
        return Unavailable
    # 400, 403, 404, 409, 413, 422: saying it again changes nothing.
    return Refused if status >= 400 else Unavailable


def check_login(response: httpx.Response, now: datetime) -> None:
    """Raise what an answer of the token endpoint stands for. Only X's clear word that a token or an
    app is not taken is the end of a login; everything else passes."""
    status = response.status_code
    if status < 300:
        return
    if status == 429:
        raise limited(response, now, "")
    said = said_by(response)
    if status in (400, 401, 403) and text(body(response).get("error")):
        raise AuthDead(f"X does not take this login any more: “{said}” Connect the account again.")
    raise AuthTransient(f"Logging in at X failed for now ({status}).")


def gone(answer: Json) -> set[str]:
    """Ids that an answer says are not there, or not for us to see."""
    return {
        ident(one.get("resource_id")) or ident(one.get("value"))
        for one in objects(answer.get("errors"))
        if text(one.get("type")).endswith(_GONE)
    } - {""}
