"""Reading the inbox at 10^4, 10^5 and 10^6 messages: lists, pages, counts and a conversation.

Database time (without turning rows into objects) stands beside the best statement that we could
write by hand for the same page, run by bare psycopg, prepared, as the web role under row security.
Five in a hundred conversations are open and five wait; the rest is closed, as in a department that
answers.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench import ground
from bench.inbox_rows import fill

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 40

HAND = """
    SELECT c.id, au.name, au.handle, ac.network, c.lane, c.language, c.preview, c.intent, c.rank,
        c.since, c.due_at, c.last_at, c.heard, u.code, u.name, m.name, r.read_at
    FROM (SELECT * FROM callbox_conversation WHERE agency_id = %(agency)s AND state = 'open'
          {more} ORDER BY {order} LIMIT 51) c
    JOIN callbox_author au ON au.agency_id = c.agency_id AND au.id = c.author_id
    JOIN callbox_account ac ON ac.agency_id = c.agency_id AND ac.id = c.account_id
    JOIN callbox_unit u ON u.agency_id = c.agency_id AND u.id = c.unit_id
    LEFT JOIN callbox_member m ON m.agency_id = c.agency_id AND m.id = c.assignee_id
    LEFT JOIN callbox_readmark r ON r.agency_id = c.agency_id AND r.conversation_id = c.id
        AND r.member_id = %(me)s
    ORDER BY {order}
"""
ORDER = "rank, since, id"


def main(*sizes: int) -> None:
    """Fill, measure and print, size by size."""
    sizes = sizes or SIZES
    found: dict[str, list[float]] = {}
    for size in sizes:
        with ground.database():
            measured = _measure(size)
        for name, milliseconds in measured.items():
            found.setdefault(name, []).append(milliseconds)
    rows = [(name, *values, values[-1] / values[0]) for name, values in found.items()]
    ground.table(
        "Reading the inbox (milliseconds, the best of several; growth is last / first)",
        ("", *(f"{size:,}" for size in sizes), "growth"),
        rows,
    )


def _measure(size: int) -> dict[str, float]:
    from callbox.queries import conversations, inbox  # noqa: PLC0415  # after Django is set up
    from callbox.scope import acting_for  # noqa: PLC0415
    from callbox.vocabulary import Role  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    agency = make.agency()
    account = make.portal_account(agency)
    me = make.me(make.member(agency, "Rosa Diaz", Role.SUPERVISOR, "PD"))
    fill(agency, account, size)
    now = datetime.now(UTC)
    needs = inbox.QUEUES["needs"]
    out: dict[str, float] = {}
    with acting_for(agency.id):
        page200 = _after_pages(inbox, me, needs, now, min(200, size // 20 // 50 - 2))
        one = inbox.listing(me, needs, now).rows[3].id
        spanish = inbox.Filters(language="es")

        def open_one() -> None:
            conversation = conversations.find(me, one, now)
            assert conversation is not None
            conversations.thread(me, conversation, now)

        ours = {
            "first page": lambda: inbox.listing(me, needs, now),
            "filtered page": lambda: inbox.listing(me, needs, now, filters=spanish),
            "page 200": lambda: inbox.listing(me, needs, now, after=page200),
            "closed, first page": lambda: inbox.listing(me, inbox.QUEUES["closed"], now),
            "counts of nine queues": lambda: inbox.counts(me, now),
            "one conversation": open_one,
        }
        for name, work in ours.items():
            work()
            out[name] = 1000 * min(ground.seconds(work) for _ in range(TIMES))
        by_hand = _by_hand(agency, me, inbox.listing(me, needs, now, after=page200).rows[0])
        for name, milliseconds in by_hand.items():
            out[f"{name}: database"] = _database_time(ours[name])
            out[f"{name}: by hand"] = milliseconds
            out[f"{name}: ratio"] = out[f"{name}: database"] / milliseconds
    return out


def _database_time(work: Callable[[], object]) -> float:
    """Milliseconds until the database has answered, without turning rows into objects."""
    from callbox import sql  # noqa: PLC0415  # after Django is set up

    kept: list[tuple[str, Any]] = []
    real = sql.rows

    def keeping(statement: str, values: Any) -> list[tuple[Any, ...]]:
        kept.append((statement, values))
        return real(statement, values)

    sql.rows = keeping
    try:
        work()
    finally:
        sql.rows = real

    def run() -> None:
        with sql.cursor() as cursor:
            cursor.execute(*kept[0])

    run()
    return 1000 * min(ground.seconds(run) for _ in range(TIMES))


def _after_pages(inbox: Any, me: Any, queue: Any, now: datetime, pages: int) -> str:
    after = ""
    for _ in range(max(pages, 1)):
        after = inbox.listing(me, queue, now, after=after).after
    return str(after)


def _by_hand(agency: Any, me: Any, first: Any) -> dict[str, float]:
    values = {
        "agency": agency.id, "me": me.member_id, "rank": first.rank, "since": first.since,
        "id": first.id,
    }  # fmt: skip
    statements = {
        "first page": HAND.format(more="", order=ORDER),
        "filtered page": HAND.format(more="AND language = 'es'", order=ORDER),
        "page 200": HAND.format(
            more="AND (rank, since, id) >= (%(rank)s, %(since)s, %(id)s)", order=ORDER
        ),
    }
    out = {}
    with psycopg.connect(
        os.environ["DATABASE_URL"], options="-c plan_cache_mode=force_generic_plan"
    ) as bare:
        bare.prepare_threshold = 1
        bare.execute("SELECT set_config('callbox.agency', %s, false)", [str(agency.id)])
        for name, sql in statements.items():

            def run(sql: str = sql) -> None:
                bare.execute(sql, values)

            run()
            run()
            out[name] = 1000 * min(ground.seconds(run) for _ in range(TIMES))
    return out


if __name__ == "__main__":
    main()
