"""The running server in disguise: as a server of another family would look to the connector.

Ids are words whose order means nothing, the idempotency key is ignored, mentions come as nested
HTML, and there is neither the newer instance door, nor the newer media door, nor a stream.
"""

import json
import re
from typing import Any

import httpx

_DIGITS = "0123456789"
_LETTERS = "mxbqzafkwj"
_NUMBER = re.compile(r"\b\d{12,}\b")
_WORD = re.compile(rf"\bid-([{_LETTERS}]{{12,}})\b")
_MENTION = re.compile(r"(?<![\w/])@(dept|ana|ben)\b")
_MISSING = ("/api/v2/", "/api/v1/streaming")


def disguised(text: str) -> str:
    """The text with every id as the connector sees it."""
    table = str.maketrans(_DIGITS, _LETTERS)
    return _NUMBER.sub(lambda found: "id-" + found[0].translate(table), text)


def revealed(text: str) -> str:
    """The text with every id as the server knows it."""
    table = str.maketrans(_LETTERS, _DIGITS)
    return _WORD.sub(lambda found: found[1].translate(table), text)


class Stranger(httpx.HTTPTransport):
    """Rewrites what goes to the server and what comes back."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith(_MISSING):
            return httpx.Response(404, json={"error": "Not Found"}, request=request)
        response = super().handle_request(self._outward(request))
        response.read()
        response.close()
        headers = {"content-type": response.headers.get("content-type", "")}
        if "link" in response.headers:
            headers["link"] = disguised(response.headers["link"])
        try:
            content = json.dumps(self._inward(response.json()))
        except ValueError:
            content = response.text
        return httpx.Response(response.status_code, headers=headers, content=content.encode())

    @staticmethod
    def _outward(request: httpx.Request) -> httpx.Request:
        kept = ("authorization", "content-type", "accept", "host")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        content = request.read()
        if headers.get("content-type") == "application/json":
            content = revealed(content.decode()).encode()
        url = revealed(str(request.url))
        return httpx.Request(request.method, url, headers=headers, content=content)

    def _inward(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._inward(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self._inward(one) for one in value]
        if not isinstance(value, str):
            return value
        return _linked(value) if key == "content" else disguised(value)


def _linked(content: str) -> str:
    link = (
        r'<span class="h-card"><a href="https://stranger.example/@\1" class="u-url mention">'
        r"@<span>\1</span></a></span>"
    )
    return _MENTION.sub(link, content)
