"""Sealing every stored secret anew, after the installation got another key."""

from uuid import UUID

from callbox import ledger
from callbox.actions.doing import now_utc
from callbox.models.accounts import Account, Connecting
from callbox.scope import acting_for
from callbox.sealing import is_current, seal, unseal
from callbox.vocabulary import Happening


def reseal(agency_id: UUID) -> int:
    """Seal one agency's secrets with the key of today; how many were not. Running twice, or while
    the site runs, harms nothing: rows are locked one by one. Raises sealing.CannotOpen for what no
    key opens, with nothing of this agency changed."""
    with acting_for(agency_id):
        changed = sum(_account(pk) for pk in Account.objects.values_list("id", flat=True))
        changed += sum(_connecting(pk) for pk in Connecting.objects.values_list("id", flat=True))
        if changed:
            ledger.enter(
                Happening.SECRETS_RESEALED, "agency", agency_id, at=now_utc(), changed=changed
            )
        return changed


def _account(pk: UUID) -> int:
    row = Account.objects.select_for_update().only("secrets", "session").get(pk=pk)
    old = [name for name in ("secrets", "session") if _is_old(getattr(row, name))]
    if old:
        Account.objects.filter(pk=pk).update(
            **{name: seal(unseal(getattr(row, name))) for name in old}
        )
    return len(old)


def _connecting(pk: UUID) -> int:
    row = Connecting.objects.select_for_update().only("sealed").filter(pk=pk).first()
    if row is None or not _is_old(row.sealed):
        return 0
    return Connecting.objects.filter(pk=pk).update(sealed=seal(unseal(row.sealed)))


def _is_old(sealed: bytes | memoryview) -> bool:
    return bool(len(sealed)) and not is_current(sealed)
