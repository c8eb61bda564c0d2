"""Hand-written statements, prepared.

Django binds parameters in the client, so PostgreSQL plans every statement anew; for a list that is
read all day, planning costs more than running. These bind on the server and are prepared after
their first use on a connection.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection


def cursor() -> psycopg.Cursor[Any]:
    """A server-side binding cursor on Django's connection: same transaction, same scope."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 1
    return psycopg.Cursor(raw)


def rows(statement: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement. `statement` is our own text; what comes from outside is bound."""
    with cursor() as prepared:
        return prepared.execute(statement, values).fetchall()  # type: ignore[arg-type]  # our text
