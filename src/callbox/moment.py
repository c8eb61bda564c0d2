"""The time, in one place, so that a past can be played and tests can move it.

While a past is played (the practice city on the first start), deeds happen at the moment that they
are given, and nothing leaves their transactions: the jobs that they ask for were done back then,
and the pages that they would tell are not open any more. `callbox.effects` asks `is_past`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_moment: ContextVar[datetime | None] = ContextVar("callbox_moment", default=None)


def now_utc() -> datetime:
    """The time: the clock's, or the moment of the past that is being played."""
    return _moment.get() or datetime.now(UTC)


def is_past() -> bool:
    """Whether a past is being played."""
    return _moment.get() is not None


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Play deeds as if they happened then. Raises ValueError for a time that is not over."""
    if moment > datetime.now(UTC):
        raise ValueError(f"{moment} is not in the past")
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
