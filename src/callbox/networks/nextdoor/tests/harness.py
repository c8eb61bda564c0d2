"""Nextdoor's stand-in, our agency on it, and Ana, for the contract suite."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from callbox.connector import AccountSeen, MemorySession, Session
from callbox.networks.nextdoor.connector import Nextdoor
from callbox.vocabulary import Outgoing
from tests.contract.answers import answer_to, said_in
from tests.contract.harness import EDIT, REMOVE, SAY_PUBLIC, StandInHarness
from tests.servers.nextdoor import AGENCY, BASE, CLIENT, SECRET, TOKEN, US, NextdoorServer
from tests.servers.standin import Fault


class NextdoorHarness(StandInHarness):
    """One agency; time goes on when a test says so."""

    network: ClassVar[str] = "nextdoor"
    residents_can: ClassVar[frozenset[str]] = frozenset({SAY_PUBLIC, EDIT, REMOVE})
    secrets: ClassVar[tuple[str, ...]] = (SECRET, TOKEN)
    write_path: ClassVar[str] = f"{BASE}/comment/"

    def __init__(self) -> None:
        self.server = NextdoorServer(self.now)
        super().__init__(self.server)

    def session(self) -> MemorySession:
        ends = (self.now() + timedelta(days=365)).isoformat()
        return MemorySession({"access_token": TOKEN, "expires_at": ends})

    def account(self, external_id: str = AGENCY, **config: Any) -> AccountSeen:
        """The account as Callbox keeps it."""
        known = {"server": self.server.url, "client_id": CLIENT, "profile": US, **config}
        return AccountSeen("1", external_id, "Police Department", known, {"client_secret": SECRET})

    def connector(self, session: Session | None = None) -> Nextdoor:
        return self.kept(Nextdoor(self.account(), session or self.session(), now=self.now))

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.server.say(text)

    def edit(self, external_id: str, text: str) -> None:
        self.later(minutes=5)
        self.server.comment(external_id).text = text

    def remove(self, external_id: str) -> None:
        self.later(minutes=5)
        self.server.remove(external_id)

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        connector = self.connector()
        said = said_in(connector, connector.history({}).items, to)
        return answer_to(said, text, key, self.now())

    def said_by_us(self) -> Sequence[str]:
        under = [one for post in self.server.posts for one in post.comments if one.author == US]
        ours = [*under, *(post for post in self.server.posts if post.sent)]
        return [one.text for one in sorted(ours, key=lambda one: one.at)]

    def say_as_us(self, text: str) -> str:
        return self.server.say(text, author=US)

    # --- faults ---------------------------------------------------------------------------------

    def break_publishing(self) -> None:
        self.server.fault("POST", f"{BASE}/post/create/", Fault.after_success())

    def limit_next(self, seconds: int) -> None:
        answer = Fault.status(429, {"detail": "slow"}, headers={"retry-after": str(seconds)})
        self.server.fault("*", f"{BASE}/*", answer)

    def down_next(self) -> None:
        self.server.fault("*", f"{BASE}/*", Fault.status(503, {"detail": "down"}))

    def revoke(self) -> None:
        self.server.tokens.clear()


HARNESS = NextdoorHarness
