"""Our own pages for the contract suite. Nothing is on a wire: what is said there is a form of ours,
and what we answer is shown by ourselves."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from callbox.connector import AccountSeen, Raw, Session
from callbox.networks.portal.connector import Portal
from callbox.vocabulary import Outgoing, Said
from tests.contract.answers import answer_to
from tests.contract.harness import SAY_PRIVATE, Harness

_numbers = count(1)


class PortalHarness(Harness):
    """Our own page, and Ana at it."""

    network = "portal"
    residents_can = frozenset({SAY_PRIVATE})
    on_a_wire = False

    def __init__(self) -> None:
        self._forms: dict[str, Raw] = {}
        self._waiting: list[Raw] = []

    def connector(self, session: Session | None = None) -> Portal:
        return Portal(AccountSeen("1", "portal", "portal"), session)

    def say(self, text: str, *, private: bool = False) -> str:
        form = {
            "id": f"form-{next(_numbers)}",
            "at": datetime.now(UTC).isoformat(),
            "name": "Ana Ejemplo",
            "text": text,
            "language": "en",
            "door": "question",
            "follow_up_of": "",
        }
        self._forms[form["id"]] = Raw.of("form", form)
        self._waiting.append(self._forms[form["id"]])
        return form["id"]

    def pushed(self) -> Sequence[Raw]:
        waiting, self._waiting = self._waiting, []
        return waiting

    def kind_of(self, name: str) -> str:
        return "form"

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        (said,) = self.connector().parse(self._forms[to])
        assert isinstance(said, Said)
        return answer_to(said, text, key)


HARNESS = PortalHarness
