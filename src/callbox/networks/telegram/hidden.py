"""Keeping the bot's token out of sight.

The Bot API wants the token in the path of every address. HTTP libraries write whole addresses into
their log lines and errors, so the addresses that we make hold a word in its place, and the token is
put in at the last moment, by the transport, below everything that writes anything down.
"""

import ssl
from functools import cache

import httpx

WORD = "bot:hidden"


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that we trust. Read once: it takes 40 ms, and connectors are made often."""
    return httpx.create_ssl_context(trust_env=False)


class Hidden(httpx.BaseTransport):
    """Sends a request with the token where `WORD` stands in its path."""

    def __init__(self, token: str, inner: httpx.BaseTransport | None = None) -> None:
        self._token = token
        self._inner = inner or httpx.HTTPTransport(verify=_trusted(), trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to the request as it really goes out. Its path alone differs."""
        path = request.url.raw_path.replace(WORD.encode(), f"bot{self._token}".encode(), 1)
        real = httpx.Request(
            request.method,
            request.url.copy_with(raw_path=path),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        try:
            return self._inner.handle_request(real)
        except httpx.HTTPError as error:
            error.request = request  # not the one with the token
            raise

    def close(self) -> None:
        """Let go of connections."""
        self._inner.close()
