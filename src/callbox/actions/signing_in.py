"""Failed sign-ins, counted so that nobody can try passwords all day."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from callbox.actions.doing import now_utc
from callbox.models.people import SignInAttempt

MOST_FAILURES = 5
WINDOW = timedelta(minutes=10)


def _bucket(email: str) -> bytes:
    """A keyed hash of the address typed: counted, and never kept as itself."""
    typed = f"sign-in:{email.strip().lower()}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), typed, hashlib.sha256)


def must_wait(email: str) -> bool:
    """Whether this address was tried too often just now."""
    since = now_utc() - WINDOW
    tries = SignInAttempt.objects.filter(bucket=_bucket(email), at__gt=since)
    return tries.count() >= MOST_FAILURES


def refused(email: str) -> None:
    """Count a failure; forget those that no longer count."""
    now = now_utc()
    with transaction.atomic():
        SignInAttempt.objects.filter(at__lt=now - WINDOW).delete()
        SignInAttempt.objects.create(bucket=_bucket(email), at=now)


def welcomed(email: str) -> None:
    """The right password: what was tried before does not count any more."""
    SignInAttempt.objects.filter(bucket=_bucket(email)).delete()
