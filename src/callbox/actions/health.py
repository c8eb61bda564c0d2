"""How well we hear: every contact with a network is noted, and silence is said out loud.

An account is *blind* when its network has not answered for BLIND_AFTER. Blind periods are rows:
shown at once, and excluded openly from measures later.
"""

from datetime import datetime, timedelta

from callbox import ledger
from callbox.connector import AuthDead, ConnectorError, RateLimited
from callbox.effects import announce
from callbox.ids import new_id
from callbox.models.accounts import Account, BlindPeriod, Health
from callbox.vocabulary import Happening

BLIND_AFTER = timedelta(seconds=60)


def heard(account: Account, now: datetime, *, dropped: int = 0, heard: int = 0) -> None:
    """Something came through."""
    row = Health.objects.select_for_update().get(account=account)
    row.dropped += dropped
    if heard:
        row.heard_at = now
    row.save(update_fields=["dropped", "heard_at"])


def answered(account: Account, now: datetime, *, recovered: int = 0, gap: bool = False) -> None:
    """The network answered us: whatever was wrong is over. Call inside a scope.

    `gap` is a hole in what it gave us: a blind period of its own where none was noticed.
    """
    row = Health.objects.select_for_update().get(account=account)
    was_blind, since = row.blind_since, row.checked_at
    row.checked_at = now
    row.failing_since = row.blind_since = row.limited_until = None
    row.error_kind = row.error_words = ""
    row.save()
    if was_blind is None:
        if not gap:
            return
        was_blind = since or account.connected_at  # what was said in between, nobody can say
        _begin(account, was_blind, "The network could not give everything back.")
    period = BlindPeriod.objects.filter(account=account, ended_at=None)
    period.update(ended_at=now, recovered=recovered, gap=gap)
    ledger.enter(
        Happening.ACCOUNT_SEES_AGAIN,
        "account",
        account.id,
        at=now,
        since=was_blind.isoformat(),
        recovered=recovered,
        gap=gap,
    )
    announce(["health", "inbox"])


def failed(account: Account, error: ConnectorError, now: datetime) -> None:
    """The network did not answer, or would not. Blind once it has lasted. Call inside a scope."""
    row = Health.objects.select_for_update().get(account=account)
    changed = row.error_words != str(error)[:500]
    row.error_kind, row.error_words = type(error).__name__[:40], str(error)[:500]
    row.limited_until = error.until if isinstance(error, RateLimited) else None
    row.failing_since = row.failing_since or now
    blind = isinstance(error, AuthDead) or now - row.failing_since >= BLIND_AFTER
    if blind and row.blind_since is None:
        _goes_blind(account, row, now)
        changed = True
    row.save()
    if isinstance(error, AuthDead) and account.state == Account.State.ON:
        Account.objects.filter(pk=account.pk).update(state=Account.State.DEAD)
        account.state = Account.State.DEAD
        changed = True
    if changed:
        announce(["health"])


def _goes_blind(account: Account, row: Health, now: datetime) -> None:
    since = row.checked_at or row.failing_since or now
    row.blind_since = since
    _begin(account, since, row.error_words)
    ledger.enter(
        Happening.ACCOUNT_BLIND,
        "account",
        account.id,
        at=now,
        since=since.isoformat(),
        kind=row.error_kind,
    )
    announce(["health", "inbox"])


def _begin(account: Account, since: datetime, words: str) -> None:
    BlindPeriod.objects.create(
        id=new_id(), agency_id=account.agency_id, account=account, began_at=since, words=words
    )
