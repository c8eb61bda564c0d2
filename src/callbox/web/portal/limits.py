"""The throttle of the public forms: generous to people who share a connection, tight to machines.

Counts are in the database, because several processes answer. A connection is known by a keyed hash
of its address that changes with the day; IPv6 addresses count by their first 64 bits, which is what
one household has.
"""

import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from callbox.actions import portal as deeds
from callbox.models.accounts import Account
from callbox.queries import portal


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of `what` within a time."""

    what: str
    most: int
    within: timedelta

    @property
    def minutes(self) -> int:
        """How long to wait at most, for the words shown."""
        return math.ceil(self.within.total_seconds() / 60)


FORMS = Limit("form", 30, timedelta(hours=1))  # a library is one connection
KEYS = Limit("key", 10, timedelta(minutes=15))  # wrong keys; right ones are not counted


def reached(limit: Limit, request: HttpRequest, now: datetime) -> bool:
    """Whether this connection has to wait. Call inside `acting_for`."""
    return portal.tries(limit.what, _bucket(request, now), now - limit.within) >= limit.most


def count(limit: Limit, request: HttpRequest, account: Account, now: datetime) -> None:
    """Count one."""
    deeds.note_try(account, limit.what, _bucket(request, now), now)


def _bucket(request: HttpRequest, now: datetime) -> bytes:
    secret = f"callbox portal connection:{settings.SECRET_KEY}".encode()
    text = f"{now.date().isoformat()} {_connection(request.META.get('REMOTE_ADDR', ''))}"
    return hmac.digest(secret, text.encode(), "sha256")


def _connection(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
