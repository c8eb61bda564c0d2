"""What a burst of webhooks asks for afterwards, done once for many: reading, and counting costs.

A job per request would have every commit wait for the one before (notifying is one at a time in
PostgreSQL), and a row per cost would double every request's work. What is lost here with its
process is little: the next round reads what lies there, because arrivals are rows; and a cost that
was not counted leaves an estimate a thousandth short.
"""

import threading
import time
from collections import Counter
from uuid import UUID

from django.db import connections

from callbox.effects import later
from callbox.models.accounts import Account
from callbox.queries.accounts import StoredMeter
from callbox.scope import acting_for

GATHER = 0.03  # seconds that a nudge waits for more of the same
SPACING = 0.5  # seconds between two nudges of one account: in a burst, many are read together

Cost = tuple[UUID, UUID, str, str, str]  # agency, account, budget, period, what


class Nudges:
    """One job for a burst of requests, and one addition for each kind of cost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[UUID, UUID]] = set()
        self._nudged: dict[tuple[UUID, UUID], float] = {}  # when last, by the monotonic clock
        self._costs: Counter[Cost] = Counter()
        self._timer: threading.Timer | None = None  # the one that waits
        self._newest: threading.Timer | None = None  # the same, or the one at work

    def soon(self, agency_id: UUID, account_id: UUID) -> None:
        """Have this account's arrivals read in a moment."""
        with self._lock:
            self._waiting.add((agency_id, account_id))
            self._start(GATHER)

    def spent(self, cost: Cost, amount: int) -> None:
        """Count a cost in a moment."""
        with self._lock:
            self._costs[cost] += amount
            self._start(GATHER)

    def rest(self, seconds: float = 5.0) -> bool:
        """Wait until nothing waits; whether that came about. For whoever must not leave threads
        behind."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            newest = self._newest
            if newest is None or (self._timer is None and not newest.is_alive()):
                return True
            newest.join(0.05)
        return False

    def _start(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = threading.Timer(seconds, self._nudge)
            self._timer.daemon = True
            self._timer.start()
            self._newest = self._timer

    def _nudge(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = {one for one in self._waiting if now - self._nudged.get(one, 0.0) >= SPACING}
            self._waiting -= due
            self._nudged |= dict.fromkeys(due, now)
            costs, self._costs = self._costs, Counter()
            self._timer = None
            if self._waiting:
                self._start(SPACING / 4)
        try:
            for agency_id, account_id in due:
                with acting_for(agency_id):
                    later("read_arrivals", account_id=account_id)
            for (agency_id, account_id, budget, period, what), amount in costs.items():
                StoredMeter(agency_id, account_id).add(budget, period, amount, what)
        finally:
            connections.close_all()


nudges = Nudges()


class HookMeter:
    """The meter of a connector that takes a webhook: it reads what is stored, and adds later."""

    def __init__(self, account: Account) -> None:
        self._agency_id = account.agency_id
        self._account_id = account.id

    def used(self, budget: str, period: str) -> int:
        """What is stored; what is not stored yet is a moment's worth."""
        return StoredMeter(self._agency_id, self._account_id).used(budget, period)

    def add(self, budget: str, period: str, amount: int, what: str) -> None:
        """Count it in a moment."""
        nudges.spent((self._agency_id, self._account_id, budget, period, what), amount)
