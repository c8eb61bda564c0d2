"""What an unsuccessful answer means: the one table of this network.

Google says more in `error.errors[].reason` than in the status: a used-up day is a 403, like a
missing permission. Reasons: developers.google.com/youtube/v3/docs/errors and the “Errors” part of
each method's page.
"""

import re
from datetime import datetime

import httpx

from callbox.connector import AuthDead, ConnectorError, RateLimited, Refused, Unavailable
from callbox.networks.youtube import units
from callbox.values import mapping, objects, text
from callbox.wire import retry_at

_DAY_OVER = frozenset(("quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"))
_TOO_FAST = frozenset(("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"))
_LOGIN = frozenset(
    (
        "authError",
        "authorizationRequired",
        "insufficientPermissions",
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "accountClosed",
        "accountSuspended",
        "authenticatedUserAccountClosed",
        "authenticatedUserAccountSuspended",
        "channelClosed",
        "channelSuspended",
        "youtubeSignupRequired",
        "accessNotConfigured",
        "SERVICE_DISABLED",
    )
)
_BUSY = frozenset(("backendError", "internalError", "SERVICE_UNAVAILABLE"))
_WORDS = {
    "commentsDisabled": "Comments are switched off for this video.",
    "parentCommentIsPrivate": "The comment is not public, so YouTube takes no answer to it.",
    "commentTextTooLong": "YouTube says that the comment is too long.",
    "uploadLimitExceeded": "YouTube takes no more videos from this account today.",
    "accessNotConfigured": "The YouTube Data API is not switched on in the Google Cloud project.",
    "SERVICE_DISABLED": "The YouTube Data API is not switched on in the Google Cloud project.",
    "insufficientPermissions": "The login lacks a permission. Connect again and tick every box.",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (
        "The login lacks a permission. Connect again and tick every box."
    ),
}
_TAG = re.compile(r"<[^>]*>")
_LONGEST = 300
GONE = frozenset((404, 410))


def reasons(response: httpx.Response) -> frozenset[str]:
    """Every machine-readable reason in an answer: the old kind, the new kind, and the status."""
    error = _error(response)
    found = [text(one.get("reason")) for one in objects(error.get("errors"))]
    found += [text(one.get("reason")) for one in objects(error.get("details"))]
    return frozenset(one for one in (*found, text(error.get("status"))) if one)


def said_by(response: httpx.Response) -> str:
    """YouTube's own words for a refusal, without markup, or ""."""
    words = _TAG.sub("", text(_error(response).get("message")))
    return " ".join(words.split())[:_LONGEST]


def _error(response: httpx.Response) -> dict[str, object]:
    try:
        return dict(mapping(mapping(response.json()).get("error")))
    except (ValueError, RecursionError):
        return {}


def is_gone(response: httpx.Response) -> bool:
    """Whether YouTube itself says that something is not there (any more)."""
    return response.status_code in GONE and bool(reasons(response))


def check(response: httpx.Response, now: datetime) -> None:
    """Raise what an unsuccessful answer means. 5xx come here from reads only."""
    if not response.is_success:
        raise meaning(response, now)


def meaning(response: httpx.Response, now: datetime) -> ConnectorError:
    """The error of an unsuccessful answer."""
    why = reasons(response)
    if why & _DAY_OVER:
        return RateLimited("YouTube's units for today are used up.", units.next_day(now))
    if response.status_code == 429 or why & _TOO_FAST:
        return RateLimited("YouTube asks us to slow down.", retry_at(response, now))
    words = _words(response, why)
    if response.status_code == 401 or why & _LOGIN:
        return AuthDead(words)
    if response.status_code >= 500 or why & _BUSY:
        return Unavailable(words)
    return Refused(words)


def _words(response: httpx.Response, why: frozenset[str]) -> str:
    for reason in sorted(why):
        if reason in _WORDS:
            return _WORDS[reason]
    said = said_by(response)
    if said:
        return f"YouTube says: “{said}” ({response.status_code})"
    return f"YouTube answered {response.status_code}."
