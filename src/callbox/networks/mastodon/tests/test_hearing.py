import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import Page, RateLimited
from callbox.networks.mastodon.tests.make import (
    US,
    Clock,
    FakeServer,
    Json,
    mention,
    ok,
    said,
    status,
)
from callbox.networks.mastodon.threads import Context, climb
from callbox.vocabulary import Addressed, Deleted, Edited, Said

PATH = "/api/v1/notifications"
OWN = f"/api/v1/accounts/{US}/statuses"


class Inbox:
    """A server's notifications, as different servers page them; `items` are oldest first.

    `habit`: "min_id" pages forward from a mark; "since_id" and "ascending" take every mark for
    `since_id` (newest page), "none" knows only `max_id`; "ascending" lists oldest first.
    """

    def __init__(self, items: list[Json], *, habit: str = "min_id", most: int = 80) -> None:
        self.items = items
        self._habit = habit
        self._most = most

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        limit = min(int(asked["limit"]), self._most)
        end = self._place(asked.get("max_id"), len(self.items))
        mark = None if self._habit == "none" else asked.get("min_id", asked.get("since_id"))
        items = self.items[self._place(mark, -1) + 1 : end]
        forward = self._habit == "min_id" and "min_id" in asked
        page = items[:limit] if forward else items[-limit:]
        return ok(page if self._habit == "ascending" else page[::-1])

    def _place(self, mark: str | None, otherwise: int) -> int:
        places = (place for place, one in enumerate(self.items) if one["id"] == mark)
        return next(places, otherwise)


@pytest.fixture
def server() -> FakeServer:
    made = FakeServer()
    made.on("GET", OWN, ok([]))
    return made


def ids(page: Page) -> list[str]:
    return [json.loads(raw.body)["notification"]["id"] for raw in page.items]


def all_of(fetch: Callable[[Json], Page], cursor: Json) -> tuple[list[str], Json, bool]:
    found, gap = [], False
    for _ in range(100):
        page = fetch(dict(cursor))
        found += ids(page)
        cursor, gap = json.loads(json.dumps(page.cursor)), gap or page.gap
        if not page.more:
            return found, cursor, gap
    raise AssertionError("Fetching does not end.")


def test_a_new_account_starts_a_short_way_back(server: FakeServer) -> None:
    old = mention(1) | {"created_at": "2026-10-01T00:00:00.000Z"}
    server.on("GET", PATH, Inbox([old, mention(2), mention(3)]))
    page = server.connector().fetch({})
    assert ids(page) == ["n00002x", "n00003x"]
    assert page.cursor["since"] == "n00003x"
    assert not page.more


@given(
    heard=st.integers(0, 30),
    new=st.integers(0, 130),
    habit=st.sampled_from(["min_id", "since_id", "none", "ascending"]),
    most=st.sampled_from([15, 20, 40, 80]),
)
def test_no_server_makes_us_miss_or_repeat_one(heard: int, new: int, habit: str, most: int) -> None:
    server = FakeServer()
    inbox = Inbox([mention(n) for n in range(heard)], habit=habit, most=most)
    server.on("GET", PATH, inbox)
    server.on("GET", OWN, ok([]))
    connector = server.connector()
    cursor = dict(connector.fetch({}).cursor)
    inbox.items = inbox.items + [mention(n) for n in range(heard, heard + new)]
    found, _, gap = all_of(connector.fetch, cursor)
    assert found == [f"n{n:05d}x" for n in range(heard, heard + new)]
    assert not gap


def test_more_than_can_be_walked_back_is_a_gap(server: FakeServer) -> None:
    inbox = Inbox([mention(1)], habit="since_id", most=15)
    server.on("GET", PATH, inbox)
    connector = server.connector()
    cursor = connector.fetch({}).cursor
    inbox.items = [mention(n) for n in range(1, 400)]
    page = connector.fetch(cursor)
    assert page.gap
    assert ids(page)[0] > "n00200x"


def test_the_servers_own_mark_is_used(server: FakeServer) -> None:
    link = f'<https://evil.example{PATH}?min_id=own-mark&limit=40>; rel="prev"'
    server.on("GET", PATH, ok([mention(1)], link=link))
    connector = server.connector()
    cursor = connector.fetch({}).cursor
    assert cursor["since"] == "own-mark"
    connector.fetch(cursor)
    notifications = [request for request in server.asked if request.url.path == PATH]
    assert {request.url.host for request in notifications} == {"social.example"}
    assert notifications[-1].url.params["min_id"] == "own-mark"


def test_a_page_whose_items_were_all_left_out_is_passed(server: FakeServer) -> None:
    link = f'<https://social.example{PATH}?min_id=further>; rel="prev"'
    server.on("GET", PATH, ok([], link=link))
    connector = server.connector()
    page = connector.fetch({"since": "n0"})
    assert (page.cursor["since"], page.more) == ("further", True)
    assert not connector.fetch(page.cursor).more, "the same mark twice is the end"


def test_filtered_notifications_are_asked_for(server: FakeServer) -> None:
    server.on("GET", PATH, ok([]))
    server.connector().fetch({})
    assert server.asked[0].url.params["include_filtered"] == "true"


def test_types_that_are_not_for_us_only_move_the_mark(server: FakeServer) -> None:
    follow = {"id": "f1", "type": "follow", "created_at": "2026-11-20T18:00:00.000Z"}
    server.on("GET", PATH, ok([follow]))
    page = server.connector().fetch({"since": "n1"})
    assert page.items == []
    assert page.cursor["since"] == "f1"


def test_a_rate_limit_moves_nothing(server: FakeServer) -> None:
    server.on("GET", PATH, ok([mention(1, in_reply_to_id="p1")]))
    server.on("GET", "/api/v1/statuses/s1/context", said(429, "Too many requests"))
    with pytest.raises(RateLimited):
        server.connector().fetch({"since": "n0"})


@pytest.mark.parametrize("cursor", [{"since": 7}, {"watch": [[1], "x", None]}, {"replies": []}])
def test_a_cursor_that_makes_no_sense_is_a_new_start(server: FakeServer, cursor: Any) -> None:
    server.on("GET", PATH, ok([mention(1)]))
    assert ids(server.connector().fetch(cursor)) == ["n00001x"]


# --- threads --------------------------------------------------------------------------------------


def test_the_root_is_found_by_walking_up() -> None:
    above = [status("a"), status("sibling", in_reply_to_id="a"), status("b", in_reply_to_id="a")]
    chain, root = climb(status("c", in_reply_to_id="b"), Context(above))
    assert (chain, root) == (["b", "a"], "a")


def test_the_root_may_be_listed_below() -> None:
    late = status("a")
    assert climb(status("c", in_reply_to_id="a"), Context([], [late]))[1] == "a"


def test_a_hidden_post_in_between_does_not_split_a_thread() -> None:
    assert climb(status("c", in_reply_to_id="hidden"), Context([status("a")]))[1] == "a"


def test_a_hidden_first_post_is_the_same_root_for_all() -> None:
    first = status("b", in_reply_to_id="hidden")
    assert climb(first, Context())[1] == "hidden"
    assert climb(status("c", in_reply_to_id="b"), Context([first]))[1] == "hidden"


def test_a_circle_ends() -> None:
    above = [status("a", in_reply_to_id="b"), status("b", in_reply_to_id="a")]
    assert climb(status("c", in_reply_to_id="b"), Context(above))[1] in {"a", "b"}


def test_one_thread_is_asked_for_once(server: FakeServer) -> None:
    context = {"ancestors": [status("p0"), status("p1", in_reply_to_id="p0")], "descendants": []}
    server.on("GET", "/api/v1/statuses/s1/context", ok(context))
    pair = [mention(2, in_reply_to_id="s1"), mention(1, in_reply_to_id="p1")]
    server.on("GET", PATH, ok(pair))
    connector = server.connector()
    page = connector.fetch({"since": "n0"})
    events = [connector.parse(raw)[0] for raw in page.items]
    assert [event.root_id for event in events if isinstance(event, Said)] == ["p0", "p0"]
    assert [path for path in server.paths() if path.endswith("/context")] == [
        "/api/v1/statuses/s1/context"
    ]


def test_without_a_context_the_parent_stands_in(server: FakeServer) -> None:
    server.on("GET", PATH, ok([mention(1, in_reply_to_id="p1")]))
    connector = server.connector()
    (event,) = connector.parse(connector.fetch({"since": "n0"}).items[0])
    assert isinstance(event, Said)
    assert (event.root_id, event.parent_id) == ("p1", "p1")


def test_context_shows_the_thread_in_the_order_it_was_said(server: FakeServer) -> None:
    early = status("a", created_at="2026-11-20T18:00:00.000Z")
    late = status("z", in_reply_to_id="s1", created_at="2026-11-20T18:50:00.000Z")
    server.on("GET", "/api/v1/statuses/s1", ok(status("s1", in_reply_to_id="a")))
    server.on(
        "GET", "/api/v1/statuses/s1/context", ok({"ancestors": [late, early], "descendants": []})
    )
    thread = server.connector().context("s1")
    assert [one.external_id for one in thread] == ["a", "s1", "z"]
    assert {one.addressed for one in thread} == {None}
    assert [one.root_id for one in thread] == [None, "a", "a"]


def test_a_long_thread_is_cut(server: FakeServer) -> None:
    below = [status(f"d{n}", in_reply_to_id="s1") for n in range(300)]
    server.on("GET", "/api/v1/statuses/s1", ok(status("s1")))
    server.on("GET", "/api/v1/statuses/s1/context", ok({"ancestors": [], "descendants": below}))
    assert len(server.connector().context("s1")) == 41


# --- looking again --------------------------------------------------------------------------------


def test_edits_and_deletions_are_found_by_looking_again(server: FakeServer) -> None:
    clock = Clock()
    server.on("GET", PATH, ok([mention(2), mention(1)]))
    connector = server.connector(clock)
    cursor = connector.fetch({}).cursor
    server.on("GET", PATH, ok([]))
    assert connector.fetch(cursor).items == [], "not yet"
    clock.at += timedelta(minutes=3)
    edited = status("s1", "hello again", edited_at="2026-11-20T19:01:00.000Z")
    server.on("GET", "/api/v1/statuses/s1", ok(edited | {"mentions": [{"id": US}]}))
    page = connector.fetch(cursor)
    events = [event for raw in page.items for event in connector.parse(raw)]
    assert [type(event) for event in events] == [Edited, Deleted]
    assert events[1] == Deleted("s2", clock.at)
    clock.at += timedelta(minutes=3)
    assert connector.fetch(page.cursor).items == [], "told once"


def test_looking_again_is_bounded_and_gets_rarer(server: FakeServer) -> None:
    clock = Clock()
    server.on("GET", PATH, ok([mention(n) for n in range(15)][::-1]))
    for n in range(15):
        server.on("GET", f"/api/v1/statuses/s{n}", ok(status(f"s{n}")))
    connector = server.connector(clock)
    cursor = connector.fetch({}).cursor
    server.on("GET", PATH, ok([]))
    looks = []
    for _ in range(24 * 30):
        clock.at += timedelta(minutes=2)
        server.asked.clear()
        cursor = json.loads(json.dumps(connector.fetch(cursor).cursor))
        looks.append(sum(path.startswith("/api/v1/statuses/") for path in server.paths()))
    assert max(looks) == 4
    assert sum(looks[-30:]) < sum(looks[:30]) / 4
    clock.at += timedelta(days=7)
    assert connector.fetch(cursor).cursor["watch"] == []


def test_a_failed_look_costs_nothing(server: FakeServer) -> None:
    clock = Clock()
    server.on("GET", PATH, ok([mention(1)]))
    connector = server.connector(clock)
    cursor = connector.fetch({}).cursor
    clock.at += timedelta(minutes=3)
    server.on("GET", PATH, ok([mention(2)]))
    server.on("GET", "/api/v1/statuses/s1", said(429, "Too many requests"))
    assert ids(connector.fetch(cursor)) == ["n00002x"]


# --- answers that do not name us ------------------------------------------------------------------


def unnamed(external_id: str, **fields: Any) -> Json:
    return status(external_id, in_reply_to_id="o1", in_reply_to_account_id=US, **fields)


def test_an_answer_that_does_not_name_us_is_found(server: FakeServer) -> None:
    clock = Clock()
    server.on("GET", PATH, ok([]))
    server.on("GET", OWN, ok([status("o1", replies_count=0), status("o2")]))
    connector = server.connector(clock)
    cursor = connector.fetch({}).cursor
    clock.at += timedelta(minutes=2)
    old = unnamed("r0", created_at="2026-10-01T00:00:00.000Z")
    below = {
        "ancestors": [],
        "descendants": [old, unnamed("r1"), status("r2", in_reply_to_id="r1")],
    }
    server.on("GET", OWN, ok([status("o1", replies_count=2), status("o2")]))
    server.on("GET", "/api/v1/statuses/o1/context", ok(below))
    page = connector.fetch(cursor)
    (event,) = [event for raw in page.items for event in connector.parse(raw)]
    assert isinstance(event, Said)
    assert (event.external_id, event.addressed, event.root_id) == ("r1", Addressed.REPLY, "o1")
    clock.at += timedelta(minutes=1)
    server.on("GET", "/api/v1/statuses/r1", ok(unnamed("r1")))
    assert connector.fetch(page.cursor).items == [], "told once"


def test_an_answer_that_was_notified_is_not_told_twice(server: FakeServer) -> None:
    named = mention(1, in_reply_to_id="o1", in_reply_to_account_id=US)
    server.on("GET", PATH, ok([named]))
    server.on("GET", OWN, ok([status("o1", replies_count=1)]))
    server.on(
        "GET",
        "/api/v1/statuses/o1/context",
        ok({"ancestors": [], "descendants": [named["status"]]}),
    )
    server.on("GET", "/api/v1/statuses/s1/context", ok({"ancestors": [status("o1")]}))
    assert len(server.connector().fetch({"since": "n0"}).items) == 1


def test_counting_answers_may_fail(server: FakeServer) -> None:
    server.on("GET", PATH, ok([mention(1)]))
    server.on("GET", OWN, said(503, "Later"))
    page = server.connector().fetch({"since": "n0"})
    assert len(page.items) == 1
    assert page.cursor["replies"] == {}
    assert page.cursor["since"] == "n00001x"
