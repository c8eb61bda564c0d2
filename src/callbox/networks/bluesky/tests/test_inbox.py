"""The walk back through notifications, against a list that we control."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import RateLimited, Unavailable
from callbox.networks.bluesky import inbox
from callbox.networks.bluesky.inbox import Pace
from callbox.networks.bluesky.tests.fake import NOW, Server, error


def uri(number: int) -> str:
    return f"at://did:plc:ana/app.bsky.feed.post/{number}"


def notification(number: int, minutes_ago: float = 0, reason: str = "mention") -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    record = {"text": str(number), "createdAt": at}
    return {
        "uri": uri(number), "cid": f"cid{number}", "reason": reason, "record": record,
        "reasonSubject": uri(0), "indexedAt": at,
    }  # fmt: skip


class Listing(Server):
    """A server with notifications, sorted and paged as the real one does it."""

    def __init__(self, *found: dict[str, Any]) -> None:
        super().__init__(listNotifications=self.list, getPosts=self.posts, getRecord=self.record)
        self.found = list(found)
        self.gone: set[str] = set()
        self.unseen: set[str] = set()  # there, but not shown to us
        self.failing: dict[int, Any] = {}  # which request, counted from 0, gets which answer

    def list(self, request: httpx.Request) -> Any:
        number = len(self.called("listNotifications")) - 1
        if number in self.failing:
            return self.failing[number]
        params = request.url.params
        reasons = params.get_list("reasons")
        hits = [one for one in self.found if one["reason"] in reasons]
        hits.sort(key=lambda one: str(one["indexedAt"]), reverse=True)
        before = [one for one in hits if one["indexedAt"] < params.get("cursor", "9")]
        page = before[: int(params["limit"])]
        following = {"cursor": page[-1]["indexedAt"]} if page else {}
        return {"notifications": page, **following}

    def posts(self, request: httpx.Request) -> Any:
        wanted = set(request.url.params.get_list("uris")) - self.gone - self.unseen
        return {"posts": [one for one in self.found if one["uri"] in wanted]}

    def record(self, request: httpx.Request) -> Any:
        return error(400, "RecordNotFound") if self._uri(request) in self.gone else {"value": {}}

    def _uri(self, request: httpx.Request) -> str:
        params = request.url.params
        return f"at://{params['repo']}/{params['collection']}/{params['rkey']}"


class Ear:
    """Polls a listing with a pace of its own."""

    def __init__(self, listing: Listing, pace: Pace | None = None) -> None:
        self.connector = listing.connector()
        self.pace = pace or Pace()
        self.cursor: Mapping[str, Any] = {}
        self.more = False

    def step(self) -> list[tuple[str, Any]]:
        page = inbox.fetch(self.connector._xrpc, self.cursor, NOW, self.pace)
        self.cursor, self.more = page.cursor, page.more
        return [(raw.kind, raw.json()) for raw in page.items]

    def round(self) -> list[str]:
        """Everything until there is no more, as addresses."""
        heard = self.step()
        while self.more:
            heard += self.step()
        return [body.get("uri", "") for _, body in heard]


def uris(numbers: Sequence[int]) -> list[str]:
    return [uri(number) for number in numbers]


def test_the_first_poll_goes_a_day_back_and_no_further() -> None:
    listing = Listing(notification(1, 25 * 60), notification(2, 23 * 60), notification(3))
    ear = Ear(listing)
    assert ear.round() == uris([2, 3])
    assert ear.round() == []


def test_an_idle_poll_changes_nothing() -> None:
    ear = Ear(Listing(*(notification(number, number) for number in range(60))))
    ear.round()
    before = ear.cursor
    assert ear.round() == []
    assert ear.cursor == before


def test_messages_come_before_any_number_of_likes() -> None:
    likes = [notification(number, number, "like") for number in range(50)]
    ear = Ear(Listing(*likes, notification(99, 600)), Pace(page=5, pages=1))
    assert [body["uri"] for _, body in ear.step()] == [uri(99)]
    assert sorted(ear.round() + ear.round()) == sorted(uris(range(50)))


def test_what_comes_during_a_walk_is_heard_after_it() -> None:
    listing = Listing(*(notification(number, 100 - number) for number in range(20)))
    ear = Ear(listing, Pace(page=3, pages=1))
    heard = [body["uri"] for _, body in ear.step()]
    listing.found += [notification(number, 100 - number) for number in range(20, 26)]
    heard += ear.round() + ear.round()
    assert sorted(heard) == sorted(uris(range(26)))


def test_trouble_on_the_way_keeps_what_was_read() -> None:
    listing = Listing(*(notification(number, 100 - number) for number in range(12)))
    ear = Ear(listing, Pace(page=5, pages=5))
    listing.failing = {1: error(502, "UpstreamFailure"), 2: httpx.ReadTimeout("slow")}
    assert [body["uri"] for _, body in ear.step()] == uris(range(7, 12))
    assert ear.more
    before = ear.cursor
    with pytest.raises(Unavailable):
        ear.step()
    assert ear.cursor == before
    assert ear.round() == uris(range(7))
    assert ear.round() == []


def test_likes_that_fail_do_not_lose_messages() -> None:
    listing = Listing(notification(1), notification(2, 1, "like"))
    listing.failing = {1: error(429, "RateLimitExceeded", **{"ratelimit-reset": "1778770860"})}
    ear = Ear(listing)
    assert [body["uri"] for _, body in ear.step()] == [uri(1)]
    listing.failing = {3: error(429, "RateLimitExceeded", **{"ratelimit-reset": "1778770860"})}
    with pytest.raises(RateLimited):
        ear.step()
    assert ear.round() == [uri(2)]


def test_a_cursor_that_does_not_move_ends_the_walk() -> None:
    server = Server(listNotifications={"notifications": [], "cursor": "same"})
    ear = Ear(server)  # type: ignore[arg-type]  # it answers as a listing does
    assert ear.round() == []
    assert len(server.called("listNotifications")) == 4


@given(
    st.lists(st.integers(0, 1200), max_size=40, unique=True),
    st.lists(st.integers(0, 3), max_size=40),
    st.integers(1, 7),
    st.integers(1, 3),
)
def test_everything_is_heard_once_in_any_rhythm(
    ages: list[int], arrivals: list[int], page: int, pages: int
) -> None:
    """Notifications turn up in batches, in the order of their times, at any step of any walk."""
    waiting = [notification(number, age) for number, age in enumerate(sorted(ages, reverse=True))]
    listing = Listing()
    ear = Ear(listing, Pace(page, pages))
    heard: list[str] = []
    for count in arrivals:
        listing.found += waiting[:count]
        waiting = waiting[count:]
        heard += [body["uri"] for _, body in ear.step()]
    heard += ear.round() + ear.round()
    assert sorted(heard) == sorted(one["uri"] for one in listing.found)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60, unique=True))
def test_slow_clocks_are_heard(ages: list[int]) -> None:
    """Notifications turn up one by one with times in any order, at most a page apart."""
    listing = Listing()
    ear = Ear(listing)
    heard: list[str] = []
    for number, age in enumerate(ages):
        listing.found.append(notification(number, age))
        heard += ear.round()
    assert heard == uris(range(len(ages)))


def test_an_edit_is_told_once() -> None:
    listing = Listing(notification(1))
    ear = Ear(listing)
    ear.round()
    listing.found[0] |= {"cid": "cid1b"}
    [(kind, body)] = ear.step()
    assert (kind, body["post"]["cid"], body["reason"]) == ("changed", "cid1b", "mention")
    assert ear.step() == []


def test_a_deletion_is_told_once_and_only_when_it_is_certain() -> None:
    listing = Listing(notification(1, 1), notification(2))
    ear = Ear(listing)
    ear.round()
    listing.unseen.add(uri(1))
    assert ear.step() == []
    listing.gone.add(uri(1))
    assert ear.step() == [("gone", {"uri": uri(1), "noticed_at": NOW.isoformat()})]
    assert ear.step() == []
    assert [entry[0] for entry in ear.cursor["watch"]] == ["did:plc:ana/2"]


def test_no_trouble_looks_like_a_deletion() -> None:
    listing = Listing(notification(1))
    ear = Ear(listing)
    ear.round()
    listing.unseen.add(uri(1))
    for trouble in (error(404), error(502), httpx.ConnectError("down"), error(403, "Forbidden")):
        listing.answers["getRecord"] = trouble
        with pytest.raises(Exception, match=r".+"):
            ear.step()
    listing.answers["getRecord"] = listing.record
    assert ear.step() == []


def test_a_deleted_account_takes_its_posts_along() -> None:
    listing = Listing(notification(1))
    ear = Ear(listing)
    ear.round()
    listing.unseen.add(uri(1))
    listing.answers["getRecord"] = error(400, "InvalidRequest", "Could not find repo: did:plc:ana")
    assert [kind for kind, _ in ear.step()] == ["gone"]


def test_the_last_hundred_are_watched_and_each_has_its_turn() -> None:
    listing = Listing(*(notification(number, 200 - number) for number in range(130)))
    ear = Ear(listing)
    ear.round()
    assert [entry[0] for entry in ear.cursor["watch"]] == [
        f"did:plc:ana/{number}" for number in range(30, 130)
    ]
    for part in range(4):
        now = NOW.replace(microsecond=part * 1000)
        inbox.fetch(ear.connector._xrpc, ear.cursor, now, ear.pace)
    asked = [set(call.url.params.get_list("uris")) for call in listing.called("getPosts")[-4:]]
    assert [len(part) for part in asked] == [25] * 4
    assert set.union(*asked) == set(uris(range(30, 130)))


@pytest.mark.parametrize(
    "cursor",
    [
        {"since": 7, "said": [], "reacted": "x", "watch": {"a": 1}},
        {"said": {"mark": "x", "seen": "y", "walk": {"page": 5, "seen": None, "top": 3}}},
        {"watch": [["did:plc:ana/1", "cid1"], [1, 2, 3], "x", ["no-slash", "c", "r"]]},
    ],
)
def test_a_cursor_that_makes_no_sense_starts_over(cursor: Mapping[str, Any]) -> None:
    ear = Ear(Listing(notification(1)))
    ear.cursor = cursor
    assert ear.round() == [uri(1)]


def test_a_listing_that_makes_no_sense_is_handed_over_as_it_is() -> None:
    server = Server(listNotifications={"notifications": [None, 7, {"reason": 1}]})
    page = server.connector().fetch({})
    assert [raw.json() for raw in page.items][:3] == [{"reason": 1}, 7, None]
