"""Threads as the contract suite sees it: the stand-in, our profile, and Ana."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from callbox.connector import AccountSeen, Connector, MemorySession, Raw, Session, Signed
from callbox.networks.threads.connector import Threads
from callbox.vocabulary import Outgoing, ReplyTo, Said
from tests.contract.harness import EDIT, REMOVE, SAY_PUBLIC, Harness
from tests.servers.graph import APP_SECRET, fault_answer
from tests.servers.standin import Fault
from tests.servers.threads import HANDLE, PROFILE, TOKEN, ThreadsStandIn

SAMPLES = Path(__file__).parent.parent / "samples"
HOOK_TOKEN = "verify-me"


def account(server: str, **config: str) -> AccountSeen:
    """Our account, as it is stored."""
    secrets = {"app_secret": APP_SECRET, "hook_token": HOOK_TOKEN}
    return AccountSeen(
        "a1", PROFILE, HANDLE, {"server": server, "app_id": "4400", **config}, secrets
    )


class ThreadsHarness(Harness):
    """Our profile has one post, and Ana answers under it."""

    network: ClassVar[str] = "threads"
    residents_can: ClassVar[frozenset[str]] = frozenset((SAY_PUBLIC, EDIT, REMOVE))
    secrets: ClassVar[tuple[str, ...]] = (TOKEN, APP_SECRET)

    def __init__(self) -> None:
        self.city = ThreadsStandIn()
        self.first = self.city.post("Office hours on Tuesday")
        self._made: list[Connector] = []
        self._held = self.session()

    def close(self) -> None:
        for connector in self._made:
            connector.close()
        self.city.close()

    def connector(self, session: Session | None = None) -> Connector:
        return self.as_account(account(self.city.url), session)

    def as_account(self, seen: AccountSeen, session: Session | None = None) -> Threads:
        """A connector for any stored account."""
        made = Threads(
            seen, session or self._held, now=lambda: self.city.clock, sleep=lambda _: None
        )
        self._made.append(made)
        return made

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
        connector = self.connector()
        signed = [self.city.signed(body) for body in self.city.taken()]
        return [raw for one in signed for raw in connector.receive_hook(one).raws]

    def hook(self) -> Signed:
        self.say("Is the road open?")
        return self.city.signed(self.city.taken()[-1])

    def sample_events(self) -> Mapping[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*.json"))}

    def kind_of(self, name: str) -> str:
        """Samples are named for how they come: `webhook_…`, `reply_…`."""
        return name.split("_")[0]

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        one = self.city.posts[to]
        (said,) = self.connector().parse(Raw.of("reply", {"post": one}))
        assert isinstance(said, Said)
        reply_to = ReplyTo(
            said.external_id,
            said.root_id or said.external_id,
            said.author,
            said.refs,
            said.addressed,
            said_at=said.said_at,
            heard_at=said.said_at,
            permalink=said.permalink,
        )
        return Outgoing(key, self.city.clock, text, reply_to=reply_to)

    def said_by_us(self) -> Sequence[str]:
        return self.city.ours()

    def say_as_us(self, text: str) -> str:
        made = self.city.post(text, made={})
        self.city.push_change("interaction", "publish", self.city._told(made))
        return made

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        fault = Fault.after_success() if done else Fault.dropped()
        self.city.fault("POST", "*/threads_publish", fault)

    def limit_next(self, seconds: int) -> None:
        body = fault_answer(4, "Application request limit reached").body
        headers = {"retry-after": str(seconds)}
        self.city.fault("*", "*", Fault.status(400, body, headers=headers))

    def down_next(self) -> None:
        self.city.fault("*", "*", Fault.status(503))

    def revoke(self) -> None:
        self.city.kill(TOKEN)


HARNESS = ThreadsHarness
