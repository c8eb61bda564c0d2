"""Reading our accounts, and making the connector that serves one."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from callbox import sql
from callbox.connector import AccountSeen, Connector
from callbox.ids import new_id
from callbox.models.accounts import Account, Usage
from callbox.moment import now_utc
from callbox.networks import connector_class
from callbox.queries import hooks
from callbox.scope import acting_for
from callbox.sealing import seal, unseal


class StoredSession:
    """An account's login state in its row, sealed (the `Session` of the connector contract).

    `renew` locks the row, so that two workers cannot spend one single-use refresh token: the second
    one sees what the first stored.
    """

    def __init__(self, agency_id: UUID, account_id: UUID) -> None:
        self._agency_id = agency_id
        self._account_id = account_id

    def read(self) -> Mapping[str, Any]:
        with acting_for(self._agency_id):
            return unseal(
                Account.objects.values_list("session", flat=True).get(pk=self._account_id)
            )

    def renew(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
        with acting_for(self._agency_id):
            account = Account.objects.select_for_update().only("session").get(pk=self._account_id)
            changed = dict(change(unseal(account.session)))
            # Whoever was at it while a member disconnected the account leaves no login behind.
            there = Account.objects.filter(pk=self._account_id).exclude(state=Account.State.OFF)
            there.update(session=seal(changed))
            return changed


class StoredMeter:
    """What an account uses up, counted in rows (the `Meter` of the connector contract): every
    process adds to the same number."""

    def __init__(self, agency_id: UUID, account_id: UUID) -> None:
        self._agency_id = agency_id
        self._account_id = account_id

    def used(self, budget: str, period: str) -> int:
        with acting_for(self._agency_id):
            rows = Usage.objects.filter(account_id=self._account_id, budget=budget, period=period)
            return int(rows.aggregate(all=Sum("amount"))["all"] or 0)

    def add(self, budget: str, period: str, amount: int, what: str) -> None:
        with acting_for(self._agency_id), sql.cursor() as cursor:
            cursor.execute(
                _ADD,
                {
                    "id": new_id(),
                    "agency": self._agency_id,
                    "account": self._account_id,
                    "budget": budget[:20],
                    "period": period[:10],
                    "what": what[:60],
                    "amount": amount,
                },
            )


_ADD = """
    INSERT INTO callbox_usage AS u (id, agency_id, account_id, budget, period, what, amount, times)
    VALUES (%(id)s, %(agency)s, %(account)s, %(budget)s, %(period)s, %(what)s, %(amount)s, 1)
    ON CONFLICT (agency_id, account_id, budget, period, what)
    DO UPDATE SET amount = u.amount + excluded.amount, times = u.times + 1
"""


def connector_for(account: Account) -> Connector:
    """The connector of an account. Never call its network inside a transaction; close it.

    Beside what is stored it is told `config["hook_url"]` ("" where networks cannot reach us) and
    `secrets["hook_token"]`.
    """
    seen = AccountSeen(
        id=str(account.id),
        external_id=account.external_id,
        handle=account.handle,
        config={
            **account.config,
            "hook_url": hooks.address(account) if hooks.is_public() else "",
        },
        secrets={
            **unseal(account.secrets),
            "hook_token": hooks.token(account.agency_id, account.network),
        },
    )
    session = StoredSession(account.agency_id, account.id)
    connector = connector_class(account.network)(seen, session, now=now_utc)
    connector.meter = StoredMeter(account.agency_id, account.id)
    return connector


def reader_for(account: Account) -> Connector:
    """A connector that does no I/O: it parses, and knows what its network cannot do. It is told who
    we are, and none of our secrets."""
    seen = AccountSeen(str(account.id), account.external_id, account.handle, account.config)
    return connector_class(account.network)(seen, now=now_utc)


def lock_intake(account_id: UUID) -> None:
    """Let one transaction at a time take in what comes through an account.

    Serialising here is what makes out-of-order, duplicate and parallel arrivals one plain case;
    other accounts go on side by side. Held until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1880))", [str(account_id)]
        )
