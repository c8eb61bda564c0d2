"""Threads as the contract suite sees it: the stand-in, our profile, and Ana."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from callbox.connector import AccountSeen, Connector, MemorySession, Raw, Session, Signed
from callbox.networks.threads.connector import Threads
from callbox.vocabulary import Outgoing, Said
from tests.contract.answers import answer_to
from tests.contract.harness import EDIT, REMOVE, SAY_PUBLIC, StandInHarness
from tests.servers.graph import APP_SECRET, fault_answer
from tests.servers.standin import Fault
from tests.servers.threads import HANDLE, PROFILE, TOKEN, ThreadsStandIn

HOOK_TOKEN = "verify-me"


def account(server: str, **config: str) -> AccountSeen:
    """Our account, as it is stored."""
    secrets = {"app_secret": APP_SECRET, "hook_token": HOOK_TOKEN}
    return AccountSeen(
        "a1", PROFILE, HANDLE, {"server": server, "app_id": "4400", **config}, secrets
    )


class ThreadsHarness(StandInHarness):
    """Our profile has one post, and Ana answers under it."""

    network: ClassVar[str] = "threads"
    residents_can: ClassVar[frozenset[str]] = frozenset((SAY_PUBLIC, EDIT, REMOVE))
    secrets: ClassVar[tuple[str, ...]] = (TOKEN, APP_SECRET)
    write_path: ClassVar[str] = "*/threads_publish"

    def __init__(self) -> None:
        self.city = ThreadsStandIn()
        self.first = self.city.post("Office hours on Tuesday")
        self._held = self.session()
        super().__init__(self.city)

    def connector(self, session: Session | None = None) -> Connector:
        return self.as_account(account(self.city.url), session)

    def as_account(self, seen: AccountSeen, session: Session | None = None) -> Threads:
        """A connector for any stored account."""
        held = session or self._held
        made = Threads(seen, held, now=lambda: self.city.clock, sleep=lambda _: None)
        return self.kept(made)

    def session(self) -> MemorySession:
        now = datetime.now(UTC)
        ends = now + timedelta(days=60)
        held = {"token": TOKEN, "issued_at": now.isoformat(), "ends_at": ends.isoformat()}
        return MemorySession(held)

    # --- the resident ---------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.city.reply(text, self.first)

    def edit(self, external_id: str, text: str) -> None:
        self.city.posts[external_id]["text"] = text

    def remove(self, external_id: str) -> None:
        self.city.take_down(external_id)

    # --- what comes in --------------------------------------------------------------------------

    def pushed(self) -> Sequence[Raw]:
        return self.received(self.city.signed(body) for body in self.city.taken())

    def hook(self) -> Signed:
        self.say("Is the road open?")
        return self.city.signed(self.city.taken()[-1])

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        one = self.city.posts[to]
        (said,) = self.connector().parse(Raw.of("reply", {"post": one}))
        assert isinstance(said, Said)
        return answer_to(said, text, key, self.city.clock)

    def said_by_us(self) -> Sequence[str]:
        return self.city.ours()

    def say_as_us(self, text: str) -> str:
        made = self.city.post(text, made={})
        self.city.push_change("interaction", "publish", self.city._told(made))
        return made

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        body = fault_answer(4, "Application request limit reached").body
        headers = {"retry-after": str(seconds)}
        self.city.fault("*", "*", Fault.status(400, body, headers=headers))

    def revoke(self) -> None:
        self.city.kill(TOKEN)


HARNESS = ThreadsHarness
