"""Record keys: the names that our own records get.

A key is worked out from the delivery's key and time and nothing else, so every attempt at one
delivery writes the same record, and a second attempt changes nothing. Posts must be named by a
“TID”: 13 letters of a sortable alphabet that hold 53 bits of microseconds and 10 bits that tell
apart what was made in the same microsecond (https://atproto.com/specs/tid).
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2s

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
LENGTH = 13
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tid(key: str, made_at: datetime) -> str:
    """The record key of the delivery `key`, made at `made_at` (aware).

    The time counts to the millisecond. The microseconds below it, and the ten bits, come from the
    key: two deliveries of one millisecond share a name once in a million times.
    """
    spread = int.from_bytes(blake2s(key.encode(errors="replace"), digest_size=8).digest(), "big")
    milliseconds = (made_at - _EPOCH) // timedelta(milliseconds=1)
    return _spell((milliseconds * 1000 + spread % 1000) << 10 | (spread >> 32) & 0x3FF)


def tid_of(text: str) -> str:
    """A record key that stands for a text, with no time in it: the same text, the same key."""
    digest = blake2s(text.encode(errors="replace"), digest_size=8).digest()
    return _spell(int.from_bytes(digest, "big") >> 1)


def time_of(rkey: str) -> datetime | None:
    """When a record key says that its record was made, or None when it is not a TID."""
    if len(rkey) != LENGTH or any(letter not in ALPHABET for letter in rkey):
        return None
    number = 0
    for letter in rkey:
        number = number << 5 | ALPHABET.index(letter)
    return _EPOCH + timedelta(microseconds=number >> 10)


def _spell(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
