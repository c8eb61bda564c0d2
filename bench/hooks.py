"""Webhooks: how many signed requests a second are checked, stored and answered with 200.

The floor is the same row (an arrival) committed one by one by bare psycopg, from as many threads as
the web process has: what the disk and PostgreSQL allow when every message is committed alone.
"""

import http.client
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from bench import ground

THREADS = 8
REQUESTS = 2000


def main(*_: int) -> None:
    """Print requests a second, the floor, and how long a request took."""
    with ground.database(), tempfile.TemporaryDirectory() as folder:
        from tests import make  # noqa: PLC0415  # after Django is set up

        agency = make.agency()
        account = make.practice_account(agency, Path(folder) / "town.sqlite3")
        bodies = [_body(n) for n in range(REQUESTS)]
        floor = _floor(agency, account, bodies)
        with ground.web() as port:
            _send(port, agency, account, bodies[:200])  # warm: connections, plans
            began = time.perf_counter()
            took = _send(port, agency, account, bodies)
            ours = REQUESTS / (time.perf_counter() - began)
        ground.table(
            "Webhooks accepted and stored",
            ("", "a second", "ratio to floor", "p50 ms", "p95 ms"),
            [
                ("ours", ours, ours / floor, 1000 * ground.percentile(took, 0.5),
                 1000 * ground.percentile(took, 0.95)),
                ("floor", floor, 1.0, "", ""),
            ],
        )  # fmt: skip


def _body(n: int) -> bytes:
    at = "2026-11-23T12:00:00+00:00"
    post = {
        "id": f"p{n + 10}", "author": {"id": "u9", "handle": "ana", "name": "Ana"}, "to": None,
        "root": None, "parent": None, "text": f"@pd11 Is the station open on Sunday? {n}",
        "language": "en", "at": at, "edited_at": None, "path": "/practice/", "images": [],
    }  # fmt: skip
    event = {"seq": n, "type": "mention", "at": at, "post": post}
    return json.dumps({"events": [event]}).encode()


def _send(port: int, agency: Any, account: Any, bodies: list[bytes]) -> list[float]:
    """Post them all from THREADS connections; seconds that each took."""
    from callbox.networks.practice.hook import signature  # noqa: PLC0415
    from callbox.queries.accounts import connector_for  # noqa: PLC0415

    token = str(connector_for(account).account.secrets["token"])
    now = str(int(time.time()))
    path = f"/hooks/{agency.id}/{account.id}/"

    def some(mine: list[bytes]) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        took = []
        for body in mine:
            headers = {"x-practice-time": now, "x-practice-signature": signature(token, now, body)}
            began = time.perf_counter()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - began)
            assert answer.status == 200, answer.status
        return took

    with ThreadPoolExecutor(THREADS) as pool:
        return [one for part in pool.map(some, _dealt(bodies)) for one in part]


def _dealt(bodies: list[bytes]) -> list[list[bytes]]:
    return [bodies[n::THREADS] for n in range(THREADS)]


def _floor(agency: Any, account: Any, bodies: list[bytes]) -> float:
    from callbox.ids import new_id  # noqa: PLC0415

    insert = (
        "INSERT INTO callbox_arrival (id, agency_id, account_id, door, kind, body, received_at,"
        " state, reason, runs) VALUES (%s, %s, %s, 'hook', 'event', %s, now(), 'new', '', 0)"
    )

    def some(mine: list[bytes]) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as bare:
            bare.execute("SELECT set_config('callbox.agency', %s, false)", [str(agency.id)])
            for body in mine:
                bare.execute(insert, (new_id(), agency.id, account.id, body))

    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        list(pool.map(some, _dealt(bodies)))
        return len(bodies) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
