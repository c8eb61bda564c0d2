"""Calls to a Graph API with one login: the only place that makes them.

The token goes in the `Authorization` header, never in an address; with an app's secret every call
also carries `appsecret_proof`, so that a stolen token is of no use elsewhere (“Secure Graph API
calls”). Pages of a list are asked for by their cursor; the address that `paging.next` offers is
never called, only known parameters are taken out of it.

Raises from the error tree only: a read never OutcomeUnknown, a write Unavailable only when it
certainly did not happen (`callbox.wire`, `callbox.meta.errors`).
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from callbox.connector import AuthDead, ConnectorError, OutcomeUnknown, Unavailable
from callbox.meta.errors import Meanings, fault_of
from callbox.meta.usage import Usage
from callbox.meta.values import objects
from callbox.moment import now_utc
from callbox.values import Json, mapping, sequence, text
from callbox.wire import Wire

VERSION = "v25.0"  # lives until 2028-07-29; a setting of every network
_PAGING = frozenset(("after", "until", "since", "offset", "__paging_token"))
_UPLOAD = httpx.Timeout(120.0, connect=8.0)

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of an edge. `next` are the parameters that ask for the one after; empty at the
    end."""

    items: Sequence[Json]
    next: Mapping[str, str] = field(default_factory=dict)


def proof(token: str, secret: str) -> str:
    """`appsecret_proof`: that whoever holds the token also holds the app's secret."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


class Graph:
    """A Graph API and one login to it. `token` is asked before every call: it may be renewed
    while we work. `version` "" leaves it out of the path (addresses of logins have none)."""

    def __init__(
        self,
        base: str,
        token: Callable[[], str],
        meanings: Meanings,
        *,
        version: str = VERSION,
        secret: str = "",
        now: Callable[[], datetime] = now_utc,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._wire = Wire(base, transport)
        self._token = token
        self._secret = secret
        self._version = version.strip("/")
        self._now = now
        self.meanings = meanings
        self.usage = Usage()

    def close(self) -> None:
        """Let go of connections."""
        self._wire.close()

    # --- reading ------------------------------------------------------------------------------

    def read(self, path: str, params: Params | None = None) -> Json:
        """One object."""
        kwargs = self._call(path, params)
        response = self._wire.read("GET", **kwargs)
        self._noted(response, write=False)
        return _decoded(response, Unavailable)

    def maybe(self, path: str, params: Params | None = None) -> Json | None:
        """One object, or None when it is not there, or not for us: the network does not say
        which of the two."""
        try:
            return self.read(path, params)
        except ConnectorError as error:
            fault = fault_of(error)
            if fault and fault.is_gone:
                return None
            raise

    def listing(self, path: str, params: Params | None = None) -> Listing:
        """One page of an edge. For the next, lay `Listing.next` over the parameters. A page that is
        too much for the network is asked for again, smaller."""
        asked = dict(params or {})
        try:
            found = self.read(path, asked)
        except Unavailable as error:
            fault, limit = fault_of(error), int(asked.get("limit") or 25)
            if not (fault and fault.is_too_much) or limit <= 1:
                raise
            return self.listing(path, {**asked, "limit": limit // 4 or 1})
        return Listing(objects(found), _next(mapping(found.get("paging"))))

    def walk(self, path: str, params: Params, most: int) -> Iterator[Json]:
        """An edge's objects, page by page, at most `most` pages."""
        asked = dict(params)
        for _ in range(most):
            page = self.listing(path, asked)
            yield from page.items
            if not page.next:
                return
            asked |= page.next

    def batch(self, calls: Sequence[Mapping[str, str]]) -> list[Json]:
        """Several reads in one call (`{"method": "GET", "relative_url": ...}`), whose addresses so
        travel in a body (“Batch requests”). Answers in the same order; a part that failed is its
        own `{"error": ...}`, one that got no answer is {}."""
        kwargs = self._call("/", None)
        kwargs["data"] = {"batch": _formed(list(calls)), "include_headers": "false"}
        response = self._wire.read("POST", **kwargs)
        self._noted(response, write=False)
        try:
            return [_part(one) for one in sequence(response.json())]
        except (ValueError, RecursionError) as error:
            raise Unavailable("The network's answer could not be read.") from error

    # --- writing ------------------------------------------------------------------------------

    def write(
        self,
        method: str,
        path: str,
        body: Params | None = None,
        *,
        files: Mapping[str, tuple[str, Any, str]] | None = None,
        as_json: bool = False,
    ) -> Json:
        """Do something: a form by default (values that are not strings are written as JSON in
        it), multipart with `files` (name → file name, content, type), or a JSON body."""
        kwargs = self._call(path, None)
        if as_json:
            kwargs["json"] = dict(body or {})
        elif body:
            kwargs["data"] = {name: _formed(value) for name, value in body.items()}
        if files:
            kwargs |= {"files": files, "timeout": _UPLOAD}
        response = self._wire.write(method, **kwargs)
        self._noted(response, write=True)
        return _decoded(response, OutcomeUnknown)

    # --- parts --------------------------------------------------------------------------------

    def _call(self, path: str, params: Params | None) -> dict[str, Any]:
        token = self._token()
        if not token or not token.isascii() or not token.isprintable():
            raise AuthDead("There is no login. Connect the account again.")
        query = {name: _formed(value) for name, value in (params or {}).items()}
        if self._secret:
            query["appsecret_proof"] = proof(token, self._secret)
        return {
            "path": f"/{self._version}{path}" if self._version else path,
            "params": query,
            "headers": {"authorization": f"Bearer {token}"},
        }

    def _noted(self, response: httpx.Response, *, write: bool) -> None:
        now = self._now()
        self.usage.seen(response.headers, now)
        self.meanings.check(response, now, write=write)


def _decoded(response: httpx.Response, lost: type[ConnectorError]) -> Json:
    """The answer as an object; a bare `true` is one with `success`. `lost` is what to raise for an
    answer that makes no sense."""
    try:
        found = response.json()
    except (ValueError, RecursionError) as error:
        raise lost("The network's answer could not be read.") from error
    return {"success": found} if isinstance(found, bool) else mapping(found)


def _part(value: Any) -> Json:
    """One part of a batch's answer: its body is JSON in a string."""
    return mapping(json.loads(text(mapping(value).get("body")) or "{}"))


def _formed(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _next(paging: Json) -> Mapping[str, str]:
    """What asks for the next page. An edge that counts by time has no cursor, only an address:
    its known parameters are taken, the rest (it holds our token) is not."""
    if not paging.get("next"):
        return {}
    after = text(mapping(paging.get("cursors")).get("after"))
    if after:
        return {"after": after}
    query = parse_qsl(urlsplit(text(paging.get("next"))).query)
    return {name: value for name, value in query if name in _PAGING}
