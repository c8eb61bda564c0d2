"""Whether the embedded database still fits the code: lets a warm start skip the migrations.

A mark beside the data says which migrations were last applied. The mark goes where the data goes,
so an emptied or replaced data folder is prepared again by itself.
"""

import contextlib
import hashlib
import importlib.util
from pathlib import Path

from callbox.running import bootstrap_sql

PACKAGES = ("callbox", "procrastinate", "django")
MARK = "callbox-prepared"


def digest(*, practice: bool) -> str:
    """One number for everything that preparing depends on: migrations, roles, practice data."""
    total = hashlib.sha256(b"practice" if practice else b"")
    total.update(Path(bootstrap_sql.__file__).read_bytes())
    for package in PACKAGES:
        for path in _migrations(package):
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _migrations(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    root = Path(spec.origin).parent if spec and spec.origin else None
    return sorted(root.glob("**/migrations/**/*.py")) if root else []


def is_current(folder: Path, expected: str) -> bool:
    """True when the data folder carries this very mark."""
    with contextlib.suppress(OSError):
        return (folder / MARK).read_text() == expected
    return False


def mark(folder: Path, value: str) -> None:
    """Note that preparing succeeded."""
    draft = folder / f"{MARK}.new"
    draft.write_text(value)
    draft.replace(folder / MARK)
