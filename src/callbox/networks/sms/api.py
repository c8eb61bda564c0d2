"""The HTTP side: one Twilio account, forms out, JSON in, failures from the error tree.

Logging in is HTTP basic, with an API key (key SID and secret) or the account itself (account SID
and auth token). Neither ever stands in an address or in words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from callbox.connector import OutcomeUnknown, Unavailable
from callbox.networks.sms import errors
from callbox.networks.sms.values import message_sid
from callbox.values import Json, mapping, objects, text
from callbox.wire import Wire

PAGE_SIZE = 50
_PAGING = ("Page", "PageToken")

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Login:
    """Whose Twilio account, and with what we log in."""

    account_sid: str
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of messages, newest first. `next` is what to ask for the page after it, or None."""

    items: list[Json]
    next: dict[str, str] | None


class Api:
    """Calls about one Twilio account."""

    def __init__(
        self,
        server: str,
        login: Login,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.wire = Wire(server, transport)
        self._auth = httpx.BasicAuth(login.name, login.password)
        self._now = now
        self._root = f"/2010-04-01/Accounts/{quote(login.account_sid, safe='')}"

    def close(self) -> None:
        self.wire.close()

    def get(self, path: str, params: Params | None = None) -> Json:
        """A resource. `path` is below the account."""
        return self._decoded(self._read(path, params))

    def maybe(self, path: str) -> Json | None:
        """A resource, or None when Twilio itself says that it is not there."""
        response = self.wire.read("GET", self._root + path, auth=self._auth)
        self.wire.limited(response, self._now())
        if response.status_code == 404 and errors.said_by(response)[0]:
            return None
        errors.check(response)
        return self._decoded(response)

    def messages(self, params: Params) -> Listed:
        """A page of texts, newest first."""
        found = self.get("/Messages.json", {"PageSize": str(PAGE_SIZE), **params})
        return Listed(objects(found.get("messages")), _next(found.get("next_page_uri")))

    def walk(self, params: Params) -> Iterator[Json]:
        """Every text, newest first, page by page."""
        page: Mapping[str, str] | None = {}
        while page is not None:
            listed = self.messages({**params, **page})
            yield from listed.items
            page = listed.next

    def media(self, sid: str) -> list[Json]:
        """What came with a text; empty when it is gone."""
        found = self.maybe(f"/Messages/{quote(sid, safe='')}/Media.json")
        return objects((found or {}).get("media_list"))

    def send(self, form: Mapping[str, Any]) -> Json:
        """Send a text: its resource. A success that cannot be read may well have happened."""
        response = self.change("/Messages.json", form)
        try:
            made = self._decoded(response)
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if not message_sid(made.get("sid")):
            raise OutcomeUnknown("Twilio answered without a message's id.")
        return made

    def change(self, path: str, form: Mapping[str, Any]) -> httpx.Response:
        """A call that does something: raises for every answer but success."""
        response = self.wire.write("POST", self._root + path, data=form, auth=self._auth)
        self.wire.limited(response, self._now())
        errors.check(response)
        return response

    def _read(self, path: str, params: Params | None) -> httpx.Response:
        response = self.wire.read("GET", self._root + path, params=params, auth=self._auth)
        self.wire.limited(response, self._now())
        errors.check(response)
        return response

    def _decoded(self, response: httpx.Response) -> Json:
        try:
            return mapping(response.json())
        except (ValueError, RecursionError) as error:
            raise Unavailable("Twilio sent an answer that is not JSON.") from error


def _next(uri: Any) -> dict[str, str] | None:
    """The paging of the next page's address. Only that is taken: the address is not ours."""
    try:
        query = dict(parse_qsl(urlsplit(text(uri)).query))
    except ValueError:
        return None
    found = {name: query[name] for name in _PAGING if query.get(name)}
    return found if "PageToken" in found else None
