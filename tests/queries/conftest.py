"""The town of `tests/actions`, for reading."""

from tests.actions.conftest import _built, town

__all__ = ["_built", "town"]
