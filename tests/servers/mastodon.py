"""A Mastodon-API server on a free loopback port: `mastodon_mock`, in a process of its own.

    with mastodon_server() as server:
        server.url                       # "http://127.0.0.1:41234"
        server.token("dept")             # an access token
        ana = server.resident("ana")
        status = ana.mention("the street light is out")
        server.fault(methods=["POST"], path="/api/v1/statuses", status=503)

Nothing is kept: it lives in memory and ends with the `with`, or with the process that started it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

DEPARTMENTS = ("dept", "traffic")
RESIDENTS = ("ana", "ben", "carla", "dmitri")
_CHILD = Path(__file__).with_name("mastodon_child.py")
_PATIENCE = 30.0  # seconds to start
_STATUSES = "/api/v1/statuses"

Json = dict[str, Any]


class Resident:
    """Somebody on the server: a thin client that says and does things there."""

    def __init__(self, url: str, name: str, token: str, department: str) -> None:
        self.name = name
        self._department = department
        self.http = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {token}"}, trust_env=False
        )

    def close(self) -> None:
        self.http.close()

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        """Any call; the decoded answer. Raises httpx.HTTPStatusError for a refusal."""
        response = self.http.request(method, path, **kwargs)
        response.raise_for_status()
        return response.json()

    def post(self, text: str, **fields: Any) -> Json:
        """Say something: `visibility`, `spoiler_text`, `language`, `media_ids`, `poll`…"""
        made: Json = self.call("POST", _STATUSES, json={"status": text, **fields})
        return made

    def mention(self, text: str, **fields: Any) -> Json:
        """Say something that names the department."""
        return self.post(f"@{self._department} {text}", **fields)

    def direct(self, text: str, **fields: Any) -> Json:
        """Write to the department alone."""
        return self.mention(text, visibility="direct", **fields)

    def reply(self, status_id: str, text: str, **fields: Any) -> Json:
        """Answer a post, naming the department (without that, the server tells nobody)."""
        return self.mention(text, in_reply_to_id=status_id, **fields)

    def edit(self, status_id: str, text: str) -> Json:
        made: Json = self.call("PUT", f"{_STATUSES}/{status_id}", json={"status": text})
        return made

    def delete(self, status_id: str) -> None:
        self.call("DELETE", f"{_STATUSES}/{status_id}")

    def favourite(self, status_id: str) -> None:
        self.call("POST", f"{_STATUSES}/{status_id}/favourite")

    def boost(self, status_id: str) -> None:
        self.call("POST", f"{_STATUSES}/{status_id}/reblog")

    def upload(self, content: bytes, alt: str, mime: str = "image/png") -> str:
        """Upload a picture; its id, for `media_ids`."""
        files = {"file": ("picture.png", content, mime)}
        made = self.call("POST", "/api/v2/media", files=files, data={"description": alt})
        return str(made["id"])

    def status(self, status_id: str) -> Json:
        found: Json = self.call("GET", f"{_STATUSES}/{status_id}")
        return found

    def thread(self, status_id: str) -> list[Json]:
        """What hangs below a post, as this resident sees it."""
        found: list[Json] = self.call("GET", f"{_STATUSES}/{status_id}/context")["descendants"]
        return found

    def posts(self) -> list[Json]:
        """This account's own posts, newest first."""
        me = self.call("GET", "/api/v1/accounts/verify_credentials")
        path = f"/api/v1/accounts/{me['id']}/statuses"
        found: list[Json] = self.call("GET", path, params={"limit": 40})
        return found

    def notifications(self) -> list[Json]:
        found: list[Json] = self.call("GET", "/api/v1/notifications", params={"limit": 40})
        return found


class MastodonServer:
    """A running server. `department` is the account that residents mention."""

    def __init__(self, url: str, department: str = DEPARTMENTS[0]) -> None:
        self.url = url
        self._department = department
        self._people: dict[str, Resident] = {}
        self._control = httpx.Client(base_url=url, trust_env=False)

    def token(self, name: str) -> str:
        """The access token of one of the accounts that the server was started with."""
        return f"{name}-token"

    def resident(self, name: str) -> Resident:
        """A client that acts as this account (a department's too, to see with its eyes)."""
        if name not in self._people:
            made = Resident(self.url, name, self.token(name), self._department)
            self._people[name] = made
        return self._people[name]

    def fault(
        self,
        *,
        methods: Sequence[str] | None = None,
        path: str | None = None,
        kind: str = "status",
        count: int = 1,
        **effect: Any,
    ) -> None:
        """Break the next `count` matching calls. `kind`: status (`status=503`), ratelimit,
        latency (`delay_ms=`), malformed, timeout. A `*` in the path matches anything."""
        rule = {"match": {"methods": methods, "path": path}, "effect": {"type": kind, **effect}}
        self._mock("POST", "/faults", json=rule | {"count": count})

    def heal(self) -> None:
        """Drop all faults."""
        self._mock("DELETE", "/faults")

    def reset(self) -> None:
        """Forget everything that was said; accounts and tokens stay."""
        self._mock("POST", "/reset")

    def close(self) -> None:
        for client in (*self._people.values(), self._control):
            client.close()

    def _mock(self, method: str, path: str, **kwargs: Any) -> None:
        self._control.request(method, f"/api/v1/_mock{path}", **kwargs).raise_for_status()


@contextmanager
def mastodon_server(
    departments: Sequence[str] = DEPARTMENTS,
    residents: Sequence[str] = RESIDENTS,
    *,
    streaming: bool = True,
    heartbeat: float = 1.0,
) -> Iterator[MastodonServer]:
    """Start a server, wait until it answers, and end it. `heartbeat` is in seconds."""
    names = (*departments, *residents)
    accounts = [
        {"username": n, "display_name": n.title(), "access_token": f"{n}-token"} for n in names
    ]
    settings = {
        "auth": {"enforce_scopes": True},
        "seed": {"accounts": accounts},
        "streaming": {"enabled": streaming, "heartbeat_seconds": heartbeat},
    }
    process = subprocess.Popen(
        [sys.executable, str(_CHILD), json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # a signal to our group must not keep it from tidying up
    )
    try:
        server = MastodonServer(_address(process), departments[0])
        _wait(server.url)
        yield server
        server.close()
    finally:
        _end(process)


def _address(process: subprocess.Popen[bytes]) -> str:
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        raise RuntimeError("The Mastodon server did not start.")
    return str(json.loads(line)["url"])


def _wait(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/api/v1/streaming/health", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The Mastodon server did not answer.")


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
