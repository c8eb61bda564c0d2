"""Reading the inbox: queues, their counts, and pages of them.

Lists are one hand-written statement over one partial index each, paged by key and never by offset,
so that page 200 of a million costs what page 1 of a hundred does. A member sees the units that
their grants cover; the most urgent comes first and, among equals, whoever has waited longest.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from callbox import sql
from callbox.models.inbox import RANKS
from callbox.queries.people import Me
from callbox.vocabulary import Deed

PAGE = 50
MOST_SEARCHED = 5000  # newest conversations that a search looks through
MOST_COUNTED = 1000  # beyond this a count says "999+": counting must not grow with the years

_OPEN = "c.state = 'open' AND (c.snoozed_until IS NULL OR c.snoozed_until <= %(now)s)"
# Worked out once for the statement, and then an index condition like any list of ids.
_UNITS = """c.unit_id = ANY(ARRAY(
    SELECT seen.id FROM callbox_unit seen
    WHERE seen.agency_id = %(agency)s
        AND EXISTS (SELECT 1 FROM unnest(%(paths)s::text[]) path WHERE starts_with(seen.path, path))
))"""
_LONGEST_WAIT = ("c.rank", "c.since", "c.id")


@dataclass(frozen=True, slots=True)
class Queue:
    """One list of conversations: its condition and its order, as columns of one index."""

    key: str
    where: str
    order: tuple[str, ...]
    newest_first: bool = False


QUEUES: dict[str, Queue] = {
    queue.key: queue
    for queue in (
        Queue("emergency", f"{_OPEN} AND c.rank = 0", _LONGEST_WAIT),
        Queue("needs", _OPEN, _LONGEST_WAIT),
        Queue("mine", f"{_OPEN} AND c.assignee_id = %(me)s", _LONGEST_WAIT),
        Queue("district", f"{_OPEN} AND c.unit_id = ANY(%(home)s)", _LONGEST_WAIT),
        Queue(
            "unheard",
            f"{_OPEN} AND c.heard >= 2 AND c.answered_at IS NULL",
            _LONGEST_WAIT,
        ),
        Queue("late", f"{_OPEN} AND c.due_at < %(now)s", _LONGEST_WAIT),
        Queue(
            "snoozed",
            "c.state = 'open' AND c.snoozed_until > %(now)s",
            _LONGEST_WAIT,
        ),
        Queue("waiting", "c.state = 'waiting'", ("c.last_at", "c.id"), newest_first=True),
        Queue("closed", "c.state = 'closed'", ("c.closed_at", "c.id"), newest_first=True),
    )
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    id: UUID
    who: str
    handle: str
    network: str
    account: str
    lane: str
    language: str
    preview: str
    intent: str
    rank: int
    state: str
    disposition: str
    since: datetime
    due_at: datetime
    last_at: datetime
    closed_at: datetime | None
    heard: int
    answered_at: datetime | None
    failed: bool
    unit_code: str
    unit_name: str
    assignee_id: UUID | None
    assignee: str
    unread: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a queue. `after` asks for the next one; "" when this is the last."""

    rows: Sequence[Row]
    after: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list. Empty values do not."""

    network: str = ""
    language: str = ""
    intent: str = ""
    ending: str = ""  # a disposition, of what is closed
    author_id: UUID | None = None


_COLUMNS = """
    c.id, coalesce(nullif(au.name, ''), nullif(au.handle, ''), '') AS who, au.handle,
    ac.network, ac.name, c.lane, c.language, c.preview, c.intent, c.rank, c.state, c.disposition,
    c.since, c.due_at, c.last_at, c.closed_at, c.heard, c.answered_at, c.failed,
    u.code, u.name, c.assignee_id, coalesce(trim(m.rank || ' ' || m.name), ''),
    coalesce(r.read_at < c.last_at, true)
"""

_JOINS = """
    JOIN callbox_author au ON au.agency_id = c.agency_id AND au.id = c.author_id
    JOIN callbox_account ac ON ac.agency_id = c.agency_id AND ac.id = c.account_id
    JOIN callbox_unit u ON u.agency_id = c.agency_id AND u.id = c.unit_id
    LEFT JOIN callbox_member m ON m.agency_id = c.agency_id AND m.id = c.assignee_id
    LEFT JOIN callbox_readmark r ON r.agency_id = c.agency_id AND r.conversation_id = c.id
        AND r.member_id = %(me)s
"""


def listing(
    me: Me,
    queue: Queue,
    now: datetime,
    *,
    after: str = "",
    filters: Filters | None = None,
    limit: int = PAGE,
) -> Listing:
    """One page of a queue, in one statement. Raises ValueError for an `after` that is not ours."""
    values = _values(me, now)
    where = [f"c.agency_id = %(agency)s AND {queue.where}", *_seen(me, now, values)]
    where += _narrowed(filters or Filters(), values)
    if after:
        where.append(_beyond(queue, after, values))
    direction = " DESC" if queue.newest_first else ""
    order = ", ".join(f"{column}{direction}" for column in queue.order)
    # Fifty ids first, joined to their names after: the planner then never joins what it drops.
    statement = (
        f"SELECT {_COLUMNS} FROM (SELECT * FROM callbox_conversation c "  # noqa: S608  # our text
        f"WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {int(limit) + 1}) c "
        f"{_JOINS} ORDER BY {order}"
    )
    found = [Row(*one) for one in sql.rows(statement, values)]
    shown = found[:limit]
    return Listing(shown, _key(queue, shown[-1]) if len(found) > limit else "")


def row(me: Me, conversation_id: UUID, now: datetime) -> Row | None:
    """One conversation as a line, or None when this member may not see it."""
    return next(iter(rows(me, [conversation_id], now)), None)


def rows(me: Me, ids: Sequence[UUID], now: datetime) -> list[Row]:
    """These conversations as lines, in no order, without those that this member may not see."""
    values = _values(me, now) | {"ids": list(ids)}
    where = ["c.agency_id = %(agency)s AND c.id = ANY(%(ids)s)", *_seen(me, now, values)]
    statement = (
        f"SELECT {_COLUMNS} FROM callbox_conversation c {_JOINS} "  # noqa: S608  # our own text
        f"WHERE {' AND '.join(where)}"
    )
    return [Row(*found) for found in sql.rows(statement, values)]


def search(me: Me, words: str, now: datetime, *, limit: int = PAGE) -> list[Row]:
    """Conversations whose author's name or handle, or whose first words, begin with these words:
    newest first, among the newest MOST_SEARCHED alone, so that it costs the same every year."""
    begins = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = _values(me, now) | {"words": f"{begins}%", "word": f"% {begins}%"}
    where = " AND ".join(["c.agency_id = %(agency)s", *_seen(me, now, values)])
    statement = (
        f"SELECT {_COLUMNS} FROM (SELECT c.* FROM callbox_conversation c "  # noqa: S608  # ours
        f"WHERE {where} ORDER BY c.id DESC LIMIT {MOST_SEARCHED}) c {_JOINS} "
        "WHERE au.name ILIKE %(words)s OR au.name ILIKE %(word)s OR ltrim(au.handle, '@') "
        "ILIKE ltrim(%(words)s, '@') OR c.preview ILIKE %(words)s OR c.preview ILIKE %(word)s "
        f"ORDER BY c.last_at DESC, c.id DESC LIMIT {int(limit)}"
    )
    return [Row(*found) for found in sql.rows(statement, values)]


def counts(me: Me, now: datetime) -> dict[str, int]:
    """How many each queue holds, at most MOST_COUNTED each, in one statement."""
    values = _values(me, now)
    seen = _seen(me, now, values)
    parts = []
    for queue in QUEUES.values():
        where = " AND ".join([f"c.agency_id = %(agency)s AND {queue.where}", *seen])
        parts.append(
            f"(SELECT count(*) FROM (SELECT 1 FROM callbox_conversation c "  # noqa: S608  # ours
            f"WHERE {where} LIMIT {MOST_COUNTED}) x)"
        )
    found = sql.rows(f"SELECT {', '.join(parts)}", values)
    return dict(zip(QUEUES, found[0], strict=True))


def newer(me: Me, queue: Queue, since: datetime, now: datetime) -> int:
    """How many conversations of a queue changed after `since`: for “3 new since 14:09”."""
    values = _values(me, now) | {"shown": since}
    where = [
        f"c.agency_id = %(agency)s AND {queue.where} AND c.last_at > %(shown)s",
        *_seen(me, now, values),
    ]
    statement = (
        "SELECT count(*) FROM (SELECT 1 FROM callbox_conversation c "  # noqa: S608  # our own text
        f"WHERE {' AND '.join(where)} LIMIT 100) x"
    )
    return int(sql.rows(statement, values)[0][0])


def _values(me: Me, now: datetime) -> dict[str, Any]:
    home = [me.home_unit_id] if me.home_unit_id else []
    return {"agency": me.agency_id, "me": me.member_id, "now": now, "home": home}


def _seen(me: Me, now: datetime, values: dict[str, Any]) -> list[str]:
    """The condition that holds a member to the units they may read; none for the whole agency."""
    paths = me.standing.paths(Deed.READ, now)
    if any(path.count("/") == 2 for path in paths):  # "/CPD/": the top, and so everything
        return []
    values["paths"] = sorted(paths)
    return [_UNITS]


def _narrowed(filters: Filters, values: dict[str, Any]) -> list[str]:
    where = []
    if filters.language:
        where.append("c.language = %(language)s")
    if filters.intent:
        where.append("c.intent = %(intent)s")
    if filters.ending:
        where.append("c.disposition = %(ending)s")
    if filters.author_id:
        where.append("c.author_id = %(author)s")
    if filters.network:
        where.append("c.account_id IN (SELECT id FROM callbox_account WHERE network = %(network)s)")
    values.update(
        network=filters.network,
        language=filters.language,
        intent=filters.intent,
        ending=filters.ending,
        author=filters.author_id,
    )
    return where


def _beyond(queue: Queue, after: str, values: dict[str, Any]) -> str:
    """The condition for what comes after a page. Raises ValueError for what is no page of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(after.encode()))
        parts = [_READ[column](one) for column, one in zip(queue.order, key, strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("This is not a page of this list.") from error
    values.update({f"k{place}": part for place, part in enumerate(parts)})
    places = ", ".join(f"%(k{place})s" for place in range(len(parts)))
    sign = "<" if queue.newest_first else ">"
    return f"({', '.join(queue.order)}) {sign} ({places})"


def _rank(value: Any) -> int:
    if value not in RANKS.values():
        raise ValueError("not a rank")
    return int(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


#: How each column of an order is read back from a page's key.
_READ: dict[str, Callable[[Any], Any]] = {
    "c.rank": _rank,
    "c.id": UUID,
    "c.since": _moment,
    "c.last_at": _moment,
    "c.closed_at": _moment,
}


def _key(queue: Queue, last: Row) -> str:
    key = [getattr(last, column.removeprefix("c.")) for column in queue.order]
    plain = [one if isinstance(one, int) else str(one) for one in key]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()
