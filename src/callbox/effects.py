"""How work leaves a transaction: a job to do later, a word to open pages.

Both are rows and notifications of the same database, written by the same transaction as the deed:
what is rolled back leaves nothing, and what is committed cannot be forgotten.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.jobs import JobDeferrer

from callbox import moment
from callbox.scope import agency_id

LIVE = "callbox_live"  # the NOTIFY channel that `web.live` listens to
_MOST_TOPICS = 40  # beyond this, "inbox" alone: pages read the list again anyway


def later(job: str, *, at: datetime | None = None, **values: UUID | str | int | None) -> None:
    """Have `jobs.<job>` done after this transaction commits, not before `at`.

    The agency is added by itself; ids travel as strings. A policy test matches `job` and the
    keywords to the function in `callbox.jobs`.
    """
    if not moment.is_past():
        _task(job, at).defer(**_arguments(values))


def later_for_each(job: str, name: str, values: Sequence[UUID | str], **same: UUID | str) -> None:
    """The same job once for each of many values of one keyword, in one statement."""
    if values and not moment.is_past():
        _task(job, None).batch_defer(*(_arguments({**same, name: value}) for value in values))


def _task(job: str, at: datetime | None) -> JobDeferrer:
    return app.configure_task(f"callbox.jobs.{job}", schedule_at=at, allow_unknown=False)


def _arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {
        name: str(value) if isinstance(value, UUID) else value for name, value in values.items()
    }
    return {"agency_id": str(agency_id()), **plain}


def announce(topics: Iterable[str]) -> None:
    """Tell open pages of this agency that these topics have news. They fetch what they may see."""
    if moment.is_past():
        return
    chosen = sorted(set(topics))
    if len(chosen) > _MOST_TOPICS:
        chosen = ["inbox"]
    if not chosen:
        return
    body = json.dumps({"agency": str(agency_id()), "topics": chosen})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [LIVE, body])
