"""A server made of answers, for what a real one does too rarely to wait for."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from callbox.connector import AccountSeen, MemorySession
from callbox.networks.bluesky.connector import Bluesky

DID = "did:plc:harbor"
NOW = datetime(2026, 5, 14, 14, 0, tzinfo=UTC)
LOGIN = {"accessJwt": "access-1", "refreshJwt": "refresh-1", "did": DID, "handle": "harbor.test"}
Answer = httpx.Response | Exception | Mapping[str, Any]
Handler = Callable[[httpx.Request], Answer]


def error(status: int, name: str = "", message: str = "", **headers: str) -> httpx.Response:
    """An XRPC error."""
    body = {"error": name, "message": message} if name else None
    return httpx.Response(status, json=body, headers=headers)


class Server:
    """Answers each method with a value, or with what a function makes of the request. Methods
    without an answer are XRPCNotSupported; logging in works unless told otherwise."""

    def __init__(self, **answers: Answer | Handler) -> None:
        self.answers: dict[str, Answer | Handler] = {"createSession": LOGIN, **answers}
        self.calls: list[tuple[str, httpx.Request]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.rsplit(".", 1)[-1]
        self.calls.append((method, request))
        answer = self.answers.get(method, error(404, "XRPCNotSupported"))
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def called(self, method: str) -> list[httpx.Request]:
        """The calls of one method, in order."""
        return [request for name, request in self.calls if name == method]

    def bodies(self, method: str) -> list[Any]:
        """What was sent to a method, in order."""
        return [json.loads(request.content) for request in self.called(method)]

    def connector(
        self, session: MemorySession | None = None, external_id: str = DID, **config: str
    ) -> Bluesky:
        """A connector that talks to this server."""
        account = AccountSeen(
            "1", external_id, "harbor.test", {"service": "https://pds.test", **config},
            {"password": "app-password"},
        )  # fmt: skip
        transport = httpx.MockTransport(self)
        return Bluesky(account, session, now=lambda: NOW, transport=transport)
