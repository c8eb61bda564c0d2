"""Small parts of a thread: buttons, marks, and for whom it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from callbox.vocabulary import Deed
from callbox.web.staff import words


@dataclass(frozen=True, slots=True)
class Button:
    """A button under an item. `dialog`: it asks first."""

    url: str
    label: str
    letter: str = ""
    icon: str = ""
    dialog: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that was done to an item on the network, and where it stands."""

    icon: str
    words: str
    look: str = ""
    acts: Sequence[Button] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom items are written: their language, the agency's time, and what they may do.

    `cannot` says what the network has no way to do; `connected`, whether our account can act now.
    """

    now: datetime
    zone: tzinfo
    language: str
    network: str
    can: frozenset[Deed]
    connected: bool = True
    cannot: Mapping[str, str] = field(default_factory=dict)

    @property
    def withdraws(self) -> bool:
        """Whether they may take back a reply."""
        return Deed.WITHDRAW in self.can

    def when(self, at: datetime) -> str:
        """A moment in the agency's time."""
        return words.when(at, self.now, self.zone)

    def foreign(self, language: str) -> str:
        """A language worth naming to this reader, or ""."""
        return language if language and language != self.language else ""

    def lacks(self, ability: str) -> str:
        """Why the network cannot do this at all, or ""."""
        return self.cannot.get(ability, "")


def safe_url(url: str) -> str:
    """An address that a page may link to: only the web's own kinds, never `javascript:`."""
    return url if url.startswith(("https://", "http://", "/")) else ""
