"""Webhooks of the practice network: events pushed to us, signed.

A request is `POST {"events": [...]}` with two headers: `x-practice-time`, seconds since 1970, and
`x-practice-signature`, `sha256=` and the hex HMAC-SHA256 over `<time>.<raw body>` under the token
of the agency. An old time is refused, so that a request cannot be played again tomorrow.
"""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from callbox.connector import Malformed, Raw, Refused, Signed

MOST_EVENTS = 1000
FRESH_SECONDS = 300


def signature(token: str, time: str, body: bytes) -> str:
    """What the signature header says for this body at this time."""
    digest = hmac.new(token.encode(), time.encode() + b"." + body, "sha256").hexdigest()
    return f"sha256={digest}"


def raws(request: Signed, token: str, now: datetime, kind: str) -> Sequence[Raw]:
    """The events of a signed request, one Raw each.

    Raises Refused for a signature that is missing, wrong or old, Malformed for a body that is no
    list of events.
    """
    time = request.headers.get("x-practice-time", "")
    given = request.headers.get("x-practice-signature", "")
    if not time.isdecimal() or len(time) > 12 or abs(int(time) - now.timestamp()) > FRESH_SECONDS:
        raise Refused("The time of this request is missing or too far from ours.")
    good = hmac.compare_digest(given.encode(), signature(token, time, request.body).encode())
    if not token or not good:  # without a token anybody could sign
        raise Refused("The signature does not fit this request.")
    try:
        body = json.loads(request.body)
        events = body["events"]
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise Malformed('not a request of ours: expected {"events": [...]}') from error
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise Malformed(f"“events” must be a list of at most {MOST_EVENTS}")
    return [Raw.of(kind, event) for event in events]
