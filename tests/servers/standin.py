"""The common half of every stand-in: a small HTTP server on a free loopback port, with faults.

A network's stand-in subclasses `StandIn`, keeps that network's state in plain attributes and marks
its endpoints::

    class Town(StandIn):
        @route("GET", "/2/users/{id}/mentions")
        def mentions(self, call: Call) -> Answer:
            return Answer(200, {"data": self.said_to(call.parts["id"])})

Faults are asked for from a test, matched in order and used up::

    town.fault("POST", "/2/tweets", Fault.after_success())   # it happens, and nobody hears of it
    town.fault("GET", "/2/users/*", Fault.status(429, headers={"x-rate-limit-reset": "1790000000"}))

Every request is written down in `town.calls`; what broke the network's own description is written
down in `town.violations`, and `close` raises with them, so that a wrong path, parameter or body
fails the test that sent it even where nobody looks.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

MOST_BYTES = 64 * 1024 * 1024


class Violation(AssertionError):
    """A request, or an answer of the stand-in, that the network's own description forbids."""


@dataclass(slots=True)
class Call:
    """One request, as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    parts: Mapping[str, str] = field(default_factory=dict)  # what stood in the route's braces
    raw_query: str = ""

    def json(self) -> Any:
        """The body as JSON. Raises Violation when it is none."""
        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise Violation(f"{self.method} {self.path}: the body is not JSON") from error

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def token(self) -> str:
        """The bearer token, or ""."""
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        return value if kind.lower() == "bearer" else ""


@dataclass(slots=True)
class Answer:
    """What goes back. `body` is JSON unless it is bytes or a string."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        """The body's bytes and their type."""
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return (b"" if self.body is None else json.dumps(self.body).encode()), "application/json"


@dataclass(slots=True)
class Fault:
    """Something going wrong: instead of the deed, or after it."""

    answer: Answer | None = None
    deed_first: bool = False  # the deed is done, then the answer is this one, or none
    drop: bool = False  # the connection is closed without an answer
    seconds: float = 0.0  # before anything else

    @classmethod
    def status(cls, status: int, body: Any = None, **kwargs: Any) -> "Fault":
        """This answer instead of the deed."""
        return cls(Answer(status, body, kwargs.get("headers", {})))

    @classmethod
    def after_success(cls) -> "Fault":
        """The deed is done and the answer is lost: the network's worst habit."""
        return cls(deed_first=True, drop=True)

    @classmethod
    def dropped(cls) -> "Fault":
        """The connection is closed before anything is done. Nobody can tell the two apart."""
        return cls(drop=True)


@dataclass(slots=True)
class _Waiting:
    method: str
    path: str
    fault: Fault
    left: int


Handler = Callable[[Any, Call], Answer]
_ROUTES = "_standin_routes"


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of an endpoint; `{name}` stands for one part of the path."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _ROUTES, [*getattr(handler, _ROUTES, []), (method, template)])
        return handler

    return mark


class StandIn:
    """A network's API, small and stateful. Use as a context manager or call `close`."""

    #: Answer to a path that no route knows; a network's own words, if it has some.
    unknown: ClassVar[Answer] = Answer(404, {"error": "not found"})

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.lock = threading.RLock()  # handlers run one at a time
        self._faults: list[_Waiting] = []
        self._routes = [
            (method, template.strip("/").split("/"), handler)
            for name in dir(type(self))
            for handler in [getattr(type(self), name)]
            for method, template in getattr(handler, _ROUTES, [])
        ]
        # Whole words before braces: "/2/users/me" is not the user whose id is "me".
        self._routes.sort(key=lambda one: [part.startswith("{") for part in one[1]])
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.daemon = True
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """End it. Raises Violation when a request broke the network's description."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        if self.violations:
            raise Violation("\n".join(self.violations))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- for tests ----------------------------------------------------------------------------

    def fault(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """Have the next `times` calls go wrong. `path` may hold `*`."""
        with self.lock:
            self._faults.append(_Waiting(method, path, fault, times))

    def made(self, method: str, path: str = "*") -> Sequence[Call]:
        """The calls so far of this method and path."""
        with self.lock:
            return [c for c in self.calls if c.method == method and fnmatchcase(c.path, path)]

    # --- for subclasses -----------------------------------------------------------------------

    def check_request(self, call: Call) -> None:
        """Raise Violation when the network's description does not know this request."""

    def check_answer(self, call: Call, answer: Answer) -> None:
        """Raise Violation when the network's description does not know this answer: a stand-in
        that makes things up proves nothing."""

    def refuse_violation(self, call: Call, violation: Violation) -> Answer:
        """What the network answers to a request that it does not understand."""
        return Answer(400, {"error": str(violation)})

    # --- serving ------------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer | None:
        """The answer to a call; None closes the connection without one."""
        with self.lock:
            self.calls.append(call)
            fault = self._next_fault(call)
        if fault is not None:
            time.sleep(fault.seconds)
            if not fault.deed_first and (fault.answer or fault.drop):
                return fault.answer
        with self.lock:
            answer = self._served(call)
        if fault is None or not (fault.answer or fault.drop):
            return answer
        return fault.answer

    def _served(self, call: Call) -> Answer:
        try:
            self.check_request(call)
        except Violation as violation:
            self.violations.append(f"{call.method} {call.path}: {violation}")
            return self.refuse_violation(call, violation)
        for method, template, handler in self._routes:
            parts = _matched(template, call.path) if method == call.method else None
            if parts is not None:
                call.parts = parts
                answer = handler(self, call)
                try:
                    self.check_answer(call, answer)
                except Violation as violation:
                    self.violations.append(f"answer to {call.method} {call.path}: {violation}")
                return answer
        return self.unknown

    def _next_fault(self, call: Call) -> Fault | None:
        for waiting in self._faults:
            if waiting.method in ("*", call.method) and fnmatchcase(call.path, waiting.path):
                waiting.left -= 1
                if waiting.left <= 0:
                    self._faults.remove(waiting)
                return waiting.fault
        return None


def _matched(template: Sequence[str], path: str) -> dict[str, str] | None:
    parts = path.strip("/").split("/")
    if len(parts) != len(template):
        return None
    found = {}
    for want, have in zip(template, parts, strict=True):
        if want.startswith("{") and want.endswith("}"):
            found[want[1:-1]] = have
        elif want != have:
            return None
    return found


def _handler_for(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:  # its own name
            """Say nothing: tests read `calls`."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, TimeoutError):
                self.close_connection = True

        def _serve(self) -> None:
            answer = stand_in.answer(_call(self))
            if answer is None:
                self.close_connection = True
                self.connection.close()
                return
            body, kind = answer.encoded()
            self.send_response(answer.status)
            headers = {"content-type": kind, **answer.headers, "content-length": str(len(body))}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  # http.server's names

    return Handler


def _call(handler: BaseHTTPRequestHandler) -> Call:
    parts = urlsplit(handler.path)
    length = min(int(handler.headers.get("content-length") or 0), MOST_BYTES)
    return Call(
        method=handler.command,
        path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in handler.headers.items()},
        body=handler.rfile.read(length),
        raw_query=parts.query,
    )


@contextmanager
def running(stand_in: StandIn) -> Iterator[Any]:
    """A stand-in that is closed at the end, violations raised."""
    try:
        yield stand_in
    finally:
        stand_in.close()
