"""The practice network for the contract suite: a street of its own for every test."""

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from callbox.connector import AccountSeen, Raw, Session, Signed
from callbox.networks.practice import hook
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.faults import ANY, Fault
from callbox.networks.practice.street import Street
from callbox.vocabulary import Outgoing
from tests.contract.answers import answer_to, said_in
from tests.contract.harness import EDIT, LIKE, REMOVE, SAY_PRIVATE, SAY_PUBLIC, Harness

TOKEN = "the-token-of-the-agency"


class PracticeHarness(Harness):
    """Our account on a street, and Ana."""

    network = "practice"
    residents_can = frozenset({SAY_PUBLIC, SAY_PRIVATE, EDIT, REMOVE, LIKE})
    secrets = (TOKEN,)

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.street = Street(Path(self._folder.name) / "street.sqlite3")
        self.street.join_agency("chicago_pd", "Chicago Police", TOKEN)
        self.street.join("ana", "Ana Ejemplo")
        self._open: list[Practice] = []

    def close(self) -> None:
        for connector in self._open:
            connector.close()
        self.street.close()
        self._folder.cleanup()

    def connector(self, session: Session | None = None) -> Practice:
        path = str(self.street.ground.path)
        account = AccountSeen("a1", "u1", "chicago_pd", {"path": path}, {"token": TOKEN})
        self._open.append(Practice(account, session))
        self._open[-1].sleep = lambda seconds: None
        return self._open[-1]

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        if private:
            return self.street.direct("ana", "chicago_pd", text).id
        return self.street.post("ana", f"@chicago_pd {text}").id

    def edit(self, external_id: str, text: str) -> None:
        self.street.edit("ana", external_id, f"@chicago_pd {text}")

    def remove(self, external_id: str) -> None:
        self.street.delete("ana", external_id)

    def like(self, external_id: str) -> None:
        self.street.like("ana", external_id)

    # --- what comes in --------------------------------------------------------------------------

    def hook(self) -> Signed:
        body = json.dumps({"events": [raw.json() for raw in self._newest()]}).encode()
        now = str(int(time.time()))
        headers = {
            "x-practice-time": now,
            "x-practice-signature": hook.signature(TOKEN, now, body),
        }
        return Signed("POST", "https://callbox.example/hooks/a/b/", headers, body)

    def _newest(self) -> Sequence[Raw]:
        self.say("Is the desk open on Sunday?")
        return self.connector().fetch({"seq": 0}).items

    def kind_of(self, name: str) -> str:
        return "event"

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        connector = self.connector()
        return answer_to(said_in(connector, connector.fetch({"seq": 0}).items, to), text, key)

    def said_by_us(self) -> Sequence[str]:
        mine = sorted(self.street.said_by("chicago_pd"), key=lambda post: post.n)
        return [post.text for post in mine if not post.gone]

    def say_as_us(self, text: str) -> str:
        return self.street.post("chicago_pd", text).id

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        self.street.faults.ask(Fault.LOST_AFTER if done else Fault.LOST_BEFORE, "reply")
        self.street.faults.ask(Fault.LOST_AFTER if done else Fault.LOST_BEFORE, "message")

    def break_publishing(self) -> None:
        self.street.faults.ask(Fault.LOST_AFTER, "publish")

    def limit_next(self, seconds: int) -> None:
        self.street.faults.ask(Fault.RATE_LIMITED, ANY, seconds=seconds)

    def down_next(self) -> None:
        self.street.faults.ask(Fault.UNAVAILABLE, ANY)

    def revoke(self) -> None:
        self.street.faults.ask(Fault.AUTH_DEAD, ANY, times=1000)


HARNESS = PracticeHarness
