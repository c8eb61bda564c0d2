"""The walls in the database: every table of an agency is guarded, and records only grow."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

pytestmark = pytest.mark.django_db

# Tables without an agency's wall, each with its reason.
OPEN = {
    "callbox_agency": "who there is: read before any scope is known",
    "callbox_user": "logins: read before any scope is known; nothing but an address and a hash",
    "callbox_signinattempt": "the throttle; keyed hashes only",
    "django_session": "Django's: keys only",
    "django_content_type": "Django's own",
    "django_migrations": "Django's own",
    "auth_group": "Django's own; empty",
    "auth_group_permissions": "Django's own; empty",
    "auth_permission": "Django's own; names of tables",
    "procrastinate_events": "the queue's own: ids only",
    "procrastinate_jobs": "the queue's own: ids only",
    "procrastinate_periodic_defers": "the queue's own",
    "procrastinate_workers": "the queue's own",
}
APPEND_ONLY = ("callbox_entry", "callbox_link", "callbox_seal", "callbox_version")


def _rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _tables() -> list[str]:
    return [name for (name,) in _rows("SELECT tablename FROM pg_tables WHERE schemaname='public'")]


def test_every_table_is_guarded_or_has_a_reason() -> None:
    guarded = {
        name
        for name, on, forced in _rows(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind='r'"
        )
        if on and forced
    }
    policies = dict(_rows("SELECT tablename, qual FROM pg_policies"))
    for table in _tables():
        if table in OPEN:
            continue
        assert table in guarded, table
        assert policies[table] == "(agency_id = callbox_agency())", table


def test_keys_and_indexes_begin_with_the_agency() -> None:
    wrong = [
        definition
        for table, definition in _rows(
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname='public'"
        )
        if table not in OPEN and "(agency_id" not in definition
    ]
    assert wrong == []


def test_references_cannot_leave_the_agency() -> None:
    wrong = [
        (table, definition)
        for table, definition in _rows(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        )
        if table not in OPEN
        and not definition.startswith("FOREIGN KEY (agency_id, ")
        and "callbox_user" not in definition
    ]
    assert wrong == []


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("deed", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_records_only_grow(table: str, deed: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        _rows(deed.format(table))


def test_we_are_the_web_role_and_it_can_do_nothing_special() -> None:
    role = _rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = current_user"
    )
    assert role == [("callbox_app", False, False, False, False)]
    owned = _rows("SELECT tablename FROM pg_tables WHERE tableowner = current_user")
    assert owned == []
