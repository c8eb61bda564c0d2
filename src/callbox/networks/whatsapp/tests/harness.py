"""WhatsApp for the contract suite: our number at a stand-in, and Ana's phone."""

from collections.abc import Mapping, Sequence
from typing import Any

from callbox.connector import AccountSeen, Raw, Session, Signed
from callbox.networks.whatsapp.connector import WhatsApp
from callbox.vocabulary import Outgoing, Reported, Said
from tests.contract.answers import answer_to
from tests.contract.harness import SAY_PRIVATE, StandInHarness
from tests.contract.play import read
from tests.servers.standin import Fault
from tests.servers.whatsapp import APP_SECRET, PHONE, SHOWN, TOKEN, WABA, refusal
from tests.servers.whatsapp import WhatsApp as Server

ANA = "13125550177"
HOOK_URL = "https://callbox.example/hooks/a/whatsapp/"
HOOK_TOKEN = "our-hook-token"


class WhatsAppHarness(StandInHarness):
    """Our number; everything comes by webhook."""

    network = "whatsapp"
    residents_can = frozenset({SAY_PRIVATE})
    secrets = (TOKEN, APP_SECRET, HOOK_TOKEN)
    write_path = f"/v23.0/{PHONE}/messages"

    def __init__(self) -> None:
        self.server = Server(HOOK_URL)
        super().__init__(self.server)
        self._said: dict[str, Said] = {}

    def connector(self, session: Session | None = None, **config: Any) -> WhatsApp:
        account = AccountSeen(
            "1",
            PHONE,
            SHOWN,
            {"server": self.server.url, "waba_id": WABA, "phone_number_id": PHONE, **config},
            {"token": TOKEN, "app_secret": APP_SECRET, "hook_token": HOOK_TOKEN},
        )
        return self.kept(WhatsApp(account, session))

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.noted(self.server.text(ANA, text))

    def noted(self, wamid: str) -> str:
        """Remember what was just said, as our reader sees it."""
        (raw,) = self.received(self.server.hooks[-1:])
        (event,) = self.connector().parse(raw)
        assert isinstance(event, Said)
        self._said[wamid] = event
        return wamid

    def pushed(self) -> Sequence[Raw]:
        waiting, self.server.hooks = self.server.hooks, []
        return self.received(waiting)

    def hook(self) -> Signed:
        self.server.text(ANA, "Is the desk open on Sunday?")
        return self.server.hooks.pop()

    def kind_of(self, name: str) -> str:
        return "webhook"

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        return answer_to(self._said[to], text, key)

    def said_by_us(self) -> Sequence[str]:
        return [words_of(one["body"]) for one in self.server.sent]

    def report(self, external_id: str, *, order: Sequence[str] = ()) -> Sequence[Reported]:
        requests = [
            self.server.status(external_id, word, 131026 if word == "failed" else None)
            for word in order or ("sent", "delivered", "read")
        ]
        events = read(self.connector(), self.received(requests))
        return [event for event in events if isinstance(event, Reported)]

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        answer = refusal(429, 130429, "Rate limit hit")
        answer.headers = {"retry-after": str(seconds)}
        self.server.fault("*", "*", Fault(answer))

    def down_next(self) -> None:
        self.server.fault("*", "*", Fault(refusal(503, 2, "Service temporarily unavailable")))

    def revoke(self) -> None:
        self.server.dead = True


def words_of(body: Mapping[str, Any]) -> str:
    """The words of a message that was sent."""
    if body["type"] == "template":
        return str(body["template"]["components"][0]["parameters"][0]["text"])
    part = body[body["type"]]
    return str(part.get("body") or part.get("caption") or "")


HARNESS = WhatsAppHarness
