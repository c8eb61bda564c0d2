"""Text messages for the contract suite: a Twilio account on loopback, and Ana's phone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callbox.connector import AccountSeen, MemorySession, Raw, Session
from callbox.networks.sms.connector import Sms
from callbox.vocabulary import Lane, Outgoing, ReplyTo, Reported, Said
from tests.contract.harness import SAY_PRIVATE, Harness
from tests.servers.standin import Answer, Fault
from tests.servers.twilio import ACCOUNT, KEY_SECRET, NUMBER, TOKEN, Twilio

ANA = "+13125550177"
HOOK_URL = "https://callbox.example/hooks/a/b/"
_SAMPLES = Path(__file__).parent.parent / "samples"
_SEND = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


class SmsHarness(Harness):
    """Our number at a stand-in of Twilio."""

    network = "sms"
    residents_can = frozenset({SAY_PRIVATE})
    secrets = (TOKEN, KEY_SECRET)

    def __init__(self) -> None:
        self.server = Twilio(HOOK_URL)
        self._open: list[Sms] = []

    def close(self) -> None:
        for connector in self._open:
            connector.close()
        self.server.close()

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
        self._open.append(Sms(account, session or MemorySession()))
        return self._open[-1]

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.server.text(ANA, text)

    def pushed(self) -> Sequence[Raw]:
        waiting, self.server.hooks = self.server.hooks, []
        connector = self.connector()
        return [raw for one in waiting for raw in connector.receive_hook(one).raws]

    def hook(self) -> Any:
        self.server.text(ANA, "Is the desk open on Sunday?")
        return self.server.hooks.pop()

    def sample_events(self) -> Mapping[str, bytes]:
        found = sorted(_SAMPLES.glob("*"))
        return {path.name: path.read_bytes() for path in found if path.is_file()}

    def kind_of(self, name: str) -> str:
        return "hook@2026-11-23T10:00:00+00:00" if name.endswith(".form") else "message"

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        said = self.said(to)
        reply_to = ReplyTo(
            said.external_id,
            said.root_id or said.external_id,
            said.author,
            said.refs,
            said.addressed,
            said.lane,
            said_at=said.said_at,
            heard_at=said.said_at,
        )
        return Outgoing(key, datetime.now(UTC), text, Lane.PRIVATE, reply_to=reply_to)

    def said(self, sid: str) -> Said:
        """What Ana said, as our reader sees it."""
        signed = self.server.signed(self.server.form_of(sid))
        connector = self.connector()
        (raw,) = connector.receive_hook(signed).raws
        (event,) = connector.parse(raw)
        assert isinstance(event, Said)
        return event

    def said_by_us(self) -> Sequence[str]:
        return [one["body"] for one in self.server.sent]

    def say_as_us(self, text: str) -> str:
        return self.server.outgoing(ANA, text)

    def report(self, external_id: str, *, order: Sequence[str] = ()) -> Sequence[Reported]:
        connector, found = self.connector(), []
        for word in order or ("sent", "delivered"):
            status = {"failed": "undelivered"}.get(word, word)
            signed = self.server.status(external_id, status, 30003 if word == "failed" else None)
            raws = connector.receive_hook(signed).raws
            found += [event for raw in raws for event in connector.parse(raw)]
        return [event for event in found if isinstance(event, Reported)]

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        self.server.fault("POST", _SEND, Fault.after_success() if done else Fault.dropped())

    def limit_next(self, seconds: int) -> None:
        answer = Answer(429, {"code": 20429}, {"retry-after": str(seconds)})
        self.server.fault("*", "*", Fault(answer))

    def down_next(self) -> None:
        self.server.fault("*", "*", Fault(Answer(503, {"code": 20503})))

    def revoke(self) -> None:
        self.server.dead = True


HARNESS = SmsHarness
