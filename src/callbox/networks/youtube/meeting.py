"""Comments as they are met: new ones, changed ones, held back ones, and the replies under them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from callbox.connector import Raw, Refused
from callbox.networks.youtube import parse, watch
from callbox.networks.youtube.api import PAGE, Api
from callbox.networks.youtube.values import ident
from callbox.networks.youtube.watch import Watch, Watched
from callbox.values import Json, mapping, objects, text

PUBLISHED = "published"
HELD = "heldForReview"
SPAM = "likelySpam"
_HELD = frozenset((HELD, SPAM, "rejected"))
_MOST_LISTINGS = 20  # threads whose replies are listed in one poll, one unit each
MOST_REPLY_PAGES = 20


def carried(thread: Json) -> list[Json]:
    """The replies that a thread brings with it: a few, whichever YouTube picks."""
    return objects(mapping(thread.get("replies")).get("comments"))


def top_of(thread: Json) -> Json:
    """The comment that a thread began with."""
    return mapping(mapping(thread.get("snippet")).get("topLevelComment"))


def listed(api: Api, thread: str, *, whole: bool = False) -> list[Json]:
    """The replies of a thread, 2,000 at most; with `whole`, more than that raise Unavailable."""
    params = {
        "part": "snippet",
        "parentId": thread,
        "maxResults": str(PAGE),
        "textFormat": "plainText",
    }
    return list(api.all("comments", params, MOST_REPLY_PAGES, whole=whole))


class Meeting:
    """What one poll meets. `raws` is what came of it, oldest first within a thread."""

    def __init__(self, api: Api, known: Watch, now: datetime) -> None:
        self._api = api
        self._known = known
        self._now = now
        self._listings = 0
        self.at = int(now.timestamp())
        self.raws: list[Raw] = []

    def thread(self, thread: Json, listed_as: str) -> None:
        """Take in a thread. `listed_as` is the list that it stood in, "" for none: a thread stands
        in the list of what is held when any comment of it is."""
        top = _with_status(top_of(thread), listed_as)
        before = self._known.entries.get(ident(top.get("id")))
        known_replies = max(before.replies, 0) if before else 0
        replies = carried(thread)
        total = watch.replies_of(thread)
        if total > known_replies and len(replies) < total:
            if self._listings < _MOST_LISTINGS:
                self._listings += 1
                replies = self._listed(thread)
            else:
                total = known_replies  # the next poll sees the difference again
        self.comment(top, thread, total)
        for reply in sorted(replies, key=_said_at):
            self.comment(reply, thread, 0)

    def _listed(self, thread: Json) -> list[Json]:
        try:
            return listed(self._api, ident(thread.get("id")))
        except Refused:  # it was removed since the list was made
            return carried(thread)

    def comment(self, comment: Json, thread: Json, replies: int) -> None:
        """Take in one comment."""
        one = self._known.entries.get(ident(comment.get("id")))
        if one is None:
            self._new(comment, thread, replies)
            return
        if watch.is_edited(one, comment):
            self.raws.append(parse.of_comment(parse.EDITED, comment, thread))
            one = one.looked_at(comment, self._now)
        elif one.due_at() <= self._now.timestamp():
            one = one.looked_at(comment, self._now)
        if not one.is_reply:
            one = replace(one, replies=replies)
        status = _status(comment)
        if status:
            one = self.held(one, held=status in _HELD)
        self._known.add(one)

    def held(self, one: Watched, *, held: bool) -> Watched:
        """The entry of a comment that is, or is not, held back now."""
        if one.held == held:
            return one
        kind = parse.HELD if held else parse.SHOWN
        self.raws.append(parse.of_change(kind, one.id, self._now))
        return replace(one, held=held)

    def gone(self, one: Watched) -> None:
        """A comment is not there any more."""
        self.raws.append(parse.of_change(parse.GONE, one.id, self._now))
        self._known.drop(one.id)

    def _new(self, comment: Json, thread: Json, replies: int) -> None:
        if not self._known.is_new(comment):
            return
        self.raws.append(parse.of_comment(parse.COMMENT, comment, thread))
        held = _status(comment) in _HELD
        self._known.add(watch.of_comment(comment, self._now, replies, held=held))


def _status(comment: Json) -> str:
    return text(mapping(comment.get("snippet")).get("moderationStatus"))


def _with_status(comment: Json, listed_as: str) -> Json:
    """A top comment that says where it stood, where it does not say so itself."""
    snippet = mapping(comment.get("snippet"))
    if not listed_as or not snippet or _status(comment):
        return comment
    return {**comment, "snippet": {**snippet, "moderationStatus": listed_as}}


def _said_at(comment: Mapping[str, object]) -> str:
    return text(mapping(comment.get("snippet")).get("publishedAt"))
