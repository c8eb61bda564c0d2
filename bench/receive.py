"""Receiving: from stored arrivals to conversations, beside bare PostgreSQL writing the same rows.

The floor is psycopg alone, as `callbox_app` under row security, writing copies of the very rows
that receiving wrote (arrivals, authors, conversations, messages, versions, entries) with pipelined
executemany: no parsing, no deciding, no looking up. The ratio is floor time / our time; both are
the best of several, because the machine is shared.
"""

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

from bench import ground

Copies = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
TABLES = ("arrival", "author", "conversation", "message", "version", "entry")
_numbers = count(1)


def raws(many: int) -> list[Any]:
    """So many forms that nobody has read yet, each from a page of its own."""
    from callbox.connector import Raw  # noqa: PLC0415  # after Django is set up

    start = datetime.now(UTC) - timedelta(minutes=5)
    made = []
    for _ in range(many):
        n = next(_numbers)
        made.append(
            Raw.of(
                "message",
                {
                    "id": f"m{n}",
                    "at": (start + timedelta(milliseconds=n)).isoformat(),
                    "name": f"Resident {n % 5000}",
                    "text": f"Message {n}: the street light at the corner of W Monroe and "
                    "S Springfield has been dark for two weeks and the crossing feels unsafe at "
                    "night. Who can fix it, and when will that be? Thank you for looking.",
                    "language": "en",
                    "door": "concern",
                    "follow_up_of": "",
                },
            )
        )
    return made


def _copy_of_rows(agency: Any, since: datetime) -> Copies:
    """The rows written since a moment, per table, ready to be written again."""
    from callbox.scope import acting_for  # noqa: PLC0415

    copies = {}
    with acting_for(agency.id), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM callbox_{table} WHERE id >= %s", [_first_id_at(since)])
            columns = [column.name for column in cursor.description]
            copies[table] = (columns, cursor.fetchall())
    return copies


def _first_id_at(moment: datetime) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7000-8000-000000000000"


def _floor(agency: Any, copies: Copies) -> float:
    """Seconds that bare psycopg takes to write these rows again, under new ids."""
    from django.conf import settings  # noqa: PLC0415

    database = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=database["NAME"], user=database["USER"], password=database["PASSWORD"],
        host=database["HOST"],
    ) as bare:  # fmt: skip
        bare.execute("SELECT set_config('callbox.agency', %s, false)", [str(agency.id)])
        prepared = {table: _renewed(table, *copies[table]) for table in TABLES}
        bare.commit()
        bare.execute("SELECT set_config('callbox.agency', %s, false)", [str(agency.id)])
        began = time.perf_counter()
        with bare.cursor() as cursor:
            for table in TABLES:
                columns, rows = prepared[table]
                places = ", ".join(["%s"] * len(columns))
                cursor.executemany(
                    f"INSERT INTO callbox_{table} ({', '.join(columns)}) VALUES ({places})", rows
                )
        bare.commit()
        return time.perf_counter() - began


_renewals = count(1)


def _renewed(
    table: str, columns: list[str], rows: list[tuple[Any, ...]]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Rows with fresh keys: ids and external ids that do not collide with what is there."""
    mark = next(_renewals)
    renewed = []
    for row in rows:
        values = dict(zip(columns, row, strict=True))
        for name, value in values.items():
            if name in _KEYS and value is not None:
                values[name] = _shifted(value, mark // len(TABLES))
            elif name in ("external_id", "root_id") and value:
                values[name] = f"{value}-{mark // len(TABLES)}"
            elif isinstance(value, dict) or (name in ("attachments", "refs", "facts")):
                values[name] = Jsonb(value if not isinstance(value, str) else {})
        renewed.append(tuple(values.values()))
    return columns, renewed


_KEYS = {"id", "author_id", "conversation_id", "message_id", "arrival_id", "subject_id"}


def _shifted(value: Any, mark: int) -> Any:
    import uuid  # noqa: PLC0415

    return uuid.UUID(int=value.int ^ ((mark + 1) << 20))


def main(*_: int) -> None:
    """Print receiving in batches of 1, 100 and 1,000."""
    with ground.database():
        from callbox.actions import arrivals  # noqa: PLC0415
        from tests import make  # noqa: PLC0415

        agency = make.agency()
        account = make.portal_account(agency)
        arrivals.take_in(account, raws(50), "form")  # warm caches and plans
        rows = []
        for many, times in ((1, 60), (100, 12), (1000, 5)):
            ours, floors = [], []
            for _ in range(times):
                some = raws(many)
                time.sleep(0.01)
                since = datetime.now(UTC)
                ours.append(ground.seconds(partial(arrivals.take_in, account, some, "form")))
                copies = _copy_of_rows(agency, since)
                written = sum(len(found) for _, found in copies.values())
                floors.append(_floor(agency, copies))
            mine, floor = min(ours), min(floors)
            rows.append((f"batches of {many}", written, many / mine, many / floor, floor / mine))
        ground.table(
            "Receiving (messages a second)",
            ("", "rows a batch", "ours", "floor", "ratio"),
            rows,
        )


if __name__ == "__main__":
    main()
