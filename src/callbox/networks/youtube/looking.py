"""Looking again: what is held back from the public, and what became of comments that we know."""

from collections.abc import Mapping
from dataclasses import replace

from callbox.connector import Unavailable
from callbox.networks.youtube.api import IDS, PAGE, Api
from callbox.networks.youtube.meeting import HELD, SPAM, Meeting, carried, top_of
from callbox.networks.youtube.parse import is_held
from callbox.networks.youtube.values import ident
from callbox.networks.youtube.watch import Watch, Watched
from callbox.values import Json

_MOST_PAGES = 3


def threads_of(us: str, status: str, token: str = "") -> dict[str, str]:
    """The query for a page of the newest threads under everything of ours."""
    query = {
        "part": "snippet,replies",
        "allThreadsRelatedToChannelId": us,
        "order": "time",
        "maxResults": str(PAGE),
        "textFormat": "plainText",
        "moderationStatus": status,
    }
    return {**query, "pageToken": token} if token else query


class Looking:
    """One round of looks."""

    def __init__(self, api: Api, us: str, known: Watch, meeting: Meeting) -> None:
        self._api = api
        self._us = us
        self._known = known
        self._meeting = meeting
        self._held: set[str] | None = set()  # None: there was more than we could read
        self._around: set[str] = set()  # threads that something is held back in

    def round(self) -> None:
        """What is held first: only what is held nowhere can be public, or gone."""
        self._held = self._listed(HELD)
        self._threads(self._known.due(replies=False, most=IDS))
        self._replies(self._known.due(replies=True, most=IDS))

    def _listed(self, status: str) -> set[str] | None:
        found: set[str] = set()
        try:
            for thread in self._api.all(
                "commentThreads", threads_of(self._us, status), _MOST_PAGES
            ):
                self._meeting.thread(thread, status)
                found |= {ident(one.get("id")) for one in _held_in(thread, status)}
                self._around.add(ident(thread.get("id")))
        except Unavailable:
            return None
        return found

    def _threads(self, due: list[Watched]) -> None:
        if not due:
            return
        there = self._api.by_ids("commentThreads", "snippet,replies", [one.id for one in due])
        for thread in there.values():
            self._meeting.thread(thread, "")
        self._judge(due, there, "commentThreads")

    def _replies(self, due: list[Watched]) -> None:
        if not due:
            return
        there = self._api.by_ids("comments", "snippet", [one.id for one in due])
        for comment in there.values():
            self._meeting.comment(comment, {"id": ident(comment.get("id")).partition(".")[0]}, 0)
        self._judge(due, there, "comments")

    def _judge(self, due: list[Watched], there: Mapping[str, Json], what: str) -> None:
        """Who is public, who is held, and who is gone. A look by id does not tell. What was missing
        once is asked for again: a wrong “it was deleted” stands on the record for ever."""
        if self._held is None:
            return
        held = self._held
        missing = [one.id for one in due if one.id not in there and one.id not in held]
        if missing:
            spam = self._listed(SPAM)
            if spam is None:
                return
            held = held | spam
            there = {**there, **self._api.by_ids(what, "snippet", missing)}
        for one in due:
            now = self._known.entries.get(one.id)
            if now is None:
                continue
            if one.id in held or self._may_be_held(one, there):
                seen = replace(now, looked=self._meeting.at)
                self._known.add(self._meeting.held(seen, held=True))
            elif one.id in there:
                self._known.add(self._meeting.held(now, held=False))
            else:
                self._meeting.gone(now)

    def _may_be_held(self, one: Watched, there: Mapping[str, Json]) -> bool:
        """A thread in a list of what is held carries only some of its replies: one that is missing
        may be held with them, or go unseen with its top comment. Gone is what we cannot take back,
        so it counts as held."""
        return one.is_reply and one.id not in there and one.thread in self._around


def _held_in(thread: Json, status: str) -> list[Json]:
    """The comments of a thread in a list of what is held that are held themselves."""
    top = top_of(thread)
    says = "moderationStatus" in (top.get("snippet") or {})
    found = [one for one in carried(thread) if is_held(one)]
    return [top, *found] if not says or is_held(top) else found
