"""What the contract suite needs of every network: a server that stands for it, and a resident.

Each network's `tests/harness.py` has a subclass of `Harness`, called `HARNESS`. The suite
(`tests/contract/test_*.py`) makes one per test, plays the resident through it, and holds the
connector to the same promises everywhere. What a network cannot do at all is said by
`Connector.abilities()` and by `residents_can`, never by skipping.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any, ClassVar

from callbox.connector import Connector, MemorySession, Raw, Session
from callbox.vocabulary import Outgoing, Reported

#: What residents can do on a network, as far as it shows us: names for `Harness.residents_can`.
SAY_PUBLIC = "say_public"  # write to us where everybody can read it
SAY_PRIVATE = "say_private"
EDIT = "edit"  # change their words, and we are shown it
REMOVE = "remove"  # take them away, and we are shown it
LIKE = "like"


class Harness:
    """One network on loopback, our account on it, and a resident called Ana.

    Made anew for every test; `close` ends everything it started.
    """

    network: ClassVar[str] = ""
    residents_can: ClassVar[frozenset[str]] = frozenset()
    #: Whether anything travels: our own pages have no network that could fail.
    on_a_wire: ClassVar[bool] = True
    #: Whether we can ever learn what became of a call that was not answered: by looking, or because
    #: the network shows or reports it. Where not, a person has to look.
    tells_what_it_sent: ClassVar[bool] = True
    #: Secrets that must never show in a log line or an error: tokens, passwords, app secrets.
    secrets: ClassVar[tuple[str, ...]] = ()

    def close(self) -> None:
        """End everything; stand-ins raise here for requests that their network does not know."""

    def connector(self, session: Session | None = None) -> Connector:
        """Our account's connector, ready to work. Without a session it has one of its own."""
        raise NotImplementedError

    def session(self) -> MemorySession:
        """A session such as a connected account has."""
        return MemorySession()

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        """Ana says something to us. Its id, as `Said.external_id` will have it."""
        raise NotImplementedError

    def edit(self, external_id: str, text: str) -> None:
        """Ana changes her words."""
        raise NotImplementedError

    def remove(self, external_id: str) -> None:
        """Ana takes her words away."""
        raise NotImplementedError

    def like(self, external_id: str) -> None:
        """Ana likes something of ours."""
        raise NotImplementedError

    # --- what comes in --------------------------------------------------------------------------

    def pushed(self) -> Sequence[Raw]:
        """What the network has pushed to our webhook since the last call, through
        `Connector.receive_hook` with a good signature; empty where there are no webhooks."""
        return []

    def hook(self) -> Any | None:
        """One signed webhook request (`Signed`) for something that Ana just said; None where the
        network has no webhooks. The suite forges it, repeats it and sends it late."""
        return None

    def sample_events(self) -> Mapping[str, bytes]:
        """`samples/*.json` and the like: name → bytes that `parse` gets, for fuzzing."""
        return {}

    def kind_of(self, name: str) -> str:
        """The `Raw.kind` under which a sample came."""
        raise NotImplementedError

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        """An answer to something that Ana said (public or private as she said it), as the product
        would make it: `reply_to.refs` from what `parse` gave."""
        raise NotImplementedError

    def said_by_us(self) -> Sequence[str]:
        """Texts of ours that stand on the network now, oldest first."""
        raise NotImplementedError

    def must_show(self) -> Sequence[BytesIO]:
        """Pictures that a post has to have here; none where words are enough."""
        return []

    def say_as_us(self, text: str) -> str:
        """Our account says something outside Callbox (an echo). Its id; "" where it cannot."""
        return ""

    def report(self, external_id: str, *, order: Sequence[str] = ()) -> Sequence[Reported]:
        """Status reports for a message of ours, in this order; empty where there are none."""
        return []

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        """The next thing that we say gets no answer: done there all the same, or not."""
        raise NotImplementedError

    def break_publishing(self) -> None:
        """The next post gets no answer, though it is there. The same as for an answer, unless
        publishing has a door of its own."""
        self.break_next_write(done=True)

    def limit_next(self, seconds: int) -> None:
        """The next call is refused: too many, come back in `seconds`."""
        raise NotImplementedError

    def down_next(self) -> None:
        """The next call is answered 503 (or the server is away)."""
        raise NotImplementedError

    def revoke(self) -> None:
        """Our login is over; every call is refused for that from now on."""
        raise NotImplementedError


def harness_class(network: str) -> type[Harness]:
    """A network's harness."""
    found: type[Harness] = import_module(f"callbox.networks.{network}.tests.harness").HARNESS
    return found
