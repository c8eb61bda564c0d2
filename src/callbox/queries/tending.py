"""Reading one account whole: its health, what it used up, its imports, and what is stuck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from callbox.logins import Budget
from callbox.models.accounts import Account, BlindPeriod, Health, Past, Usage
from callbox.models.inbox import Arrival
from callbox.networks import connector_class
from callbox.vocabulary import ArrivalState

MOST_PERIODS = 20
MOST_PASTS = 10
DOLLAR = 1_000_000  # a budget in "usd_micros" counts millionths


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used up of one budget in its period: in all, and for what (amount, times)."""

    budget: Budget
    used: int
    cap: int | None
    by: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything about one account."""

    account: Account
    health: Health | None
    blind: Sequence[BlindPeriod]
    pasts: Sequence[Past]
    spent: Sequence[Spent]
    stuck: int


def whole(account_id: UUID, now: datetime) -> Whole | None:
    """One account, in six statements at most. None when it is not here."""
    rows = Account.objects.select_related("unit", "approved_by")
    account = rows.filter(pk=account_id).first()
    if account is None:
        return None
    bad = Arrival.objects.filter(account=account, state=ArrivalState.QUARANTINED.value)
    return Whole(
        account=account,
        health=Health.objects.filter(account=account).first(),
        blind=list(
            BlindPeriod.objects.filter(account=account).order_by("-began_at")[:MOST_PERIODS]
        ),
        pasts=list(
            Past.objects.select_related("asked_by")
            .filter(account=account)
            .order_by("-began_at")[:MOST_PASTS]
        ),
        spent=_spent(account, now),
        stuck=bad.count(),
    )


def _spent(account: Account, now: datetime) -> list[Spent]:
    try:
        budgets = connector_class(account.network).budgets
    except LookupError:
        return []
    if not budgets:
        return []
    # A day ends where the network says: what began since the day before yesterday can be today's.
    since = (now - timedelta(days=1)).strftime("%Y-%m-%d")
    rows = list(
        Usage.objects.filter(account=account, period__gte=now.strftime("%Y-%m")).order_by("-amount")
    )
    return [_one(account, budget, rows, since) for budget in budgets]


def _one(account: Account, budget: Budget, rows: Sequence[Usage], since: str) -> Spent:
    mine = [row for row in rows if row.budget == budget.name]
    if budget.period == "day":
        mine = [row for row in mine if row.period >= since]
    period = max((row.period for row in mine), default="")
    now = [row for row in mine if row.period == period]
    return Spent(
        budget,
        used=sum(row.amount for row in now),
        cap=_cap(account, budget),
        by={row.what: (row.amount, row.times) for row in now},
    )


def _cap(account: Account, budget: Budget) -> int | None:
    """What limits a budget: what a member typed (dollars, or units), else the network itself."""
    typed = str(account.config.get(budget.cap_setting, "")) if budget.cap_setting else ""
    if not typed.isdigit():
        return budget.cap
    return int(typed) * (DOLLAR if budget.unit == "usd_micros" else 1)
