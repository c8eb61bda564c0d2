"""Where reading by ourselves stands: a cursor that is stored with what was read.

All times are epoch seconds. It only ever goes forward, and stays small: of what is watched, the
newest `MOST_WATCHED` of the last week stay.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from callbox.meta.values import objects
from callbox.values import Json, mapping

MOST_WATCHED = 300
WATCHED_FOR = 7 * 86400
_FIRST = 86400  # how far back the first look goes


class Watched(NamedTuple):
    """A thing that may still change."""

    at: int
    mark: str
    hidden: bool
    place: str  # the post or list that it should be found in


@dataclass(slots=True)
class Cursor:
    """The cursor, open for one step."""

    start: int
    reached: dict[str, int] = field(default_factory=dict)
    looked: int = 0
    rated: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    deep: list[Json] = field(default_factory=list)
    round_next: Mapping[str, Any] = field(default_factory=dict)
    round_since: int = 0
    round_began: int = 0
    _watch: dict[str, Watched] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)  # messages: a short mark of the id → time
    _later: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any], now: int) -> "Cursor":
        """The stored cursor; {} starts a day back, and so does one that cannot be read (of another
        version of this file, say): reading a day twice does no harm."""
        try:
            return cls._read(stored, now)
        except (TypeError, ValueError, AttributeError, OverflowError):
            return cls._read({}, now)

    @classmethod
    def _read(cls, stored: Mapping[str, Any], now: int) -> "Cursor":
        start = int(stored.get("start") or now - _FIRST)
        return cls(
            start,
            {name: int(at) for name, at in mapping(stored.get("reached")).items()},
            int(stored.get("looked") or 0),
            int(stored.get("rated") or 0),
            {name: int(at) for name, at in mapping(stored.get("refused")).items()},
            objects(stored.get("deep")),
            mapping(stored.get("round_next")),
            int(stored.get("round_since") or start),
            int(stored.get("round_began") or now),
            {name: Watched(*one) for name, one in mapping(stored.get("watch")).items()},
            dict(mapping(stored.get("seen"))),
        )

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        reached = {
            name: max(self.reached.get(name, 0), self._later.get(name, 0))
            for name in {*self.reached, *self._later}
        }
        return {
            "start": self.start,
            "reached": reached,
            "looked": self.looked,
            "rated": self.rated,
            "refused": self.refused,
            "deep": self.deep,
            "round_next": dict(self.round_next),
            "round_since": self.round_since,
            "round_began": self.round_began,
            "watch": {name: list(one) for name, one in self._watch.items()},
            "seen": self._seen,
        }

    # --- how far we are -------------------------------------------------------------------------

    def since(self, what: str) -> int:
        """Up to when a list has been read."""
        return self.reached.get(what, self.start)

    def reach(self, what: str, times: Iterable[int]) -> None:
        """A list has been read up to the newest of these."""
        self.reached[what] = max(self.since(what), *times, 0)

    def reach_later(self, what: str, times: Iterable[int]) -> None:
        """The same, once the step is over: other lists of it still ask from where it began."""
        self._later[what] = max(self._later.get(what, 0), self.since(what), *times)

    def branch(self, branch: Json) -> None:
        """Something is left to walk. One post or exchange is on the list once, from the earliest
        time that was asked for."""
        name = "post" if "post" in branch else "thread"
        for place, known in enumerate(self.deep):
            if known.get(name) == branch[name]:
                earliest = min(int(known.get("since") or 0), int(branch["since"]))
                self.deep[place] = {**known, "since": earliest}
                return
        self.deep.append(branch)

    def begin_round(self, rest: Mapping[str, Any], now: int) -> None:
        """The older posts begin here."""
        self.round_next, self.round_began = dict(rest), now

    def end_round(self) -> None:
        """Every older post was looked at; the next round asks from where this one began."""
        self.round_since, self.round_next = self.round_began, {}

    # --- what we have seen ----------------------------------------------------------------------

    def first_seen(self, message_id: str, at: int) -> bool:
        """Whether a message was not seen before."""
        short = hashlib.blake2b(message_id.encode(), digest_size=8).hexdigest()
        if short in self._seen:
            return False
        self._seen[short] = at
        return True

    def watched(self, external_id: str) -> Watched | None:
        """What we know of a thing."""
        return self._watch.get(external_id)

    def watch(self, external_id: str, at: int, mark: str, hidden: bool, place: str) -> None:
        """Remember a thing as it is now."""
        self._watch[external_id] = Watched(at, mark, hidden, place)

    def forget(self, external_id: str) -> None:
        """It is gone."""
        self._watch.pop(external_id, None)

    def expected(self, place: str, start: int) -> Sequence[str]:
        """What should be found in a list that reaches back to `start`."""
        return [name for name, one in self._watch.items() if one.place == place and one.at > start]

    def prune(self, now: int, overlap: int) -> None:
        """Keep it small."""
        young = [one for one in self._watch.items() if now - one[1].at < WATCHED_FOR]
        young.sort(key=lambda one: one[1].at)
        self._watch = dict(young[-MOST_WATCHED:])
        if not self.deep:  # a branch that is under way may meet them again
            oldest = self.since("messages") - 2 * overlap
            self._seen = {name: at for name, at in self._seen.items() if at >= oldest}
