"""Polling: without gaps, without repetitions, everything that is for us and no more."""

from datetime import timedelta
from typing import Any

import pytest

from callbox.connector import RateLimited, Refused, Unavailable
from callbox.networks.x.connector import X
from callbox.networks.x.own import query
from callbox.networks.x.tests.harness import XHarness
from callbox.networks.x.tests.play import heard
from callbox.vocabulary import Deleted, Ours, Said
from tests.servers.standin import Fault
from tests.servers.x import ANA, BEN, US


def flood(x: XHarness, count: int, **kwargs: Any) -> list[str]:
    """Many mentions, a second apart."""
    made = []
    for number in range(count):
        x.clock.pass_(seconds=1)
        made.append(x.x.say(ANA, f"@district5 question {number}", **kwargs).id)
    return made


def test_two_hours_away_leave_no_gap(both: XHarness) -> None:
    """Newest pages come first; every one of 730 is heard once, and the mark moves at the end."""
    _, cursor = heard(both.connector(), {})
    made = flood(both, 730)
    connector, seen, marks = both.connector(), [], []
    for _ in range(10):
        page = connector.fetch(cursor)
        assert not page.gap
        seen += [event.external_id for raw in page.items for event in connector.parse(raw)]
        cursor = page.cursor
        marks.append(int(cursor["mentions"]["since"]))
        if not page.more:
            break
    assert sorted(seen) == sorted(made)
    assert marks == sorted(marks)
    assert heard(both.connector(), cursor)[0] == []


def test_what_comes_while_we_catch_up_is_heard_too(x: XHarness, connector: X) -> None:
    _, cursor = heard(connector, {})
    made = flood(x, 620)
    page = connector.fetch(cursor)
    assert page.more
    seen = [event.external_id for raw in page.items for event in connector.parse(raw)]
    made += flood(x, 3)
    events, cursor = heard(connector, page.cursor)
    seen += [one.external_id for one in events]
    events, _ = heard(connector, cursor)
    seen += [one.external_id for one in events]
    assert sorted(seen) == sorted(made)


def test_an_interrupted_walk_goes_on_where_it_was(x: XHarness, connector: X) -> None:
    _, cursor = heard(connector, {})
    made = flood(x, 450)
    path = "/2/users/111/mentions"
    page = connector.fetch(cursor)  # the whole of it, to compare
    whole = len(page.items)
    x.x.fault("GET", path, Fault(seconds=0.0))  # the first page as it is
    x.x.fault("GET", path, Fault(seconds=0.0))
    x.x.fault("GET", path, Fault.status(503))
    page = connector.fetch(cursor)
    assert len(page.items) == 200
    seen = [event.external_id for raw in page.items for event in connector.parse(raw)]
    events, _ = heard(connector, page.cursor)
    seen += [one.external_id for one in events]
    assert sorted(seen) == sorted(made)
    assert whole == 450


def test_a_page_token_that_x_forgot_is_begun_again(x: XHarness, connector: X) -> None:
    _, cursor = heard(connector, {})
    made = flood(x, 620)
    page = connector.fetch(cursor)
    x.x.fault("GET", "/2/users/111/mentions", Fault.status(400, {"detail": "bad token"}))
    events, _ = heard(connector, page.cursor)
    seen = {event.external_id for raw in page.items for event in connector.parse(raw)}
    assert seen | {one.external_id for one in events} == set(made)
    x.x.fault("GET", "/2/users/111/mentions", Fault.status(400, {"detail": "bad token"}), times=9)
    with pytest.raises(Refused):
        heard(connector, page.cursor)


def test_what_x_does_not_list_any_more_is_a_gap(x: XHarness, connector: X) -> None:
    """X lists 800 mentions; what is older is gone, and that is said."""
    _, cursor = heard(connector, {})
    flood(x, 801)
    x.x.mentions_reach = 800
    gaps = []
    for _ in range(5):
        page = connector.fetch(cursor)
        gaps.append(page.gap)
        cursor = page.cursor
        if not page.more:
            break
    assert gaps == [False, True]


def test_a_failure_of_mentions_moves_nothing(x: XHarness, connector: X) -> None:
    _, cursor = heard(connector, {})
    said = x.say("Hello?")
    x.x.fault("GET", "/2/users/111/mentions", Fault.status(503))
    with pytest.raises(Unavailable):
        connector.fetch(cursor)
    assert [one.external_id for one in heard(connector, cursor)[0]] == [said]


def test_a_part_that_always_fails_shows_when_nothing_else_comes(x: XHarness) -> None:
    connector = x.connector()
    _, cursor = heard(connector, {})
    no_right = Fault.status(403, {"detail": "dm.read is missing"})
    x.x.fault("GET", "/2/dm_events", no_right, times=3)
    said = x.say("Hello?")
    events, cursor = heard(connector, cursor)
    assert [one.external_id for one in events] == [said]
    x.clock.pass_(seconds=61)
    with pytest.raises(Refused, match=r"dm\.read is missing"):
        heard(connector, cursor)


def test_messages_are_asked_for_once_a_minute(x: XHarness, connector: X) -> None:
    """X takes 15 calls in 15 minutes."""
    cursor: Any = {}
    for _ in range(12):
        _, cursor = heard(connector, cursor)
        x.clock.pass_(seconds=20)
    assert len(x.x.made("GET", "/2/dm_events")) <= 5


def test_a_flood_of_messages_is_worked_off(x: XHarness, connector: X) -> None:
    _, cursor = heard(connector, {})
    made = []
    for number in range(230):
        x.clock.pass_(seconds=1)
        made.append(f"dm:{x.x.write(ANA, US, f'message {number}').id}")
    seen = []
    for _ in range(5):
        x.clock.pass_(seconds=61)
        events, cursor = heard(connector, cursor)
        seen += [one.external_id for one in events]
    assert sorted(seen) == sorted(made)


def test_the_only_search_is_for_conversations_that_we_began(x: XHarness, connector: X) -> None:
    """Policing R11. The stand-in refuses any other."""
    theirs = x.x.say(ANA, "I talk to Ben about the district")
    x.x.say(BEN, "So do I", parent=theirs.id)
    ours = [x.x.say(US, f"News {number}") for number in range(14)]
    reply = x.x.say(BEN, "Thanks", parent=ours[3].id)
    events, _ = heard(connector, {})
    assert [one.external_id for one in events if isinstance(one, Said)] == [reply.id]
    searches = x.x.made("GET", "/2/tweets/search/recent")
    assert [f"conversation_id:{ours[3].id}" in one.query["query"] for one in searches] == [True]
    most = query([str(10**18 + number) for number in range(12)], "a" * 15)
    assert len(most) <= 512


def test_answers_to_answers_are_found_within_the_hour(x: XHarness, connector: X) -> None:
    ours = x.x.say(US, "Elm Street is closed.")
    first = x.x.say(ANA, "Until when?", parent=ours.id)
    _, cursor = heard(connector, {})
    deep = x.x.say(BEN, "Six, I heard", parent=first.id)  # our own post's count stays 1
    x.clock.pass_(minutes=61)
    events, _ = heard(connector, cursor)
    assert [one.external_id for one in events] == [deep.id]


def test_a_flood_of_answers_is_read_to_a_thousand_and_then_said(x: XHarness, connector: X) -> None:
    ours = x.x.say(US, "Elm Street is closed.")
    _, cursor = heard(connector, {})
    made = [x.x.say(BEN, f"answer {number}", parent=ours.id).id for number in range(1001)]
    x.clock.pass_(minutes=6)
    page = connector.fetch(cursor)
    assert page.gap
    assert len(page.items) == 1000
    x.clock.pass_(minutes=6)
    made.append(x.x.say(BEN, "one more", parent=ours.id).id)
    events, _ = heard(connector, page.cursor)
    assert [one.external_id for one in events] == [made[-1]]


def test_what_we_say_on_x_itself_comes_as_ours(x: XHarness, connector: X) -> None:
    """Failure mode 8: an echo, whoever typed it, and never a case."""
    asked = x.say("Is Elm Street closed?")
    _, cursor = heard(connector, {})
    by_hand = x.x.say(US, "Until six.", parent=asked)
    written = x.x.write(US, ANA, "See above.")
    x.clock.pass_(minutes=6)
    events, _ = heard(connector, cursor)
    assert {(type(one), one.external_id) for one in events} == {
        (Ours, by_hand.id),
        (Ours, f"dm:{written.id}"),
    }


def test_our_own_deleted_post_is_noticed(x: XHarness, connector: X) -> None:
    """Failure mode 11."""
    ours = x.x.say(US, "Elm Street is closed.")
    _, cursor = heard(connector, {})
    x.x.remove(ours.id)
    x.clock.pass_(minutes=6)
    events, _ = heard(connector, cursor)
    assert [(type(one), one.external_id) for one in events] == [(Deleted, ours.id)]


def test_a_deletion_is_looked_for_for_a_month_and_not_longer(x: XHarness, connector: X) -> None:
    x.say("Hello?")
    _, cursor = heard(connector, {})
    looks = []
    for _ in range(40):
        x.clock.pass_(days=1)
        before = len(x.x.made("GET", "/2/tweets"))
        _, cursor = heard(connector, cursor)
        looks.append(len(x.x.made("GET", "/2/tweets")) - before)
    assert sum(looks) == 5
    assert cursor["watch"]["posts"] == []


def test_the_past(both: XHarness) -> None:
    """Newest first, mentions then messages, to the end."""
    made = flood(both, 150)
    written = [f"dm:{both.x.write(ANA, US, f'm{n}').id}" for n in range(3)]
    connector, cursor, seen = both.connector(), {}, []
    for _ in range(10):
        page = connector.history(cursor)
        seen += [event.external_id for raw in page.items for event in connector.parse(raw)]
        cursor = dict(page.cursor)
        if not page.more:
            break
    assert seen == [*made[::-1], *written[::-1]]


def test_what_stands_above_a_message(both: XHarness) -> None:
    ours = both.x.say(US, "Elm Street is closed.")
    first = both.x.say(ANA, "Until when?", parent=ours.id)
    second = both.x.say(BEN, "@district5 tell us", parent=first.id)
    around = both.connector().context(second.id)
    assert [one.external_id for one in around] == [ours.id, first.id, second.id]
    assert around[0].addressed is None
    assert around[0].author is not None
    assert both.connector().context("999") == []


def test_odd_cursors_do_no_harm(x: XHarness, connector: X) -> None:
    for cursor in (
        {
            "mentions": {"since": "x", "token": 7, "walked": "many"},
            "at": [1],
            "watch": {"posts": 3},
        },
        {"watch": {"posts": [["a", 1], ["1", "2", 99], 7]}, "own": {"posts": {"x": 1}, "paid": []}},
        {"dms": None, "at": {"dms": "never", "own": 5}},
    ):
        connector.fetch(cursor)


def test_limits_of_a_poll_are_raised_as_they_are(x: XHarness, connector: X) -> None:
    x.limit_next(300)
    with pytest.raises(RateLimited) as limited:
        connector.fetch({})
    assert limited.value.until - x.clock() <= timedelta(seconds=300)
