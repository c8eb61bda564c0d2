"""Connecting accounts, and listening through them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from callbox import bulk, ledger
from callbox.actions import arrivals, changing, health
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.actions.receiving import Taken
from callbox.connector import AccountSeen, Connector, ConnectorError, MemorySession, Raw
from callbox.effects import announce, later
from callbox.ids import new_id
from callbox.logins import Identity
from callbox.models.accounts import Account, Health
from callbox.models.inbox import ContextPost, Message
from callbox.models.posts import Delivery
from callbox.networks import connector_class
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.rules import access
from callbox.rules.events import faults_of
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.sealing import seal
from callbox.vocabulary import Deed, Happening, Said

MOST_PAGES = 20  # per poll: an account far behind lets others have their turn


def try_login(
    network: str, config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> tuple[Identity, Mapping[str, Any]]:
    """Log in with what was typed; who it is, and the session to keep. Raises ConnectorError,
    LookupError for a network that is not there."""
    session = MemorySession()
    connector = connector_class(network)(AccountSeen("new", "", "", config, secrets), session)
    try:
        return connector.identify(), session.read()
    finally:
        connector.close()


def connect(
    me: Me | None,
    agency_id: UUID,
    network: str,
    unit_id: UUID,
    identity: Identity,
    *,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    session: Mapping[str, Any] | None = None,
    approved_by: UUID | None = None,
    approved_at: datetime | None = None,
) -> Account:
    """Connect an account, or connect a dead one again: owned by a unit, approved by a named member
    on a date (policing R1). `me` None is the set-up. Raises access.Denied."""
    now = now_utc()
    with acting_for(agency_id):
        if me is not None:
            access.require(me.standing, Deed.RUN_ACCOUNTS, "", now)
            if me.agency_id != agency_id:
                raise access.Denied("This belongs to another agency.")
        account, created = Account.objects.update_or_create(
            agency_id=agency_id,
            network=network,
            external_id=identity.external_id,
            defaults={
                "handle": identity.handle[:200],
                "name": (identity.name or identity.handle)[:200],
                "profile_url": identity.profile_url[:500],
                "unit_id": unit_id,
                "approved_by_id": approved_by or (me.member_id if me else None),
                "approved_at": approved_at or now,
                "state": Account.State.ON,
                "config": dict(config),
                "secrets": seal(secrets),
                "session": seal(session or {}),
                "connected_at": now,
            },
        )
        if created:
            Health.objects.create(agency_id=agency_id, account=account)
        ledger.enter(
            Happening.ACCOUNT_CONNECTED,
            "account",
            account.id,
            by(me) if me else ledger.SYSTEM,
            at=now,
            network=network,
            handle=account.handle,
        )
        later("collect", account_id=account.id)
        announce(["health"])
        return account


def pause(me: Me, account_id: UUID, *, paused: bool) -> Account:
    """Stop hearing and speaking through an account, or go on. Raises access.Denied, NotPossible."""
    now = now_utc()
    with acting_for(me.agency_id):
        access.require(me.standing, Deed.RUN_ACCOUNTS, "", now)
        account = Account.objects.select_for_update().filter(pk=account_id).first()
        if account is None or account.state == Account.State.OFF:
            raise NotPossible("That account is not connected.")
        account.state = Account.State.PAUSED if paused else Account.State.ON
        account.save(update_fields=["state"])
        happening = Happening.ACCOUNT_PAUSED if paused else Happening.ACCOUNT_RESUMED
        ledger.enter(happening, "account", account.id, by(me), at=now)
        if not paused:
            later("collect", account_id=account.id)
        announce(["health"])
        return account


def collect(agency_id: UUID, account_id: UUID) -> Taken:
    """Poll an account once: pages are kept as they come, so what was fetched is never lost."""
    with acting_for(agency_id):
        account = Account.objects.filter(pk=account_id, state=Account.State.ON).first()
        if account is None:
            return Taken()
        row = Health.objects.get(account=account)
    waits = [until for until in (row.limited_until, row.rest_until) if until is not None]
    if waits and max(waits) > now_utc():
        return Taken()
    connector = connector_for(account)
    total = Taken()
    try:
        if "fetch" not in connector.abilities():
            return total
        more = _pages(account, connector, dict(row.cursor), total, row)
    except ConnectorError as error:
        with acting_for(agency_id):
            health.failed(account, error, now_utc())
        return total
    finally:
        connector.close()
    if more:
        with acting_for(agency_id):
            later("collect", account_id=account.id)
    return total


def _pages(
    account: Account, connector: Connector, cursor: Mapping[str, Any], total: Taken, row: Health
) -> bool:
    """Fetch pages until there is no more, or it is others' turn (True)."""
    gap = False
    for _ in range(MOST_PAGES):
        page = connector.fetch(cursor)
        unchanged = page.cursor == cursor and not page.items
        cursor = page.cursor
        gap = gap or page.gap
        if not unchanged:
            taken = arrivals.take_in(account, page.items, "poll", cursor=cursor)
            total.add(taken)
        if not page.more or page.rest_until is not None:
            break
    _note_contact(account, row, total, gap)
    if page.rest_until is not None:
        with acting_for(account.agency_id):
            Health.objects.filter(account=account).update(rest_until=page.rest_until)
        return False
    return page.more


def _note_contact(account: Account, row: Health, total: Taken, gap: bool) -> None:
    """Write contact down when it changes something, or is a while ago: an idle poll every few
    seconds must not become a write every few seconds."""
    now = now_utc()
    fresh = row.checked_at is not None and now - row.checked_at < timedelta(seconds=30)
    if fresh and row.failing_since is None and not gap:
        return
    with acting_for(account.agency_id):
        health.answered(account, now, recovered=total.messages, gap=gap)


def streamed(account: Account, raw: Raw) -> Taken:
    """Keep and read one thing that came down a stream."""
    return arrivals.take_in(account, [raw], "stream")


def check(agency_id: UUID, account_id: UUID) -> None:
    """Ask the network who we are: finds a revoked login, and notices when it works again."""
    with acting_for(agency_id):
        account = Account.objects.filter(pk=account_id).first()
    if account is None:
        return
    connector = connector_for(account)
    try:
        if "identify" in connector.abilities():
            connector.identify()
    except ConnectorError as error:
        with acting_for(agency_id):
            health.failed(account, error, now_utc())
    else:
        _works(account)
    finally:
        connector.close()


def _works(account: Account) -> None:
    """A login holds. One that did not is heard through again."""
    now = now_utc()
    with acting_for(account.agency_id):
        dead = Account.objects.filter(pk=account.pk, state=Account.State.DEAD)
        if dead.update(state=Account.State.ON):
            ledger.enter(Happening.ACCOUNT_RESUMED, "account", account.id, at=now)
            later("collect", account_id=account.id)
            announce(["health"])
        else:
            health.answered(account, now)


def fetch_context(agency_id: UUID, account_id: UUID, external_id: str) -> None:
    """Keep the thread around a message, to show beside it. Context is never work: it makes no
    conversation and no clock."""
    with acting_for(agency_id):
        account = Account.objects.filter(pk=account_id, state=Account.State.ON).first()
    if account is None:
        return
    connector = connector_for(account)
    try:
        if "context" not in connector.abilities():
            return
        around = connector.context(external_id)
    except ConnectorError:
        return  # context is a courtesy: the message itself is safe, and opening it asks again
    finally:
        connector.close()
    with acting_for(agency_id):
        _keep_context(account, around)


def _keep_context(account: Account, around: Sequence[Said]) -> None:
    ids = [said.external_id for said in around]
    ours = set(
        Delivery.objects.filter(account=account, external_id__in=ids).values_list(
            "external_id", flat=True
        )
    )
    theirs = set(
        Message.objects.filter(account=account, external_id__in=ids).values_list(
            "external_id", flat=True
        )
    )
    bulk.insert(
        ContextPost,
        [
            {
                "id": new_id(),
                "agency_id": account.agency_id,
                "account_id": account.id,
                "external_id": said.external_id,
                "root_id": said.root_id or said.external_id,
                "parent_id": said.parent_id or "",
                "ours": bool(said.author and said.author.external_id == account.external_id),
                "who": kept(said.author.name or said.author.handle)[:300] if said.author else "",
                "text": kept(said.text),
                "permalink": kept(said.permalink)[:1000],
                "attachments": changing.attachments_of(said),
                "said_at": said.said_at,
            }
            for said in around
            if said.external_id not in ours | theirs and not faults_of(said)
        ],
        ignore=True,
    )
    announce(["context"])
