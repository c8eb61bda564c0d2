"""Chaining the ledger, and finding any change to it.

Entries are written without a lock between writers; the sealer takes those of transactions that are
certainly over, in the order of (transaction, id), and chains them: each digest covers the one
before. Every batch ends in a seal: the chain's head, signed (Ed25519). Anyone with the public key
can check; flipping a byte, dropping, reordering or inserting an entry is found and named.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from callbox import bulk
from callbox.ids import new_id
from callbox.models.records import Entry, Link, Seal
from callbox.scope import acting_for, agency_id

BATCH = 2000
GENESIS = hashlib.sha256(b"callbox ledger, version 1").digest()
_COLUMNS = (
    "id", "happening", "at", "actor_kind", "actor_id", "subject_kind", "subject_id",
    "conversation_id", "facts",
)  # fmt: skip


class NoSigningKey(RuntimeError):
    """CALLBOX_SIGNING_KEY is missing; `callbox doctor` says how to make one."""


def canonical(entry: Any) -> bytes:
    """The bytes of an entry that its digest covers: JSON with sorted keys, times in UTC."""
    values = {}
    for name in _COLUMNS:
        value = getattr(entry, name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat(timespec="microseconds")
        values[name] = str(value) if isinstance(value, UUID) else value
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(previous: bytes, entry: Any) -> bytes:
    """An entry's place in the chain."""
    return hashlib.sha256(previous + canonical(entry)).digest()


def _signing_key() -> SigningKey:
    key = settings.CALLBOX_SIGNING_KEY
    if len(key) != 64:
        raise NoSigningKey("CALLBOX_SIGNING_KEY is not set to 64 hex digits.")
    return SigningKey(bytes.fromhex(key))


def seal_agency(agency: UUID) -> int:
    """Chain and seal what is not sealed yet, a batch at most; how many entries it took."""
    with acting_for(agency):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1881))", [str(agency)]
            )
        horizon, cluster = _now_in_the_database()
        last = Seal.objects.order_by("-number").first()
        moved = last is not None and last.cluster != cluster
        rows = _outside_the_chain()
        if last is not None and not moved:
            rows = rows.filter(xid__gte=last.xid)
        if not moved:
            rows = rows.filter(xid__lt=horizon)
        # Transaction numbers mean nothing in another cluster (after a restore). Once, everything
        # that can be seen is chained whatever its number; what cannot be seen yet comes next time.
        entries = list(rows.order_by("xid", "id")[: None if moved else BATCH])
        if not entries:
            return 0
        full = len(entries) == BATCH and not moved
        _append(last, entries, entries[-1].xid if full else horizon, cluster)
        return len(entries)


def _now_in_the_database() -> tuple[int, int]:
    """The number below which every transaction is over, and which cluster counts it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, system_identifier"
            " FROM pg_control_system()"
        )
        horizon, cluster = cursor.fetchone()
    return horizon, cluster


def _outside_the_chain() -> QuerySet[Entry]:
    """Entries that no link names."""
    linked = Link.objects.filter(agency=OuterRef("agency_id"), entry_id=OuterRef("pk"))
    return Entry.objects.filter(~Exists(linked))


def _append(last: Seal | None, entries: Sequence[Entry], xid: int, cluster: int) -> None:
    position = last.last_position if last is not None else 0
    head = bytes(last.head) if last is not None else GENESIS
    links = []
    for entry in entries:
        position += 1
        head = digest(head, entry)
        links.append(
            {
                "id": new_id(),
                "agency_id": agency_id(),
                "position": position,
                "entry_id": entry.id,
                "digest": head,
            }
        )
    bulk.insert(Link, links)
    key = _signing_key()
    number = last.number + 1 if last is not None else 1
    now = datetime.now(UTC)
    Seal.objects.create(
        agency_id=agency_id(),
        number=number,
        last_position=position,
        head=head,
        sealed_at=now,
        xid=xid,
        cluster=cluster,
        signature=key.sign(_signed(number, position, head, now)).signature,
        public_key=bytes(key.verify_key),
    )


def _signed(number: int, position: int, head: bytes, sealed_at: datetime) -> bytes:
    """What a seal's signature covers."""
    at = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"callbox seal {number} {position} {at} ".encode() + head


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the ledger that is not as it was sealed."""

    position: int
    entry_id: UUID | None
    words: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `unsealed` entries are recent and not chained yet: normal."""

    entries: int
    seals: int
    unsealed: int
    faults: Sequence[Fault]


def verify(agency: UUID, *, former_keys: Collection[bytes] = ()) -> Checked:
    """Check an agency's whole ledger: every link, every digest, every seal.

    Seals must carry the installation's signature, or that of one of the `former_keys` (public
    keys): whoever can write to the database could sign with a key of their own. Reads in batches; a
    million entries need a constant amount of memory. What this cannot see is an end cut off
    together with its seals: that takes a head that was published (docs/operate).
    """
    keys = {bytes(_signing_key().verify_key), *former_keys}
    with acting_for(agency):
        faults: list[Fault] = []
        seals = {seal.last_position: seal for seal in Seal.objects.order_by("number")}
        checked = 0
        head, position = GENESIS, 0
        for link, entry in _chain():
            head, position = _check_link(link, entry, head, position, faults)
            if position in seals:
                _check_seal(seals[position], head, keys, faults)
            checked += 1
        faults += _faults_of_ends(list(seals.values()), position)
        smuggled, unsealed = _not_chained(list(seals.values()))
        faults += [
            Fault(0, one, "An entry stands outside the chain, older than the last seal.")
            for one in smuggled
        ]
        return Checked(checked, len(seals), unsealed, faults)


def _faults_of_ends(seals: Sequence[Seal], position: int) -> list[Fault]:
    """Seals that are missing, that stand over nothing, and links that no seal stands over."""
    numbers = {seal.number for seal in seals}
    faults = [
        Fault(0, None, f"Seal {number} is missing.")
        for number in range(1, max(numbers, default=0))
        if number not in numbers
    ]
    faults += [
        Fault(
            seal.last_position,
            None,
            f"Seal {seal.number} stands over position {seal.last_position}, which is gone.",
        )
        for seal in seals
        if seal.last_position > position
    ]
    end = max((seal.last_position for seal in seals), default=0)
    if end < position:
        faults.append(Fault(end + 1, None, f"Links {end + 1} to {position} carry no seal."))
    return faults


def _chain() -> Iterator[tuple[Link, Entry | None]]:
    after = -1
    while True:
        links = list(Link.objects.filter(position__gt=after).order_by("position")[:BATCH])
        if not links:
            return
        entries = Entry.objects.in_bulk([link.entry_id for link in links])
        for link in links:
            yield link, entries.get(link.entry_id)
        after = links[-1].position


def _check_link(
    link: Link, entry: Entry | None, head: bytes, position: int, faults: list[Fault]
) -> tuple[bytes, int]:
    if link.position != position + 1:
        faults.append(
            Fault(position + 1, None, f"Links {position + 1} to {link.position - 1} are missing.")
        )
        return bytes(link.digest), link.position
    if entry is None:
        faults.append(Fault(link.position, link.entry_id, "This entry is missing."))
    elif digest(head, entry) != bytes(link.digest):
        faults.append(
            Fault(
                link.position, link.entry_id, "This entry, or its place, is not as it was sealed."
            )
        )
    return bytes(link.digest), link.position


def _check_seal(seal: Seal, head: bytes, keys: set[bytes], faults: list[Fault]) -> None:
    if bytes(seal.public_key) not in keys:
        faults.append(
            Fault(seal.last_position, None, f"Seal {seal.number} is signed by somebody else.")
        )
    if bytes(seal.head) != head:
        faults.append(
            Fault(seal.last_position, None, f"Seal {seal.number} does not match the chain.")
        )
    try:
        VerifyKey(bytes(seal.public_key)).verify(
            _signed(seal.number, seal.last_position, bytes(seal.head), seal.sealed_at),
            bytes(seal.signature),
        )
    except BadSignatureError:
        faults.append(
            Fault(seal.last_position, None, f"Seal {seal.number} carries a wrong signature.")
        )


def _not_chained(seals: Sequence[Seal]) -> tuple[list[UUID], int]:
    """Entries put in afterwards (a hundred at most), and how many are new and normal. The numbers
    of transactions can be compared within one cluster only."""
    _, cluster = _now_in_the_database()
    sealed_below = max((seal.xid for seal in seals if seal.cluster == cluster), default=0)
    rows = _outside_the_chain()
    old = rows.filter(xid__lt=sealed_below)
    count = rows.filter(xid__gte=sealed_below).count()
    return list(old.order_by("id").values_list("id", flat=True)[:100]), count
