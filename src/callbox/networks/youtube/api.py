"""The HTTP side: one login, JSON in and out, every call counted, failures from the error tree."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from callbox.connector import OutcomeUnknown, Unavailable
from callbox.networks.youtube import errors
from callbox.networks.youtube.login import Login
from callbox.networks.youtube.units import READ, WRITE, Units
from callbox.values import Json, mapping, objects, text
from callbox.wire import Wire

PAGE = 100  # the most that a page of comments holds
IDS = 20  # ids in one call: what a page has by default, because `maxResults` does not go with ids

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list, in YouTube's order. `next` is the token of the page after it, or ""."""

    items: list[Json]
    next: str = ""


class Api:
    """Calls to YouTube. The token goes in a header, never into an address or a message."""

    def __init__(self, wire: Wire, login: Login, units: Units, now: Callable[[], datetime]) -> None:
        self.wire = wire
        self._login = login
        self._units = units
        self._now = now
        self.used = 0  # units since this object was made

    # --- reading ------------------------------------------------------------------------------

    def listed(self, what: str, params: Params) -> Listed:
        """A page of `what` ("commentThreads", "comments", "videos"…)."""
        response = self.read(f"/youtube/v3/{what}", params, what)
        answer = self._decoded(response)
        return Listed(objects(answer.get("items")), text(answer.get("nextPageToken")))

    def all(
        self, what: str, params: Params, most_pages: int, *, whole: bool = True
    ) -> Iterator[Json]:
        """The items of up to so many pages. When there are more than that, and it has to be the
        whole of it, raises Unavailable."""
        token = ""
        for _ in range(most_pages):
            page = self.listed(what, {**params, **({"pageToken": token} if token else {})})
            yield from page.items
            token = page.next
            if not token:
                return
        if whole:
            raise Unavailable("There is too much of it to be sure. A person has to look.")

    def by_ids(self, what: str, part: str, ids: Sequence[str]) -> dict[str, Json]:
        """What is there of these (`IDS` at most), by id. Missing ones are gone, or not for us."""
        params = {"part": part, "id": ",".join(ids[:IDS])}
        if what in ("comments", "commentThreads"):
            params["textFormat"] = "plainText"
        items = self.listed(what, params).items
        return {text(one.get("id")): one for one in items}

    def one(self, what: str, part: str, external_id: str) -> Json | None:
        """One thing, or None when it is not there."""
        return self.by_ids(what, part, [external_id]).get(external_id)

    def read(self, path: str, params: Params, what: str) -> httpx.Response:
        """A successful answer to a GET."""
        response = self._signed(lambda head: self._got(path, params, what, head))
        errors.check(response, self._now())
        return response

    def _got(self, path: str, params: Params, what: str, head: Params) -> httpx.Response:
        self._spend(READ, f"{what} list")
        return self.wire.read("GET", path, params=params, headers=head)

    # --- writing ------------------------------------------------------------------------------

    def made(self, method: str, what: str, params: Params, body: Json) -> Json:
        """A call that makes or changes something, and what it made. A success that cannot be read
        may well have happened."""
        response = self.deed(method, what, params, body)
        errors.check(response, self._now())
        try:
            done = self._decoded(response)
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if not text(done.get("id")):
            raise OutcomeUnknown("YouTube answered without an id.")
        return done

    def deed(
        self, method: str, what: str, params: Params, body: Json | None = None
    ) -> httpx.Response:
        """A call that does something: any answer but 5xx, for the caller to judge."""

        def call(head: Params) -> httpx.Response:
            self._spend(WRITE, f"{what} {method.lower()}")
            return self.wire.write(
                method, f"/youtube/v3/{what}", params=params, headers=head, json=body
            )

        return self._signed(call)

    def sent(self, method: str, url: str, what: str, **kwargs: Any) -> httpx.Response:
        """A call of the upload protocol: any answer but 5xx."""

        def call(head: Params) -> httpx.Response:
            if what:
                self._spend(READ, what)
            extra = kwargs.get("headers") or {}
            rest = {name: value for name, value in kwargs.items() if name != "headers"}
            return self.wire.write(method, url, headers={**head, **extra}, **rest)

        return self._signed(call)

    # --- inside -------------------------------------------------------------------------------

    def _signed(self, call: Callable[[Params], httpx.Response]) -> httpx.Response:
        """The answer to a call made with our token. A 401 means that nothing was done: the token
        may have ended on the way, so it is renewed and the call made once more."""
        token = self._login.token()
        response = call(_head(token))
        if response.status_code == 401:
            fresh = text(self._login.renewed(token).get("access_token"))
            response = call(_head(fresh))
        return response

    def _spend(self, amount: int, what: str) -> None:
        self.used += amount
        self._units.spend(amount, what, self._now())

    def _decoded(self, response: httpx.Response) -> Json:
        try:
            return mapping(response.json())
        except (ValueError, RecursionError) as error:
            raise Unavailable("YouTube sent an answer that is not JSON.") from error


def _head(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "accept": "application/json"}
