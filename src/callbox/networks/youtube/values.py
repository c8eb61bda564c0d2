"""Reading what YouTube alone writes so: every function takes any value and raises nothing."""

import re
from typing import Any

from callbox.values import text

_IDENT = re.compile(r"[\w.-]{1,200}", re.ASCII)


def ident(value: Any) -> str:
    """An id of a video, a comment or a person's page, or "". Ids of replies hold a dot."""
    found = text(value).strip()
    return found if _IDENT.fullmatch(found) else ""


def count(value: Any) -> int:
    """A whole number of things; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
