"""A process that ends at a chosen moment, by the signal that nobody can catch.

All of this lives in the tests: the product has no hooks for it. `arm` wraps, in this process alone,
the driver's statements and commits and the practice network's calls.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg

from callbox.networks.practice.service import Service


def arm(kind: str, number: int, moment: str) -> None:
    """End this process before or after the `number`-th statement, commit, look at the network
    (`look`), or word said on it (`word`)."""
    count = 0

    def wrapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def doomed(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            here = count == number
            if here and moment == "before":
                _die()
            result = original(*args, **kwargs)
            if here:
                _die()
            return result

        return doomed

    for owner, name in _PLACES[kind]:
        setattr(owner, name, wrapped(getattr(owner, name)))


_PLACES: dict[str, tuple[tuple[type, str], ...]] = {
    "statement": ((psycopg.Cursor, "execute"), (psycopg.Cursor, "executemany")),
    "commit": ((psycopg.Connection, "commit"),),
    "look": tuple((Service, name) for name in ("events", "with_key", "mine", "look", "thread")),
    "word": ((Service, "_write"),),
}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
