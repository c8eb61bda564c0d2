"""What residents do on our own pages: write, and write again."""

import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError

from callbox.actions import arrivals
from callbox.actions.doing import now_utc
from callbox.connector import Raw
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.portal import PortalKey, PortalTry
from callbox.scope import acting_for

DOOR = "form"
TRIES_KEPT = timedelta(hours=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody wrote. `id` names the message; `follow_up_of` the conversation's first one."""

    id: str
    text: str
    language: str
    name: str = ""
    door: str = ""
    follow_up_of: str = ""


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is kept of a key that was just made: nothing that opens anything by itself."""

    locator: bytes
    verifier: str = field(repr=False)


def take(account: Account, form: Form, key: NewKey | None = None) -> None:
    """Keep a resident's words, with the key to them, and then read them into a conversation.

    Words and key are one transaction. Reading is another: should it fail, or we die in between, the
    job that goes with the words reads them, and the resident's key is good all the same. The ledger
    is entered by the reading. The same form twice is one message.
    """
    now = now_utc()
    raw = Raw.of(DOOR, asdict(form) | {"at": now.isoformat()})
    with acting_for(account.agency_id):
        ids = arrivals.store(account, [raw], DOOR, read_later=True)
        if key is not None:
            PortalKey.objects.create(
                agency_id=account.agency_id,
                account=account,
                root_id=form.id,
                locator=key.locator,
                verifier=key.verifier,
                made_at=now,
            )
    try:
        arrivals.read(account, dict.fromkeys(ids, arrivals.Came(raw, "form")))
    except DatabaseError:
        logger.exception("A form is kept, and will be read by its job.")


def note_try(account: Account, what: str, bucket: bytes, now: datetime) -> None:
    """Count something for the throttle, and forget what is older than it looks."""
    with acting_for(account.agency_id):
        PortalTry.objects.filter(at__lt=now - TRIES_KEPT).delete()
        PortalTry.objects.create(
            id=new_id(), agency_id=account.agency_id, what=what, bucket=bucket, at=now
        )
