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


def _box(key: str) -> SecretBox:
    try:
        return SecretBox(bytes.fromhex(key))
    except ValueError as error:
        raise CannotOpen(
            "CALLBOX_ENCRYPTION_KEY is not set to 64 hex digits. `callbox doctor` says how."
        ) from error


def _keys() -> list[str]:
    """The key that seals, and those before it, which still open."""
    return [settings.CALLBOX_ENCRYPTION_KEY, *settings.CALLBOX_OLD_ENCRYPTION_KEYS]


def seal(value: Mapping[str, Any]) -> bytes:
    """Sealed bytes of a JSON-like mapping."""
    return bytes(_box(settings.CALLBOX_ENCRYPTION_KEY).encrypt(json.dumps(dict(value)).encode()))


def unseal(sealed: bytes | memoryview) -> dict[str, Any]:
    """What was sealed; empty bytes are an empty mapping. Raises CannotOpen when no key opens it."""
    if not len(sealed):
        return {}
    for key in _keys():
        try:
            opened: dict[str, Any] = json.loads(_box(key).decrypt(bytes(sealed)))
        except (CryptoError, ValueError):
            continue
        return opened
    raise CannotOpen(
        "A stored secret does not open with this CALLBOX_ENCRYPTION_KEY. "
        "Put the key back that it was sealed with, or connect the account again."
    )


def is_current(sealed: bytes | memoryview) -> bool:
    """Whether the key of today opens it."""
    try:
        _box(settings.CALLBOX_ENCRYPTION_KEY).decrypt(bytes(sealed))
    except (CryptoError, ValueError):
        return False
    return True
