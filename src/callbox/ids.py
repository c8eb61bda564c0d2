"""Ids made in the application: UUID version 7 (RFC 9562), ordered by the time they were made.

Ordered ids keep new rows together in every index, and can be named before the row is written, so a
batch needs no round trip to learn them.
"""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A new id, later than every id this process has made before."""
    global _last  # the monotonic counter of RFC 9562 section 6.2, method 3
    with _lock:
        # 48 bits of milliseconds followed by 12 bits of a millisecond's fraction.
        ticks = time.time_ns() * 4096 // 1_000_000
        _last = ticks if ticks > _last else _last + 1
        ticks = _last
    milliseconds, fraction = ticks >> 12, ticks & 0xFFF
    random = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)
