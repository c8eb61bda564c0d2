"""What each account's network takes in one post, remembered, and how it counts a text.

A network may have to be asked, and a page is made inside a transaction: so asking is done on the
side. A page that comes before the answer shows no count; the check before sending is exact.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from django.db import connections

from callbox.connector import Connector, ConnectorError
from callbox.models.accounts import Account
from callbox.queries.accounts import connector_for
from callbox.vocabulary import Lane, Limits, Outgoing

_FOR = 3600.0  # seconds that an answer is good for
_AT_MOST = 0.2  # seconds that a page waits
_PATIENT = 2.0  # seconds that a count waits
_asking = ThreadPoolExecutor(2, thread_name_prefix="limits")
_counting = ThreadPoolExecutor(2, thread_name_prefix="counts")  # waits for no network's limits


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as its network counts it: `used` of `most`, in `parts` messages. `problem` says why it
    is too long, in the network's words, or is ""."""

    used: int
    most: int | None
    parts: int
    problem: str


@dataclass(frozen=True, slots=True)
class _Known:
    """A network's limits, and the connector that told them: it counts by the same rules."""

    limits: Limits
    connector: Connector
    lock: Lock = field(default_factory=Lock)


_known: dict[tuple[UUID, str], tuple[float, "Future[_Known | None]"]] = {}


def limits(account: Account, lane: Lane) -> Limits | None:
    """The limits of an account's network, or None while nobody knows them."""
    found = _of(account, lane, _AT_MOST)
    return found.limits if found else None


def counts_itself(account: Account, lane: Lane) -> bool:
    """Whether only the network's own rules can tell how long a text is, or how many it becomes."""
    found = _of(account, lane, 0)
    kind = type(found.connector) if found else Connector
    return any(
        getattr(kind, name) is not getattr(Connector, name)
        for name in ("measure", "as_sent", "parts")
    )


def count(account: Account, outgoing: Outgoing) -> Counted | None:
    """How long this is as the account's network counts, or None while nobody knows. Not to be
    called in a transaction."""
    found = _of(account, outgoing.lane, _PATIENT)
    if found is None:
        return None
    try:
        return _counting.submit(_count, found, outgoing).result(_PATIENT)
    except (NotYet, ConnectorError):
        return None


def forget() -> None:
    """Ask every network again."""
    for _, asked in _known.values():
        asked.add_done_callback(_let_go)
    _known.clear()


def _of(account: Account, lane: Lane, wait: float) -> _Known | None:
    key = (account.id, lane.value)
    asked = _known.get(key)
    if asked is None or time.monotonic() - asked[0] > _FOR:
        if asked is not None:
            asked[1].add_done_callback(_let_go)
        asked = (time.monotonic(), _asking.submit(_ask, account, lane))
        _known[key] = asked
    try:
        found = asked[1].result(wait)
    except NotYet:
        return None
    if found is None:
        _known.pop(key, None)  # it could not be said: ask again next time
    return found


def _ask(account: Account, lane: Lane) -> _Known | None:
    try:
        connector = connector_for(account)
        try:
            return _Known(connector.limits(lane.value), connector)
        except ConnectorError:
            connector.close()
            return None
    finally:
        connections.close_all()


def _count(known: _Known, outgoing: Outgoing) -> Counted:
    connector = known.connector
    most = known.limits.of_reply() if outgoing.reply_to else known.limits
    try:
        with known.lock:
            said = connector.as_sent(outgoing)
            problems = connector.check(outgoing)
            used = connector.measure(said, outgoing.lane.value)
            parts = connector.parts(said)
    finally:
        connections.close_all()
    too_long = next((one.words for one in problems if one.code == "too_long"), "")
    return Counted(used, most.text, parts, too_long)


def _let_go(asked: "Future[_Known | None]") -> None:
    known = asked.result()
    if known is not None:
        with known.lock:
            known.connector.close()
