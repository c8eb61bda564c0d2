"""Streams held open beside the worker: one thread for each account whose network offers one.

A stream only makes hearing faster. Whenever one has opened, the account is polled, so whatever was
said while it was closed is fetched; when it cannot be had, polling goes on as if it did not exist.
"""

import logging
import threading
from uuid import UUID

from django.db import connection, connections

from callbox.actions import accounts, health
from callbox.actions.doing import now_utc
from callbox.connector import ConnectorError
from callbox.models.accounts import Account, Health
from callbox.networks import connector_class
from callbox.queries import people
from callbox.queries.accounts import connector_for
from callbox.scope import acting_for

log = logging.getLogger(__name__)
LOOK_AROUND = 5.0  # seconds between looks for accounts that came or went
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0


def run_listeners(stop: threading.Event) -> None:
    """Keep a thread listening for every account that can stream, until `stop` is set."""
    threads: dict[UUID, threading.Thread] = {}
    while not stop.is_set():
        try:
            for agency_id, account_id in _listening_accounts():
                thread = threads.get(account_id)
                if thread is None or not thread.is_alive():
                    threads[account_id] = threading.Thread(
                        target=_keep_listening,
                        args=(agency_id, account_id, stop),
                        name=f"listen-{account_id}",
                        daemon=True,
                    )
                    threads[account_id].start()
        except Exception as error:  # noqa: BLE001  # the database may be away; look again
            log.warning("listeners: %s", type(error).__name__)
            connections.close_all()
        stop.wait(LOOK_AROUND)
    connections.close_all()


def _listening_accounts() -> list[tuple[UUID, UUID]]:
    found = []
    for agency_id in people.agencies():
        with acting_for(agency_id):
            rows = Account.objects.filter(state=Account.State.ON).values_list("id", "network")
            found += [
                (agency_id, account_id)
                for account_id, network in rows
                if "listen" in connector_class(network).abilities()
            ]
    return found


def _keep_listening(agency_id: UUID, account_id: UUID, stop: threading.Event) -> None:
    """One account's stream, opened again whenever it ends. Ends itself when the account is off, and
    when another worker process holds the stream already."""
    wait = FIRST_WAIT
    try:
        if not _mine(account_id):
            stop.wait(LONGEST_WAIT)
            return
        while not stop.is_set():
            with acting_for(agency_id):
                account = Account.objects.filter(pk=account_id, state=Account.State.ON).first()
            if account is None:
                return
            heard = _listen_once(account, stop)
            wait = FIRST_WAIT if heard else min(wait * 2, LONGEST_WAIT)
            stop.wait(wait)
    except Exception as error:  # noqa: BLE001  # the database may be away: the thread is made anew
        log.warning("listening to %s ended: %s", account_id, type(error).__name__)
    finally:
        connections.close_all()


def _mine(account_id: UUID) -> bool:
    """Whether this thread's connection now holds the account's stream (until it is closed)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 1882))", [str(account_id)])
        return bool(cursor.fetchone()[0])


def _listen_once(account: Account, stop: threading.Event) -> bool:
    """Hold the stream until it ends; whether anything at all came."""
    connector = connector_for(account)
    heard = False
    try:
        for raw in connector.listen():
            if not heard:  # it is open: only now can polling leave no hole before it
                _streaming(account, on=True)
                accounts.collect(account.agency_id, account.id)
            heard = True
            if stop.is_set() or not _still(account):
                break
            if raw is not None:
                accounts.streamed(account, raw)
    except ConnectorError as error:
        with acting_for(account.agency_id):
            health.failed(account, error, now_utc())
    finally:
        connector.close()
        _streaming(account, on=False)
    return heard


def _still(account: Account) -> bool:
    """Whether the account is on with the login that its stream was opened with. A line outlives a
    login: without this, one that was paused, disconnected or connected anew would be heard on."""
    with acting_for(account.agency_id):
        return Account.objects.filter(
            pk=account.pk,
            state=Account.State.ON,
            connected_at=account.connected_at,
            secrets=account.secrets,
        ).exists()


def _streaming(account: Account, *, on: bool) -> None:
    with acting_for(account.agency_id):
        Health.objects.filter(account=account).update(streaming=on)
