"""The queue of faults: what was asked to go wrong, played when a program calls."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from callbox.networks.practice.faults import (
    ANY,
    OPERATIONS,
    Fault,
    Planned,
    Trouble,
    operations_of,
    words_of,
)
from callbox.networks.practice.ground import Ground

_TIMED = frozenset({Fault.RATE_LIMITED})  # go on until a moment, however often they are met


class Plan:
    """Asks for faults and plays them, the earliest asked first."""

    def __init__(self, ground: Ground, now: Callable[[], datetime]) -> None:
        self._ground = ground
        self._now = now

    def ask(
        self, fault: Fault, operation: str = ANY, times: int | None = 1, seconds: float = 2.0
    ) -> None:
        """Make the next `times` calls of `operation` fail; None means until `clear`.

        RATE_LIMITED goes on for `seconds` from now, whatever `times` says. Raises ValueError when
        the operation cannot fail in this way.
        """
        if operation != ANY and operation not in operations_of(fault):
            raise ValueError(f"{operation} cannot fail with {fault.value}")
        if times is not None and times < 1:
            raise ValueError("times counts from 1")
        until = self._now() + timedelta(seconds=seconds) if fault in _TIMED else None
        with self._ground.writing():
            self._ground.write(
                "INSERT INTO faults (operation, fault, times, seconds, until)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    operation,
                    fault.value,
                    None if until else times,
                    seconds,
                    until.isoformat() if until else None,
                ),
            )

    def waiting(self) -> Sequence[Planned]:
        """What is still to be played, in order."""
        planned = [_planned(row) for row in self._ground.rows("SELECT * FROM faults ORDER BY n")]
        return [each for each in planned if not each.until or each.until > self._now()]

    def clear(self, planned_id: int | None = None) -> None:
        """Take one fault away, or all of them."""
        with self._ground.writing():
            self._ground.write("DELETE FROM faults WHERE n = ? OR ? IS NULL", (planned_id,) * 2)

    def next(self, operation: str, *, passing: Collection[Fault] = ()) -> Planned | None:
        """Take the next fault meant for this call, and count it as played. Faults in `passing`
        are left for a later call."""
        if operation not in OPERATIONS:
            raise ValueError(f"there is no operation called {operation}")
        if not self._due(operation, passing):
            return None
        with self._ground.writing():
            due = self._due(operation, passing)  # again, now that nobody else can take it
            if due and due.times is not None:
                self._count(due.id, due.times)
        return due

    def fail(self, planned: Planned | None) -> None:
        """Raise what a fault says, for those that stop a call before anything is done."""
        if planned is None or planned.fault in _AFTERWARDS:
            return
        since = self._now() if planned.fault is Fault.WINDOW_CLOSED else planned.until
        raise Trouble(planned.fault, words_of(planned.fault), since)

    def _due(self, operation: str, passing: Collection[Fault]) -> Planned | None:
        fitting = (
            each
            for each in self.waiting()
            if each.operation in (operation, ANY)
            and operation in operations_of(each.fault)
            and each.fault not in passing
        )
        return next(fitting, None)

    def _count(self, planned_id: int, times: int) -> None:
        if times > 1:
            self._ground.write("UPDATE faults SET times = times - 1 WHERE n = ?", (planned_id,))
        else:
            self._ground.write("DELETE FROM faults WHERE n = ?", (planned_id,))


# These let the call happen and change what is heard of it.
_AFTERWARDS = frozenset(
    {
        Fault.LOST_AFTER,
        Fault.SLOW,
        Fault.ECHO_FIRST,
        Fault.MALFORMED,
        Fault.DUPLICATED,
        Fault.SHUFFLED,
    }
)


def _planned(row: Any) -> Planned:
    until = datetime.fromisoformat(row["until"]) if row["until"] else None
    return Planned(
        row["n"], row["operation"], Fault(row["fault"]), row["times"], row["seconds"], until
    )
