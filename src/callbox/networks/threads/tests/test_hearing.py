"""Polling against the stand-in: nothing missed, nothing invented, in any weather."""

from datetime import timedelta

import pytest

from callbox.connector import AuthDead, RateLimited, Refused, Unavailable
from callbox.networks.threads.tests.harness import ThreadsHarness
from callbox.networks.threads.tests.make import later, poll
from callbox.vocabulary import Addressed, Deleted, Edited, Event, Hidden, Ours, Said
from tests.contract.play import read
from tests.servers.standin import Fault
from tests.servers.threads import HANDLE, PROFILE


def ids(events: list[Event]) -> list[str]:
    """What was said, each once, in order."""
    found = [event.external_id for event in events if isinstance(event, Said)]
    return list(dict.fromkeys(found))


def test_replies_and_mentions_are_found(city: ThreadsHarness) -> None:
    connector = city.connector()
    _, cursor = poll(connector, {})
    first = city.say("Is the bridge open?")
    below = city.city.reply("I want to know too", first, "ben")
    mention = city.city.mention("Thank you @harbor_pd")
    events, cursor = poll(connector, cursor)
    assert set(ids(events)) == {first, below, mention}
    assert set(ids(read(connector, city.pushed()))) == {first, below, mention}
    assert poll(connector, cursor)[0] == []


def test_a_reply_is_the_same_through_every_door(city: ThreadsHarness) -> None:
    connector = city.connector()
    reply = city.say("Is the bridge open?")
    pushed = read(connector, city.pushed())
    polled = [event for event in poll(connector, {})[0] if isinstance(event, Said)]
    assert [(one.external_id, one.root_id) for one in polled] == [(reply, city.first)]
    assert [(one.external_id, one.root_id) for one in pushed if isinstance(one, Said)] == [
        (reply, city.first)
    ]


def test_a_mention_in_a_thread_is_in_that_thread(city: ThreadsHarness) -> None:
    connector = city.connector()
    theirs = city.city.post("At the fair", "ben")
    mention = city.city.mention("Ask @harbor_pd", theirs)
    (said,) = [event for event in poll(connector, {})[0] if isinstance(event, Said)]
    assert (said.external_id, said.root_id, said.parent_id) == (mention, theirs, theirs)
    assert said.addressed is Addressed.MENTION


def test_answers_to_our_replies_elsewhere(city: ThreadsHarness) -> None:
    connector = city.connector()
    theirs = city.city.post("At the fair", "ben")
    ours = city.city.post("Have fun. Sgt. Kim", HANDLE, theirs)
    _, cursor = poll(connector, {})
    answer = city.city.reply("We will!", ours, "ben")
    events, _ = poll(connector, cursor)
    assert ids(events) == [answer]


def test_edits_hidings_and_silent_deletions(city: ThreadsHarness) -> None:
    """Failure mode 11: no webhook tells of any of them."""
    connector = city.connector()
    _, cursor = poll(connector, {})
    kept, changed, hidden, removed = (city.say(f"Reply {number}") for number in range(4))
    _, cursor = poll(connector, cursor)
    later(city, minutes=5)
    city.edit(changed, "Changed words")
    city.city.posts[hidden]["hide_status"] = "HIDDEN"
    city.remove(removed)
    events, cursor = poll(connector, cursor)
    found = {type(event): event.external_id for event in events if not isinstance(event, Said)}  # type: ignore[union-attr]  # no reactions here
    assert found == {Edited: changed, Hidden: hidden, Deleted: removed}
    assert kept not in found.values()
    assert poll(connector, cursor)[0] == []


def test_two_hours_away_are_made_up_without_a_gap(city: ThreadsHarness) -> None:
    """A two-hour outage: many posts, many replies, many pages."""
    connector = city.connector()
    posts = [city.first, *(city.city.post(f"Post {number}") for number in range(14))]
    _, cursor = poll(connector, {})
    said = []
    for number in range(260):
        said.append(city.city.reply(f"Question {number}", posts[number % 3], "ben"))
        city.city.tick(20)
    said += [city.city.mention(f"Mention {number}") for number in range(60)]
    city.city.fault("GET", "*", Fault.status(503), times=3)
    for _ in range(3):
        with pytest.raises(Unavailable):
            connector.fetch(cursor)
    found: list[Event] = []
    for _ in range(4):  # posts are walked through in turn, round by round
        events, cursor = poll(connector, cursor)
        found += events
    assert sorted(ids(found)) == sorted(said)


def test_a_post_that_is_known_is_made_up_too(city: ThreadsHarness) -> None:
    """Polled before, then two hours away, and one reply that is listed later than it was
    written."""
    connector = city.connector()
    _, cursor = poll(connector, {})
    late = city.say("Written now, listed later")
    shown = city.city.posts.pop(late)
    city.say("The first one")
    _, cursor = poll(connector, cursor)
    said = []
    for number in range(120):
        said.append(city.say(f"Question {number}"))
        city.city.tick(20)
    city.city.posts[late] = shown
    events, cursor = poll(connector, cursor)
    assert sorted(ids(events)) == sorted([late, *said])
    assert poll(connector, cursor)[0] == []


def test_a_change_is_dated_after_what_it_changes(city: ThreadsHarness) -> None:
    connector = city.connector()
    _, cursor = poll(connector, {})
    reply = city.say("First words")
    _, cursor = poll(connector, cursor)
    city.edit(reply, "Second words")
    (event,) = poll(connector, cursor)[0]
    assert isinstance(event, Edited)
    assert event.said
    assert event.edited_at > event.said.said_at


def test_a_fault_in_the_middle_loses_nothing(city: ThreadsHarness) -> None:
    connector = city.connector()
    _, cursor = poll(connector, {})
    said = [city.say(f"Question {number}") for number in range(130)]
    found: list[Event] = []
    for number in range(30):
        if number % 2:
            city.city.fault("GET", "*/conversation", Fault.status(500))
        try:
            page = connector.fetch(cursor)
        except Unavailable:
            page = connector.fetch(cursor)
        city.city._faults.clear()
        cursor = dict(page.cursor)
        found += read(connector, page.items)
    assert sorted(ids(found)) == sorted(said)


def test_our_own_words_come_back_as_ours(city: ThreadsHarness) -> None:
    """Failure mode 8: the echo may come before the answer to our own call."""
    connector = city.connector()
    _, cursor = poll(connector, {})
    receipt = connector.reply(city.answer(city.say("When?"), "On Saturday. Sgt. Kim", "k1"))
    echoes = [event for event in read(connector, city.pushed()) if isinstance(event, Ours)]
    echoes += [event for event in poll(connector, cursor)[0] if isinstance(event, Ours)]
    assert {echo.external_id for echo in echoes} == {receipt.external_id}


def test_our_post_that_is_taken_down_on_threads(city: ThreadsHarness) -> None:
    connector = city.connector()
    made = city.say_as_us("A slip")
    city.pushed()
    city.remove(made)
    (event,) = read(connector, city.pushed())
    assert isinstance(event, Deleted)
    assert event.external_id == made


def test_whom_a_call_is_for(city: ThreadsHarness) -> None:
    connector = city.connector()
    city.say("Is it open?")
    body = city.city.taken()[-1]
    assert [raw.to for raw in connector.receive_hook(city.city.signed(body)).raws] == [PROFILE]
    theirs = body.replace(PROFILE.encode(), b"25000000000000099").replace(HANDLE.encode(), b"pd2")
    raws = connector.receive_hook(city.city.signed(theirs)).raws
    assert [raw.to for raw in raws] == ["25000000000000099"]


def test_the_signature_is_over_the_raw_bytes(city: ThreadsHarness) -> None:
    """Failure mode 14."""
    connector, signed = city.connector(), city.hook()
    spaced = signed.body.replace(b'": "', b'":  "')
    with pytest.raises(Refused):
        connector.receive_hook(type(signed)("POST", signed.url, signed.headers, spaced))
    with pytest.raises(Refused):
        connector.receive_hook(type(signed)("POST", signed.url, {}, signed.body))
    assert len(connector.receive_hook(signed).raws) == 1


def test_limits_and_a_dead_login(city: ThreadsHarness) -> None:
    connector = city.connector()
    city.city.use_up(95, minutes=12, use="threads")
    assert connector.fetch({}).rest_until == city.city.clock + timedelta(minutes=12)
    city.limit_next(90)
    with pytest.raises(RateLimited) as limited:
        connector.fetch({})
    assert limited.value.until == city.city.clock + timedelta(seconds=90)
    city.revoke()
    with pytest.raises(AuthDead):
        connector.fetch({})


def test_the_past_is_walked_to_its_end(city: ThreadsHarness) -> None:
    said = [city.city.mention("Old mention")]
    for number in range(3):
        post = city.city.post(f"Post {number}")
        top = city.city.reply(f"Reply {number}", post)
        said += [top, city.city.reply("Below", top, "ben")]
    later(city, days=200)
    connector, cursor, events = city.connector(), {}, []
    for _ in range(40):
        page = connector.history(cursor)
        cursor, events = dict(page.cursor), [*events, *read(connector, page.items)]
        if not page.more:
            break
    assert sorted(ids(events)) == sorted(said)


def test_what_stands_around_a_reply(city: ThreadsHarness) -> None:
    connector = city.connector()
    top = city.say("Is it open?")
    below = city.city.reply("I want to know too", top, "ben")
    around = connector.context(top)
    assert [said.external_id for said in around] == [city.first, top, below]
    assert all(said.addressed is None for said in around)
    assert connector.context("18999999999999999") == ()
