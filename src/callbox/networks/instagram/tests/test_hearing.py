"""Polling against the stand-in: nothing missed, nothing invented, in any weather."""

from datetime import timedelta

import pytest

from callbox.connector import AuthDead, RateLimited, Refused, Unavailable
from callbox.networks.instagram import inbox
from callbox.networks.instagram.tests.harness import InstagramHarness, ThroughPage, account
from callbox.networks.instagram.tests.make import later, poll
from callbox.vocabulary import Deleted, Edited, Event, Hidden, Ours, Said
from tests.contract.play import read
from tests.servers.graph import fault_answer, iso
from tests.servers.instagram import ACCOUNT, HANDLE
from tests.servers.standin import Fault


def ids(events: list[Event]) -> list[str]:
    """What was said, each once, in order."""
    found = [event.external_id for event in events if isinstance(event, Said)]
    return list(dict.fromkeys(found))


def test_comments_answers_and_messages_are_found(city: InstagramHarness) -> None:
    connector = city.connector()
    _, cursor = poll(connector, {})
    first = city.say("Is the bridge open?")
    answer = city.city.comment(city.media, "I want to know too", first)
    private = city.say("May I ask something?", private=True)
    events, cursor = poll(connector, cursor)
    assert set(ids(events)) == {first, answer, private}
    pushed = read(connector, city.pushed())
    assert set(ids(pushed)) == {first, answer, private}
    again, _ = poll(connector, cursor)
    assert set(ids(again)) <= {private}


def test_a_new_answer_under_an_old_comment_is_found(alone: InstagramHarness) -> None:
    connector = alone.connector()
    old = alone.say("In May")
    later(alone, days=30)
    _, cursor = poll(connector, {})
    answer = alone.city.comment(alone.media, "In autumn", old)
    events, _ = poll(connector, cursor)
    assert ids(events) == [answer]


def test_changes_for_which_there_is_no_webhook(alone: InstagramHarness) -> None:
    """Failure mode 11: edits and silent deletions of comments."""
    connector = alone.connector()
    _, cursor = poll(connector, {})
    kept, changed, hidden, removed = (alone.say(f"Comment {number}") for number in range(4))
    _, cursor = poll(connector, cursor)
    later(alone, minutes=5)
    alone.edit(changed, "Changed words")
    alone.city.comments[hidden]["hidden"] = True
    alone.remove(removed)
    events, cursor = poll(connector, cursor)
    found = {type(event): event.external_id for event in events if not isinstance(event, Said)}  # type: ignore[union-attr]  # no reactions here
    assert found == {Edited: changed, Hidden: hidden, Deleted: removed}
    assert kept not in found.values()
    assert poll(connector, cursor)[0] == []


def test_whatever_is_taken_away_is_seen(alone: InstagramHarness) -> None:
    """The oldest comment, an answer, a comment with its answers, and the last one of all."""
    connector = alone.connector()
    _, cursor = poll(connector, {})
    oldest, second, third = (alone.say(f"Comment {number}") for number in range(3))
    answers = [alone.city.comment(alone.media, "Answer", second) for _ in range(2)]
    _, cursor = poll(connector, cursor)
    for gone in ([oldest], [answers[0]], [second, answers[1]], [third]):
        for comment in gone:
            alone.remove(comment)
        events, cursor = poll(connector, cursor)
        assert {event.external_id for event in events if isinstance(event, Deleted)} == set(gone)


def test_a_comment_that_is_only_not_listed_is_not_gone(alone: InstagramHarness) -> None:
    connector = alone.connector()
    _, cursor = poll(connector, {})
    comment = alone.say("Here I am")
    _, cursor = poll(connector, cursor)
    one = alone.city.comments[comment]
    one["media_id"] = "elsewhere"
    events, _ = poll(connector, cursor)
    assert not [event for event in events if isinstance(event, Deleted)]


def test_two_hours_away_are_made_up_without_a_gap(alone: InstagramHarness) -> None:
    """A two-hour outage: many posts, many comments, many pages."""
    connector = alone.connector()
    posts = [alone.media, *(alone.city.post(f"Post {number}") for number in range(4))]
    _, cursor = poll(connector, {})
    said = []
    for number in range(260):
        post = posts[number % 5] if number < 100 else posts[0]
        said.append(alone.city.comment(post, f"Question {number}"))
        alone.city.tick(20)
    top = said[0]
    said += [alone.city.comment(posts[0], f"Answer {number}", top) for number in range(60)]
    alone.city.fault("GET", "*", Fault.status(503), times=3)
    for _ in range(3):
        with pytest.raises(Unavailable):
            connector.fetch(cursor)
    events, _ = poll(connector, cursor)
    assert sorted(ids(events)) == sorted(said)


def test_a_post_that_is_known_is_made_up_too(alone: InstagramHarness) -> None:
    """Polled before, then two hours away, and one comment that is listed later than it was
    written."""
    connector = alone.connector()
    _, cursor = poll(connector, {})
    late = alone.say("Written now, listed later")
    shown = alone.city.comments.pop(late)
    alone.say("The first one")
    _, cursor = poll(connector, cursor)
    said = []
    for number in range(120):
        said.append(alone.say(f"Question {number}"))
        alone.city.tick(20)
    alone.city.comments[late] = shown
    events, cursor = poll(connector, cursor)
    assert sorted(ids(events)) == sorted([late, *said])
    assert poll(connector, cursor)[0] == []


def test_a_fault_in_the_middle_loses_nothing(alone: InstagramHarness) -> None:
    connector = alone.connector()
    _, cursor = poll(connector, {})
    said = [alone.say(f"Question {number}") for number in range(130)]
    found: list[Event] = []
    for _ in range(60):
        alone.city.fault("GET", f"*/{alone.media}/comments", Fault.status(500))
        try:
            page = connector.fetch(cursor)
        except Unavailable:
            page = connector.fetch(cursor)
        cursor = dict(page.cursor)
        found += [event for raw in page.items for event in connector.parse(raw)]
        alone.city._faults.clear()
    assert sorted(ids(found)) == sorted(said)


def test_our_own_words_come_back_as_ours(city: InstagramHarness) -> None:
    """Failure mode 8: the echo may come before the answer to our own call."""
    connector = city.connector()
    _, cursor = poll(connector, {})
    asked = city.say("When is the fair?")
    outgoing = city.answer(asked, "On Saturday. Sgt. Kim", "k1")
    echoes = []
    receipt = connector.reply(outgoing)
    echoes += [event for event in read(connector, city.pushed()) if isinstance(event, Ours)]
    events, _ = poll(connector, cursor)
    echoes += [event for event in events if isinstance(event, Ours)]
    assert {echo.external_id for echo in echoes} == {receipt.external_id}


def test_what_our_account_writes_in_its_app_is_ours(city: InstagramHarness) -> None:
    connector = city.connector()
    city.say("Hello?", private=True)
    mid = city.say_as_us("Hello, this is Sgt. Kim")
    found = {event.external_id for event in read(connector, city.pushed()) if type(event) is Ours}
    polled = {event.external_id for event in poll(connector, {})[0] if type(event) is Ours}
    assert found == polled == {mid}


def test_an_exchange_longer_than_is_shown_is_a_gap(alone: InstagramHarness) -> None:
    connector = alone.connector()
    _, cursor = poll(connector, {})
    for number in range(inbox.SHOWN + 5):
        alone.say(f"Message {number}", private=True)
    page = connector.fetch(cursor)
    assert page.gap
    assert len(page.items) == inbox.SHOWN


def test_refused_messages_do_not_silence_the_comments(alone: InstagramHarness) -> None:
    """“Allow access to messages” is off in the app: said as a hole, again and again."""
    connector = alone.connector()
    _, cursor = poll(connector, {})
    comment = alone.say("Is it open?")
    body = fault_answer(10, "Application does not have permission for this action").body
    alone.city.fault("GET", "*/conversations", Fault.status(403, body), times=9)
    page = connector.fetch(cursor)
    assert page.gap
    assert ids(poll(connector, dict(page.cursor))[0]) == [comment]


def test_many_exchanges_are_all_read(alone: InstagramHarness) -> None:
    connector = alone.connector()
    _, cursor = poll(connector, {})
    said = [
        alone.city.write(f"From {number}", f"66{number:03}", f"p{number}") for number in range(60)
    ]
    events, cursor = poll(connector, cursor)
    assert sorted(ids(events)) == sorted(said)
    assert poll(connector, cursor)[0] == []


def test_the_words_of_a_mention_are_looked_up(paged: ThroughPage) -> None:
    connector = paged.connector()
    _, cursor = poll(connector, {})
    comment = paged.city.mention("Thank you, harbor_pd")
    caption = paged.city.mention("With harbor_pd", caption=True)
    assert read(connector, paged.pushed()) == []
    events, cursor = poll(connector, cursor)
    said = {event.external_id: event.text for event in events if isinstance(event, Said)}
    assert said == {comment: "Thank you, harbor_pd", caption: "With harbor_pd"}
    assert connector.session.read()["mentions"]
    assert poll(connector, cursor)[0] == []
    assert not connector.session.read()["mentions"]


def test_a_mention_that_cannot_be_read_is_told_all_the_same(paged: ThroughPage) -> None:
    connector = paged.connector()
    comment = paged.city.mention("Soon gone")
    paged.pushed()
    del paged.city.elsewhere[comment]
    events, _ = poll(connector, {})
    said = [event for event in events if isinstance(event, Said)]
    assert [(event.external_id, event.text) for event in said] == [(comment, "")]


def test_a_mention_through_instagram_comes_without_words(alone: InstagramHarness) -> None:
    comment = alone.city.mention("Thank you, harbor_pd")
    (event,) = read(alone.connector(), alone.pushed())
    assert isinstance(event, Said)
    assert (event.external_id, event.text) == (comment, "")


def test_a_mention_for_another_account_is_not_noted(paged: ThroughPage) -> None:
    paged.city.mention("Thank you")
    body = paged.city.taken()[-1].replace(ACCOUNT.encode(), b"17841400000000099")
    answer = paged.connector().receive_hook(paged.city.signed(body))
    assert [raw.to for raw in answer.raws] == ["17841400000000099"]
    assert len(read(paged.connector(), answer.raws)) == 1


def test_a_mention_without_words_shows_them_beside_it(paged: ThroughPage) -> None:
    """For a second account of the same app, whose webhook the first one took."""
    comment = paged.city.mention("Thank you, harbor_pd")
    (said,) = paged.connector().context(comment)
    assert (said.external_id, said.text) == (comment, "Thank you, harbor_pd")
    assert said.addressed is None


def test_pictures_that_mark_us(alone: InstagramHarness) -> None:
    connector = alone.connector()
    _, cursor = poll(connector, {})
    tagged = {"id": "17900000000000900", "caption": "Great day", "username": "ana.lopez"}
    tagged |= {"timestamp": iso(alone.city.tick()), "permalink": "https://www.instagram.com/p/9/"}
    alone.city.tagged.append(tagged)
    events, cursor = poll(connector, cursor)
    assert ids(events) == ["17900000000000900"]
    assert poll(connector, cursor)[0] == []


def test_polling_rests_before_the_limit(alone: InstagramHarness) -> None:
    connector = alone.connector()
    alone.city.use_up(95, minutes=12, use="instagram")
    page = connector.fetch({})
    assert page.rest_until == alone.city.clock + timedelta(minutes=12)


def test_a_rate_limit_and_a_dead_login(city: InstagramHarness) -> None:
    connector = city.connector()
    city.limit_next(90)
    with pytest.raises(RateLimited) as limited:
        connector.fetch({})
    assert limited.value.until == city.city.clock + timedelta(seconds=90)
    city.revoke()
    with pytest.raises(AuthDead):
        connector.fetch({})


def test_private_messages_can_be_left_on_instagram(alone: InstagramHarness) -> None:
    connector = alone.as_account(account(alone.city.url, messages="no"))
    alone.say("Hello?", private=True)
    assert poll(connector, {})[0] == []
    assert not alone.city.made("GET", "*/conversations")


def test_the_past_is_walked_to_its_end(city: InstagramHarness) -> None:
    said = []
    for number in range(3):
        post = city.city.post(f"Post {number}")
        top = city.city.comment(post, f"Comment {number}")
        said += [top, city.city.comment(post, "Answer", top)]
    said += [city.say("Private", private=True)]
    city.city.comment(city.media, "Ours", "", ACCOUNT, HANDLE)
    later(city, days=200)
    connector, cursor, events = city.connector(), {}, []
    for _ in range(40):
        page = connector.history(cursor)
        cursor, events = dict(page.cursor), [*events, *read(connector, page.items)]
        if not page.more:
            break
    assert sorted(ids(events)) == sorted(said)
    assert any(isinstance(event, Ours) for event in events)


def test_what_stands_around_a_comment(city: InstagramHarness) -> None:
    connector = city.connector()
    top = city.say("Is it open?")
    answer = city.city.comment(city.media, "I want to know too", top)
    around = connector.context(answer)
    assert [said.external_id for said in around] == [city.media, top, answer]
    assert around[0].addressed is None
    assert connector.context("17999999999999999") == ()
    assert connector.context(city.say("Hi", private=True)) == ()


def test_the_signature_is_over_the_raw_bytes(city: InstagramHarness) -> None:
    """Failure mode 14."""
    connector, signed = city.connector(), city.hook()
    spaced = signed.body.replace(b'": "', b'":  "')
    forged = city.city.signed(signed.body)
    with pytest.raises(Refused):
        connector.receive_hook(type(forged)("POST", forged.url, forged.headers, spaced))
    with pytest.raises(Refused):
        connector.receive_hook(type(forged)("POST", forged.url, {}, signed.body))
    assert len(connector.receive_hook(signed).raws) == 1


def test_one_request_may_be_for_several_accounts(alone: InstagramHarness) -> None:
    first, second = alone.say("One"), alone.say("Two")
    entries = [alone.city.comment_entry(first), {**alone.city.comment_entry(second), "id": "1784"}]
    alone.city.taken()
    alone.city.push("instagram", *entries)
    raws = alone.pushed()
    assert [raw.to for raw in raws] == [ACCOUNT, "1784"]
    assert [len(alone.connector().parse(raw)) for raw in raws] == [1, 1]
