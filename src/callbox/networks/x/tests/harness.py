"""X for the contract suite: the stand-in, our account on it, and Ana."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from callbox.connector import AccountSeen, MemorySession, Raw, Session, Signed
from callbox.networks.x import hooks
from callbox.networks.x.connector import X
from callbox.vocabulary import Outgoing
from tests.contract.answers import answer_to, said_in
from tests.contract.harness import EDIT, REMOVE, SAY_PRIVATE, SAY_PUBLIC, StandInHarness
from tests.servers.standin import Fault
from tests.servers.x import ANA, US, XStandIn

HOOK_URL = "https://callbox.example/hooks/x/"


class Clock:
    """The time here and at the stand-in: the machine's, and what was added to it, so that a pace
    of a minute, or a look after an hour, does not take that long."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_(self, **kwargs: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**kwargs)


class XHarness(StandInHarness):
    """X on loopback. `config` overrides the account's settings."""

    network: ClassVar[str] = "x"
    residents_can: ClassVar[frozenset[str]] = frozenset({SAY_PUBLIC, SAY_PRIVATE, EDIT, REMOVE})
    secrets: ClassVar[tuple[str, ...]] = (
        XStandIn.client[1],
        XStandIn.consumer_secret,
        XStandIn.app_token,
        "access-",
        "refresh-",
    )
    write_path: ClassVar[str] = "/2/[td][wm]*"

    def __init__(
        self,
        spelling: str = "post",
        config: Mapping[str, str] | None = None,
        behind: timedelta = timedelta(hours=23, minutes=45),
    ) -> None:
        self.clock = Clock()
        self.x = XStandIn(spelling, self.clock)
        # Ana posts "yesterday": what is looked at an hour and a day later is then looked at soon.
        self._behind = behind
        self._revoked = False
        self.config = {
            "server": self.x.url,
            "client_id": XStandIn.client[0],
            "plan": "self-serve",
            "use_case": "Answers people who write to the department.",
            "approved_on": "2026-01-15",
            "monthly_cap_usd": "100",
            "premium": "yes",
            "spelling": spelling,
            **(config or {}),
        }
        self.naps: list[float] = []
        super().__init__(self.x)

    def account(self) -> AccountSeen:
        """Our account as the product knows it."""
        secrets = {
            "client_secret": XStandIn.client[1],
            "consumer_secret": XStandIn.consumer_secret,
            "app_token": XStandIn.app_token,
            "hook_token": "hook-token",
        }
        return AccountSeen("account", US, "district5", self.config, secrets)

    def connector(self, session: Session | None = None) -> X:
        used = session or self.session()
        return self.kept(X(self.account(), used, now=self.clock, sleep=self.naps.append))

    def session(self) -> MemorySession:
        tokens = self.x.log_in()
        if self._revoked:
            self.x.end_logins()
        ends = self.clock() + timedelta(seconds=tokens["expires_in"])
        return MemorySession({**tokens, "expires_at": ends.isoformat()})

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        self.clock.pass_(seconds=61)
        if private:
            return f"dm:{self.x.write(ANA, US, text).id}"
        return self.x.say(ANA, f"@district5 {text}", at=self.clock() - self._behind).id

    def edit(self, external_id: str, text: str) -> None:
        self.x.edit(external_id, f"@district5 {text}", at=self.clock() - self._behind)

    def remove(self, external_id: str) -> None:
        self.x.remove(external_id)

    # --- what comes in --------------------------------------------------------------------------

    def signed(self, body: bytes) -> Signed:
        """A request as X makes it."""
        headers = {hooks.SIGNATURE: self.x.signed(body), "content-type": "application/json"}
        return Signed("POST", HOOK_URL, headers, body)

    def pushed(self) -> Sequence[Raw]:
        pushed, self.x.to_push = self.x.to_push, []
        return self.received(self.signed(json.dumps(one).encode()) for one in pushed)

    def hook(self) -> Signed:
        self.x.to_push.clear()
        self.say("Is the side street open again?")
        return self.signed(json.dumps(self.x.to_push.pop()).encode())

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        connector = self.connector()
        self.clock.pass_(seconds=61)
        said = said_in(connector, connector.fetch({}).items, to)
        return answer_to(said, text, key, self.clock())

    def said_by_us(self) -> Sequence[str]:
        return [text.removeprefix("@ana_p ") for text in self.x.said_by_us()]

    def say_as_us(self, text: str) -> str:
        self.clock.pass_(minutes=6)
        return self.x.say(US, text).id

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        reset = int((self.clock() + timedelta(seconds=seconds)).timestamp())
        headers = {"x-rate-limit-reset": str(reset), "x-rate-limit-remaining": "0"}
        body = {"title": "Too Many Requests", "status": 429, "type": "about:blank"}
        self.x.fault("*", "/2/*", Fault.status(429, body, headers=headers))

    def down_next(self) -> None:
        self.x.fault("*", "/2/*", Fault.status(503, {"title": "Service Unavailable"}))

    def revoke(self) -> None:
        self._revoked = True
        self.x.end_logins()


HARNESS = XHarness
