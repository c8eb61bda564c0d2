"""Keeping accounts connected: logins that end are extended, webhooks that were lost are made again.

Both are looked at by themselves, every few hours, because nobody notices a subscription that is
gone or a login in its last week (failure modes 4 and 12 of the field's record).
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from callbox import ledger
from callbox.actions import health
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.connector import AuthDead, ConnectorError
from callbox.effects import announce
from callbox.logins import Layer, Renewed
from callbox.models.accounts import Account, Health
from callbox.queries import hooks
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.rules import access
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Happening

WARN_BEFORE = timedelta(days=7)
WARN_EVERY = timedelta(days=1)


def renew(agency_id: UUID, account_id: UUID) -> Renewed | None:
    """Extend an account's login if it is due, and note when it ends. A network that does not answer
    revokes nothing: the login stays, and the next round asks again."""
    account = _account(agency_id, account_id)
    if account is None:
        return None
    with closing(connector_for(account)) as connector:
        if "renew" not in connector.abilities():
            return None
        try:
            renewed = connector.renew()
        except ConnectorError as error:
            _not_renewed(account, error)
            return None
    with acting_for(agency_id):
        _note_end(account, renewed.ends_at, now_utc())
    return renewed


def renew_now(me: Me, account_id: UUID) -> Renewed:
    """The same, asked for by a member. Raises access.Denied, NotPossible."""
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now_utc())
    renewed = renew(me.agency_id, account_id)
    if renewed is None:
        raise NotPossible("It could not be renewed now. The account shows why.")
    return renewed


def _account(agency_id: UUID, account_id: UUID) -> Account | None:
    with acting_for(agency_id):
        return Account.objects.filter(pk=account_id, state=Account.State.ON).first()


def _not_renewed(account: Account, error: ConnectorError) -> None:
    now = now_utc()
    with acting_for(account.agency_id):
        if isinstance(error, AuthDead):
            health.failed(account, error, now)
        ends_at = Health.objects.values_list("login_ends_at", flat=True).get(account=account)
        _warn(account, ends_at, now)


def _note_end(account: Account, ends_at: datetime | None, now: datetime) -> None:
    row = Health.objects.select_for_update().get(account=account)
    moved = ends_at is not None and (row.login_ends_at is None or ends_at > row.login_ends_at)
    row.login_ends_at = ends_at
    row.save(update_fields=["login_ends_at"])
    if moved:
        ledger.enter(
            Happening.ACCOUNT_RENEWED,
            "account",
            account.id,
            at=now,
            until=ends_at.isoformat() if ends_at else None,
        )
        announce(["health"])
    _warn(account, ends_at, now)


def _warn(account: Account, ends_at: datetime | None, now: datetime) -> None:
    """Say, once a day, that a login ends within a week: after that only a person can help."""
    if ends_at is None or ends_at - now > WARN_BEFORE:
        return
    row = Health.objects.select_for_update().get(account=account)
    if row.warned_at is not None and now - row.warned_at < WARN_EVERY:
        return
    row.warned_at = now
    row.save(update_fields=["warned_at"])
    ledger.enter(
        Happening.ACCOUNT_LOGIN_ENDING, "account", account.id, at=now, until=ends_at.isoformat()
    )
    announce(["health", "inbox"])


def look_after_hooks(
    agency_id: UUID, account_id: UUID, *, repair: bool = True
) -> Sequence[Layer] | None:
    """Look at an account's webhook subscriptions and make again what is gone. None where there are
    none to look at: the network has no webhooks, or cannot reach us."""
    account = _account(agency_id, account_id)
    if account is None or not hooks.is_public():
        return None
    with closing(connector_for(account)) as connector:
        if "hooks" not in connector.abilities():
            return None
        try:
            layers = connector.hooks(hooks.address(account), repair=repair)
        except ConnectorError as error:
            layers = [Layer("look", good=False, words=str(error))]
    with acting_for(agency_id):
        _note_layers(account, layers, now_utc())
    return layers


def look_now(me: Me, account_id: UUID, *, repair: bool) -> Sequence[Layer]:
    """The same, asked for by a member. Raises access.Denied, NotPossible."""
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now_utc())
    layers = look_after_hooks(me.agency_id, account_id, repair=repair)
    if layers is None:
        raise NotPossible("This account has no webhooks to look at. It is polled.")
    if repair:
        with acting_for(me.agency_id):
            ledger.enter(Happening.HOOKS_MENDED, "account", account_id, by(me), at=now_utc())
    return layers


def _note_layers(account: Account, layers: Sequence[Layer], now: datetime) -> None:
    row = Health.objects.select_for_update().get(account=account)
    was_good = all(layer["good"] for layer in row.layers)
    row.layers, row.layers_at = [asdict(layer) for layer in layers], now
    row.save(update_fields=["layers", "layers_at"])
    is_good = all(layer.good for layer in layers)
    if was_good == is_good:
        return
    broken = [layer.name for layer in layers if not layer.good]
    happening = Happening.HOOKS_MENDED if is_good else Happening.HOOKS_BROKEN
    ledger.enter(happening, "account", account.id, at=now, broken=broken)
    announce(["health"])
