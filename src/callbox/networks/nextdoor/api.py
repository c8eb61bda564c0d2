"""The HTTP side: the few calls of Nextdoor's Publish API that an agency may make.

developer.nextdoor.com/reference: me-1, create-post, get-your-posts, delete-a-post,
create-comment-to-a-post-create-reply-to-a-comment. There is no call for one post or for the
comments of one post: comments come inside the list of our own last posts.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from callbox.connector import OutcomeUnknown, Unavailable
from callbox.networks.nextdoor import errors
from callbox.networks.nextdoor.login import Login
from callbox.values import Json, mapping, objects, text
from callbox.wire import Wire

BASE = "/external/api/partner/v1"
MOST_POSTS = 50  # how far back the list of our posts reaches
_MOST_PAGES = 20


class Api:
    """Calls with one login. The token goes in a header, never into an address or a message."""

    def __init__(self, wire: Wire, login: Login, now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._login = login
        self._now = now

    def me(self) -> Json:
        """Who the login belongs to."""
        return mapping(self._read("/me/"))

    def posts(self) -> list[Json]:
        """Our last posts, each with its comments."""
        answer = self._read("/post/")
        found = answer if isinstance(answer, list) else mapping(answer).get("posts")
        return objects(found)

    def areas(self) -> list[Json]:
        """The areas that the agency may post to: a list, or pages of one."""
        found: list[Json] = []
        params: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            answer = self._read("/agency/boundary/", params)
            if isinstance(answer, list):
                return objects(answer)
            page = mapping(answer)
            found += objects(page.get("result"))
            after = text(page.get("cursor"))
            if page.get("has_next_page") is not True or not after:
                return found
            params = {"after": after}
        return found

    def made(self, method: str, path: str, body: Json) -> Json:
        """A call that does something, and what Nextdoor says of it. A success that cannot be read
        may well have happened."""
        response = self._wire.write(method, f"{BASE}{path}", headers=self._head(), json=body)
        errors.check(response, self._now())
        try:
            return mapping(response.json())
        except (ValueError, RecursionError) as error:
            raise OutcomeUnknown("Nextdoor sent an answer that is not JSON.") from error

    def removed(self, path: str, external_id: str) -> None:
        """Delete. What is gone already is deleted."""
        params = {"id": external_id}
        response = self._wire.write("DELETE", f"{BASE}{path}", headers=self._head(), params=params)
        if response.status_code not in errors.GONE:
            errors.check(response, self._now())

    def _read(self, path: str, params: dict[str, str] | None = None) -> Any:
        response: httpx.Response = self._wire.read(
            "GET", f"{BASE}{path}", headers=self._head(), params=params
        )
        errors.check(response, self._now())
        try:
            return response.json()
        except (ValueError, RecursionError) as error:
            raise Unavailable("Nextdoor sent an answer that is not JSON.") from error

    def _head(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._login.token()}", "accept": "application/json"}
