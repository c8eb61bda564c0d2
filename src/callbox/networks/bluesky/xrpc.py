"""Calls to the account's server: queries read, procedures write, both with our login."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from callbox.connector import OutcomeUnknown, Unavailable
from callbox.networks.bluesky.errors import TokenRefused, check
from callbox.networks.bluesky.session import Login
from callbox.networks.bluesky.shapes import fields
from callbox.wire import Wire

Json = Mapping[str, Any]
Value = str | int | bool | Sequence[str]


class Xrpc:
    """The server as one logged-in account. Raises only from the connector's error tree."""

    def __init__(self, wire: Wire, login: Login, now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._login = login
        self._now = now

    def query(self, method: str, params: Mapping[str, Value]) -> Json:
        """Ask for something. Server trouble is Unavailable."""
        flat = {key: _plain(value) for key, value in params.items()}

        def send(headers: Mapping[str, str]) -> httpx.Response:
            return self._wire.read("GET", f"/xrpc/{method}", params=flat, headers=headers)

        response = self._authorized(send, write=False)
        try:
            return _object(response)
        except ValueError as error:
            raise Unavailable("Bluesky sent an answer that makes no sense.") from error

    def procedure(self, method: str, body: Json) -> Json:
        """Do something. Whether a failed call may have happened is the wire's to say."""

        def send(headers: Mapping[str, str]) -> httpx.Response:
            return self._wire.write("POST", f"/xrpc/{method}", json=body, headers=headers)

        return self._done(send)

    def upload(self, content: bytes, mime: str) -> Json:
        """Hand over a file and return its blob. Nothing shows it before a post does, so a failure
        is always Unavailable: nothing was said."""

        def send(headers: Mapping[str, str]) -> httpx.Response:
            typed = {**headers, "content-type": mime}
            return self._wire.write(
                "POST", "/xrpc/com.atproto.repo.uploadBlob", content=content, headers=typed
            )

        try:
            blob = self._done(send).get("blob")
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error
        if not isinstance(blob, dict):
            raise Unavailable("Bluesky did not say what became of the picture.")
        return blob

    def _done(self, send: Callable[[Mapping[str, str]], httpx.Response]) -> Json:
        response = self._authorized(send, write=True)
        try:
            return _object(response)
        except ValueError as error:
            raise OutcomeUnknown("Bluesky sent an answer that makes no sense.") from error

    def _authorized(
        self, send: Callable[[Mapping[str, str]], httpx.Response], *, write: bool
    ) -> httpx.Response:
        """Send with our token; when it is not taken, once more with a renewed one."""
        token = self._login.token()
        response = send({"authorization": f"Bearer {token}"})
        try:
            check(self._wire, response, self._now(), write=write)
        except TokenRefused:
            renewed = self._login.renewed(token)
            response = send({"authorization": f"Bearer {renewed}"})
            check(self._wire, response, self._now(), write=write)
        return response


def _object(response: httpx.Response) -> Json:
    """The answer's JSON object. Raises ValueError for anything else."""
    try:
        value = response.json()
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return fields(value)


def _plain(value: Value) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    return [str(item) for item in value] if isinstance(value, list | tuple) else str(value)
