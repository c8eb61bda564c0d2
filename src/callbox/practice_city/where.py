"""Where this installation's practice city keeps its files."""

from pathlib import Path

from django.conf import settings

FILE_NAME = "practice.sqlite3"


def file() -> Path:
    """The practice network's file. What else the city remembers stands beside it."""
    return Path(settings.HOME) / FILE_NAME
