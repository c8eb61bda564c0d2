"""Facebook for the contract suite: a Page on loopback, and Ana, who writes to it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from callbox.connector import AccountSeen, MemorySession, Raw, Session
from callbox.networks.facebook.connector import Facebook
from callbox.vocabulary import Outgoing, Reported
from tests.contract import harness as contract
from tests.contract.answers import answer_to, said_in
from tests.contract.play import read
from tests.servers.facebook import ANA, PAGE, PAGE_TOKEN
from tests.servers.facebook import Facebook as Server
from tests.servers.graph import APP_SECRET, fault_answer
from tests.servers.standin import Answer, Fault

HOOK_TOKEN = "the-word-by-which-we-know-the-network"  # invented
_CALLS = "/v25.0/*"


class Clock:
    """A time that tests move."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **much: float) -> None:
        """Let time pass."""
        self.at += timedelta(**much)


def account(url: str, **config: Any) -> AccountSeen:
    """The Page as a connected account."""
    return AccountSeen(
        id="acc-1",
        external_id=PAGE,
        handle="riversidepd",
        config={"server": url, "client_id": "4400", **config},
        secrets={"client_secret": APP_SECRET, "hook_token": HOOK_TOKEN},
    )


def session(now: datetime | None = None) -> MemorySession:
    """The login of a connected Page."""
    issued = (now or datetime.now(UTC)).isoformat()
    return MemorySession({"token": PAGE_TOKEN, "issued_at": issued, "ends_at": None})


class HARNESS(contract.StandInHarness):
    """See `tests/contract/harness.py`."""

    network: ClassVar[str] = "facebook"
    residents_can: ClassVar[frozenset[str]] = frozenset(
        (contract.SAY_PUBLIC, contract.SAY_PRIVATE, contract.EDIT, contract.REMOVE, contract.LIKE)
    )
    secrets: ClassVar[tuple[str, ...]] = (PAGE_TOKEN, APP_SECRET, HOOK_TOKEN)
    write_path: ClassVar[str] = _CALLS

    def __init__(self) -> None:
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.server = Server()
        self.root = self.server.post("Road works on Elm Street this week.")
        self.server.taken()
        super().__init__(self.server)

    def connector(self, session: Session | None = None) -> Facebook:
        return self.kept(Facebook(account(self.server.url), session or self.session()))

    def session(self) -> MemorySession:
        return session()

    # --- the resident ---------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.server.write(text) if private else self.server.comment(self.root, text)

    def edit(self, external_id: str, text: str) -> None:
        self.server.edit(external_id, text)

    def remove(self, external_id: str) -> None:
        self.server.remove(external_id)

    def like(self, external_id: str) -> None:
        self.server.like(external_id)

    # --- what comes in --------------------------------------------------------------------------

    def pushed(self) -> Sequence[Raw]:
        return self.received(self.server.signed(body) for body in self.server.taken())

    def hook(self) -> Any | None:
        before = self.server.taken()
        self.server.comment(self.root, "Is the bridge open?")
        body = self.server.pushes.pop()
        self.server.pushes = before
        return self.server.signed(body)

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        connector = self.connector()
        said = said_in(connector, connector.fetch({}).items, to)
        return answer_to(said, text, key, self.clock())

    def said_by_us(self) -> Sequence[str]:
        first = self.server.objects[self.root]["message"]
        return [text for text in self.server.texts() if text != first]

    def say_as_us(self, text: str) -> str:
        return self.server.say_in_private(text, ANA["id"], app_id=263902037430900)

    def report(self, external_id: str, *, order: Sequence[str] = ()) -> Sequence[Reported]:
        names = {"delivered": "delivery", "read": "read"}
        requests = [
            self.server.signed(self.server.seen([external_id], names[stage]))
            for stage in order or ("delivered", "read")
            if stage in names
        ]
        events = read(self.connector(), self.received(requests))
        return [event for event in events if isinstance(event, Reported)]

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        answer = fault_answer(32, "(#32) Page request limit reached")
        limited = Answer(400, answer.body, {"retry-after": str(seconds)})
        self.server.fault("*", _CALLS, Fault(limited))

    def down_next(self) -> None:
        self.server.fault("*", _CALLS, Fault.status(503, "<html>Sorry</html>"))

    def revoke(self) -> None:
        self.server.kill(PAGE_TOKEN, 460)
