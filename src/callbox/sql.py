"""Hand-written statements, prepared.

Django binds parameters in the client, so PostgreSQL plans every statement anew; for a list that is
read all day, planning costs more than running. These bind on the server and are prepared after
their first use on a connection.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A server-side binding cursor on Django's connection: same transaction, same scope. Its errors
    are Django's too, so that a lost connection is noticed and replaced."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 1
    with connection.wrap_database_errors, psycopg.Cursor(raw) as prepared:
        yield prepared


def rows(statement: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement. `statement` is our own text; what comes from outside is bound."""
    with cursor() as prepared:
        return prepared.execute(statement, values).fetchall()
