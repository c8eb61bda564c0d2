"""A Graph API: what the stand-ins of Meta's networks have in common.

Logins (a token opens an account, and may die), `appsecret_proof`, error envelopes, usage headers,
pages of a list, signed webhooks, and the check of every call and answer against the network's own
nodes (`tests/contracts/graph.py`). A network's stand-in says which node an id is (`node_of`), keeps
its objects, and marks its routes with the version in front: `@route("GET", "/{v}/{id}/comments")`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, ClassVar

from callbox.connector import Signed
from tests.contracts.graph import Nodes
from tests.servers.standin import Answer, Call, StandIn, Violation

APP_SECRET = "shh-of-the-app"

#: Paths that are no nodes; their own handlers check what comes.
_NO_NODES = frozenset(("oauth", "debug_token", "dialog", "access_token", "refresh_access_token"))


def fault_answer(
    code: int,
    message: str,
    subcode: int = 0,
    *,
    status: int = 400,
    transient: bool = False,
    **more: Any,
) -> Answer:
    """An error as the network words it."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode:
        error["error_subcode"] = subcode
    if transient:
        error["is_transient"] = True
    error |= {"fbtrace_id": "AbCdEfGhIjK", **more}
    return Answer(status, {"error": error})


def gone(external_id: str) -> Answer:
    """The answer for an object that is not there, or not for us: the network does not say which."""
    words = f"Unsupported get request. Object with ID '{external_id}' does not exist"
    return fault_answer(100, words, 33)


def iso(moment: datetime) -> str:
    """A time as the network writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


class GraphStandIn(StandIn):
    """A Graph API of one app. `tokens` maps a token to the id of the account that it opens."""

    unknown: ClassVar[Answer] = fault_answer(2500, "Unknown path components", status=400)
    nodes: ClassVar[Nodes | None] = None
    version: ClassVar[str] = "v25.0"
    wants_proof: ClassVar[bool] = True  # every call must carry `appsecret_proof`

    def __init__(self, *, app_id: str = "4400", app_secret: str = APP_SECRET) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.tokens: dict[str, str] = {f"{app_id}|{app_secret}": app_id}
        self.dead: dict[str, tuple[int, int]] = {}  # token → code and subcode
        self.usage: dict[str, str] = {}  # headers of every answer
        self.pushes: list[bytes] = []  # webhook bodies that nobody has taken yet
        self.told: dict[str, Any] = {}  # of the call that is being served
        type(self).nodes = type(self).nodes or Nodes()
        super().__init__()

    # --- for tests ----------------------------------------------------------------------------

    def kill(self, token: str, subcode: int = 460, code: int = 190) -> None:
        """End a login."""
        self.dead[token] = (code, subcode)

    def use_up(self, percent: int, minutes: int = 0, use: str = "pages") -> None:
        """Have every answer say how much of the limit is used up."""
        part = {"type": use, "call_count": percent, "total_cputime": 1, "total_time": 1}
        part["estimated_time_to_regain_access"] = minutes
        self.usage["X-Business-Use-Case-Usage"] = json.dumps({"1001": [part]})

    def push(self, object_: str, *entries: Mapping[str, Any]) -> None:
        """Have the network call our webhook with these entries."""
        self.pushes.append(json.dumps({"object": object_, "entry": list(entries)}).encode())

    def taken(self) -> list[bytes]:
        """The webhook bodies since the last time."""
        found, self.pushes = self.pushes, []
        return found

    def signed(self, body: bytes, url: str = "https://callbox.example/hooks") -> Signed:
        """A webhook call with a good signature."""
        digest = hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": f"sha256={digest}", "content-type": "application/json"}
        return Signed("POST", url, headers, body)

    # --- for subclasses -----------------------------------------------------------------------

    def node_of(self, external_id: str) -> str:
        """Which node an id is, "" for one that is not there."""
        raise NotImplementedError

    def me(self, call: Call) -> str:
        """The id that a call's login opens."""
        return self.tokens.get(call.token, "")

    def its(self, call: Call) -> str:
        """The id that a call is about, "me" resolved."""
        named = call.parts.get("id") or self._parts(call)[0]
        return self.me(call) if named == "me" else named

    def shown(self, value: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        """Only what was asked for: a node shows nothing else (but its id). Empty values are left
        out, as the network does."""
        found = {"id": value["id"]} if "id" in value else {}
        for name, below in fields.items():
            if value.get(name) is not None:
                found[name] = self._below(value[name], below)
        return found

    def _below(self, value: Any, fields: Mapping[str, Any]) -> Any:
        if not fields:
            return value
        if isinstance(value, dict) and "data" in value:
            return {**value, "data": [self.shown(one, fields) for one in value["data"]]}
        if isinstance(value, list):
            return [self.shown(one, fields) for one in value]
        return self.shown(value, fields)

    def asked(self, call: Call, default: str = "id") -> dict[str, Any]:
        """The tree of fields that a call asks for."""
        node, edge = self.node_of(self.its(call)), "/".join(self._parts(call)[1:])
        kind = self._known().returns(call.method, node, edge) or node
        return self._known().tree(kind, call.query.get("fields", default))

    def paged(self, items: Sequence[Mapping[str, Any]], call: Call) -> Answer:
        """One page of a list. `paging.next` is an address that nobody may follow."""
        start = int(base64.b64decode(call.query.get("after", "")) or b"0")
        limit = min(int(call.query.get("limit", "25")), 100)
        fields = self.asked(call)
        shown = [self.shown(one, fields) for one in items[start : start + limit]]
        body: dict[str, Any] = {"data": shown}
        if shown:
            after = base64.b64encode(str(start + limit).encode()).decode()
            body["paging"] = {"cursors": {"before": "MA==", "after": after}}
            if start + limit < len(items):
                body["paging"]["next"] = (
                    f"https://elsewhere.invalid/?access_token={call.token}&after={after}"
                )
        return Answer(200, body)

    # --- serving ------------------------------------------------------------------------------

    def sent(self, call: Call) -> dict[str, str]:
        """What a call's body holds, whichever way it is written; a file is "<file>"."""
        kind = call.headers.get("content-type", "")
        if kind.startswith("application/json"):
            found = call.json() or {}
            return {k: v if isinstance(v, str) else json.dumps(v) for k, v in found.items()}
        if kind.startswith("multipart/"):
            return {name: value for name, value, _ in _multipart(kind, call.body)}
        return call.form()

    def file(self, call: Call) -> bytes:
        """The file in a multipart call."""
        kind = call.headers.get("content-type", "")
        return next(content for _, _, content in _multipart(kind, call.body) if content)

    def check_request(self, call: Call) -> None:
        parts = self._parts(call)
        if not parts or parts[0] in _NO_NODES:
            return
        if "access_token" in call.query or "client_secret" in call.query:
            raise Violation("a secret stands in the address")
        if call.path.split("/")[1] != self.version:
            raise Violation(f"the version is not {self.version}")
        if self.wants_proof:
            self._check_proof(call)
        node = self.node_of(self.its(call))
        if not node:
            return  # gone: the handler says so
        sent = self.sent(call) if call.body else {}
        self._known().check(call.method, node, "/".join(parts[1:]), {**call.query, **sent})

    def _check_proof(self, call: Call) -> None:
        wanted = hmac.new(self.app_secret.encode(), call.token.encode(), hashlib.sha256)
        if call.query.get("appsecret_proof") != wanted.hexdigest():
            raise Violation("appsecret_proof is missing or wrong")

    def check_answer(self, call: Call, answer: Answer) -> None:
        parts = self._parts(call)
        if answer.status != 200 or not parts or parts[0] in _NO_NODES:
            return
        if call.method != "GET":
            self._known().check_written(answer.body)
            return
        node, edge = self.node_of(self.its(call)), "/".join(parts[1:])
        kind = self._known().returns(call.method, node, edge) or node
        self._known().check_answer(kind, answer.body)

    def refuse_violation(self, call: Call, violation: Violation) -> Answer:
        return fault_answer(100, str(violation))

    def _served(self, call: Call) -> Answer:
        refused = self._refused_login(call)
        answer = refused or super()._served(call)
        answer.headers = {**self.usage, **answer.headers}
        return Answer(answer.status, answer.body, answer.headers)

    def _refused_login(self, call: Call) -> Answer | None:
        parts = self._parts(call)
        if parts and parts[0] in _NO_NODES:
            return None
        if call.token in self.dead:
            code, subcode = self.dead[call.token]
            return fault_answer(code, f"Error validating access token {call.token}", subcode)
        if call.token not in self.tokens:
            return fault_answer(190, f"Malformed access token {call.token}", status=401)
        return None

    def _parts(self, call: Call) -> list[str]:
        """The path without its version."""
        parts = [part for part in call.path.split("/") if part]
        return parts[1:] if parts and parts[0] == self.version else parts

    def _known(self) -> Nodes:
        if self.nodes is None:
            raise RuntimeError("no nodes")
        return self.nodes


def newest_first(items: Iterable[Mapping[str, Any]], by: str = "created_time") -> list[Any]:
    """In the order of most edges."""
    return sorted(items, key=lambda one: str(one.get(by, "")), reverse=True)


def _multipart(kind: str, body: bytes) -> list[tuple[str, str, bytes]]:
    """(name, value, content) of every part; a file has content, and "<file>" as its value."""
    head = f"content-type: {kind}\r\n\r\n".encode()
    found = []
    for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True) or b""
        is_file = part.get_filename() is not None
        value = "<file>" if is_file else bytes(content).decode()
        found.append((name, value, bytes(content) if is_file else b""))
    return found
