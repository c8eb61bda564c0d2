"""Secrets at rest: sealed with the installation's key (libsodium secretbox, via PyNaCl).

The key comes from `CALLBOX_ENCRYPTION_KEY` (64 hex digits) or its file; it is never in the
database, so a copy of the database alone opens nothing.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


class CannotOpen(RuntimeError):
    """What was sealed does not open with the key at hand."""


def _box() -> SecretBox:
    key = settings.CALLBOX_ENCRYPTION_KEY
    if len(key) != 64:
        raise CannotOpen(
            "CALLBOX_ENCRYPTION_KEY is not set to 64 hex digits. `callbox doctor` says how."
        )
    return SecretBox(bytes.fromhex(key))


def seal(value: Mapping[str, Any]) -> bytes:
    """Sealed bytes of a JSON-like mapping."""
    return bytes(_box().encrypt(json.dumps(dict(value)).encode()))


def unseal(sealed: bytes | memoryview) -> dict[str, Any]:
    """What was sealed; empty bytes are an empty mapping. Raises CannotOpen for a wrong key."""
    if not len(sealed):
        return {}
    try:
        opened: dict[str, Any] = json.loads(_box().decrypt(bytes(sealed)))
    except (CryptoError, ValueError) as error:
        raise CannotOpen(
            "A stored secret does not open with this CALLBOX_ENCRYPTION_KEY. "
            "Put the key back that it was sealed with, or connect the account again."
        ) from error
    return opened
