"""The whole of Nextdoor as a department meets it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from callbox.connector import (
    AuthDead,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.nextdoor import errors
from callbox.networks.nextdoor.connector import Nextdoor
from callbox.networks.nextdoor.tests.harness import NextdoorHarness
from callbox.vocabulary import Deleted, Edited, Event, Media, Ours, Outgoing, ReplyTo, Said
from tests.servers.nextdoor import BASE, BEN, NextdoorServer, Post
from tests.servers.standin import Fault

WORDS = "Yes, behind the station.\n— Ofc. Diaz"
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def poll(nextdoor: Nextdoor, cursor: Mapping[str, Any]) -> tuple[list[Event], Mapping[str, Any]]:
    """Everything that came since the cursor."""
    page = nextdoor.fetch(cursor)
    return [event for raw in page.items for event in nextdoor.parse(raw)], page.cursor


def said(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Said)]


def post(town: NextdoorHarness, **changes: Any) -> Outgoing:
    made = Outgoing("k", town.now(), "The station is open on Sunday. Ofc. Diaz")
    return replace(made, **changes)


# --- hearing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("names", [False, True])
def test_comments_come_once_however_they_are_listed(
    nextdoor: Nextdoor, server: NextdoorServer, inside: bool, names: bool
) -> None:
    server.inside, server.names = inside, names
    _, cursor = poll(nextdoor, {})
    top = server.say("Will there be parking?")
    own = int(top.partition("/")[2])
    server.say("And for bicycles?", author=BEN, parent=own)
    events, cursor = poll(nextdoor, cursor)
    assert said(events) == ["Will there be parking?", "And for bicycles?"]
    assert [e.parent_id for e in events if isinstance(e, Said)] == ["first-post", top]
    assert [e.author is not None for e in events if isinstance(e, Said)] == [names, names]
    assert poll(nextdoor, cursor)[0] == []


def test_many_are_read_without_a_gap(nextdoor: Nextdoor, server: NextdoorServer) -> None:
    _, cursor = poll(nextdoor, {})
    wanted = [f"comment {number}" for number in range(40)]
    for words in wanted:
        server.say(words)
    events, cursor = poll(nextdoor, cursor)
    assert said(events) == wanted
    assert poll(nextdoor, cursor)[0] == []


def test_a_new_account_starts_two_days_back(
    nextdoor: Nextdoor, server: NextdoorServer, town: NextdoorHarness
) -> None:
    server.say("long ago", at=town.now() - timedelta(days=3))
    server.say("yesterday", at=town.now() - timedelta(days=1))
    events, cursor = poll(nextdoor, {})
    assert said(events) == ["yesterday"]
    assert poll(nextdoor, cursor)[0] == []
    past = nextdoor.history({})
    assert (past.more, past.total) == (False, 2)
    texts = [event.text for raw in past.items for event in nextdoor.parse(raw)]  # type: ignore[union-attr]  # all are Said
    assert texts == ["yesterday", "long ago"]


def test_edits_and_removals_show_by_comparing(
    nextdoor: Nextdoor, server: NextdoorServer, town: NextdoorHarness
) -> None:
    """Failure mode 11: nobody tells us, so what stands there is held against what stood there."""
    kept, gone = server.say("Will there be parking?"), server.say("wrong post, sorry")
    _, cursor = poll(nextdoor, {})
    town.edit(kept, "Will there be free parking?")
    town.remove(gone)
    events, cursor = poll(nextdoor, cursor)
    (edited,) = [event for event in events if isinstance(event, Edited)]
    (deleted,) = [event for event in events if isinstance(event, Deleted)]
    assert (edited.external_id, edited.text) == (kept, "Will there be free parking?")
    assert deleted.external_id == gone
    assert poll(nextdoor, cursor)[0] == []


def test_a_post_that_leaves_the_list_takes_no_comment_with_it(
    nextdoor: Nextdoor, server: NextdoorServer, town: NextdoorHarness
) -> None:
    top = server.say("Will there be parking?")
    answer = town.answer(top, WORDS, "k")
    _, cursor = poll(nextdoor, {})
    server.posts = [Post(f"new-{n}", "News.", town.now()) for n in range(50)] + server.posts
    assert poll(nextdoor, cursor)[0] == []
    with pytest.raises(Refused, match="50 posts"):
        nextdoor.find(answer)
    with pytest.raises(Unavailable, match="50 posts"):
        nextdoor.look(top)
    assert nextdoor.context(top) == ()


def test_our_answers_are_known_by_their_words(
    nextdoor: Nextdoor, server: NextdoorServer, town: NextdoorHarness
) -> None:
    """Failure mode 8: even when the answer was lost, and Nextdoor names nobody."""
    server.names = False
    top = server.say("Will there be parking?")
    _, cursor = poll(nextdoor, {})
    town.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        nextdoor.reply(town.answer(top, WORDS, "k"))
    events, _ = poll(nextdoor, cursor)
    (ours,) = events
    assert isinstance(ours, Ours)
    assert ours.parent_id == top


def test_the_thread_around_a_comment(nextdoor: Nextdoor, server: NextdoorServer) -> None:
    top = server.say("Will there be parking?")
    around = nextdoor.context(top)
    assert [one.text for one in around] == [
        "Coffee with your officers on Sunday.",
        "Will there be parking?",
    ]
    assert [one.addressed is None for one in around] == [True, False]


# --- answering ---------------------------------------------------------------------------------


@pytest.mark.parametrize("says_id", [False, True])
def test_a_conversation(
    nextdoor: Nextdoor, server: NextdoorServer, town: NextdoorHarness, says_id: bool
) -> None:
    server.says_id = says_id
    top = server.say("Will there be parking?")
    receipt = nextdoor.reply(town.answer(top, WORDS, "k1"))
    assert town.said_by_us() == [WORDS]
    assert server.comment(receipt.external_id).parent == int(top.partition("/")[2])
    assert nextdoor.look(receipt.external_id).text == WORDS
    nextdoor.edit(receipt.external_id, town.answer(top, "No, sorry. Ofc. Diaz", "k2"))
    assert town.said_by_us() == ["No, sorry. Ofc. Diaz"]
    nextdoor.delete(receipt.external_id)
    nextdoor.delete(receipt.external_id)
    assert nextdoor.look(receipt.external_id).gone


def test_an_answer_that_is_lost_is_found_again(nextdoor: Nextdoor, town: NextdoorHarness) -> None:
    """Failure mode 1: it went out, nobody said so, and there is one of it afterwards."""
    top = town.say("Will there be parking?")
    answer = town.answer(top, WORDS, "k")
    assert nextdoor.find(answer) is None
    town.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        nextdoor.reply(answer)
    assert nextdoor.find(answer) is not None
    assert town.said_by_us() == [WORDS]
    town.later(hours=1)
    assert nextdoor.find(replace(answer, made_at=town.now())) is None


def test_an_answer_that_nextdoor_does_not_show_may_have_happened(
    nextdoor: Nextdoor, town: NextdoorHarness, server: NextdoorServer
) -> None:
    answer = town.answer(town.say("Will there be parking?"), WORDS, "k")
    server.fault("POST", f"{BASE}/comment/", Fault.status(200, {"result": "success"}))
    with pytest.raises(OutcomeUnknown, match="does not show"):
        nextdoor.reply(answer)
    server.fault("POST", f"{BASE}/comment/", Fault.status(200, "<html>"))
    with pytest.raises(OutcomeUnknown):
        nextdoor.reply(answer)


def test_what_cannot_be_done_says_why(nextdoor: Nextdoor, town: NextdoorHarness) -> None:
    to = town.answer(town.say("Will there be parking?"), WORDS, "k").reply_to
    assert to is not None
    assert nextdoor.barrier("reply", to) is None
    for ability in ("message", "like", "hide"):
        barrier = nextdoor.barrier(ability, to)
        assert barrier is not None
        assert "Nextdoor lets no software" in barrier.words
        assert barrier.link.startswith("https://nextdoor.com/p/first-post")
    lost = ReplyTo("x", "", None, permalink="https://nextdoor.com/p/x")
    barrier = nextdoor.barrier("reply", lost)
    assert barrier is not None
    with pytest.raises(Refused):
        nextdoor.reply(Outgoing("k", town.now(), WORDS, reply_to=lost))
    with pytest.raises(Refused):
        nextdoor.reply(Outgoing("k", town.now(), WORDS))


# --- publishing --------------------------------------------------------------------------------


@pytest.mark.parametrize("paged", [False, True])
def test_a_post_for_two_areas(town: NextdoorHarness, server: NextdoorServer, paged: bool) -> None:
    server.paged = paged
    nextdoor = Nextdoor(town.account(areas="oak park, Old Town"), town.session(), now=town.now)
    picture = Media(b"x", "image/png", "A map", url="https://desk.example/media/1")
    receipt = nextdoor.publish(post(town, media=(picture,), link="https://city.example/station"))
    assert receipt.permalink == f"https://nextdoor.com/p/{receipt.external_id}"
    sent = server.posts[0].sent
    assert sent["group_ids"] == [11, 13]
    assert sent["media_attachments"] == ["https://desk.example/media/1"]
    assert sent["smartlink_url"] == "https://city.example/station"
    assert nextdoor.look(receipt.external_id).text == post(town).text
    nextdoor.edit(receipt.external_id, post(town, text="The station is closed. Ofc. Diaz"))
    assert server.posts[0].text == "The station is closed. Ofc. Diaz"
    nextdoor.delete(receipt.external_id)
    nextdoor.delete(receipt.external_id)
    assert nextdoor.look(receipt.external_id).gone
    nextdoor.close()


def test_everybody_is_reached_when_no_area_is_named(
    nextdoor: Nextdoor, town: NextdoorHarness, server: NextdoorServer
) -> None:
    nextdoor.publish(post(town))
    assert "group_ids" not in server.posts[0].sent


def test_an_area_that_nextdoor_does_not_know(town: NextdoorHarness) -> None:
    nextdoor = Nextdoor(town.account(areas="Oak Park, Atlantis"), town.session(), now=town.now)
    with pytest.raises(Refused, match="Oak Park, Old Town, Riverside"):
        nextdoor.publish(post(town))
    nextdoor.close()


def test_a_post_that_is_lost_is_found_again(
    nextdoor: Nextdoor, town: NextdoorHarness, server: NextdoorServer
) -> None:
    """Failure mode 1, publishing."""
    assert nextdoor.find(post(town)) is None
    server.fault("POST", f"{BASE}/post/create/", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        nextdoor.publish(post(town))
    found = nextdoor.find(post(town))
    assert found is not None
    assert found.external_id == server.posts[0].id
    town.later(days=7)
    assert nextdoor.find(post(town)) is None
    server.posts = [Post(f"new-{n}", "News.", town.now()) for n in range(50)]
    with pytest.raises(Unavailable, match="50 posts"):
        nextdoor.find(post(town))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": " "}, "empty"),
        ({"text": "ü" * 4097}, "too_long"),
        ({"media": tuple(Media(b"x", "image/png", "A map") for _ in range(11))}, "media"),
        ({"media": (Media(b"x" * (10 * 1024 * 1024 + 1), "image/png", "A map"),)}, "size"),
    ],
)
def test_what_does_not_fit(
    nextdoor: Nextdoor, town: NextdoorHarness, change: dict[str, Any], code: str
) -> None:
    assert [problem.code for problem in nextdoor.check(post(town, **change))] == [code]
    with pytest.raises(Refused):
        nextdoor.publish(post(town, **change))


def test_pictures_need_a_public_address(nextdoor: Nextdoor, town: NextdoorHarness) -> None:
    """Failure mode 6: Nextdoor fetches pictures itself, so one that it could not is not sent."""
    with pytest.raises(Refused, match="public address"):
        nextdoor.publish(post(town, media=(Media(b"x", "image/png", "A map"),)))


# --- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Refused), (401, AuthDead), (403, Refused), (404, Refused), (429, RateLimited),
     (500, Unavailable), (503, Unavailable), (302, Refused)],
)  # fmt: skip
def test_what_an_answer_means(status: int, kind: type[ConnectorError]) -> None:
    for body in (b"", b"<html>", b"[]", b'{"detail": 7}', b'{"detail": "No."}'):
        assert type(errors.meaning(httpx.Response(status, content=body), NOW)) is kind


def test_a_limit_without_a_time_is_given_a_quarter_of_an_hour() -> None:
    found = errors.meaning(httpx.Response(429), NOW)
    assert isinstance(found, RateLimited)
    assert found.until == NOW + timedelta(minutes=15)
    told = errors.meaning(httpx.Response(429, headers={"retry-after": "40"}), NOW)
    assert isinstance(told, RateLimited)
    assert told.until == NOW + timedelta(seconds=40)


def test_a_poll_that_fails_leaves_the_cursor(
    nextdoor: Nextdoor, server: NextdoorServer, town: NextdoorHarness
) -> None:
    _, cursor = poll(nextdoor, {})
    server.say("Will there be parking?")
    town.down_next()
    with pytest.raises(Unavailable):
        nextdoor.fetch(cursor)
    server.fault("GET", f"{BASE}/*", Fault.status(200, "<html>"))
    with pytest.raises(Unavailable):
        nextdoor.fetch(cursor)
    assert said(poll(nextdoor, cursor)[0]) == ["Will there be parking?"]
