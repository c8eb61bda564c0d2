"""Private messages by polling: the conversations edge, newest first, the newest 20 of each.

Instagram shows no more than the newest 20 messages of an exchange; when all of them are new, older
ones may be missing, and that is said (`gap`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from callbox.connector import Raw
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident, objects
from callbox.networks.instagram.us import Us
from callbox.values import Json, mapping, text

FIELDS: Final = "id,created_time,from,to,message,attachments,shares,story,is_unsupported,reply_to"
SHOWN: Final = 20
_PER_CALL = 6
_REMEMBERED = 100
_OVERLAP = timedelta(minutes=2)


class Inbox:
    """Exchanges of one account."""

    def __init__(self, graph: Graph, us: Us, now: datetime) -> None:
        self._graph = graph
        self._us = us
        self._now = now

    def step(self, state: dict[str, Any]) -> tuple[list[Raw], bool]:
        """New messages, and whether some can not be reached. What is left over is in
        `state["dm_queue"]`."""
        if not state.get("dm_queue"):
            state["dm_queue"] = self._changed(state)
        raws: list[Raw] = []
        gap = False
        for exchange in objects(state["dm_queue"])[:_PER_CALL]:
            found, missed = self._messages(exchange, _floor(exchange, state))
            raws += found
            gap = gap or missed
            self._note(state, exchange)
        return raws, gap

    def _note(self, state: dict[str, Any], exchange: Json) -> None:
        exchange_id = ident(exchange.get("id"))
        known = {**mapping(state.get("dms")), exchange_id: text(exchange.get("updated_time"))}
        newest = sorted(known.items(), key=lambda one: one[1], reverse=True)[:_REMEMBERED]
        state["dms"] = dict(newest)
        state["dm_queue"] = objects(state["dm_queue"])[1:]

    def _changed(self, state: dict[str, Any]) -> list[Json]:
        """Exchanges in which something was said since they were last read. They come newest first,
        so the first page without a change ends it."""
        known = mapping(state.get("dms"))
        since = moment(state.get("since")) or self._now
        asked = {
            "platform": "INSTAGRAM",
            "fields": "id,updated_time,participants",
            "limit": 25,
        }
        path, found = f"/{self._us.inbox}/conversations", []
        while True:
            page = self._graph.listing(path, asked)
            fresh = [one for one in page.items if _is_fresh(one, known, since)]
            found += fresh
            if not page.next or not fresh:
                return list(reversed(found))
            asked = {**asked, **page.next}

    def _messages(self, exchange: Json, floor: datetime) -> tuple[list[Raw], bool]:
        asked = {"fields": FIELDS, "limit": SHOWN}
        page = self._graph.listing(f"/{ident(exchange.get('id'))}/messages", asked)
        new = [one for one in page.items if (moment(one.get("created_time")) or floor) >= floor]
        people = objects(exchange.get("participants"))
        raws = [Raw.of("message", {"message": one, "participants": people}) for one in new]
        return raws, bool(page.next) and len(new) >= SHOWN


def _is_fresh(exchange: Json, known: Mapping[str, Any], since: datetime) -> bool:
    updated = moment(exchange.get("updated_time"))
    if not ident(exchange.get("id")) or updated is None or updated < since:
        return False
    before = moment(known.get(ident(exchange.get("id"))))
    return before is None or updated > before


def _floor(exchange: Json, state: Mapping[str, Any]) -> datetime:
    """From when on its messages are new."""
    before = mapping(state.get("dms")).get(ident(exchange.get("id")))
    since = moment(before) or moment(state.get("since"))
    return (since or datetime.fromisoformat("2010-01-01T00:00Z")) - _OVERLAP
