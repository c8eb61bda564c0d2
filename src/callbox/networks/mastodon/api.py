"""The HTTP side: one server, one token, JSON in and out, failures from the error tree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from callbox.connector import OutcomeUnknown, Unavailable
from callbox.networks.mastodon import errors
from callbox.networks.mastodon.values import ident
from callbox.values import Json, mapping, objects
from callbox.wire import Wire

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list, as the server ordered it. `newest` is its own mark for what comes after
    the page (from `Link: …; rel="prev"`), or ""."""

    items: list[Json]
    newest: str = ""


class Api:
    """Calls to one server. The token goes in a header, never into an address or a message."""

    def __init__(
        self,
        server: str,
        token: str,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        address = server.strip()
        self.wire = Wire(address if "://" in address else f"https://{address}", transport)
        self.base = self.wire.base
        self.host = urlsplit(self.base).netloc
        self.token = token
        self.transport = transport
        self._now = now

    def close(self) -> None:
        self.wire.close()

    def get(self, path: str, params: Params | None = None) -> Any:
        """What the server answers, decoded."""
        return self.decoded(self._read("GET", path, params=params))

    def maybe(self, path: str) -> Json | None:
        """An object, or None when the server says that it is not there."""
        response = self.answer("GET", path)
        if errors.is_gone(response):
            return None
        self.checked(response)
        return mapping(self.decoded(response))

    def listed(self, path: str, params: Params) -> Listed:
        """A page of a list."""
        response = self._read("GET", path, params=params)
        return Listed(objects(self.decoded(response)), _newest(response))

    def answer(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """A call that publishes nothing: any answer but a 429, for the caller to judge."""
        response = self.wire.read(method, path, headers=self.headers(), **kwargs)
        self.wire.limited(response, self._now(), errors.RESET_HEADER)
        return response

    def checked(self, response: httpx.Response) -> httpx.Response:
        errors.check(response, self.host)
        return response

    def change(self, method: str, path: str, body: Json | None = None, key: str = "") -> Json:
        """A call that does something, and what it made."""
        return self.made(self.deed(method, path, body, key))

    def made(self, response: httpx.Response) -> Json:
        """What a call made. A success that cannot be read may well have happened."""
        self.checked(response)
        try:
            done = mapping(self.decoded(response))
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if not ident(done.get("id")):
            raise OutcomeUnknown(f"{self.host} answered without an id.")
        return done

    def deed(
        self, method: str, path: str, body: Json | None = None, key: str = ""
    ) -> httpx.Response:
        """A call that does something: any answer but 429 and 5xx, for the caller to judge. 409 is
        GoToSocial's word for a first call with the same key that it is still busy with."""
        extra = {"idempotency-key": key} if key else {}
        response = self.wire.write(method, path, headers=self.headers() | extra, json=body)
        self.wire.limited(response, self._now(), errors.RESET_HEADER)
        if response.status_code == 409:
            raise OutcomeUnknown(f"{self.host} is still busy with this.")
        return response

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", "accept": "application/json"}

    def _read(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        return self.checked(self.answer(method, path, **kwargs))

    def decoded(self, response: httpx.Response) -> Any:
        """The JSON of an answer. Raises Unavailable when it is none (an error page, cut short)."""
        try:
            return response.json()
        except (ValueError, RecursionError) as error:
            raise Unavailable(f"{self.host} sent an answer that is not JSON.") from error


def status_path(external_id: str, rest: str = "") -> str:
    """The path of a status. The id came from a network: it may not change the path."""
    return f"/api/v1/statuses/{quote(external_id, safe='')}{rest}"


def _newest(response: httpx.Response) -> str:
    """The id in the page's link to what is newer. Only the id is taken: the address is not ours."""
    link = response.links.get("prev", {}).get("url", "")
    try:
        query = parse_qs(urlsplit(link).query)
    except ValueError:
        return ""
    return next((query[name][0] for name in ("min_id", "since_id") if query.get(name)), "")
