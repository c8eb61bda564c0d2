"""On whose behalf the database works: one agency per transaction.

Row security reads the setting `callbox.agency`. It is set for one transaction only, so a pooled
connection can never carry it into somebody else's work, and code outside a scope sees nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

from callbox import moment

_agency: ContextVar[UUID | None] = ContextVar("callbox_agency", default=None)


class NoScope(RuntimeError):
    """Agency data was asked for outside `acting_for`."""


class ForeignScope(RuntimeError):
    """One transaction was asked to work for two agencies."""


@contextmanager
def acting_for(agency_id: UUID, *, durable: bool = False) -> Iterator[None]:
    """One transaction on behalf of one agency; nested calls for the same agency join it.

    `durable` asserts that leaving really commits: for deeds whose next step speaks to a network. A
    past that is played (`callbox.moment`) is one transaction all through, and asserts nothing.
    """
    durable = durable and not moment.is_past()
    current = _agency.get()
    if current is not None and connection.in_atomic_block and not durable:
        if current != agency_id:
            raise ForeignScope(f"working for {current}, asked to work for {agency_id}")
        yield
        return
    token = _agency.set(agency_id)
    try:
        with transaction.atomic(durable=durable):
            set_agency(agency_id)
            yield
    finally:
        _agency.reset(token)


def set_agency(agency_id: UUID) -> None:
    """Tell the database, for the rest of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('callbox.agency', %s, true)", [str(agency_id)])


def agency_id() -> UUID:
    """The agency of the scope around us. Raises NoScope outside one."""
    current = _agency.get()
    if current is None:
        raise NoScope("wrap this in `acting_for(agency)`")
    return current
