"""Polling: what is new, once, without a gap, and what became of it."""

import json
from datetime import timedelta

import pytest

from callbox.connector import RateLimited, Refused
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.conftest import Reader
from callbox.networks.facebook.tests.harness import Clock
from callbox.networks.facebook.tests.make import pushed, said_in
from callbox.vocabulary import Addressed, Deleted, Edited, Hidden, Lane, Ours
from tests.servers.facebook import ANA, PAGE
from tests.servers.facebook import Facebook as Server
from tests.servers.graph import fault_answer
from tests.servers.standin import Fault


def test_everything_that_is_said_to_a_page_is_read(server: Server, read: Reader) -> None:
    server.ratings_ended = False
    ours = server.post("Road works on Elm Street.")
    comment = server.comment(ours, "Is Main St closed?")
    below = server.comment(comment, "Also Oak St?", {"id": "77002", "name": "Ben"})
    visit = server.visit("The light at Oak and 3rd is out.")
    under = server.comment(visit, "Same here.")
    mention = server.mention("Thank you Riverside PD")
    review = server.review("They came at once.")
    message = server.write("Where is lost property?")
    events = read()
    found = {one.external_id: one for one in said_in(events)}
    assert set(found) == {comment, below, visit, under, mention, review, message}
    assert found[comment].root_id == found[comment].parent_id == ours
    assert (found[below].root_id, found[below].parent_id) == (ours, comment)
    assert found[below].refs["top"] == comment
    assert found[visit].addressed is Addressed.FORM
    assert found[visit].root_id is None
    assert found[mention].addressed is Addressed.MENTION
    assert "They came at once." in found[review].text
    assert found[message].lane is Lane.PRIVATE
    assert found[message].root_id == f"dm:{ANA['id']}"
    assert [one.external_id for one in events if isinstance(one, Ours)] == [ours]
    assert read() == []


def test_both_ways_give_the_same(server: Server, connector: Facebook, read: Reader) -> None:
    """Failure mode 8: what comes by webhook and by polling is one thing, with one id and root."""
    ours = server.post("Road works on Elm Street.")
    server.taken()
    server.comment(server.comment(ours, "Is Main St closed?"), "Yes")
    server.visit("The light is out.")
    server.mention("Thank you Riverside PD")
    server.write("Where is lost property?")
    told = {one.external_id: one for one in said_in(pushed(server, connector))}
    polled = {one.external_id: one for one in said_in(read())}
    assert set(told) == set(polled)
    for external_id, one in told.items():
        other = polled[external_id]
        assert (one.root_id, one.parent_id) == (other.root_id, other.parent_id)
        assert (one.text, one.addressed, one.lane) == (other.text, other.addressed, other.lane)
        assert one.author is not None
        assert other.author is not None
        assert one.author.external_id == other.author.external_id
        assert one.refs.get("top") == other.refs.get("top")


def test_a_two_hour_outage_is_made_up_for(server: Server, read: Reader, clock: Clock) -> None:
    """Everything that was said meanwhile, below many posts and in many exchanges, once."""
    posts = [server.post(f"Post {n}") for n in range(3)]
    read()
    said = []
    for minute in range(120):
        clock.pass_(minutes=1)
        said.append(server.comment(posts[minute % 2], f"Comment {minute}"))
        who = {"id": f"8{minute % 40:03}", "name": "Resident"}
        said.append(server.write(f"Message {minute}", who))
    clock.pass_(minutes=1)
    found = [one.external_id for one in said_in(read())]
    assert sorted(found) == sorted(said)
    assert read.gaps == 0
    assert read.steps > 1
    assert said_in(read()) == []


def test_what_is_not_shown_of_an_exchange_is_a_gap(
    server: Server, connector: Facebook, read: Reader, clock: Clock
) -> None:
    """Facebook shows the words of an exchange's newest 20 messages: after more, a hole is told."""
    read()
    said = [server.write(f"Message {n}") for n in range(30)]
    assert [one.external_id for one in said_in(read())] == said[10:]
    assert read.gaps == 1
    page = connector.history({"list": 3, "next": {}, "left": []})
    page = connector.history(page.cursor)
    assert (len(page.items), page.gap, page.more) == (20, True, False)


def test_a_post_that_goes_while_its_comments_are_read(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    """What is left to walk may be gone by the next step: that ends it, and nothing else."""
    post = server.post("Post")
    for n in range(700):
        server.comment(post, f"Comment {n}")
    page = connector.fetch({})
    assert page.more
    for external_id in [one for one in server.objects if one == post]:
        del server.objects[external_id]
    page = connector.fetch(page.cursor)
    assert (page.more, page.gap) == (False, False)
    past = connector.history({"list": 4, "next": {}, "left": [{"post": post}]})
    assert (past.more, past.gap) == (False, False)


def test_the_newest_comes_first_and_the_rest_is_not_forgotten(
    server: Server, connector: Facebook, read: Reader, clock: Clock
) -> None:
    """Failure mode 13: after an outage the newest is read in the first step, and no step asks
    without end."""
    post = server.post("Post")
    read()
    clock.pass_(hours=1)
    for n in range(300):
        clock.pass_(seconds=1)
        newest = server.comment(post, f"Comment {n}")
    before = len(server.calls)
    page = connector.fetch(read.cursor)
    heard = [e.external_id for raw in page.items for e in said_in(list(connector.parse(raw)))]
    assert newest in heard
    assert len(server.calls) - before <= 15
    assert len(said_in(read())) == 300


def test_a_cursor_only_goes_forward_and_stays_small(
    server: Server, read: Reader, clock: Clock
) -> None:
    post = server.post("Post")
    last: dict[str, int] = {}
    for n in range(40):
        for m in range(12):
            server.comment(post, f"Comment {n} {m}")
            server.write(f"Message {n} {m}")
        clock.pass_(minutes=7)
        read()
        reached = json.loads(json.dumps(read.cursor))["reached"]
        assert all(reached[name] >= at for name, at in last.items())
        last = reached
    assert len(json.dumps(read.cursor)) < 64_000


def test_edits_hidings_and_deletions_show_by_looking_again(
    server: Server, read: Reader, clock: Clock
) -> None:
    """Failure mode 11: without a webhook, a changed, hidden or removed comment shows as a
    difference."""
    post = server.post("Post")
    edited = server.comment(post, "Is Main St closed?")
    hidden = server.comment(post, "Something rude")
    gone = server.comment(post, "Never mind")
    visit = server.visit("The light is out.")
    server.comment(post, "Still here")
    read()
    clock.pass_(minutes=5)
    server.edit(edited, "Is Main St closed today?", told=False)
    server.objects[hidden]["is_hidden"] = True
    server.remove(gone, told=False)
    server.remove(visit, told=False)
    events = read()
    changes = {one.external_id: one.text for one in events if isinstance(one, Edited)}
    assert changes == {edited: "Is Main St closed today?"}
    hidings = [(one.external_id, one.hidden) for one in events if isinstance(one, Hidden)]
    assert hidings == [(hidden, True)]
    assert {one.external_id for one in events if isinstance(one, Deleted)} == {gone, visit}
    assert read() == []


def test_a_comment_below_an_old_post_is_found_within_a_round(
    server: Server, read: Reader, clock: Clock
) -> None:
    posts = []
    for n in range(80):
        posts.append(server.post(f"Post {n}"))
        clock.pass_(hours=1)
    for _ in range(6):
        read()
        clock.pass_(minutes=2)
    said = server.comment(posts[0], "Only now I see this")
    found: list[str] = []
    for _ in range(8):
        clock.pass_(minutes=2)
        found += [one.external_id for one in said_in(read())]
    assert found == [said]


def test_nobody_is_told_who_wrote(server: Server, connector: Facebook, read: Reader) -> None:
    """Without approved access `from` is left out: the message is read all the same."""
    post = server.post("Post")
    server.from_shown = False
    server.comment(post, "Is Main St closed?")
    for one in (*said_in(read()), *said_in(pushed(server, connector))):
        assert one.author is None
        assert one.text == "Is Main St closed?"


def test_what_may_not_be_read_is_a_gap_and_the_rest_is_read(
    server: Server, read: Reader, clock: Clock
) -> None:
    said = server.comment(server.post("Post"), "Is Main St closed?")
    refused = fault_answer(200, "(#200) Requires pages_messaging permission", status=403)
    server.fault("GET", "/v25.0/*/conversations", Fault(refused))
    assert [one.external_id for one in said_in(read())] == [said]
    assert read.gaps == 1
    message = server.write("Hello")
    clock.pass_(minutes=61)
    assert [one.external_id for one in said_in(read())] == [message]
    assert read.gaps == 1


def test_a_login_that_may_read_nothing_is_refused(server: Server, connector: Facebook) -> None:
    refused = fault_answer(10, "(#10) Requires pages_read_engagement", status=403)
    server.fault("GET", "/v25.0/*", Fault(refused), times=9)
    with pytest.raises(Refused, match="it needs pages_read_engagement"):
        connector.fetch({})


def test_a_limit_in_the_middle_loses_nothing(server: Server, read: Reader, clock: Clock) -> None:
    said = server.comment(server.post("Post"), "Is Main St closed?")
    message = server.write("Hello")
    limited = fault_answer(32, "(#32) Page request limit reached")
    server.fault("GET", "/v25.0/*/conversations", Fault(limited))
    with pytest.raises(RateLimited):
        read()
    clock.pass_(minutes=5)
    assert sorted(one.external_id for one in said_in(read())) == sorted([said, message])


def test_reviews_that_ended_are_no_alarm(server: Server, read: Reader) -> None:
    """The list of reviews ended with v22 (code 12): webhooks tell of them."""
    server.review("They came at once.")
    assert said_in(read()) == []
    assert read.gaps == 0


def test_the_past(server: Server, connector: Facebook, clock: Clock) -> None:
    """Everything from before, a page at a time, each thing once, and an end."""
    clock.pass_(days=-20)
    said = []
    for n in range(30):
        post = server.post(f"Post {n}")
        said += [server.comment(post, f"Comment {n} {m}") for m in range(4)]
        said.append(server.write(f"Message {n}", {"id": f"8{n:03}", "name": "Resident"}))
        clock.pass_(hours=1)
    said.append(server.visit("The light is out."))
    said.append(server.mention("Thank you"))
    clock.pass_(days=20)
    cursor: dict[str, object] = {}
    found: list[str] = []
    for _ in range(500):
        page = connector.history(cursor)
        events = [event for raw in page.items for event in connector.parse(raw)]
        found += [one.external_id for one in said_in(events)]
        cursor = json.loads(json.dumps(dict(page.cursor)))
        if not page.more:
            break
    assert sorted(found) == sorted(said)


def test_what_stands_around_a_comment(server: Server, connector: Facebook, clock: Clock) -> None:
    post = server.post("Road works on Elm Street.")
    first = server.comment(post, "Which side?")
    clock.pass_(minutes=1)
    comment = server.comment(post, "Is Main St closed?")
    around = connector.context(comment)
    assert [one.external_id for one in around] == [post, first, comment]
    assert all(one.addressed is None for one in around)
    assert connector.context("5001_404") == ()


def test_what_stands_around_a_message(server: Server, connector: Facebook, clock: Clock) -> None:
    first = server.write("Hello")
    clock.pass_(minutes=1)
    ours = server.say_in_private("Good morning.")
    clock.pass_(minutes=1)
    last = server.write("Where is lost property?")
    around = connector.context(last)
    assert [one.external_id for one in around] == [first, ours, last]
    assert around[1].author is not None
    assert around[1].author.external_id == PAGE


def test_who_is_blocked(server: Server, connector: Facebook) -> None:
    assert [one.external_id for one in connector.blocked()] == ["77009"]
    connector.unblock("77009")
    connector.unblock("77009")
    assert connector.blocked() == []


@pytest.mark.parametrize(
    "cursor",
    [
        {"watch": {"1_2": [1]}},
        {"reached": {"comments": "soon"}},
        {"watch": {"1_2": 7}, "deep": [{"post": 1}], "start": []},
        {"start": "x", "seen": []},
    ],
)
def test_a_cursor_of_another_version_starts_a_day_back(
    server: Server, connector: Facebook, clock: Clock, cursor: dict[str, object]
) -> None:
    said = server.comment(server.post("Post"), "Is Main St closed?")
    page = connector.fetch(cursor)
    events = [event for raw in page.items for event in connector.parse(raw)]
    assert [one.external_id for one in said_in(events)] == [said]


def test_too_much_at_once_is_asked_for_in_smaller_parts(
    server: Server, connector: Facebook, read: Reader
) -> None:
    said = server.comment(server.post("Post"), "Is Main St closed?")
    words = "Please reduce the amount of data you're asking for, then retry your request"
    answer = fault_answer(1, words, status=500)
    server.fault("GET", "/v25.0/*/published_posts", Fault(answer), times=2)
    assert [one.external_id for one in said_in(read())] == [said]
    asked = [call.query["limit"] for call in server.made("GET", "/v25.0/*/published_posts")]
    assert asked == ["25", "6", "1"]


def test_a_first_look_goes_a_day_back(server: Server, read: Reader, clock: Clock) -> None:
    clock.pass_(days=-3)
    post = server.post("Post")
    server.comment(post, "Long ago")
    clock.pass_(days=3)
    clock.at -= timedelta(hours=1)
    said = server.comment(post, "An hour ago")
    clock.at += timedelta(hours=1)
    assert [one.external_id for one in said_in(read())] == [said]
