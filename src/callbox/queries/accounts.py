"""Reading our accounts, and making the connector that serves one."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from callbox.connector import AccountSeen, Connector
from callbox.models.accounts import Account
from callbox.moment import now_utc
from callbox.networks import connector_class
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
            Account.objects.filter(pk=self._account_id).update(session=seal(changed))
            return changed


def connector_for(account: Account) -> Connector:
    """The connector of an account. Never call its network inside a transaction; close it."""
    seen = AccountSeen(
        id=str(account.id),
        external_id=account.external_id,
        handle=account.handle,
        config=account.config,
        secrets=unseal(account.secrets),
    )
    session = StoredSession(account.agency_id, account.id)
    return connector_class(account.network)(seen, session, now=now_utc)


def lock_intake(account_id: UUID) -> None:
    """Let one transaction at a time take in what comes through an account.

    Serialising here is what makes out-of-order, duplicate and parallel arrivals one plain case;
    other accounts go on side by side. Held until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1880))", [str(account_id)]
        )
