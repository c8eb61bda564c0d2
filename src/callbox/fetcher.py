"""Fetching a file that a stranger named, so that their address can do nothing but give us the file.

What goes wrong elsewhere, and what holds here:

- An address that leads inside (loopback, private networks, cloud metadata): only https to port 443,
  and only where *every* address of the name is public. Judged are addresses, never spellings.
- A name that means another machine the second time it is asked: asked once per hop, and the
  connection goes to the address that was judged, with the name in SNI and Host.
- A redirect to any of these: each hop is judged anew, three at most, and the headers of `Located`
  (a login, often) go to the first host only.
- A server that sends slowly, or without end, or a bomb: one deadline over everything, from the
  connection to the last byte, a limit on bytes, and no compression on the way.
- A file that is not what it says: `callbox.filekinds`.

Proxies of the environment are not used: they would look names up themselves.
"""

import base64
import binascii
import hashlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import IO, Any, TypeVar
from urllib.parse import unquote_to_bytes

import httpcore
import httpx

from callbox import filekinds
from callbox.filekinds import NotTaken
from callbox.logins import Located
from callbox.wire import USER_AGENT

MOST_HOPS = 4  # the first address and three redirects
MOST_ADDRESS = 8000  # characters of a URL
SECONDS = 60.0  # for everything together
_REDIRECTS = (301, 302, 303, 307, 308)
_OURS = ("host", "accept-encoding", "content-length", "transfer-encoding", "connection")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]
_T = TypeVar("_T")

# Public by the registries, but not somebody's server: relays into other networks, and the address
# at which one cloud serves its machines their secrets.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # behind a provider's own translation (RFC 6598)
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "168.63.129.16/32",  # Azure's platform address
        "2001::/23",  # Teredo and other assignments
        "3fff::/20",  # for examples (RFC 9637)
        "2002::/16",  # 6to4: an IPv4 address inside
    )
)
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  # all that was ever given out; NAT64 is outside


class NotFetched(Exception):
    """The file is not here. `again` says whether another try can help, `gone` that its server
    has it no more; `str()` is for members, and names no address."""

    def __init__(self, words: str, *, again: bool, gone: bool = False) -> None:
        super().__init__(words)
        self.again = again
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was taken: its kind by its bytes, and its hash. Pictures have a size."""

    mime: str
    size: int
    sha256: str
    width: int = 0
    height: int = 0


def fetch(
    located: Located,
    sink: IO[bytes],
    *,
    most_bytes: int,
    kinds: Collection[str] = filekinds.ALL,
    seconds: float = SECONDS,
    resolve: Resolve | None = None,
    allow_loopback: bool = False,
) -> Fetched:
    """Write the file into `sink` (readable too, empty, at its beginning) and say what it is.

    `data:` addresses are taken as well, by the same rules. `allow_loopback` lets an address that
    names loopback itself be used, with http and any port: for tests and the practice city. Raises
    NotFetched; `sink` may then hold a part.
    """
    taken = _Taken(sink, most_bytes, kinds)
    if located.url[:5].lower() == "data:":
        declared, content = _data(located.url, most_bytes)
        taken.begin(declared)
        taken.add(content)
        return taken.end()
    road = _Road(resolve or _resolved, time.monotonic() + seconds, allow_loopback)
    url, headers = _parsed(located.url), located.headers
    for _ in range(MOST_HOPS):
        following = road.go(url, headers, taken)
        if following is None:
            return taken.end()
        headers = headers if _same_server(url, following) else {}
        url = following
    raise NotFetched("Its address leads on and on.", again=False)


# --- what comes -----------------------------------------------------------------------------------


class _Taken:
    """The file as it comes: counted, hashed, judged by its first bytes."""

    def __init__(self, sink: IO[bytes], most_bytes: int, kinds: Collection[str]) -> None:
        self._sink, self._most, self._kinds = sink, most_bytes, kinds
        self._hash = hashlib.sha256()
        self._head = b""
        self._declared = ""
        self._mime = ""
        self._size = 0

    def begin(self, declared: str, length: str = "") -> None:
        """A body is about to come, of this declared kind and length."""
        self._declared = declared
        if length.isdecimal() and int(length[:20]) > self._most:
            raise self._too_large()

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._most:
            raise self._too_large()
        self._hash.update(chunk)
        self._sink.write(chunk)
        if len(self._head) < filekinds.HEAD:
            self._head += chunk[: filekinds.HEAD]
            if len(self._head) >= filekinds.HEAD:
                self._judge()

    def end(self) -> Fetched:
        self._judge()
        self._sink.flush()
        size = _taken(lambda: filekinds.checked_picture(self._sink, self._mime))
        digest = self._hash.hexdigest()
        return Fetched(self._mime, self._size, digest, size.width, size.height)

    def _judge(self) -> None:
        if not self._size:
            raise NotFetched("The file is empty.", again=True)
        head = self._head[: filekinds.HEAD]
        self._mime = _taken(lambda: filekinds.kind_of(head, self._declared, self._kinds))

    def _too_large(self) -> NotFetched:
        most = self._most // (1024 * 1024)
        return NotFetched(f"It is larger than {most} MB, which is the most we take.", again=False)


def _taken(judge: Callable[[], _T]) -> _T:
    try:
        return judge()
    except NotTaken as error:
        raise NotFetched(str(error), again=False) from error


def _data(url: str, most_bytes: int) -> tuple[str, bytes]:
    """The declared kind and the content of a `data:` address (RFC 2397)."""
    about, comma, rest = url[5:].partition(",")
    if not comma:
        raise NotFetched("The attachment is broken.", again=False)
    declared, *words = about.split(";")
    if len(rest) > most_bytes * 4:  # before anything is copied; the exact count comes after
        raise NotFetched("It is larger than we take.", again=False)
    content = unquote_to_bytes(rest)
    if "base64" in (word.strip().lower() for word in words):
        try:
            content = base64.b64decode(b"".join(content.split()), validate=True)
        except binascii.Error as error:
            raise NotFetched("The attachment is broken.", again=False) from error
    return declared, content


# --- the way there --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Road:
    """How we get to a server: who tells us its addresses, until when, and whether we may stay on
    this machine."""

    resolve: Resolve
    until: float
    allow_loopback: bool

    def go(self, url: httpx.URL, headers: Mapping[str, str], taken: _Taken) -> httpx.URL | None:
        """One request. The body goes to `taken`; where the server sends us on, the address."""
        on_loopback = self.allow_loopback and _names_loopback(url.host)
        _check_spelling(url, on_loopback=on_loopback)
        addresses = self._addresses(url, on_loopback=on_loopback)
        network = _Pinned(addresses, self.until)
        with (
            _in_our_words(),
            closing(_pool(network)) as pool,
            self._answer(pool, url, headers) as answer,
        ):
            if answer.status in _REDIRECTS:
                return _next(url, answer)
            _check_status(answer.status)
            said = _said(answer)
            if said("content-encoding") not in ("", "identity"):
                raise NotFetched("Its server packs what we asked it not to pack.", again=False)
            taken.begin(said("content-type"), said("content-length"))
            for chunk in answer.iter_stream():
                taken.add(chunk)
        return None

    def _answer(
        self, pool: httpcore.ConnectionPool, url: httpx.URL, headers: Mapping[str, str]
    ) -> Any:
        own = {
            "host": url.netloc.decode("ascii"),
            "user-agent": USER_AGENT,
            "accept": "*/*",
            "accept-encoding": "identity",
        }
        # Whatever a connector wants to send, where we go is ours to say.
        theirs = {key.lower(): value for key, value in headers.items() if key.lower() not in _OURS}
        given = [(key.encode(), value.encode()) for key, value in {**own, **theirs}.items()]
        where = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        return pool.stream("GET", where, headers=given)

    def _addresses(self, url: httpx.URL, *, on_loopback: bool) -> Sequence[str]:
        """The addresses of a name, if every one of them may be called."""
        try:
            found = list(dict.fromkeys(self.resolve(url.host, _port(url))))
        except (OSError, UnicodeError) as error:
            raise NotFetched("Its server cannot be found.", again=True) from error
        if not found:
            raise NotFetched("Its server cannot be found.", again=True)
        for one in found:
            address = _address(one)
            fine = address is not None and (
                address.is_loopback if on_loopback else is_public(address)
            )
            if not fine:
                raise NotFetched("Its address leads to a place where we do not go.", again=False)
        return found


def _parsed(url: str) -> httpx.URL:
    if len(url) > MOST_ADDRESS:
        raise NotFetched("Its address is too long.", again=False)
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise NotFetched("Its address makes no sense.", again=False) from error


def _next(url: httpx.URL, answer: httpcore.Response) -> httpx.URL:
    """Where a redirect leads."""
    place = _said(answer)("location")
    if not place or len(place) > MOST_ADDRESS:
        raise NotFetched("Its server sends us on to nowhere.", again=False)
    try:
        return url.join(place).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise NotFetched("Its server sends us on to nowhere.", again=False) from error


def _same_server(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, _port(one)) == (other.scheme, other.host, _port(other))


def _port(url: httpx.URL) -> int:
    return url.port or (80 if url.scheme == "http" else 443)


def _check_spelling(url: httpx.URL, *, on_loopback: bool) -> None:
    """https to port 443 of a host, and nothing else in the address that steers where it leads."""
    schemes = ("https", "http") if on_loopback else ("https",)
    wrong = (
        url.scheme not in schemes
        or not url.host
        or "%" in url.host  # an interface of this machine
        or bool(url.userinfo)
        or (_port(url) != 443 and not on_loopback)
    )
    if wrong:
        raise NotFetched("Its address is not one that we call.", again=False)


def _names_loopback(host: str) -> bool:
    """Whether a host is this machine by its own words, without asking anybody."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address is one machine on the public internet. Everything that carries another
    address inside it (mapped, compatible, 6to4, Teredo, NAT64) is not: who gave it could have
    given the other one."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _PUBLIC_V6:
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(
        address.version == network.version and address in network for network in _NOT_PUBLIC
    )


def _resolved(host: str, port: int) -> Iterable[str]:
    """What the system says about a name. Numbers in any spelling come back as addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


# --- the connection -------------------------------------------------------------------------------


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that we trust. HTTP/2 is not offered: one request, one answer."""
    return httpx.create_ssl_context(trust_env=False)


def _pool(network: httpcore.NetworkBackend) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=_trusted(), max_connections=1, http2=False, network_backend=network
    )


def _dial(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
    """A connection to an address (tests put their own here)."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout)


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were judged, whatever host it is asked for."""

    def __init__(self, addresses: Sequence[str], until: float) -> None:
        self._addresses, self._until = addresses, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        last: Exception = httpcore.ConnectError("no address")
        for address in self._addresses[:4]:
            left = _left(self._until)
            try:
                return _Timed(_dial(address, port, min(left, 8.0)), self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("files of this machine are no servers")


class _Timed(httpcore.NetworkStream):
    """A connection with one deadline for everything, not one for each byte."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._until))
        return _Timed(stream, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    """Seconds until the deadline; raises when it is over."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("over")
    return left


# --- answers --------------------------------------------------------------------------------------


def _said(answer: httpcore.Response) -> Callable[[str], str]:
    headers = {key.lower(): value for key, value in answer.headers}
    return lambda name: headers.get(name.encode(), b"").decode("latin-1").strip()


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status in (404, 410, 451):
        raise NotFetched("It is not there any more.", again=False, gone=True)
    if status in (401, 403):  # an address that has expired; asked again, the network gives another
        raise NotFetched("Its server does not give it to us.", again=True)
    again = status in (408, 425, 429) or status >= 500
    raise NotFetched(f"Its server answered {status}.", again=again)


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise NotFetched("Its server is too slow.", again=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:  # TLS is a NetworkError here
        raise NotFetched("Its server did not answer as it should.", again=True) from error
