"""Raw input: kept first, read second, and read again after a fix.

Two transactions on purpose: what came is committed before anything tries to understand it, together
with the cursor that says how far we have polled. A crash in between leaves rows in state NEW, which
the next reading takes up.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet

from callbox import bulk, ledger, sql
from callbox.actions import health
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.actions.receiving import Sourced, Taken, receive
from callbox.connector import AccountSeen, Connector, Malformed, Raw
from callbox.effects import announce, later
from callbox.ids import new_id
from callbox.models.accounts import Account, Health
from callbox.models.inbox import Arrival
from callbox.networks import connector_class
from callbox.queries.accounts import lock_intake
from callbox.queries.people import Me
from callbox.rules import access
from callbox.rules.events import faults_of
from callbox.scope import acting_for
from callbox.vocabulary import (
    ArrivalState,
    Deed,
    Edited,
    Event,
    Happening,
    Said,
)

logger = logging.getLogger(__name__)

PAST = "past"  # the door of imports: what comes through it is no work for anybody
MOST_AT_ONCE = 1000  # arrivals per reading: one transaction of bounded size
MOST_ALONE = 20  # arrivals that one statement takes; more are cheaper prepared
MOST_BYTES = 1024 * 1024  # of one arrival; a network's page item is a few kilobytes


def store(
    account: Account,
    raws: Sequence[Raw],
    door: str,
    *,
    cursor: Mapping[str, Any] | None = None,
    read_later: bool = False,
) -> list[UUID]:
    """Keep raw input, and the cursor that goes with it, in one transaction.

    `read_later` has a job read it (a webhook answers within milliseconds); otherwise the caller
    reads at once.
    """
    now = now_utc()
    rows = [_row(account, raw, door, now) for raw in raws]
    too_big = [row["id"] for row in rows if row["state"] == ArrivalState.QUARANTINED.value]
    plain = cursor is None and not read_later and not too_big
    if plain and len(rows) <= MOST_ALONE and not connection.in_atomic_block:
        _keep_alone(account, rows)
        return [row["id"] for row in rows]
    with acting_for(account.agency_id):
        bulk.insert(Arrival, rows)
        _enter_quarantined(account, too_big, now)
        if cursor is not None:
            Health.objects.filter(account=account).update(cursor=dict(cursor))
        if read_later and rows:
            later("read_arrivals", account_id=account.id)
    return [row["id"] for row in rows]


def _keep_alone(account: Account, rows: Sequence[dict[str, Any]]) -> None:
    """The same in one statement that is a transaction of its own: a webhook then costs PostgreSQL
    one question instead of four. The scope is set inside it, before the first row is written."""
    values = {
        "agency": account.agency_id,
        "scope": str(account.agency_id),
        "account": account.id,
        **{name: [row[name] for row in rows] for name in ("id", "kind", "body")},
        "door": rows[0]["door"] if rows else "",
        "now": rows[0]["received_at"] if rows else now_utc(),
    }
    with sql.cursor() as alone:
        alone.execute(_KEEP, values)


_KEEP = """
    WITH scope AS MATERIALIZED (SELECT set_config('callbox.agency', %(scope)s, true))
    INSERT INTO callbox_arrival
        (id, agency_id, account_id, door, kind, body, received_at, state, reason, runs)
    SELECT r.id, %(agency)s, %(account)s, %(door)s, r.kind, r.body, %(now)s, 'new', '', 0
    FROM scope, unnest(%(id)s::uuid[], %(kind)s::text[], %(body)s::bytea[]) AS r (id, kind, body)
"""


def _row(account: Account, raw: Raw, door: str, now: datetime) -> dict[str, Any]:
    too_big = len(raw.body) > MOST_BYTES
    return {
        "id": new_id(),
        "agency_id": account.agency_id,
        "account_id": account.id,
        "door": door,
        "kind": raw.kind[:60],
        "body": raw.body[:MOST_BYTES],
        "received_at": now,
        "state": (ArrivalState.QUARANTINED if too_big else ArrivalState.NEW).value,
        "reason": f"{len(raw.body):,} bytes: only the first are kept" if too_big else "",
        "runs": 0,
    }


def take_in(
    account: Account, raws: Sequence[Raw], door: str, *, cursor: Mapping[str, Any] | None = None
) -> Taken:
    """Keep and read at once: polling, streams, and our own form."""
    ids = store(account, raws, door, cursor=cursor)
    came = {pk: Came(raw, door) for pk, raw in zip(ids, raws, strict=True)}
    return read(account, came) if ids else Taken()


@dataclass(frozen=True, slots=True)
class Came:
    """Raw input, and the door through which it came."""

    raw: Raw
    door: str


@dataclass(frozen=True, slots=True)
class _Read:
    """One arrival, read: its events, or why it could not be."""

    arrival_id: UUID
    events: tuple[Event, ...] = ()
    reason: str = ""
    past: bool = False


def read(account: Account, at_hand: Mapping[UUID, Came] | None = None) -> Taken:
    """Read arrivals in state NEW into conversations: the oldest thousand, or those `at_hand`, whose
    bytes the caller has just stored and need not be fetched again.

    One arrival that cannot be read is quarantined with its reason; its neighbours go through.
    """
    connector = connector_class(account.network)
    with acting_for(account.agency_id):
        lock_intake(account.id)
        new = _new(account, at_hand)
        if not new:
            return Taken()
        reader = _reader(connector, account)
        now = now_utc()
        parsed = [_parse(reader, one, came) for one, came in new.items()]
        taken, readings = _take(account, parsed, now)
        _mark(account, readings, taken, now)
        if len(new) >= MOST_AT_ONCE:
            later("read_arrivals", account_id=account.id)
    return taken


def _take(
    account: Account, readings: Sequence[_Read], now: datetime
) -> tuple[Taken, Sequence[_Read]]:
    """Take a batch in as a whole; and if that breaks, one arrival at a time, so that the one that
    cannot be kept is put aside with its reason and stops nobody."""
    try:
        with transaction.atomic():
            return receive(account, _sourced(*readings), now), readings
    except (OperationalError, InterfaceError):
        raise  # the database is away: nothing is wrong with what came
    except Exception as error:  # noqa: BLE001  # whatever broke, neighbours go through
        logger.warning("A batch of %d broke (%s).", len(readings), type(error).__name__)
    total, kept = Taken(), []
    for one in readings:
        try:
            with transaction.atomic():
                total.add(receive(account, _sourced(one), now))
            kept.append(one)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  # this is the one
            reason = f"It could not be kept ({type(error).__name__})."
            kept.append(_Read(one.arrival_id, reason=reason))
    return total, kept


def _sourced(*readings: _Read) -> list[Sourced]:
    return [Sourced(event, one.arrival_id, one.past) for one in readings for event in one.events]


def _new(account: Account, at_hand: Mapping[UUID, Came] | None) -> dict[UUID, Came]:
    """Arrivals that nobody has read yet, oldest first."""
    rows = Arrival.objects.filter(account=account, state=ArrivalState.NEW.value).order_by("id")
    if at_hand is None:
        return _fetched(rows)
    ids = rows.filter(pk__in=list(at_hand)).values_list("id", flat=True)
    return {pk: at_hand[pk] for pk in ids}


def _fetched(rows: QuerySet[Arrival]) -> dict[UUID, Came]:
    """The oldest of these arrivals, with their bytes."""
    fields = rows.values_list("id", "kind", "body", "door")[:MOST_AT_ONCE]
    return {pk: Came(Raw(kind, bytes(body)), door) for pk, kind, body, door in fields}


def _reader(connector: type[Connector], account: Account) -> Connector:
    """A connector to parse with: it needs to know who we are, and none of our secrets."""
    return connector(
        AccountSeen(str(account.id), account.external_id, account.handle, account.config)
    )


def _parse(reader: Connector, arrival_id: UUID, came: Came) -> _Read:
    try:
        events = tuple(reader.parse(came.raw))
        faults = [faults_of(event) for event in events]
    except Malformed as error:
        return _Read(arrival_id, reason=str(error) or "It makes no sense.")
    except Exception as error:  # noqa: BLE001  # a fault in a parser must not stop the batch
        return _Read(arrival_id, reason=f"Our reader broke on it ({type(error).__name__}).")
    good = tuple(event for event, fault in zip(events, faults, strict=True) if not fault)
    reason = " ".join(fault for fault in faults if fault)
    return _Read(arrival_id, good, reason, past=came.door == PAST)


def _mark(account: Account, readings: Sequence[_Read], taken: Taken, now: datetime) -> None:
    """Write down what became of each arrival. What was not addressed to us is emptied: dropped and
    counted, never kept (policing R11)."""
    by_state: dict[ArrivalState, list[_Read]] = {}
    for one in readings:
        by_state.setdefault(_state(one), []).append(one)
    for state, those in by_state.items():
        rows = Arrival.objects.filter(pk__in=[one.arrival_id for one in those])
        emptied = {"body": b""} if state is ArrivalState.DROPPED else {}
        rows.update(state=state.value, runs=F("runs") + 1, **emptied)
    bad = by_state.get(ArrivalState.QUARANTINED, [])
    bulk.update(
        Arrival,
        [
            {"id": one.arrival_id, "agency_id": account.agency_id, "reason": one.reason[:500]}
            for one in bad
        ],
    )
    _enter_quarantined(account, [one.arrival_id for one in bad], now)
    health.heard(account, now, dropped=taken.unaddressed, heard=taken.messages)


def _enter_quarantined(account: Account, arrival_ids: Sequence[UUID], now: datetime) -> None:
    facts = {"account": str(account.id)}
    happening = Happening.ARRIVAL_QUARANTINED
    ledger.enter_all(
        [ledger.Line(happening, "arrival", one, at=now, facts=facts) for one in arrival_ids]
    )
    if arrival_ids:
        announce(["health"])


def _state(one: _Read) -> ArrivalState:
    if one.reason:
        return ArrivalState.QUARANTINED
    for_us = any(not _unaddressed(event) for event in one.events)
    return ArrivalState.READ if for_us or not one.events else ArrivalState.DROPPED


def _unaddressed(event: Event) -> bool:
    said = event.said if isinstance(event, Edited) else event
    return isinstance(said, Said) and said.addressed is None


def run_again(me: Me, account_id: UUID) -> Taken:
    """Read an account's quarantined arrivals once more, after a fix.

    Raises access.Denied, NotPossible.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        access.require(me.standing, Deed.RUN_ACCOUNTS, "", now)
        account = Account.objects.filter(pk=account_id).first()
        if account is None:
            raise NotPossible("That account is not here.")
        rows = Arrival.objects.filter(account=account, state=ArrivalState.QUARANTINED.value)
        again = _fetched(rows.order_by("id"))
        Arrival.objects.filter(pk__in=list(again)).update(state=ArrivalState.NEW.value, reason="")
        ledger.enter(
            Happening.ARRIVAL_RERUN, "account", account.id, by(me), at=now, arrivals=len(again)
        )
        return read(account, again)
