"""Reading how well we hear: every account with its health, its blind times, and what is stuck."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from callbox.models.accounts import Account, BlindPeriod, Health
from callbox.models.inbox import Arrival
from callbox.vocabulary import ArrivalState

MOST_PERIODS = 300
MOST_STUCK = 20  # arrivals shown of one account
MOST_BODY = 2000  # characters shown of one


@dataclass(frozen=True, slots=True)
class Stuck:
    """An arrival that could not be read."""

    id: UUID
    kind: str
    received_at: datetime
    reason: str
    body: str


@dataclass(frozen=True, slots=True)
class Heard:
    """An account, how well we hear through it, and what is stuck there."""

    account: Account
    health: Health | None
    blind: Sequence[BlindPeriod]
    stuck: int


def overview() -> list[Heard]:
    """Every account of the agency, in four statements."""
    accounts = list(Account.objects.select_related("unit", "approved_by").order_by("name"))
    health = {one.account_id: one for one in Health.objects.all()}
    periods: dict[UUID, list[BlindPeriod]] = defaultdict(list)
    for period in BlindPeriod.objects.order_by("-began_at")[:MOST_PERIODS]:
        if len(periods[period.account_id]) < 5:
            periods[period.account_id].append(period)
    bad = Arrival.objects.filter(state=ArrivalState.QUARANTINED.value)
    stuck = dict(bad.values_list("account_id").annotate(n=Count("id")))
    return [
        Heard(one, health.get(one.id), periods[one.id], stuck.get(one.id, 0)) for one in accounts
    ]


def stuck(account_id: UUID) -> list[Stuck]:
    """What could not be read from an account, newest first."""
    rows = Arrival.objects.filter(
        account_id=account_id, state=ArrivalState.QUARANTINED.value
    ).order_by("-id")
    return [
        Stuck(
            row.id,
            row.kind,
            row.received_at,
            row.reason,
            bytes(row.body[:MOST_BODY]).decode("utf-8", "replace"),
        )
        for row in rows[:MOST_STUCK]
    ]
