"""Making raws of JSON values."""

import json
from typing import Any

from callbox.connector import Raw


def raw_of(kind: str, value: Any) -> Raw:
    """Raw from a decoded JSON value. Half characters, which UTF-8 cannot hold, stay escaped."""
    try:
        return Raw.of(kind, value)
    except UnicodeEncodeError:
        return Raw(kind, json.dumps(value, separators=(",", ":")).encode())
