"""What each account's network takes in one post, remembered, and never waited for.

A network may have to be asked, and a page is made inside a transaction: so asking is done on the
side. A page that comes before the answer shows no count; the check before sending is exact.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from uuid import UUID

from django.db import connections

from callbox.connector import ConnectorError
from callbox.models.accounts import Account
from callbox.queries.accounts import connector_for
from callbox.vocabulary import Lane, Limits

_FOR = 3600.0  # seconds that an answer is good for
_AT_MOST = 0.2  # seconds that a page waits
_asking = ThreadPoolExecutor(2, thread_name_prefix="limits")
_known: dict[tuple[UUID, str], tuple[float, "Future[Limits | None]"]] = {}


def limits(account: Account, lane: Lane) -> Limits | None:
    """The limits of an account's network, or None while nobody knows them."""
    key = (account.id, lane.value)
    asked = _known.get(key)
    if asked is None or time.monotonic() - asked[0] > _FOR:
        asked = (time.monotonic(), _asking.submit(_ask, account, lane))
        _known[key] = asked
    try:
        found = asked[1].result(_AT_MOST)
    except NotYet:
        return None
    if found is None:
        _known.pop(key, None)  # it could not be said: ask again next time
    return found


def _ask(account: Account, lane: Lane) -> Limits | None:
    try:
        connector = connector_for(account)
        try:
            return connector.limits(lane.value)
        except ConnectorError:
            return None
        finally:
            connector.close()
    finally:
        connections.close_all()
