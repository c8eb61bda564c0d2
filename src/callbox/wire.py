"""HTTP to a network: one place for time-outs, sizes, addresses, and what a failure means.

Connectors never call httpx themselves. Whether a failed *write* may have happened is decided here
(see the error tree in `callbox.connector`), because that is where the difference between "never
connected" and "no answer" is known.
"""

import email.utils
import ipaddress
import math
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from callbox.connector import OutcomeUnknown, RateLimited, Refused, Unavailable

TIMEOUT = httpx.Timeout(20.0, connect=8.0)
MOST_BYTES = 8 * 1024 * 1024
_LEAST_LOGIN = 8  # characters of what is kept out of words; less could be anything
USER_AGENT = "Callbox (+https://callbox.example/about)"

# Raised before the request left us: the network certainly did nothing.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def checked_base(url: str) -> str:
    """A network's base address without a trailing slash.

    Plain http is for loopback only, and an address must name a host and carry no password; anything
    else raises Refused with words for whoever typed it.
    """
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise Refused(f"“{url}” is not a server address. Write it like https://example.social")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise Refused(f"“{url}” must start with https:// (plain http is for this machine only)")
    return url.strip().rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def retry_at(response: httpx.Response, now: datetime, reset_header: str = "") -> datetime:
    """When a rate-limited call may be tried again: the network's word, kept within an hour.

    Reads `Retry-After` (seconds or HTTP date) and `reset_header` (epoch seconds or ISO 8601).
    """
    for value in (response.headers.get("retry-after"), response.headers.get(reset_header or "-")):
        moment = _moment(value, now) if value else None
        if moment is not None:
            return min(max(moment, now + timedelta(seconds=1)), now + timedelta(hours=1))
    return now + timedelta(seconds=60)


def _moment(value: str, now: datetime) -> datetime | None:
    try:
        number = float(value)
    except ValueError:
        return _date(value)
    if not math.isfinite(number):
        return None
    if number > 1_000_000_000:
        return datetime.fromtimestamp(min(number, 4e9), UTC)
    return now + timedelta(seconds=min(max(number, 0.0), 3600.0))


def _date(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, email.utils.parsedate_to_datetime):
        try:
            moment = read(value)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer whose body is still coming. `chunks` ends when it does, and raises nothing."""

    status_code: int
    headers: httpx.Headers = field(repr=False)
    chunks: Iterator[bytes]


def _until_lost(response: httpx.Response) -> Iterator[bytes]:
    with suppress(httpx.HTTPError):
        yield from response.iter_bytes()


def _without_login(body: bytes | bytearray, response: httpx.Response) -> bytes:
    """The body of a refusal, without the login that we sent: some servers repeat what they did not
    like, and their words are stored and shown to members."""
    login = response.request.headers.get("authorization", "").rpartition(" ")[2].encode()
    return bytes(body.replace(login, b"...")) if len(login) >= _LEAST_LOGIN else bytes(body)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that we trust. Read once: it takes 40 ms, and connectors are made often."""
    return httpx.create_ssl_context(trust_env=False)


class Wire:
    """Calls to one base address. `transport` is for tests (`httpx.MockTransport`)."""

    def __init__(self, base: str, transport: httpx.BaseTransport | None = None) -> None:
        self.base = checked_base(base)
        self._client = httpx.Client(
            base_url=self.base,
            timeout=TIMEOUT,
            follow_redirects=False,
            headers={"user-agent": USER_AGENT},
            transport=transport,
            verify=_trusted(),
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def read(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """A call that changes nothing there. Transport failures raise Unavailable."""
        try:
            return self._send(method, path, kwargs)
        except httpx.HTTPError as error:
            raise Unavailable(self._words(error)) from error

    def write(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """A call that does something there. Raises Unavailable when it certainly did not happen,
        OutcomeUnknown when it may have; 5xx answers count as "may have"."""
        try:
            response = self._send(method, path, kwargs)
        except _NEVER_SENT as error:
            raise Unavailable(self._words(error)) from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(self._words(error)) from error
        except Unavailable as error:  # an answer too large to read came after the deed
            raise OutcomeUnknown(str(error)) from error
        if response.status_code >= 500:
            raise OutcomeUnknown(f"{self._host} answered {response.status_code}.")
        return response

    @contextmanager
    def stream(self, path: str, silence: float, **kwargs: Any) -> Iterator[Streamed]:
        """Hold a GET open, to read its body as it comes.

        Raises Unavailable only when it cannot be opened. After that, a lost connection or `silence`
        seconds without a byte simply end the body: streams end, and are opened again.
        """
        timeout = httpx.Timeout(TIMEOUT.read, connect=TIMEOUT.connect, read=silence)
        with ExitStack() as stack:
            call = self._client.stream("GET", path, timeout=timeout, **kwargs)
            try:
                response = stack.enter_context(call)
            except httpx.HTTPError as error:
                raise Unavailable(self._words(error)) from error
            yield Streamed(response.status_code, response.headers, _until_lost(response))

    def limited(self, response: httpx.Response, now: datetime, reset_header: str = "") -> None:
        """Raise RateLimited for a 429."""
        if response.status_code == 429:
            until = retry_at(response, now, reset_header)
            raise RateLimited(f"{self._host} asks us to slow down.", until)

    def _send(self, method: str, path: str, kwargs: Mapping[str, Any]) -> httpx.Response:
        with self._client.stream(method, path, **kwargs) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise Unavailable(f"{self._host} sent more than {MOST_BYTES} bytes.")
        # A response of our own: the streamed one is closed, and its decoded body is in hand.
        headers = [
            (key, value)
            for key, value in response.headers.multi_items()
            if key.lower() not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        content = bytes(body) if response.status_code < 400 else _without_login(body, response)
        return httpx.Response(
            response.status_code, headers=headers, content=content, request=response.request
        )

    @property
    def _host(self) -> str:
        return urlsplit(self.base).hostname or self.base

    def _words(self, error: Exception) -> str:
        return f"{self._host} did not answer ({type(error).__name__})."
