"""Text messages for the contract suite: a Twilio account on loopback, and Ana's phone."""

from collections.abc import Sequence
from typing import Any

from callbox.connector import AccountSeen, MemorySession, Raw, Session
from callbox.networks.sms.connector import Sms
from callbox.vocabulary import Outgoing, Reported, Said
from tests.contract.answers import answer_to
from tests.contract.harness import SAY_PRIVATE, StandInHarness
from tests.contract.play import read
from tests.servers.standin import Answer, Fault
from tests.servers.twilio import ACCOUNT, KEY_SECRET, NUMBER, TOKEN, Twilio

ANA = "+13125550177"
HOOK_URL = "https://callbox.example/hooks/a/b/"


class SmsHarness(StandInHarness):
    """Our number at a stand-in of Twilio."""

    network = "sms"
    residents_can = frozenset({SAY_PRIVATE})
    secrets = (TOKEN, KEY_SECRET)
    write_path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

    def __init__(self) -> None:
        self.server = Twilio(HOOK_URL)
        super().__init__(self.server)

    def connector(self, session: Session | None = None, **config: Any) -> Sms:
        account = AccountSeen(
            "1",
            config.pop("external_id", NUMBER),
            NUMBER,
            {
                "server": self.server.url,
                "account_sid": ACCOUNT,
                "sender": NUMBER,
                "hook_url": HOOK_URL,
                **config,
            },
            {"auth_token": TOKEN, "api_secret": KEY_SECRET},
        )
        return self.kept(Sms(account, session or MemorySession()))

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.server.text(ANA, text)

    def pushed(self) -> Sequence[Raw]:
        waiting, self.server.hooks = self.server.hooks, []
        return self.received(waiting)

    def hook(self) -> Any:
        self.server.text(ANA, "Is the desk open on Sunday?")
        return self.server.hooks.pop()

    def kind_of(self, name: str) -> str:
        return "hook@2026-11-23T10:00:00+00:00" if name.endswith(".form") else "message"

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        return answer_to(self.said(to), text, key)

    def said(self, sid: str) -> Said:
        """What Ana said, as our reader sees it."""
        (raw,) = self.received([self.server.signed(self.server.form_of(sid))])
        (event,) = self.connector().parse(raw)
        assert isinstance(event, Said)
        return event

    def said_by_us(self) -> Sequence[str]:
        return [one["body"] for one in self.server.sent]

    def say_as_us(self, text: str) -> str:
        return self.server.outgoing(ANA, text)

    def report(self, external_id: str, *, order: Sequence[str] = ()) -> Sequence[Reported]:
        requests = []
        for word in order or ("sent", "delivered"):
            status = {"failed": "undelivered"}.get(word, word)
            code = 30003 if word == "failed" else None
            requests.append(self.server.status(external_id, status, code))
        events = read(self.connector(), self.received(requests))
        return [event for event in events if isinstance(event, Reported)]

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        answer = Answer(429, {"code": 20429}, {"retry-after": str(seconds)})
        self.server.fault("*", "*", Fault(answer))

    def down_next(self) -> None:
        self.server.fault("*", "*", Fault(Answer(503, {"code": 20503})))

    def revoke(self) -> None:
        self.server.dead = True


HARNESS = SmsHarness
