"""What the contract suite needs of every network: a server that stands for it, and a resident.

Each network's `tests/harness.py` has a subclass of `Harness`, called `HARNESS`. The suite
(`tests/contract/test_*.py`) makes one per test, plays the resident through it, and holds the
connector to the same promises everywhere. What a network cannot do at all is said by
`Connector.abilities()` and by `residents_can`, never by skipping.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from callbox import networks
from callbox.connector import Connector, MemorySession, Raw, Session, Signed
from callbox.vocabulary import Outgoing, Reported
from tests.servers.standin import Fault, StandIn

Made = TypeVar("Made", bound=Connector)

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

    def _unplayed(self) -> AssertionError:
        """Asked for what `residents_can` does not list, or what every harness has to have."""
        return AssertionError(f"the harness of {self.network} does not play this")

    def close(self) -> None:
        """End everything; stand-ins raise here for requests that their network does not know."""

    def connector(self, session: Session | None = None) -> Connector:
        """Our account's connector, ready to work. Without a session it has one of its own."""
        raise self._unplayed()

    def session(self) -> MemorySession:
        """A session such as a connected account has."""
        return MemorySession()

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        """Ana says something to us. Its id, as `Said.external_id` will have it."""
        raise self._unplayed()

    def edit(self, external_id: str, text: str) -> None:
        """Ana changes her words."""
        raise self._unplayed()

    def remove(self, external_id: str) -> None:
        """Ana takes her words away."""
        raise self._unplayed()

    def like(self, external_id: str) -> None:
        """Ana likes something of ours."""
        raise self._unplayed()

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
        """Everything in the network's `samples`: name → bytes that `parse` gets, for fuzzing."""
        folder = Path(networks.__file__).parent / self.network / "samples"
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

    def kind_of(self, name: str) -> str:
        """The `Raw.kind` under which a sample came. Samples are named for it, with "-" for ":":
        `comment-edited_top.json` is a `comment:edited`."""
        return name.partition(".")[0].partition("_")[0].replace("-", ":")

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        """An answer to something that Ana said (public or private as she said it), as the product
        would make it: `reply_to.refs` from what `parse` gave."""
        raise self._unplayed()

    def said_by_us(self) -> Sequence[str]:
        """Texts of ours that stand on the network now, oldest first."""
        raise self._unplayed()

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
        raise self._unplayed()

    def break_publishing(self) -> None:
        """The next post gets no answer, though it is there. The same as for an answer, unless
        publishing has a door of its own."""
        self.break_next_write(done=True)

    def limit_next(self, seconds: int) -> None:
        """The next call is refused: too many, come back in `seconds`."""
        raise self._unplayed()

    def down_next(self) -> None:
        """The next call is answered 503 (or the server is away)."""
        raise self._unplayed()

    def revoke(self) -> None:
        """Our login is over; every call is refused for that from now on."""
        raise self._unplayed()


class StandInHarness(Harness):
    """A network that a stand-in of ours stands for, or a relay of ours before a real server.

    Subclasses hand their server to `__init__`, and every connector that they make to `kept`.
    """

    #: The path under which our words go out, as `StandIn.fault` takes it.
    write_path: ClassVar[str] = "*"
    _later = timedelta()

    def __init__(self, server: StandIn) -> None:
        self._server = server
        self._made: list[Connector] = []

    def close(self) -> None:
        for connector in self._made:
            connector.close()
        self._server.close()

    def kept(self, made: Made) -> Made:
        """A connector, to be closed at the end."""
        self._made.append(made)
        return made

    def now(self) -> datetime:
        """The time, for stand-ins that take one and for us."""
        return datetime.now(UTC) + self._later

    def later(self, **kwargs: float) -> None:
        """Let time pass."""
        self._later += timedelta(**kwargs)

    def received(self, requests: Iterable[Signed]) -> list[Raw]:
        """What our webhook makes of some requests."""
        connector = self.connector()
        return [raw for request in requests for raw in connector.receive_hook(request).raws]

    def break_next_write(self, *, done: bool) -> None:
        fault = Fault.after_success() if done else Fault.dropped()
        self._server.fault("POST", self.write_path, fault)

    def down_next(self) -> None:
        self._server.fault("*", "*", Fault.status(503))


def harness_class(network: str) -> type[Harness]:
    """A network's harness."""
    found: type[Harness] = import_module(f"callbox.networks.{network}.tests.harness").HARNESS
    return found
