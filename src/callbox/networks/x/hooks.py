"""Webhooks of X: the handshake, the signature, and the subscriptions that they depend on.

X calls one address of an app. It asks it for proof that we hold the app's consumer secret (CRC)
when it is registered, every hour, and when we ask it to; an address that fails is switched off
(docs.x.com: x-api/webhooks). What is sent there are subscriptions of the X Activity API, one for
each kind of event and account (docs.x.com: x-api/activity).
"""

import base64
import hmac
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from callbox.connector import (
    HookAnswer,
    Malformed,
    RateLimited,
    Raw,
    Refused,
    Signed,
    Unavailable,
)
from callbox.logins import Layer
from callbox.networks.x import parse
from callbox.networks.x.reach import Reach
from callbox.networks.x.values import ident
from callbox.values import Json, mapping, objects, text

SIGNATURE = "x-twitter-webhooks-signature"
_TOKEN = re.compile(rb"[A-Za-z0-9._~+/=-]{1,200}")  # nothing that JSON could be made of
_LONGEST_URL = 200
_REPLAYED = timedelta(hours=24)
_MOST_PAGES = 20

# What we ask to be told, and what it is called in the list of what works.
EVENTS = {
    "post.mention.create": "Mentions",
    "post.reply.create": "Answers to our posts",
    "post.quote.create": "Quotes of our posts",
    "post.delete": "Deletions of our posts",
    "dm.received": "Direct messages",
    "dm.sent": "Direct messages that we send on X itself",
    "chat.received": "Encrypted messages (that they came)",
}
_DIRECTED = ("post.reply.create", "post.quote.create")  # of us, not by us


def signature(secret: str, content: bytes) -> str:
    """X's signature over some bytes."""
    digest = hmac.new(secret.encode(), content, "sha256").digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def receive(request: Signed, secret: str, now: datetime) -> HookAnswer:
    """A request of X. Raises Refused when its signature is missing or wrong.

    The handshake has us sign what anybody may send, with the secret that signs events: only what
    can be no event is signed so, and what could have been signed so is no event.
    """
    if not secret:
        raise Refused("This account has no consumer secret, so nobody can tell who calls.")
    if request.method == "GET":
        token = request.query.get("crc_token", "").encode()
        if not _TOKEN.fullmatch(token):
            raise Refused("not a handshake of X")
        answer = json.dumps({"response_token": signature(secret, token)})
        return HookAnswer(body=answer.encode(), content_type="application/json")
    given = request.headers.get(SIGNATURE, "")
    good = hmac.compare_digest(given.encode(), signature(secret, request.body).encode())
    if not good or not request.body or _TOKEN.fullmatch(request.body):
        raise Refused("The signature is missing or wrong.")
    return HookAnswer(raws=_raws(request.body, now))


def _raws(body: bytes, now: datetime) -> list[Raw]:
    """The body as it came, for the account that it is for. A deletion says neither in its event nor
    beside it when it happened: it is given the time at which we heard of it."""
    raw = Raw(parse.ACTIVITY, body)
    try:
        heard = parse.activities(raw.json())
    except Malformed:
        return [raw]  # kept as it is, and quarantined by whoever reads it
    to = next((_subject(one) for one in heard), "")
    raws = [Raw(parse.ACTIVITY, body, to)]
    for one in heard:
        gone = ident(mapping(one.get("payload")).get("id"))
        if text(one.get("event_type")) == "post.delete" and gone:
            raws.append(Raw.of(parse.DELETED, {"id": gone, "at": now.isoformat()}, _subject(one)))
    return raws


def _subject(one: Json) -> str:
    return ident(mapping(one.get("filter")).get("user_id"))


# --- what it takes ------------------------------------------------------------------------------


@dataclass(slots=True)
class Hooks:
    """The layers that webhooks to `url` stand on."""

    reach: Reach
    url: str
    repair: bool
    _hook_id: str = ""

    def layers(self) -> Sequence[Layer]:
        """Look at all of them, mend what we may. What X does not answer is raised."""
        words = unfit(self.url)
        if words:
            return [Layer("Address", False, words)]
        address = self._address()
        if not self._hook_id:
            return [address]
        return [address, *self._subscriptions()]

    def _address(self) -> Layer:
        """Registered, and switched on."""
        name = "Address"
        listed = self.reach.api.app("GET", "/2/webhooks")
        known = [one for one in objects(listed.get("data")) if text(one.get("url")) == self.url]
        if known:
            self._hook_id = ident(known[0].get("id"))
            if known[0].get("valid") is True:
                return Layer(name, True)
            return self._checked_again(name)
        if not self.repair:
            return Layer(name, False, "X does not know our address yet.")
        try:
            made = self.reach.api.app("POST", "/2/webhooks", {"url": self.url})
        except Refused as error:
            return Layer(name, False, f"X does not take our address. {error}")
        self._hook_id = ident(mapping(made.get("data")).get("id"))
        return Layer(name, True, "Registered just now.")

    def _checked_again(self, name: str) -> Layer:
        """X switched it off: have it look again, and send what it could not deliver."""
        if not self.repair:
            return Layer(name, False, "X has switched our address off, because it did not answer.")
        try:
            answer = self.reach.api.app("PUT", f"/2/webhooks/{self._hook_id}")
        except Refused as error:
            return Layer(name, False, f"X still gets no right answer from our address. {error}")
        if mapping(answer.get("data")).get("valid") is False:
            return Layer(name, False, "X still gets no right answer from our address.")
        return Layer(name, True, self._replayed())

    def _replayed(self) -> str:
        """Ask for the last day again. Repetitions do no harm, and polling finds what a plan without
        replays does not give."""
        now = self.reach.now()
        asked = {
            "webhook_id": self._hook_id,
            "from_date": f"{now - _REPLAYED:%Y%m%d%H%M}",
            "to_date": f"{now:%Y%m%d%H%M}",
        }
        try:
            self.reach.api.app("POST", "/2/webhooks/replay", asked)
        except (Refused, RateLimited, Unavailable):
            return "Switched on again. Polling catches up with what was missed."
        return "Switched on again; X repeats the last 24 hours."

    def _subscriptions(self) -> Iterator[Layer]:
        there = self._subscribed()
        for event, name in EVENTS.items():
            if event in there:
                yield Layer(name, True)
            elif not self.repair:
                yield Layer(name, False, "X does not tell us of these.")
            else:
                yield self._subscribe(event, name)

    def _subscribed(self) -> set[str]:
        """The kinds of event that come to our address for our account."""
        found: set[str] = set()
        params: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            answer = self.reach.api.app("GET", "/2/activity/subscriptions", params=params)
            for one in objects(answer.get("data")):
                ours = _subject(one) == self.reach.us.id
                if ours and ident(one.get("webhook_id")) == self._hook_id:
                    found.add(text(one.get("event_type")))
            token = text(mapping(answer.get("meta")).get("next_token"))
            if not token:
                break
            params = {"pagination_token": token}
        return found

    def _subscribe(self, event: str, name: str) -> Layer:
        """Private events need the account's own login, not the app's. Where X knows no direction
        for a kind of event, what we say ourselves comes as well, and is taken for ours."""
        about = {"user_id": self.reach.us.id}
        if event in _DIRECTED:
            directed = self._asked(event, name, {**about, "direction": "inbound"})
            if directed.good:
                return directed
        return self._asked(event, name, about)

    def _asked(self, event: str, name: str, about: dict[str, str]) -> Layer:
        asked = {
            "event_type": event,
            "filter": about,
            "webhook_id": self._hook_id,
            "tag": "callbox",
        }
        try:
            self.reach.api.help("POST", "/2/activity/subscriptions", json=asked)
        except Refused as error:
            return Layer(name, False, f"{error} Polling finds these meanwhile.")
        return Layer(name, True, "Subscribed just now.")


def unfit(url: str) -> str:
    """Why X would not call an address, or ""."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is not an address that X can call."
    if parts.scheme != "https" or not parts.hostname:
        return "X calls https addresses only."
    if port is not None:
        return "X calls no address with a port in it."
    if len(url) > _LONGEST_URL:
        return f"X takes addresses of at most {_LONGEST_URL} characters."
    return ""
