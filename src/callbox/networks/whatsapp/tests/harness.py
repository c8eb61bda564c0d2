"""WhatsApp for the contract suite: our number at a stand-in, and Ana's phone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from callbox.connector import AccountSeen, Raw, Session, Signed
from callbox.networks.whatsapp.connector import WhatsApp
from callbox.vocabulary import Outgoing, Reported, Said
from tests.contract.answers import answer_to
from tests.contract.harness import SAY_PRIVATE, Harness
from tests.servers.standin import Fault
from tests.servers.whatsapp import APP_SECRET, PHONE, SHOWN, TOKEN, WABA, refusal
from tests.servers.whatsapp import WhatsApp as Server

ANA = "13125550177"
HOOK_URL = "https://callbox.example/hooks/a/whatsapp/"
HOOK_TOKEN = "our-hook-token"
_SAMPLES = Path(__file__).parent.parent / "samples"
_MESSAGES = f"/v23.0/{PHONE}/messages"


class WhatsAppHarness(Harness):
    """Our number; everything comes by webhook."""

    network = "whatsapp"
    residents_can = frozenset({SAY_PRIVATE})
    secrets = (TOKEN, APP_SECRET, HOOK_TOKEN)

    def __init__(self) -> None:
        self.server = Server(HOOK_URL)
        self._open: list[WhatsApp] = []
        self._said: dict[str, Said] = {}

    def close(self) -> None:
        for connector in self._open:
            connector.close()
        self.server.close()

    def connector(self, session: Session | None = None, **config: Any) -> WhatsApp:
        account = AccountSeen(
            "1",
            PHONE,
            SHOWN,
            {"server": self.server.url, "waba_id": WABA, "phone_number_id": PHONE, **config},
            {"token": TOKEN, "app_secret": APP_SECRET, "hook_token": HOOK_TOKEN},
        )
        self._open.append(WhatsApp(account, session))
        return self._open[-1]

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.noted(self.server.text(ANA, text))

    def noted(self, wamid: str) -> str:
        """Remember what was just said, as our reader sees it."""
        connector = self.connector()
        (raw,) = connector.receive_hook(self.server.hooks[-1]).raws
        (event,) = connector.parse(raw)
        assert isinstance(event, Said)
        self._said[wamid] = event
        return wamid

    def pushed(self) -> Sequence[Raw]:
        waiting, self.server.hooks = self.server.hooks, []
        connector = self.connector()
        return [raw for one in waiting for raw in connector.receive_hook(one).raws]

    def hook(self) -> Signed:
        self.server.text(ANA, "Is the desk open on Sunday?")
        return self.server.hooks.pop()

    def sample_events(self) -> Mapping[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(_SAMPLES.glob("*.json"))}

    def kind_of(self, name: str) -> str:
        return "webhook"

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        return answer_to(self._said[to], text, key)

    def said_by_us(self) -> Sequence[str]:
        return [words_of(one["body"]) for one in self.server.sent]

    def report(self, external_id: str, *, order: Sequence[str] = ()) -> Sequence[Reported]:
        connector, found = self.connector(), []
        for word in order or ("sent", "delivered", "read"):
            signed = self.server.status(external_id, word, 131026 if word == "failed" else None)
            raws = connector.receive_hook(signed).raws
            found += [event for raw in raws for event in connector.parse(raw)]
        return [event for event in found if isinstance(event, Reported)]

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        self.server.fault("POST", _MESSAGES, Fault.after_success() if done else Fault.dropped())

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
