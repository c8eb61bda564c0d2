"""Mastodon for the contract suite: a server of its API, with a relay before it that can lose what
it answers."""

import atexit
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from callbox.connector import AccountSeen, Session
from callbox.networks.mastodon.connector import Mastodon
from callbox.networks.mastodon.html import plain
from callbox.vocabulary import Outgoing
from tests.contract.answers import answer_to, said_in
from tests.contract.harness import EDIT, LIKE, REMOVE, SAY_PRIVATE, SAY_PUBLIC, StandInHarness
from tests.servers.mastodon import MastodonServer, mastodon_server
from tests.servers.relay import Relay
from tests.servers.standin import Answer, Fault

_SAMPLES = Path(__file__).parents[1] / "samples"


@cache
def _server() -> MastodonServer:
    """One server for all tests of this process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(mastodon_server())


class MastodonHarness(StandInHarness):
    """The department's account, and Ana."""

    network = "mastodon"
    residents_can = frozenset({SAY_PUBLIC, SAY_PRIVATE, EDIT, REMOVE, LIKE})
    write_path = "/api/v1/statuses"
    secrets = ("dept-token",)

    def __init__(self) -> None:
        self.server = _server()
        self.server.heal()
        self.server.reset()
        self.relay = Relay(self.server.url)
        self.ana = self.server.resident("ana")
        self._us = self.server.resident("dept").call("GET", "/api/v1/accounts/verify_credentials")
        super().__init__(self.relay)

    def connector(self, session: Session | None = None) -> Mastodon:
        account = AccountSeen(
            "1",
            str(self._us["id"]),
            f"{self._us['acct']}@127.0.0.1",
            {"server": self.relay.url},
            {"token": self.server.token("dept")},
        )
        return self.kept(Mastodon(account, session))

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        say = self.ana.direct if private else self.ana.mention
        return str(say(text)["id"])

    def edit(self, external_id: str, text: str) -> None:
        self.ana.edit(external_id, f"@dept {text}")

    def remove(self, external_id: str) -> None:
        self.ana.delete(external_id)

    def like(self, external_id: str) -> None:
        self.ana.favourite(external_id)

    # --- what comes in --------------------------------------------------------------------------

    def sample_events(self) -> Mapping[str, bytes]:
        return {
            path.name: json.dumps(json.loads(path.read_text())["body"]).encode()
            for path in sorted(_SAMPLES.glob("*.json"))
        }

    def kind_of(self, name: str) -> str:
        return str(json.loads((_SAMPLES / name).read_text())["kind"])

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        connector = self.connector()
        return answer_to(said_in(connector, connector.fetch({}).items, to), text, key)

    def said_by_us(self) -> Sequence[str]:
        mine = self.server.resident("dept").posts()
        return [plain(str(post["content"])) for post in sorted(mine, key=lambda p: int(p["id"]))]

    def say_as_us(self, text: str) -> str:
        return str(self.server.resident("dept").post(text)["id"])

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        headers = {"retry-after": str(seconds)}
        self.relay.fault("*", "*", Fault(Answer(429, {"error": "Too many requests"}, headers)))

    def revoke(self) -> None:
        answer = Answer(401, {"error": "The access token was revoked"})
        self.relay.fault("*", "*", Fault(answer), times=1000)


HARNESS = MastodonHarness
