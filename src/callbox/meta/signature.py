"""Webhooks: the handshake, the signature over the raw bytes, one Raw per entry.

`answered` is the whole of `Connector.receive_hook`. The signature is
`X-Hub-Signature-256: sha256=<hex HMAC-SHA256(app secret, body)>` over the bytes as they came: a
re-serialised body would not have the same (“Webhooks: Getting started” in the Graph API guide).
"""

import hashlib
import hmac
import json
from collections.abc import Callable

from callbox.connector import HookAnswer, Raw, Refused, Signed
from callbox.meta.values import ident
from callbox.values import Json, mapping, text

HEADER = "x-hub-signature-256"
_PREFIX = "sha256="
_LONGEST_CHALLENGE = 200


def signed(body: bytes, secret: str) -> str:
    """The value of the header for these bytes."""
    return _PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def check(request: Signed, secret: str) -> None:
    """Raise Refused unless the body was signed with our app's secret."""
    if not secret:
        raise Refused("The app's secret is not stored here, so that no call can be trusted.")
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(), signed(request.body, secret).encode()):
        raise Refused("The signature of the call is missing or wrong.")


def handshake(request: Signed, verify_token: str) -> HookAnswer:
    """The answer to the call with which the network makes sure that the address is ours. Raises
    Refused when it does not know our token."""
    given = request.query.get("hub.verify_token", "")
    challenge = request.query.get("hub.challenge", "")
    known = bool(verify_token) and hmac.compare_digest(given.encode(), verify_token.encode())
    if request.query.get("hub.mode") != "subscribe" or not known:
        raise Refused("The call does not know our verify token.")
    return HookAnswer(body=challenge[:_LONGEST_CHALLENGE].encode())


def addressee(entry: Json) -> str:
    """Which account an entry is for."""
    return ident(entry.get("id"))


def split(
    body: bytes, kind: str = "webhook", whose: Callable[[Json], str] = addressee
) -> list[Raw]:
    """One Raw per entry, each addressed to its account: one address serves them all. Bytes that
    hold one entry, or that make no sense, stay as they came (`parse` says what is wrong)."""
    try:
        whole = mapping(json.loads(body))
    except (ValueError, RecursionError):
        return [Raw(kind, body)]
    entries = whole.get("entry")
    if not isinstance(entries, list) or not entries:
        return [Raw(kind, body, whose(whole))]
    if len(entries) == 1:
        return [Raw(kind, body, whose(mapping(entries[0])))]
    around = {name: value for name, value in whole.items() if name != "entry"}
    return [Raw.of(kind, {**around, "entry": [one]}, whose(mapping(one))) for one in entries]


def answered(
    request: Signed,
    *,
    secret: str,
    verify_token: str,
    kind: str = "webhook",
    whose: Callable[[Json], str] = addressee,
) -> HookAnswer:
    """Answer one call of the network: its handshake (GET), or its news (POST). Raises Refused."""
    if request.method.upper() == "GET":
        return handshake(request, text(verify_token))
    check(request, secret)
    return HookAnswer(split(request.body, kind, whose))
