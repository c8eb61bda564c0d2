"""Our own recent posts: echoes of what was said on X itself, and what hangs under them.

A mention tells of most answers. Some do not name us: an answer to somebody else under our post, one
whose writer took our name out, a quote. X has no list of those, but it counts them on our posts. So
our posts of the last week are looked up (each is charged once a day), and only where a count has
grown is it asked what came: quotes of this post, or this conversation of ours. That is the only
search there is, and it can only ask for conversations that we began (policing R11).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from callbox.connector import Raw
from callbox.networks.x import errors, parse
from callbox.networks.x.posts import Included, Post
from callbox.networks.x.reach import Reach, whole
from callbox.networks.x.values import first_id_at, ident, newest
from callbox.networks.x.walk import walk
from callbox.values import mapping, moment

_WEEK = timedelta(days=7, minutes=-10)  # search goes back seven days, and our clock may be ahead
_SWEEP = timedelta(hours=1)  # answers to answers do not raise the count of our post
_MOST = 36
_PER_QUERY = 12  # a query holds 512 characters: 12 conversations, and what to leave out
_PAGES = 10  # a thousand at once; what is beyond is a gap, and said


class OwnPosts:
    """What became of our own posts. The place holds, for each: how many answers and quotes were
    counted, and the newest of each that was handed on."""

    def __init__(self, reach: Reach, place: Mapping[str, Any]) -> None:
        self._reach = reach
        self._now = reach.now()
        self.gap = False  # more came than was read
        self._today = f"{self._now:%Y-%m-%d}"
        self._since = place.get("since")
        self._swept = moment(place.get("swept"))
        kept = mapping(place.get("posts"))
        self._posts = {one: dict(mapping(kept[one])) for one in kept if ident(one)}
        paid = mapping(place.get("paid"))
        self._paid = set(map(str, paid.get(self._today) or ()))

    def place(self) -> dict[str, Any]:
        """Where to go on."""
        return {
            "since": self._since,
            "swept": self._swept.isoformat() if self._swept else "",
            "posts": self._posts,
            "paid": {self._today: sorted(self._paid & self._posts.keys())},
        }

    def run(self) -> list[Raw]:
        """One look at everything."""
        raws = self._echoes()
        if self._posts:
            counted = self._counted(raws)
            raws += self._quotes(counted)
            raws += self._answers(counted)
            for external_id, (answers, quotes) in counted.items():
                self._posts[external_id] |= {"answers": answers, "quotes": quotes}
        return raws

    def _echoes(self) -> list[Raw]:
        """What our account said since the last look, by whatever means."""
        path = f"/2/users/{self._reach.us.id}/tweets"

        def page(since: str, token: str) -> Any:
            params = {"max_results": "100", "since_id": since}
            params |= {"pagination_token": token} if token else {}
            return self._reach.posts(path, params, "own posts read")

        start = first_id_at(self._now - _WEEK)
        walked = walk(page, {"since": self._since}, start, pages=32)
        if walked.place.get("token"):
            return []  # interrupted: all of it again, the next time
        self._since = walked.place["since"]
        for one, _ in walked.found:
            post = Post(one, Included({}))
            if post.root_id == post.external_id and "retweeted" not in post.refers:
                self._posts.setdefault(post.external_id, {})
                self._paid.add(post.external_id)
        oldest = int(start)
        recent = sorted((one for one in self._posts if int(one) > oldest), key=int)[-_MOST:]
        self._posts = {one: self._posts[one] for one in recent}
        return [parse.of_listed(parse.POST, one, beside) for one, beside in walked.found[::-1]]

    def _counted(self, raws: list[Raw]) -> dict[str, tuple[int, int]]:
        """How many answers and quotes each has now. One that is gone was deleted."""
        found = self._reach.lookup(self._posts, "own posts looked at", paid=self._paid)
        counted = {}
        for one in found.items:
            external_id = Post(one, Included({})).external_id
            metrics = mapping(one.get("public_metrics"))
            if external_id in self._posts:
                counted[external_id] = (
                    _number(metrics.get("reply_count")),
                    _number(metrics.get("quote_count")),
                )
        self._paid |= counted.keys()
        for external_id in sorted(errors.gone(whole(found)) & self._posts.keys(), key=int):
            del self._posts[external_id]
            raws.append(parse.deleted(external_id, self._now.isoformat()))
        return counted

    def _quotes(self, counted: Mapping[str, tuple[int, int]]) -> Iterator[Raw]:
        for external_id, (_, quotes) in counted.items():
            known = self._posts[external_id]
            if quotes <= _number(known.get("quotes")):
                continue

            def page(since: str, token: str, path: str = external_id) -> Any:
                params = {"max_results": "100"} | ({"pagination_token": token} if token else {})
                return self._reach.posts(f"/2/tweets/{path}/quote_tweets", params, "quotes read")

            place = {"since": known.get("newest_quote")}
            walked = walk(page, place, external_id, pages=_PAGES)
            known["newest_quote"] = newest((walked.place.get("top", ""), walked.place["since"]))
            self.gap = self.gap or "token" in walked.place
            for one, beside in walked.found[::-1]:
                yield parse.of_listed(parse.POST, one, beside)

    def _answers(self, counted: Mapping[str, tuple[int, int]]) -> Iterator[Raw]:
        """Answers in conversations of ours that do not name us; those that do are mentions."""
        due = [one for one, (many, _) in counted.items() if many > self._known_answers(one)]
        if self._swept is None or self._now - self._swept >= _SWEEP:
            due = [one for one, (many, _) in counted.items() if many]
            self._swept = self._now
        for at in range(0, len(due), _PER_QUERY):
            yield from self._searched(due[at : at + _PER_QUERY])

    def _known_answers(self, external_id: str) -> int:
        return _number(self._posts[external_id].get("answers"))

    def _searched(self, ids: Sequence[str]) -> Iterator[Raw]:
        marks = {one: ident(self._posts[one].get("newest_answer")) or one for one in ids}
        asked = query(ids, self._reach.us.handle)

        def page(since: str, token: str) -> Any:
            params = {"query": asked, "max_results": "100", "since_id": since}
            params |= {"next_token": token} if token else {}
            return self._reach.posts("/2/tweets/search/recent", params, "answers read")

        lowest = min(marks.values(), key=int)
        start = max(lowest, first_id_at(self._now - _WEEK), key=int)
        walked = walk(page, {}, start, pages=_PAGES)
        self.gap = self.gap or "token" in walked.place
        for one, beside in walked.found[::-1]:
            post = Post(one, Included({}))
            mark = marks.get(post.root_id)
            if mark is None or int(post.id) <= int(mark):
                continue
            known = self._posts[post.root_id]
            known["newest_answer"] = newest((ident(known.get("newest_answer")), post.id))
            yield parse.of_listed(parse.REPLY, one, beside)


def query(ids: Sequence[str], handle: str) -> str:
    """The one search that we make: conversations that we began, without what we said ourselves and
    what names us (mentions have that)."""
    asked = " OR ".join(f"conversation_id:{one}" for one in ids)
    return f"({asked}) -from:{handle} -@{handle}" if handle else f"({asked})"


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
