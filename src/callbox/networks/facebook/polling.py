"""Reading by ourselves: the second way, and the one that closes the gaps of the first.

Facebook has no list of “what is new on the Page”: posts are listed by their own age, comments below
each post. One step therefore reads the newest posts with their newest comments in one call, and
one page of older posts, so that a comment below an old post is found within a round (webhooks tell
of it at once). What does not fit in a call is put on a list of branches (`deep`) in the cursor and
walked in the next steps: nothing is skipped, and nothing is asked for without end.

The cursor also holds the comments of the last days with a mark of their text (`watch`): an edit, a
hiding or a deletion shows as a difference.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from callbox.connector import Page, Raw, Refused
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph, Listing
from callbox.meta.times import epoch, moment
from callbox.meta.values import ident, objects
from callbox.networks.facebook import names, shapes
from callbox.networks.facebook.cursor import Cursor
from callbox.values import Json, mapping, text

OVERLAP = 120  # seconds read again, for what shows late
_BELOW = 25  # newest comments read with their post
_SHOWN = 20  # newest messages of an exchange; of older ones only ids are shown
_POSTS = 25
_MOST_PAGES = 10  # of new posts or exchanges in one step
_MOST_BRANCHES = 5  # calls for `deep` in one step
_MOST_VERIFIED = 5
_LOOK_AGAIN = 60  # seconds: while branches are left, the rest is not read more often
_RATINGS_EVERY = 600
_OLDEST = 90 * 86400  # of a post whose comments the rounds look at
_OPTIONAL = frozenset(("ratings",))  # ended by the network in v22; a gap that is known

_COMMENTS = (
    f"comments.filter(stream).order(reverse_chronological).limit({_BELOW}){{{names.COMMENT}}}"
)
_WALL = f"{names.POST},{_COMMENTS}"
_THREAD = f"id,updated_time,participants{{id,name}},messages.limit({_SHOWN}){{{names.MESSAGE}}}"


class Polling:
    """One step of reading. Made anew for every step."""

    def __init__(self, graph: Graph, us: str, now: datetime, cursor: Mapping[str, Any]) -> None:
        self._graph = graph
        self._us = us
        self._now = epoch(now)
        self._seen_at = now.isoformat()
        self._at = Cursor.of(cursor, self._now)
        self._found: list[tuple[int, Raw]] = []
        self._to_verify = _MOST_VERIFIED
        self._gap = False
        self._refused: list[Refused] = []

    def step(self) -> Page:
        """What is new, oldest first."""
        if not (self._at.deep and self._now - self._at.looked < _LOOK_AGAIN):
            self._at.looked = self._now
            self._look()
        self._branches()
        self._at.prune(self._now, OVERLAP)
        # Lists are newest first, so that of one second the last found is the oldest.
        self._found.reverse()
        self._found.sort(key=lambda one: one[0])
        return Page(
            [raw for _, raw in self._found],
            self._at.stored(),
            more=bool(self._at.deep),
            gap=self._gap,
            rest_until=self._graph.usage.rest_until(datetime.fromisoformat(self._seen_at)),
        )

    def _look(self) -> None:
        tried = [
            self._tried("published_posts", self._posts),
            self._tried("visitor_posts", lambda: self._wall("visitor_posts", "visitor")),
            self._tried("tagged", lambda: self._wall("tagged", "tagged")),
            self._tried("ratings", self._ratings),
            self._tried("conversations", self._threads),
        ]
        if not any(tried) and self._refused:
            raise self._refused[-1]

    def _tried(self, name: str, read: Callable[[], None]) -> bool:
        """Read one part. One that our login may not read leaves the others as they are: it is a
        gap, told once, and tried again in an hour."""
        if self._now - self._at.refused.get(name, 0) < 3600:
            return False
        try:
            read()
        except Refused as error:
            self._gap |= name not in self._at.refused and name not in _OPTIONAL
            self._at.refused[name] = self._now
            self._refused.append(error)
            return False
        self._at.refused.pop(name, None)
        return True

    # --- posts and what is below them -----------------------------------------------------------

    def _wall(self, edge: str, kind: str) -> None:
        """The newest posts of one list: page by page back to what is known."""
        since = self._at.since(edge) - OVERLAP
        below_since = self._at.since(f"{edge}/comments") - OVERLAP
        listed, rest = self._newest(edge, kind, since)
        place = "" if kind == "post" else edge
        for post in listed:
            self._notice(post, kind, place, since)
            times = self._below(post, below_since)
            self._at.reach_later(f"{edge}/comments", times)
        self._missing(place, listed, whole=not rest)
        self._at.reach(edge, map(_time, listed))
        if kind == "post" and not self._at.round_next:
            self._at.begin_round(rest, self._now)

    def _newest(self, edge: str, kind: str, since: int) -> tuple[list[Json], Mapping[str, Any]]:
        """A list's posts back to `since` (a page at least), and what asks for the page after."""
        fields = names.POST if kind == "tagged" else _WALL
        params: dict[str, Any] = {"fields": fields, "limit": _POSTS}
        listed: list[Json] = []
        for _ in range(_MOST_PAGES):
            page = self._graph.listing(f"/{self._us}/{edge}", params)
            listed += page.items
            if not page.next or min(map(_time, page.items), default=0) < since:
                return listed, page.next
            params |= page.next
        self._gap = True
        return listed, page.next

    def _posts(self) -> None:
        self._wall("published_posts", "post")
        self._older()

    def _older(self) -> None:
        """One page of older posts, for new comments below them, until a round is over."""
        if not self._at.round_next:
            return
        params: dict[str, Any] = {"fields": _WALL, "limit": _POSTS, **self._at.round_next}
        page = self._graph.listing(f"/{self._us}/published_posts", params)
        for post in page.items:
            self._below(post, self._at.round_since - OVERLAP)
        oldest = min(map(_time, page.items), default=0)
        if page.next and self._now - oldest < _OLDEST:
            self._at.round_next = dict(page.next)
        else:
            self._at.end_round()

    def _below(self, post: Json, since: int) -> Sequence[int]:
        """The comments that came with a post; their times."""
        post_id, comments = ident(post.get("id")), objects(post.get("comments"))
        times = [_time(one) for one in comments]
        if not post_id or not comments:
            return ()
        if len(comments) >= _BELOW and min(times) >= since:
            self._at.branch({"post": post_id, "since": since})
        for one in comments:
            self._notice(one, "comment", post_id, since)
        self._missing(post_id, comments, whole=len(comments) < _BELOW)
        return times

    def _notice(self, value: Json, kind: str, place: str, since: int) -> None:
        """Pass on a thing that is new, or what changed in one that is known."""
        external_id, at = ident(value.get("id")), _time(value)
        if not external_id or not at:
            return
        mark, hidden = _mark(value), value.get("is_hidden") is True
        known = self._at.watched(external_id)
        if known is None:
            if at >= since:
                self._pass(at, kind, _with_place(value, kind, place))
            if at >= since and hidden:
                self._pass(self._now, "hidden", self._change(value))
        elif known.mark != mark:
            self._pass(self._now, "edited", self._change(value))
        if known is not None and known.hidden != hidden:
            self._pass(self._now, "hidden", self._change(value))
        self._at.watch(external_id, at, mark, hidden, place)

    def _change(self, value: Json) -> Json:
        return {
            "id": value.get("id"),
            "message": text(value.get("message")),
            "is_hidden": value.get("is_hidden") is True,
            "seen_at": self._seen_at,
        }

    def _missing(self, place: str, listed: Sequence[Json], *, whole: bool) -> None:
        """What should be in a list and is not: gone, if the network says so when asked."""
        start = 0 if whole else min(map(_time, listed), default=self._now)
        ids = {ident(one.get("id")) for one in listed}
        for external_id in self._at.expected(place, start) if place else ():
            if external_id in ids or self._to_verify <= 0:
                continue
            self._to_verify -= 1
            if self._graph.maybe(f"/{external_id}", {"fields": "id"}) is None:
                self._pass(self._now, "gone", {"id": external_id, "seen_at": self._seen_at})
                self._at.forget(external_id)

    # --- reviews and private messages -----------------------------------------------------------

    def _ratings(self) -> None:
        """Reviews have no ids of their own; their stories' are taken. They cannot be looked at by
        that, so what is missing from the list says nothing."""
        since = self._at.since("ratings") - OVERLAP
        if self._now - self._at.rated < _RATINGS_EVERY:
            return
        self._at.rated = self._now
        page = self._graph.listing(f"/{self._us}/ratings", {"fields": names.RATING})
        for one in page.items:
            story_id = mapping(one.get("open_graph_story")).get("id")
            known = {**one, "id": story_id, "message": shapes.review_words(one)}
            self._notice(known, "rating", "", since)
        self._at.reach("ratings", map(_time, page.items))

    def _threads(self) -> None:
        """The exchanges in which something was said, each with its newest messages."""
        since = self._at.since("messages") - OVERLAP
        params: dict[str, Any] = {"fields": _THREAD, "platform": "MESSENGER", "limit": _POSTS}
        newest: list[int] = []
        for _ in range(_MOST_PAGES):
            page = self._graph.listing(f"/{self._us}/conversations", params)
            times = [_time(one, "updated_time") for one in page.items]
            for one, at in zip(page.items, times, strict=True):
                if at >= since:
                    newest += self._thread(one, since)
            if not page.next or min(times, default=0) < since:
                break
            params |= page.next
        else:
            self._gap = True
        self._at.reach("messages", newest)

    def _thread(self, thread: Json, since: int) -> Sequence[int]:
        person = self._person(thread)
        listed = objects(thread.get("messages"))
        self._messages(listed, person, since)
        times = [_time(one) for one in listed]
        if len(listed) >= _SHOWN and min(times) >= since:
            self._at.branch(
                {"thread": ident(thread.get("id")), "person": person, "since": since, "next": {}}
            )
        return times

    def _person(self, thread: Json) -> str:
        ids = [ident(one.get("id")) for one in objects(thread.get("participants"))]
        return next((one for one in ids if one and one != self._us), "")

    def _messages(self, listed: Sequence[Json], person: str, since: int) -> None:
        for one in listed:
            at = _time(one)
            if at >= since and self._at.first_seen(ident(one.get("id")), at):
                self._pass(at, "message", {"message": one, "person": person})

    # --- branches that did not fit ----------------------------------------------------------------

    def _branches(self) -> None:
        for _ in range(_MOST_BRANCHES):
            if not self._at.deep:
                return
            branch = self._at.deep[0]
            walk = self._comments_of if "post" in branch else self._messages_of
            try:
                left = walk(branch)
            except Refused as error:
                # Its post was taken away meanwhile; or it is not shown to us, which is a hole.
                left, fault = None, fault_of(error)
                self._gap |= not (fault and fault.is_gone)
            self._at.deep = [*([left] if left else []), *self._at.deep[1:]]

    def _comments_of(self, branch: Json) -> Json | None:
        """One page of a post's comments, oldest first from where we are; what is left of it."""
        post_id, since = ident(branch.get("post")), int(branch.get("since") or 0)
        page = self._graph.listing(
            f"/{post_id}/comments",
            {
                "fields": names.COMMENT,
                "filter": "stream",
                "order": "chronological",
                "since": str(max(since, 0)),
                "limit": 100,
                **mapping(branch.get("next")),
            },
        )
        for one in page.items:
            self._notice(one, "comment", post_id, since)
        return _left(branch, page)

    def _messages_of(self, branch: Json) -> Json | None:
        """One page of an exchange, newest first, down to what is known; what is left of it."""
        since = int(branch.get("since") or 0)
        page = self._graph.listing(
            f"/{ident(branch.get('thread'))}/messages",
            {"fields": names.MESSAGE, "limit": 100, **mapping(branch.get("next"))},
        )
        self._messages(page.items, ident(branch.get("person")), since)
        if any(_time(one) == 0 for one in page.items):
            # Facebook tells what was said in the newest messages of an exchange only
            # (“Conversations API, Limitations”).
            self._gap = True
            return None
        over = min(map(_time, page.items), default=0) < since
        return None if over else _left(branch, page)

    def _pass(self, at: int, kind: str, value: Json) -> None:
        self._found.append((at, Raw.of(kind, value, self._us)))


def _left(branch: Json, page: Listing) -> Json | None:
    """What is left of a branch; a cursor that does not move ends it."""
    following = dict(page.next)
    return {**branch, "next": following} if following not in ({}, branch.get("next")) else None


def _with_place(value: Json, kind: str, place: str) -> Json:
    """A thing as `parse` gets it; a comment with the post that it hangs below, and nothing with
    what hangs below itself."""
    bare = {name: below for name, below in value.items() if name != "comments"}
    return {"comment": bare, "post_id": place} if kind == "comment" else bare


def _time(value: Json, name: str = "created_time") -> int:
    at = moment(value.get(name))
    return epoch(at) if at else 0


def _mark(value: Json) -> str:
    """A short mark of a text, to see that it changed."""
    words = text(value.get("message")).encode()
    return hashlib.blake2b(words, digest_size=6).hexdigest()
