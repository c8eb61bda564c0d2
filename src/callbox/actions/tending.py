"""What members do with an account that is connected: give it to another unit, try it, end blocks.

Networks are asked outside transactions; what they said is written down afterwards.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from callbox import ledger
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.connector import Connector, ConnectorError
from callbox.effects import announce
from callbox.models.accounts import Account, Health
from callbox.models.people import Unit
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.rules import access
from callbox.scope import acting_for
from callbox.vocabulary import AuthorSeen, Deed, Happening

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing that was tried with an account. `words` say what came of it."""

    name: str  # "login" | "reading"
    good: bool
    words: str = ""


def move(me: Me, account_id: UUID, unit_id: UUID) -> Account:
    """Give an account to another unit. Raises access.Denied, NotPossible."""
    now = now_utc()
    with acting_for(me.agency_id):
        account = _one(me, account_id, now)
        unit = Unit.objects.filter(pk=unit_id).first()
        if unit is None:
            raise NotPossible("That unit is not here.")
        before, account.unit = account.unit_id, unit
        account.save(update_fields=["unit"])
        ledger.enter(
            Happening.ACCOUNT_MOVED,
            "account",
            account.id,
            by(me),
            at=now,
            unit=str(unit.id),
            before=str(before),
        )
        announce(["health"])
        return account


def try_out(me: Me, account_id: UUID) -> list[Tried]:
    """Try an account without anybody noticing: log in, and read once what is new. Nothing is
    published and nothing is kept; the next poll reads the same again. Raises access.Denied,
    NotPossible."""
    account, cursor = _with_cursor(me, account_id)
    found: list[Tried] = []
    with closing(connector_for(account)) as connector:
        able = connector.abilities()
        if "identify" in able:
            found.append(_tried("login", lambda: connector.identify().handle))
        if "fetch" in able and all(one.good for one in found):
            found.append(_tried("reading", lambda: str(len(connector.fetch(cursor).items))))
    return found


def _tried(name: str, ask: Callable[[], str]) -> Tried:
    try:
        return Tried(name, True, ask())
    except ConnectorError as error:
        return Tried(name, False, str(error))


def blocked(me: Me, account_id: UUID) -> Sequence[AuthorSeen]:
    """Who is blocked on the network (policing R33). Raises ConnectorError, access.Denied,
    NotPossible."""
    return _asking(me, account_id, lambda connector: connector.blocked())


def unblock(me: Me, account_id: UUID, author_id: str) -> None:
    """End a block, on record. Raises ConnectorError, access.Denied, NotPossible."""
    _asking(me, account_id, lambda connector: connector.unblock(author_id))
    now = now_utc()
    with acting_for(me.agency_id):
        ledger.enter(
            Happening.ACT_DONE,
            "account",
            account_id,
            by(me),
            at=now,
            act="unblock",
            author=author_id[:300],
        )


def _asking(me: Me, account_id: UUID, ask: Callable[[Connector], Found]) -> Found:
    """Ask the network something for an account that is connected."""
    account, _ = _with_cursor(me, account_id)
    with closing(connector_for(account)) as connector:
        return ask(connector)


def _with_cursor(me: Me, account_id: UUID) -> tuple[Account, dict[str, object]]:
    with acting_for(me.agency_id):
        account = _one(me, account_id, now_utc())
        cursors = Health.objects.filter(account=account).values_list("cursor", flat=True)
        return account, dict(cursors.first() or {})


def _one(me: Me, account_id: UUID, now: datetime) -> Account:
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now)
    rows = Account.objects.exclude(state=Account.State.OFF)
    account = rows.select_for_update(of=("self",)).filter(pk=account_id).first()
    if account is None:
        raise NotPossible("That account is not connected.")
    return account
