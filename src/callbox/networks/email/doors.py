"""Which way a mail came, and what the server says of it: what `Raw.kind` carries.

The mail's own bytes stay exactly what they were; what IMAP tells beside them (when it arrived, how
big it is) travels in the kind: `inbox 2026-11-23T22:55:10+00:00 5300`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime

from callbox.connector import Malformed
from callbox.networks.email import mime

INBOX, SENT, PAST = "inbox", "sent", "past"
_KIND = re.compile(r"(inbox|sent|past)(?: (\S{1,32}))?(?: (\d{1,12}))?")
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_UNDERWAY = timedelta(days=2)  # how long a mail may travel and still be dated by its writer
_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a mail came from; when it arrived; its full size in bytes, 0 for "as it is"."""

    name: str
    at: datetime | None = None
    size: int = 0

    def kind(self) -> str:
        """The word for `Raw.kind`."""
        at = self.at.astimezone(UTC).isoformat(timespec="seconds") if self.at else "-"
        return f"{self.name} {at} {self.size}"


def read(kind: str) -> Door:
    """The door in a kind. Raises Malformed for a word that no door of ours has."""
    found = _KIND.fullmatch(kind)
    if not found:
        raise Malformed("not a mail that came through a door of ours")
    try:
        at = datetime.fromisoformat(found[2]) if found[2] and found[2] != "-" else None
    except ValueError:
        at = None
    return Door(found[1], at.astimezone(UTC) if at and at.tzinfo else None, int(found[3] or 0))


def said_at(mail: Message, door: Door) -> datetime:
    """When it was written: by its own date as far as that can be, else when it arrived, so that no
    made-up date puts a mail before or behind everybody else's. Raises Malformed without either."""
    told = _date(mime.value(mail, "date"))
    if door.at is None:
        if told is None:
            raise Malformed("a mail without any date")
        return told
    earliest = _EARLIEST if door.name == PAST else door.at - _UNDERWAY
    if told and earliest <= told <= door.at + _AHEAD:
        return min(told, door.at)
    return max(door.at, _EARLIEST)


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value[:100])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return moment if moment >= _EARLIEST else None
