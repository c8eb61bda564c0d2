"""Instagram as the contract suite sees it: the stand-in, our account, and Ana."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import ClassVar

from PIL import Image

from callbox.connector import AccountSeen, Connector, MemorySession, Raw, Session, Signed
from callbox.networks.instagram.connector import Instagram
from callbox.vocabulary import Outgoing, Reported, Said, Stage
from tests.contract.answers import answer_to
from tests.contract.harness import EDIT, REMOVE, SAY_PRIVATE, SAY_PUBLIC, StandInHarness
from tests.contract.play import read
from tests.servers.graph import APP_SECRET, fault_answer
from tests.servers.instagram import ACCOUNT, ANA, HANDLE, PAGE, SCOPED, TOKEN
from tests.servers.instagram_login import InstagramWithLogin
from tests.servers.standin import Fault

HOOK_TOKEN = "verify-me"


def account(server: str, product: str = "instagram", **config: str) -> AccountSeen:
    """Our account, as it is stored."""
    return AccountSeen(
        "a1",
        ACCOUNT,
        HANDLE,
        {
            "server": server,
            "product": product,
            "app_id": "4400",
            "page_id": PAGE if product == "facebook" else "",
            "scoped_id": SCOPED,
            **config,
        },
        {"app_secret": APP_SECRET, "hook_token": HOOK_TOKEN},
    )


class InstagramHarness(StandInHarness):
    """Through Instagram Login; `ThroughPage` is the same through Facebook's."""

    network: ClassVar[str] = "instagram"
    residents_can: ClassVar[frozenset[str]] = frozenset((SAY_PUBLIC, SAY_PRIVATE, EDIT, REMOVE))
    secrets: ClassVar[tuple[str, ...]] = (TOKEN, APP_SECRET)
    product: ClassVar[str] = "instagram"

    def __init__(self) -> None:
        self.city = InstagramWithLogin(self.product)
        self.media = self.city.post("Office hours on Tuesday", at=self.city.clock)
        self._held = self.session()
        super().__init__(self.city)

    def connector(self, session: Session | None = None) -> Connector:
        return self.as_account(account(self.city.url, self.product), session)

    def as_account(self, seen: AccountSeen, session: Session | None = None) -> Instagram:
        """A connector for any stored account."""
        held = session or self._held
        made = Instagram(seen, held, now=lambda: self.city.clock, sleep=lambda _: None)
        return self.kept(made)

    def session(self) -> MemorySession:
        now = datetime.now(UTC)
        ends = now + timedelta(days=60)
        return MemorySession(
            {"token": TOKEN, "issued_at": now.isoformat(), "ends_at": ends.isoformat()}
        )

    # --- the resident ---------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.city.write(text) if private else self.city.comment(self.media, text)

    def edit(self, external_id: str, text: str) -> None:
        if external_id in self.city.messages:
            self.city.edit_message(external_id, text)
        else:
            self.city.comments[external_id]["text"] = text

    def remove(self, external_id: str) -> None:
        if external_id in self.city.messages:
            self.city.unsend(external_id)
        else:
            del self.city.comments[external_id]

    # --- what comes in --------------------------------------------------------------------------

    def pushed(self) -> Sequence[Raw]:
        return self.received(self.city.signed(body) for body in self.city.taken())

    def hook(self) -> Signed:
        self.city.comment(self.media, "Is the road open?")
        return self.city.signed(self.city.taken()[-1])

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        return answer_to(self._said(to), text, key, self.city.clock)

    def _said(self, external_id: str) -> Said:
        """What `parse` made of it, however it came."""
        if external_id in self.city.messages:
            one = self.city.messages[external_id]
            people = self.city.exchanges[one["exchange"]]["participants"]
            raw = Raw.of("message", {"message": one, "participants": people})
        else:
            one = self.city.comments[external_id]
            raw = Raw.of("comment", {"comment": one, "media": self.city.media[one["media_id"]]})
        (event,) = self.connector().parse(raw)
        assert isinstance(event, Said)
        return event

    def said_by_us(self) -> Sequence[str]:
        return self.city.ours()

    def say_as_us(self, text: str) -> str:
        return self.city.write(text, echo=True)

    def report(self, external_id: str, *, order: Sequence[str] = ()) -> Sequence[Reported]:
        """Instagram reports one stage only: that a message was read."""
        if not any(stage == Stage.READ.value for stage in order):
            return []
        self.city.taken()
        self.city.see(external_id, ANA)
        events = read(self.connector(), self.pushed())
        return [event for event in events if isinstance(event, Reported)]

    def must_show(self) -> Sequence[BytesIO]:
        file = BytesIO()
        Image.new("RGB", (64, 64), "navy").save(file, "JPEG")
        return [file]

    def break_publishing(self) -> None:
        self.city.fault("POST", "*/media_publish", Fault.after_success())

    # --- faults ---------------------------------------------------------------------------------

    def limit_next(self, seconds: int) -> None:
        answer = fault_answer(4, "Application request limit reached", status=400)
        headers = {"retry-after": str(seconds)}
        self.city.fault("*", "*", Fault.status(400, answer.body, headers=headers))

    def revoke(self) -> None:
        self.city.kill(TOKEN)


class ThroughPage(InstagramHarness):
    """The same account through Facebook Login."""

    product: ClassVar[str] = "facebook"


HARNESS = InstagramHarness
