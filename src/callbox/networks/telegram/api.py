"""The HTTP side: one bot, methods by name, failures from the error tree.

Every answer is `{ok, result}` or `{ok: false, error_code, description, parameters}`
(core.telegram.org/bots/api#making-requests).
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from callbox.connector import (
    AuthDead,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
    WindowClosed,
)
from callbox.networks.telegram.hidden import WORD, Hidden
from callbox.networks.telegram.values import whole
from callbox.values import Json, mapping, text
from callbox.wire import Wire

_UPLOAD = httpx.Timeout(120.0, connect=8.0)
_LONGEST = 200
_MOST_WAIT = 3600  # seconds
_HOOKED = "Telegram sends this bot's messages to a webhook. Repair it, or take it away."
_CONFLICT = "Another program asks for this bot's messages. One bot can serve one program only."

# What descriptions of refusals say (they have no codes of their own), in words for a member.
_WORDS: tuple[tuple[str, type[ConnectorError], str], ...] = (
    ("blocked by the user", Refused, "They have blocked our bot, so nothing reaches them."),
    ("user is deactivated", Refused, "Their Telegram account does not exist any more."),
    (
        "can't initiate conversation",
        Refused,
        "They have never written to our bot in private, and Telegram lets a bot answer only there "
        "where somebody began.",
    ),
    ("bot was kicked", Refused, "Our bot was removed from this group."),
    ("bot is not a member", Refused, "Our bot is not in this group or channel any more."),
    ("not enough rights", Refused, "Our bot has no right to write here. A group's owner can say."),
    ("need administrator rights", Refused, "Our bot must be an administrator there for this."),
    ("message to be replied not found", Refused, "The message that this answers is gone."),
    ("message to react not found", Refused, "The message is gone."),
    ("message can't be deleted", WindowClosed, "Telegram lets us delete for 48 hours only."),
    ("message can't be edited", WindowClosed, "Telegram does not let us change this any more."),
    ("group chat was upgraded", Refused, "This group has moved. Answer a newer message of it."),
    ("chat not found", Refused, "Telegram does not know this chat, or our bot has never seen it."),
)


class Hooked(Unavailable):
    """Asking for updates is not possible: a webhook gets them."""


class Api:
    """Calls of one bot."""

    def __init__(
        self,
        server: str,
        token: str,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.wire = Wire(server, Hidden(token, transport))
        self._now = now

    def close(self) -> None:
        self.wire.close()

    def ask(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """A method that changes nothing: its result."""
        response = self.wire.read("POST", f"/{WORD}/{method}", json=dict(params or {}))
        return self._result(response, lost=Unavailable)

    def tell(self, method: str, params: Mapping[str, Any]) -> Any:
        """A method that does something: its result."""
        response = self.wire.write("POST", f"/{WORD}/{method}", json=dict(params))
        return self._result(response, lost=OutcomeUnknown)

    def upload(self, method: str, params: Mapping[str, Any], files: Mapping[str, Any]) -> Any:
        """The same with files (name → file name, content, type): values go as form fields."""
        data = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in params.items()
        }
        response = self.wire.write(
            "POST", f"/{WORD}/{method}", data=data, files=files, timeout=_UPLOAD
        )
        return self._result(response, lost=OutcomeUnknown)

    def _result(self, response: httpx.Response, *, lost: type[ConnectorError]) -> Any:
        body = _body(response)
        if body.get("ok") is True and response.is_success:
            return body.get("result")
        said = " ".join(text(body.get("description")).split())[:_LONGEST]
        self._slow_down(response, body)
        if response.status_code >= 500:
            raise Unavailable("Telegram has a problem of its own.")  # reads: see Wire.write
        if not said:
            raise (lost if response.is_success else Unavailable)(
                "Telegram's answer makes no sense."
            )
        raise refusal(response.status_code, said)

    def _slow_down(self, response: httpx.Response, body: Json) -> None:
        """Raise for a 429: how long to wait stands in the body."""
        if response.status_code != 429:
            return
        seconds = whole(mapping(body.get("parameters")).get("retry_after"))
        if seconds is None:
            self.wire.limited(response, self._now())
        until = self._now() + timedelta(seconds=min(max(seconds or 60, 1), _MOST_WAIT))
        raise RateLimited("Telegram asks us to slow down.", until)


def refusal(status: int, said: str) -> ConnectorError:
    """What a refusal means. A malformed token gives 404, a revoked one 401."""
    lowered = said.lower()
    if status == 401 or (status == 404 and lowered in ("not found", "not found: not found")):
        return AuthDead("Telegram does not know this bot's token any more. Connect it again.")
    if status == 409:
        return Hooked(_HOOKED) if "webhook" in lowered else Unavailable(_CONFLICT)
    for words, kind, ours in _WORDS:
        if words in lowered:
            return kind(ours)
    return Refused(f"Telegram says: “{said}”")


def says(error: ConnectorError, words: str) -> bool:
    """Whether a refusal is this one, in Telegram's own words."""
    return words in str(error).lower()


def _body(response: httpx.Response) -> Json:
    try:
        return mapping(response.json())
    except (ValueError, RecursionError):
        return {}
