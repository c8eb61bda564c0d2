"""Bluesky for the contract suite: a real network, with a relay before its server that can lose what
it answers. The network is eventually consistent, so what residents do is waited for."""

import atexit
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from callbox.connector import AccountSeen, Session
from callbox.networks.bluesky.connector import Bluesky
from callbox.vocabulary import Outgoing
from tests.contract.answers import answer_to, said_in
from tests.contract.harness import LIKE, REMOVE, SAY_PUBLIC, StandInHarness
from tests.servers.atproto import Network, Resident, atproto_network, until
from tests.servers.relay import Relay
from tests.servers.standin import Answer, Fault

_SAMPLES = Path(__file__).parents[1] / "samples"
_numbers = count(1)


@cache
def _network() -> Network:
    """One network for all tests of this process; without rate limits, as tests log in often."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(atproto_network())


@cache
def _ana() -> Resident:
    resident = _network().resident(f"ana-suite{next(_numbers)}")
    atexit.register(resident.close)
    return resident


class BlueskyHarness(StandInHarness):
    """A fresh account of the department's, and Ana."""

    network = "bluesky"
    residents_can = frozenset({SAY_PUBLIC, REMOVE, LIKE})
    write_path = "/xrpc/com.atproto.repo.*Record"

    def __init__(self) -> None:
        self.ana = _ana()
        self.us = _network().create_account(f"suite{next(_numbers)}")
        self.secrets = (self.us.password,)
        self.relay = Relay(_network().service_url)
        self._posts: dict[str, Mapping[str, Any]] = {}
        self._seeing: Resident | None = None
        super().__init__(self.relay)

    def close(self) -> None:
        if self._seeing is not None:
            self._seeing.close()
        super().close()

    def connector(self, session: Session | None = None) -> Bluesky:
        account = AccountSeen(
            "1",
            self.us.did,
            self.us.handle,
            {"service": self.relay.url, "identifier": self.us.handle},
            {"password": self.us.password},
        )
        return self.kept(Bluesky(account, session))

    def _eyes(self) -> Resident:
        """Our account, seen with other code than the connector's."""
        if self._seeing is None:
            self._seeing = Resident(_network().service_url, self.us)
        return self._seeing

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        post = self.ana.post(f"@{self.us.handle} {text}", mention=self.us)
        self._posts[post["uri"]] = post
        until(lambda: any(n["uri"] == post["uri"] for n in self._eyes().notifications()))
        return str(post["uri"])

    def remove(self, external_id: str) -> None:
        self.ana.delete(external_id)
        until(lambda: self.ana.sees(external_id) is None)

    def like(self, external_id: str) -> None:
        post = until(lambda: self.ana.sees(external_id))
        like = self.ana.like(post)
        until(lambda: any(n["uri"] == like["uri"] for n in self._eyes().notifications()))

    # --- what comes in --------------------------------------------------------------------------

    def sample_events(self) -> Mapping[str, bytes]:
        found = {path.name: json.loads(path.read_text()) for path in _SAMPLES.glob("*.json")}
        return {
            name: json.dumps(held["body"]).encode()
            for name, held in sorted(found.items())
            if "kind" in held
        }

    def kind_of(self, name: str) -> str:
        return str(json.loads((_SAMPLES / name).read_text())["kind"])

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        connector = self.connector()
        return answer_to(said_in(connector, connector.fetch({}).items, to), text, key)

    def said_by_us(self) -> Sequence[str]:
        found = self._eyes().read(
            "com.atproto.repo.listRecords",
            repo=self.us.did,
            collection="app.bsky.feed.post",
            limit=100,
        )
        return [str(one["value"]["text"]) for one in reversed(found["records"])]

    def say_as_us(self, text: str) -> str:
        return str(self._eyes().post(text)["uri"])

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        headers = {"retry-after": str(seconds)}
        body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
        self.relay.fault("*", "*", Fault(Answer(429, body, headers)))

    def revoke(self) -> None:
        body = {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        self.relay.fault("*", "*", Fault.status(401, body), times=1000)


HARNESS = BlueskyHarness
