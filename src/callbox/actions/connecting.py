"""Connecting accounts: through the network's own page or with what was typed, and disconnecting.

Nothing here calls a network inside a transaction, and no secret leaves it unsealed: what was typed
and what came back wait in a `Connecting` row, which one member can use for one hour.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from callbox import ledger
from callbox.actions import accounts
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.connector import AccountSeen, Connector, ConnectorError, MemorySession, Refused
from callbox.effects import announce
from callbox.logins import Candidate, Identity
from callbox.models.accounts import Account, BlindPeriod, Connecting, Health, Past
from callbox.networks import connector_class
from callbox.queries.people import Me
from callbox.rules import access
from callbox.scope import acting_for
from callbox.sealing import seal, unseal
from callbox.vocabulary import Deed, Happening

LASTS = timedelta(hours=1)


class Expired(NotPossible):
    """What a member began is over, was used, or is somebody else's."""


class OtherAccount(NotPossible):
    """The login belongs to another account than the one that is connected again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a member asks for: which network, who owns and approved it, and what they typed.

    `again` is the account that is connected again: the login has to be its.
    """

    network: str
    unit_id: UUID
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    again: UUID | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A connecting that is under way. `candidates` are there once the network has answered."""

    id: UUID
    wanted: Wanted
    verifier: str = field(default="", repr=False)
    session: Mapping[str, Any] = field(default_factory=dict, repr=False)
    candidates: tuple[Candidate, ...] = ()


# --- with what was typed ----------------------------------------------------------------------


def log_in(me: Me, wanted: Wanted) -> Account:
    """Log in with what was typed and connect the account that it belongs to. Raises ConnectorError,
    OtherAccount, access.Denied."""
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now_utc())
    identity, session = accounts.try_login(wanted.network, wanted.config, wanted.secrets)
    with acting_for(me.agency_id):
        return _connect(me, wanted, wanted.unit_id, Candidate(identity, session))


def _connect(me: Me, wanted: Wanted, unit_id: UUID, one: Candidate) -> Account:
    _same(wanted, one.identity)
    return accounts.connect(
        me,
        me.agency_id,
        wanted.network,
        unit_id,
        one.identity,
        config={**wanted.config, **one.config},
        secrets={**wanted.secrets, **one.secrets},
        session=one.session,
        approved_by=wanted.approved_by,
        approved_at=wanted.approved_at,
    )


def _same(wanted: Wanted, identity: Identity) -> None:
    if wanted.again is None:
        return
    old = Account.objects.filter(pk=wanted.again).first()
    if old is not None and old.external_id != identity.external_id:
        raise OtherAccount(
            f"This login belongs to {identity.handle}, not to {old.handle}. Log in there as "
            f"{old.handle}, or connect {identity.handle} as an account of its own."
        )


# --- through the network's own page -----------------------------------------------------------


def leave(me: Me, wanted: Wanted, back: str) -> str:
    """Begin to connect through the network's own page: its address. `back` is where the network
    sends the member afterwards. Raises ConnectorError, access.Denied."""
    now = now_utc()
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now)
    state, verifier = token_urlsafe(32), token_urlsafe(64)
    session = MemorySession()
    connector = _trying(wanted, session)
    try:
        url = connector.authorize(back, state, verifier)
    finally:
        connector.close()
    begun = Begun(UUID(int=0), wanted, verifier, session.read())
    with acting_for(me.agency_id):
        Connecting.objects.filter(began_at__lt=now - LASTS).delete()
        Connecting.objects.create(
            agency_id=me.agency_id,
            member_id=me.member_id,
            unit_id=wanted.unit_id,
            network=wanted.network,
            state_digest=_digest(state),
            sealed=seal(_written(begun)),
            began_at=now,
            account_id=wanted.again,
        )
    return url


def come_back(me: Me, state: str) -> Begun:
    """Take up what a member began, when the network sends them back. A state is used once, within
    an hour, by whoever began. Raises Expired."""
    with acting_for(me.agency_id):
        rows = Connecting.objects.select_for_update().filter(state_digest=_digest(state))
        row = _mine(me, rows.first())
        row.state_digest = os.urandom(32)
        row.save(update_fields=["state_digest"])
        return _read(row)


def under_way(me: Me, connecting_id: UUID) -> Begun:
    """What a member began. Raises Expired."""
    with acting_for(me.agency_id):
        return _read(_mine(me, Connecting.objects.filter(pk=connecting_id).first()))


def exchange(me: Me, begun: Begun, code: str, back: str) -> Sequence[Candidate]:
    """Trade the code for a login, and keep the accounts that it opens until the member picks.
    Raises ConnectorError; Refused when it opens none."""
    session = MemorySession(begun.session)
    connector = _trying(begun.wanted, session)
    try:
        found = tuple(connector.exchange(code, back, begun.verifier))
    finally:
        connector.close()
    if not found:
        raise Refused("This login opens no account that Callbox could use. Did you leave one out?")
    kept = Begun(begun.id, begun.wanted, candidates=found)
    with acting_for(me.agency_id):
        Connecting.objects.filter(pk=begun.id).update(sealed=seal(_written(kept)))
    return found


def pick(me: Me, connecting_id: UUID, units: Mapping[str, UUID]) -> list[Account]:
    """Connect these accounts (external id → owning unit) of those that a login opens. Raises
    Expired, NotPossible, OtherAccount, access.Denied."""
    with acting_for(me.agency_id):
        begun = under_way(me, connecting_id)
        chosen = [one for one in begun.candidates if one.identity.external_id in units]
        if not chosen:
            raise NotPossible("Pick an account first.")
        made = [_connect(me, begun.wanted, units[c.identity.external_id], c) for c in chosen]
        Connecting.objects.filter(pk=connecting_id).delete()
        return made


def _trying(wanted: Wanted, session: MemorySession) -> Connector:
    seen = AccountSeen("new", "", "", wanted.config, wanted.secrets)
    return connector_class(wanted.network)(seen, session, now=now_utc)


def _mine(me: Me, row: Connecting | None) -> Connecting:
    if row is None or row.member_id != me.member_id or row.began_at < now_utc() - LASTS:
        raise Expired("This took longer than an hour, or was finished already. Begin once more.")
    return row


def _digest(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()


def _written(begun: Begun) -> dict[str, Any]:
    wanted = begun.wanted
    return {
        "config": dict(wanted.config),
        "secrets": dict(wanted.secrets),
        "approved_by": str(wanted.approved_by or ""),
        "approved_at": wanted.approved_at.isoformat() if wanted.approved_at else "",
        "verifier": begun.verifier,
        "session": dict(begun.session),
        "candidates": [
            {
                "identity": asdict(one.identity),
                "session": dict(one.session),
                "config": dict(one.config),
                "secrets": dict(one.secrets),
                "lacking": one.lacking,
            }
            for one in begun.candidates
        ],
    }


def _read(row: Connecting) -> Begun:
    value = unseal(row.sealed)
    wanted = Wanted(
        network=row.network,
        unit_id=row.unit_id,
        config=value["config"],
        secrets=value["secrets"],
        approved_by=UUID(value["approved_by"]) if value["approved_by"] else None,
        approved_at=datetime.fromisoformat(value["approved_at"]) if value["approved_at"] else None,
        again=row.account_id,
    )
    candidates = tuple(
        Candidate(**{**one, "identity": Identity(**one["identity"])}) for one in value["candidates"]
    )
    return Begun(row.id, wanted, value["verifier"], value["session"], candidates)


def forget_begun(agency_id: UUID) -> None:
    """Remove what was begun and cannot be used any more: it holds secrets, if sealed ones."""
    with acting_for(agency_id):
        Connecting.objects.filter(began_at__lt=now_utc() - LASTS).delete()


# --- what is known already --------------------------------------------------------------------


def known(me: Me, network: str, account_id: UUID, *, login: bool) -> Wanted:
    """What an account of ours was connected with, to be used again: what was typed, and of that the
    account's own login only with `login`. Raises NotPossible."""
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now_utc())
    with acting_for(me.agency_id):
        account = Account.objects.filter(pk=account_id, network=network).first()
    if account is None:
        raise NotPossible("That account is not here.")
    asked = connector_class(network).settings
    names = {one.name for one in asked if login or not one.login}
    secrets = unseal(account.secrets)
    return Wanted(
        network,
        account.unit_id,
        config={name: value for name, value in account.config.items() if name in names},
        secrets={name: value for name, value in secrets.items() if name in names},
        approved_by=account.approved_by_id,
        approved_at=account.approved_at,
    )


# --- the end ----------------------------------------------------------------------------------


def disconnect(me: Me, account_id: UUID) -> str:
    """End an account here: its secrets are wiped at once, then its login is ended at the network.
    What was said stays. Gives words when the network could not be told, "" when all is done.

    Raises access.Denied, NotPossible.
    """
    now = now_utc()
    with acting_for(me.agency_id):
        access.require(me.standing, Deed.RUN_ACCOUNTS, "", now)
        account = Account.objects.select_for_update().filter(pk=account_id).first()
        if account is None or account.state == Account.State.OFF:
            raise NotPossible("That account is not connected.")
        secrets, session = unseal(account.secrets), unseal(account.session)
        account.state, account.secrets, account.session = Account.State.OFF, b"", b""
        account.save(update_fields=["state", "secrets", "session"])
        _stop(account, now)
        ledger.enter(
            Happening.ACCOUNT_DISCONNECTED,
            "account",
            account.id,
            by(me),
            at=now,
            network=account.network,
            handle=account.handle,
        )
        announce(["health"])
    why = _revoke(account, secrets, session)
    if why:  # it stays on the account's page: somebody has to end it there
        with acting_for(me.agency_id):
            Health.objects.filter(account=account).update(error_words=why[:500])
    return why


def _stop(account: Account, now: datetime) -> None:
    """Nothing goes on behind an account that is off."""
    running = Past.objects.filter(account=account, state=Past.State.RUNNING)
    running.update(state=Past.State.STOPPED, ended_at=now)
    BlindPeriod.objects.filter(account=account, ended_at=None).update(ended_at=now)
    Health.objects.filter(account=account).update(
        failing_since=None, blind_since=None, limited_until=None, rest_until=None,
        login_ends_at=None, error_kind="", error_words="", layers=[], layers_at=None,
        streaming=False,
    )  # fmt: skip


def _revoke(account: Account, secrets: Mapping[str, Any], session: Mapping[str, Any]) -> str:
    seen = AccountSeen(
        str(account.id), account.external_id, account.handle, account.config, secrets
    )
    connector = connector_class(account.network)(seen, MemorySession(session), now=now_utc)
    if "revoke" not in connector.abilities():
        return connector.cannot.get("revoke", "")
    try:
        connector.revoke()
    except ConnectorError as error:
        return str(error)
    finally:
        connector.close()
    return ""
