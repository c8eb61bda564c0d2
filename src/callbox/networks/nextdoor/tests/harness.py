"""Nextdoor's stand-in, our agency on it, and Ana, for the contract suite."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from callbox.connector import AccountSeen, Connector, MemorySession, Session
from callbox.networks.nextdoor.connector import Nextdoor
from callbox.vocabulary import Outgoing, ReplyTo, Said
from tests.contract.harness import EDIT, REMOVE, SAY_PUBLIC, Harness
from tests.servers.nextdoor import AGENCY, BASE, CLIENT, SECRET, TOKEN, US, NextdoorServer
from tests.servers.standin import Fault

SAMPLES = Path(__file__).parent.parent / "samples"


class NextdoorHarness(Harness):
    """One agency; time goes on when a test says so."""

    network: ClassVar[str] = "nextdoor"
    residents_can: ClassVar[frozenset[str]] = frozenset({SAY_PUBLIC, EDIT, REMOVE})
    secrets: ClassVar[tuple[str, ...]] = (SECRET, TOKEN)

    def __init__(self) -> None:
        self._later = timedelta()
        self.server = NextdoorServer(self.now)
        self._made: list[Connector] = []

    def now(self) -> datetime:
        """The time, for the stand-in and for us."""
        return datetime.now(UTC) + self._later

    def later(self, **kwargs: Any) -> None:
        """Let time pass."""
        self._later += timedelta(**kwargs)

    def close(self) -> None:
        for connector in self._made:
            connector.close()
        self.server.close()

    def session(self) -> MemorySession:
        ends = (self.now() + timedelta(days=365)).isoformat()
        return MemorySession({"access_token": TOKEN, "expires_at": ends})

    def account(self, external_id: str = AGENCY, **config: Any) -> AccountSeen:
        """The account as Callbox keeps it."""
        known = {"server": self.server.url, "client_id": CLIENT, "profile": US, **config}
        return AccountSeen("1", external_id, "Police Department", known, {"client_secret": SECRET})

    def connector(self, session: Session | None = None) -> Nextdoor:
        made = Nextdoor(self.account(), session or self.session(), now=self.now)
        self._made.append(made)
        return made

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.server.say(text)

    def edit(self, external_id: str, text: str) -> None:
        self.later(minutes=5)
        self.server.comment(external_id).text = text

    def remove(self, external_id: str) -> None:
        self.later(minutes=5)
        self.server.remove(external_id)

    def sample_events(self) -> Mapping[str, bytes]:
        return {path.stem: path.read_bytes() for path in sorted(SAMPLES.glob("*.json"))}

    def kind_of(self, name: str) -> str:
        """The part before "__" in a sample's name, with "-" for ":"."""
        return name.partition("__")[0].replace("-", ":")

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        connector = self.connector()
        events = [e for raw in connector.history({}).items for e in connector.parse(raw)]
        said = next(e for e in events if isinstance(e, Said) and e.external_id == to)
        about = ReplyTo(
            said.external_id,
            said.root_id or said.external_id,
            said.author,
            said.refs,
            said.addressed,
            said_at=said.said_at,
            permalink=said.permalink,
        )
        return Outgoing(key, self.now(), text, reply_to=about)

    def said_by_us(self) -> Sequence[str]:
        under = [one for post in self.server.posts for one in post.comments if one.author == US]
        ours = [*under, *(post for post in self.server.posts if post.sent)]
        return [one.text for one in sorted(ours, key=lambda one: one.at)]

    def say_as_us(self, text: str) -> str:
        return self.server.say(text, author=US)

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        fault = Fault.after_success() if done else Fault.dropped()
        self.server.fault("POST", f"{BASE}/comment/", fault)

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
