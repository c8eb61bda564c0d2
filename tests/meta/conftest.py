"""Answers of a Graph API, and a Graph that talks to a function."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from callbox.meta.errors import Meanings
from callbox.meta.graph import Graph

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAMED = Meanings("The network")
TOKEN = "EAATokenThatNobodyMaySeeAnywhere0000000001"  # invented


def answer(
    status: int = 200, body: Any = None, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers=dict(headers or {}))


def fault(code: int, subcode: int = 0, message: str = "Something", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "error_subcode": subcode, "message": message, **more}}


def graph(handler: Callable[[httpx.Request], httpx.Response], **more: Any) -> Graph:
    return Graph(
        "https://graph.example",
        lambda: TOKEN,
        NAMED,
        now=lambda: NOW,
        transport=httpx.MockTransport(handler),
        **more,
    )
