"""Reading the mailbox: what is new, what is old, and what comes while we wait.

A mail's place is its folder, the folder's UIDVALIDITY and its UID (RFC 3501, section 2.3.1.1). When
the UIDVALIDITY changes, every UID that we remember is void: then the folder is read again from a
week before the last mail that we saw. What is known already is recognised by its name, so nothing
is missed and nothing comes twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callbox.connector import Page, Raw
from callbox.networks.email.doors import INBOX, PAST, SENT, Door
from callbox.networks.email.imap import Facts, Imap, Opened, day

AT_ONCE = 50  # mails of one page
MOST_BYTES = 10_000_000  # of one page
FIRST_LOOK = timedelta(days=1)  # how far back the first poll goes
LOOK_BACK = timedelta(days=7)  # before the last mail seen, when UIDs are void
WAIT = 25.0  # seconds of one wait in `listen`; firewalls forget silent lines after minutes
_NO_IDLE = 15.0


@dataclass(frozen=True, slots=True)
class Place:
    """Up to where a folder has been read. `since` limits a reading again to newer mails, "" once it
    has caught up; `at` is when the last mail that we saw arrived."""

    validity: int = 0
    uid: int = 0
    since: str = ""
    at: str = ""

    @classmethod
    def of(cls, value: Any) -> "Place | None":
        """A place out of a cursor; None when there is none."""
        if not isinstance(value, Mapping):
            return None
        number = {name: value.get(name) for name in ("validity", "uid")}
        if not all(isinstance(one, int) for one in number.values()):
            return None
        words = {name: str(value.get(name) or "") for name in ("since", "at")}
        return cls(number["validity"] or 0, number["uid"] or 0, **words)

    def as_json(self) -> dict[str, Any]:
        """For the cursor."""
        return {"validity": self.validity, "uid": self.uid, "since": self.since, "at": self.at}


class Inbox:
    """One account's folders, read through one connection."""

    def __init__(self, imap: Imap, folder: str, now: Callable[[], datetime]) -> None:
        self._imap = imap
        self._folder = folder
        self._now = now

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """What came into our folder, and what other programs put into “Sent”."""
        heard = self._step(self._folder, INBOX, cursor.get("inbox"))
        sent = self._step(self._imap.sent_folder(), SENT, cursor.get("sent"))
        return Page(
            [*heard.items, *sent.items],
            {"inbox": heard.cursor, "sent": sent.cursor},
            more=heard.more or sent.more,
            gap=heard.gap or sent.gap,
        )

    def _step(self, folder: str, door: str, cursor: Any) -> Page:
        opened = self._imap.open(folder)
        place = self._placed(Place.of(cursor), opened)
        uids = self._imap.after(place.uid, f"SINCE {place.since}" if place.since else "")
        taken, raws, missed = self._read(uids[:AT_ONCE], door)
        more = len(taken) < len(uids)
        last = taken[-1] if taken else place.uid
        if not more:
            last = max(last, opened.following - 1)
        at = max((raw_at for raw_at in (_at(raw) for raw in raws) if raw_at), default=place.at)
        after = Place(opened.validity, last, place.since if more else "", max(at, place.at))
        return Page(raws, after.as_json(), more=more, gap=missed)

    def _placed(self, place: Place | None, opened: Opened) -> Place:
        """Where to go on from in this folder as it is now."""
        if place and place.validity == opened.validity:
            return place
        if place is None:
            start = self._now() - FIRST_LOOK
        else:
            seen = _moment(place.at)
            start = (seen or self._now() - FIRST_LOOK) - LOOK_BACK
        return Place(opened.validity, 0, day(start), place.at if place else "")

    def _read(self, uids: Sequence[int], door: str) -> tuple[list[int], list[Raw], bool]:
        """Mails, oldest first, up to a page's bytes: the UIDs that are done with, their raws, and
        whether one could not be had though it is there."""
        facts = {one.uid: one for one in self._imap.facts(uids)}
        taken: list[int] = []
        raws: list[Raw] = []
        size, missed = 0, False
        for uid in uids:
            one = facts.get(uid)
            content = self._imap.content(one) if one else None
            if one and content is None:
                missed = missed or bool(self._imap.facts([uid]))
            taken.append(uid)
            if one and content is not None:
                raws.append(_raw(one, content, door))
                size += len(content)
            if size > MOST_BYTES:
                break
        return taken, raws, missed

    def history(self, cursor: Mapping[str, Any]) -> Page:
        """Older mails, newest first. After a change of UIDVALIDITY the walk starts over: what is
        known is recognised."""
        opened = self._imap.open(self._folder)
        place = Place.of(cursor)
        same = place is not None and place.validity == opened.validity
        below = place.uid if place and same else opened.following
        uids = self._imap.uids(f"UID 1:{below - 1}") if below > 1 else []
        uids = [one for one in uids if one < below][::-1]
        taken, raws, missed = self._read(uids[:AT_ONCE], PAST)
        total = cursor.get("total") if same else len(uids)
        total = total if isinstance(total, int) else len(uids)
        last = taken[-1] if taken else 1
        after = {**Place(opened.validity, last).as_json(), "total": total}
        return Page(raws, after, more=len(taken) < len(uids), gap=missed, total=total)

    def listen(self, sleep: Callable[[float], None] = time.sleep) -> Iterator[Raw | None]:
        """Mails as they come. The first thing it yields is None: it listens."""
        opened = self._imap.open(self._folder)
        last = opened.following - 1
        yield None
        while True:
            if self._imap.can_wait:
                self._imap.wait(WAIT)
            else:
                sleep(_NO_IDLE)
            # Asked every time: a mail between two waits may have been announced to nobody.
            uids = self._imap.after(last)
            taken, raws, _ = self._read(uids[:AT_ONCE], INBOX)
            yield from raws
            last = taken[-1] if taken else last
            yield None


def _raw(facts: Facts, content: bytes, door: str) -> Raw:
    whole = len(content) >= facts.size
    return Raw(Door(door, facts.at, 0 if whole else facts.size).kind(), content)


def _at(raw: Raw) -> str:
    return raw.kind.split(" ")[1]


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
