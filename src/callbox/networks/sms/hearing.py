"""Reading texts from the Messages list: the second way, and the past.

The list is newest first and is walked a page at a time, one leg for every number of ours and
direction. The cursor moves only when a whole walk is done; each walk goes back a little before the
last one's newest text, because Twilio may list a text later than one that was sent after it. What
was handed over within that overlap is remembered by id and status, so that it does not come twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import AccountSeen, Page, Raw, Refused
from callbox.networks.sms.api import Api, Listed
from callbox.networks.sms.parse import MESSAGE, numbers_of
from callbox.networks.sms.values import count, message_sid, moment
from callbox.values import Json, mapping, text

FIRST = timedelta(minutes=15)  # how far back the first walk goes
OVERLAP = timedelta(minutes=30)
MOST_MARKS = 500


@dataclass(slots=True)
class _Walk:
    """Where a walk stands. `since` and `seen` are the last walk's, `newest` and `marks` its own."""

    since: datetime
    seen: frozenset[str]
    leg: int = 0
    page: dict[str, str] = field(default_factory=dict)
    newest: datetime | None = None
    marks: dict[str, str] = field(default_factory=dict)  # mark → when it was sent, ISO 8601

    def remember(self, messages: Sequence[Json], now: datetime) -> None:
        """Note what a page held. No time counts that is ahead of our clock: the next walk would
        begin after texts that are still to come."""
        for one in messages:
            sent = min(_sent(one) or now, now)
            self.marks[_mark(one)] = sent.isoformat()
            self.newest = max(self.newest or sent, sent)


class Hearing:
    """Polling for one account."""

    def __init__(self, api: Api, account: AccountSeen, now: Callable[[], datetime]) -> None:
        self._api = api
        self._account = account
        self._now = now
        numbers = numbers_of(account)
        # A messaging service whose numbers nobody named: everything, and its own picked out.
        self._legs: Sequence[dict[str, str]] = [
            {side: number} for number in numbers for side in ("To", "From")
        ] or [{}]

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """One page of the walk that the cursor is in, or the first of a new one."""
        walk = self._walk(cursor)
        floor = walk.since - OVERLAP
        params = {"DateSent>": floor.strftime("%Y-%m-%dT00:00:00Z")}
        listed = self._listed({**self._legs[walk.leg], **params}, walk)
        fresh = [one for one in listed.items if (_sent(one) or floor) >= floor]
        items = [one for one in fresh if self._is_ours(one) and _mark(one) not in walk.seen]
        walk.remember(fresh, self._now())
        ended = listed.next is None or len(fresh) < len(listed.items)
        walk.leg, walk.page = (walk.leg + 1, {}) if ended else (walk.leg, listed.next or {})
        raws = [self._raw(one) for one in reversed(items)]
        if walk.leg < len(self._legs):
            return Page(raws, _under_way(walk), more=True)
        return Page(raws, _done(walk))

    def history(self, cursor: Mapping[str, Any]) -> Page:
        """Every text that Twilio still has, newest first, one leg after the other."""
        leg, page = _leg(cursor, len(self._legs)), _strings(cursor.get("page"))
        listed = self._api.messages({**self._legs[leg], **page})
        raws = [self._raw(one) for one in listed.items if self._is_ours(one)]
        after = {"leg": leg, "page": listed.next} if listed.next else {"leg": leg + 1, "page": {}}
        return Page(raws, after, more=bool(listed.next) or leg + 1 < len(self._legs))

    def _listed(self, params: Mapping[str, str], walk: _Walk) -> Listed:
        """The walk's page. A page that Twilio does not know any more starts its leg again."""
        try:
            return self._api.messages({**params, **walk.page})
        except Refused:
            if not walk.page:
                raise
            return self._api.messages(params)

    def _is_ours(self, message: Json) -> bool:
        """Whether a listed text belongs to this account: a Twilio account may have others."""
        if self._legs[0]:
            return True  # we asked for our number
        return text(message.get("messaging_service_sid")) == self._account.external_id

    def _raw(self, message: Json) -> Raw:
        """A text, with what came with it: the list only says how many."""
        sid = message_sid(message.get("sid"))
        incoming = text(message.get("direction")) == "inbound"
        if sid and incoming and count(message.get("num_media")):
            message = {**message, "media_list": self._api.media(sid)}
        return Raw.of(MESSAGE, message)

    def _walk(self, cursor: Mapping[str, Any]) -> _Walk:
        state = mapping(cursor.get("walk"))
        since = moment(cursor.get("since")) or self._now() - FIRST
        seen = cursor.get("seen")
        walk = _Walk(since, frozenset(seen) if isinstance(seen, list) else frozenset())
        if state:
            walk.leg = _leg(state, len(self._legs))
            walk.page = _strings(state.get("page"))
            walk.newest = moment(state.get("newest"))
            walk.marks = _strings(state.get("marks"))
        return walk


def _under_way(walk: _Walk) -> dict[str, Any]:
    return {
        "since": walk.since.isoformat(),
        "seen": sorted(walk.seen),
        "walk": {
            "leg": walk.leg,
            "page": walk.page,
            "newest": walk.newest.isoformat() if walk.newest else "",
            "marks": walk.marks,
        },
    }


def _done(walk: _Walk) -> dict[str, Any]:
    """The cursor after a whole walk: never earlier than before."""
    since = max(walk.since, walk.newest or walk.since)
    floor = (since - OVERLAP).isoformat()
    recent = sorted((at, mark) for mark, at in walk.marks.items() if at >= floor)[-MOST_MARKS:]
    return {"since": since.isoformat(), "seen": sorted(mark for _, mark in recent)}


def _sent(message: Json) -> datetime | None:
    """When a text was sent, else made."""
    return moment(message.get("date_sent")) or moment(message.get("date_created"))


def _mark(message: Json) -> str:
    return f"{text(message.get('sid'))}:{text(message.get('status'))}"


def _leg(cursor: Mapping[str, Any], legs: int) -> int:
    found = cursor.get("leg")
    return found if isinstance(found, int) and 0 <= found < legs else 0


def _strings(value: Any) -> dict[str, str]:
    return {name: one for name, one in mapping(value).items() if isinstance(one, str)}
