"""Polling: new comments, replies, what is held back, edits, deletions, the past."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from callbox.connector import RateLimited, Unavailable
from callbox.networks.youtube.connector import YouTube
from callbox.networks.youtube.tests.harness import YouTubeHarness
from callbox.vocabulary import AttachmentSeen, Deleted, Edited, Event, Hidden, Ours, Said
from tests.servers.standin import Fault
from tests.servers.youtube import BEN, US, YouTubeServer, error


def poll(youtube: YouTube, cursor: Mapping[str, Any]) -> tuple[list[Event], Mapping[str, Any]]:
    """Everything that came since the cursor."""
    found: list[Event] = []
    for _ in range(50):
        page = youtube.fetch(cursor)
        found += [event for raw in page.items for event in youtube.parse(raw)]
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("it never ends")


def said(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Said)]


def test_a_comment_comes_once(youtube: YouTube, server: YouTubeServer) -> None:
    server.say("Is Main St closed?")
    events, cursor = poll(youtube, {})
    assert said(events) == ["Is Main St closed?"]
    assert poll(youtube, cursor)[0] == []


def test_a_new_account_starts_two_days_back(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness
) -> None:
    server.say("long ago", at=town.now() - timedelta(days=3))
    server.say("yesterday", at=town.now() - timedelta(days=1))
    events, cursor = poll(youtube, {})
    assert said(events) == ["yesterday"]
    assert poll(youtube, cursor)[0] == []


def test_many_are_read_without_a_gap(youtube: YouTube, server: YouTubeServer) -> None:
    """Failure mode 13: the newest come first, page by page, and none is left out."""
    _, cursor = poll(youtube, {})
    server.page = 7
    wanted = [f"comment {number}" for number in range(40)]
    for words in wanted:
        server.say(words)
    events, cursor = poll(youtube, cursor)
    assert sorted(said(events)) == sorted(wanted)
    assert said(events)[0] in wanted[-7:]
    assert said(poll(youtube, cursor)[0]) == []


def test_new_comments_in_the_middle_of_a_long_walk(youtube: YouTube, server: YouTubeServer) -> None:
    _, cursor = poll(youtube, {})
    server.page = 5
    for number in range(12):
        server.say(f"old {number}")
    page = youtube.fetch(cursor)
    assert page.more
    server.say("meanwhile 1")
    server.say("meanwhile 2")
    events, cursor = poll(youtube, page.cursor)
    events += [event for raw in page.items for event in youtube.parse(raw)]
    events += poll(youtube, cursor)[0]
    found = said(events)
    assert len(found) == len(set(found)) == 14


def test_a_place_that_youtube_forgot_begins_the_walk_again(
    youtube: YouTube, server: YouTubeServer
) -> None:
    _, cursor = poll(youtube, {})
    server.page = 3
    for number in range(7):
        server.say(f"comment {number}")
    page = youtube.fetch(cursor)
    events, _ = poll(youtube, {**page.cursor, "page": "forgotten"})
    events += [event for raw in page.items for event in youtube.parse(raw)]
    assert len(set(said(events))) == len(said(events)) == 7


def test_replies_that_a_thread_does_not_carry(youtube: YouTube, server: YouTubeServer) -> None:
    top = server.say("Is Main St closed?")
    for number in range(5):
        server.say(f"me too {number}", author=BEN, parent=top)
    events, cursor = poll(youtube, {})
    assert said(events) == ["Is Main St closed?", *[f"me too {n}" for n in range(5)]]
    server.say("and me", author=BEN, parent=top)
    assert said(poll(youtube, cursor)[0]) == ["and me"]


def test_our_own_words_come_as_an_echo(youtube: YouTube, server: YouTubeServer) -> None:
    top = server.say("Is Main St closed?")
    server.say("Until Friday. Ofc. Diaz", author=US, parent=top)
    events, _ = poll(youtube, {})
    (ours,) = [event for event in events if isinstance(event, Ours)]
    assert (ours.text, ours.parent_id) == ("Until Friday. Ofc. Diaz", top)


def test_edits_and_deletions_show_by_looking_again(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness
) -> None:
    """Failure mode 11: what YouTube tells nobody is found, for top comments and for replies."""
    top = server.say("Is Main St closed?")
    reply = server.say("My street too", author=BEN, parent=top)
    gone = server.say("wrong video, sorry", author=BEN)
    _, cursor = poll(youtube, {})
    town.edit(top, "Is Main St closed to buses?")
    server.change(reply, "My street as well")
    server.remove(gone)
    events, cursor = poll(youtube, cursor)
    assert {event.text for event in events if isinstance(event, Edited)} == {
        "Is Main St closed to buses?",
        "My street as well",
    }
    assert [event.external_id for event in events if isinstance(event, Deleted)] == [gone]
    town.remove(reply)
    events, cursor = poll(youtube, cursor)
    assert [event.external_id for event in events if isinstance(event, Deleted)] == [reply]
    town.later(minutes=10)
    assert poll(youtube, cursor)[0] == []


def test_missing_once_is_not_deleted(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness
) -> None:
    server.say("Is Main St closed?")
    _, cursor = poll(youtube, {})
    town.later(minutes=10)
    # What the four lists of this poll answer: newest, held back, looked at (nothing), likely spam.
    path, nothing = "/youtube/v3/commentThreads", {"kind": "x", "items": []}
    server.fault("GET", path, Fault(), times=2)
    server.fault("GET", path, Fault.status(200, nothing))
    assert poll(youtube, cursor)[0] == []


@pytest.mark.parametrize("status", ["heldForReview", "likelySpam"])
def test_held_back_in_youtube_studio_is_not_deleted(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness, status: str
) -> None:
    top = server.say("Visit my shop")
    _, cursor = poll(youtube, {})
    server.comments[top].status = status
    town.later(minutes=10)
    events, cursor = poll(youtube, cursor)
    assert [(type(e), getattr(e, "hidden", None)) for e in events] == [(Hidden, True)]
    town.later(minutes=10)
    assert poll(youtube, cursor)[0] == []
    server.comments[top].status = "published"
    town.later(minutes=10)
    events, _ = poll(youtube, cursor)
    assert [(type(e), getattr(e, "hidden", None)) for e in events] == [(Hidden, False)]


def test_a_held_reply_that_its_thread_does_not_carry_is_not_deleted(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness
) -> None:
    top = server.say("Is Main St closed?")
    first, *_ = [server.say(f"reply {n}", author=BEN, parent=top) for n in range(5)]
    _, cursor = poll(youtube, {})
    server.comments[first].status = "heldForReview"
    town.later(minutes=10)
    events, cursor = poll(youtube, cursor)
    assert [(type(e), e.external_id) for e in events] == [(Hidden, first)]  # type: ignore[union-attr]  # all have ids
    town.later(minutes=10)
    assert poll(youtube, cursor)[0] == []


def test_what_is_held_for_review_is_read(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness
) -> None:
    top = server.say("Is Main St closed?")
    _, cursor = poll(youtube, {})
    server.say("See https://example.com", author=BEN, parent=top, status="heldForReview")
    server.say("Is anybody there?", author=BEN, status="heldForReview")
    town.later(minutes=3)
    events, cursor = poll(youtube, cursor)
    assert sorted(said(events)) == ["Is anybody there?", "See https://example.com"]
    assert sum(isinstance(event, Hidden) for event in events) == 2
    assert poll(youtube, cursor)[0] == []


def test_an_extra_that_fails_costs_nothing(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness
) -> None:
    top = server.say("Is Main St closed?")
    _, cursor = poll(youtube, {})
    town.edit(top, "Is Main St open?")
    server.say("And Oak St?", author=BEN)
    busy = Fault.status(503, error(503, "backendError").body)
    server.fault("GET", "/youtube/v3/commentThreads", Fault())
    server.fault("GET", "/youtube/v3/commentThreads", busy)
    events, cursor = poll(youtube, cursor)
    assert "And Oak St?" in said(events)


def test_a_poll_that_fails_leaves_the_cursor(youtube: YouTube, server: YouTubeServer) -> None:
    _, cursor = poll(youtube, {})
    server.say("Is Main St closed?")
    before = dict(cursor)
    server.fault("GET", "/youtube/*", Fault.dropped())
    with pytest.raises(Unavailable):
        youtube.fetch(cursor)
    server.fault("GET", "/youtube/*", Fault.status(429, error(429, "rateLimitExceeded").body))
    with pytest.raises(RateLimited):
        youtube.fetch(cursor)
    assert cursor == before
    assert said(poll(youtube, cursor)[0]) == ["Is Main St closed?"]


def test_old_comments_are_not_taken_for_new(
    youtube: YouTube, server: YouTubeServer, town: YouTubeHarness
) -> None:
    server.say("Is Main St closed?")
    _, cursor = poll(youtube, {})
    town.later(days=40)
    events, cursor = poll(youtube, cursor)
    assert events == []
    assert cursor["watch"] == []
    server.say("And now?")
    assert said(poll(youtube, cursor)[0]) == ["And now?"]


def test_a_cursor_of_another_kind_is_no_harm(youtube: YouTube, server: YouTubeServer) -> None:
    server.say("Is Main St closed?")
    events, _ = poll(youtube, {"watch": [["x"], 7, None], "floor": "y", "mark": "z", "page": 3})
    assert said(events) == ["Is Main St closed?"]


def test_the_past(youtube: YouTube, server: YouTubeServer, town: YouTubeHarness) -> None:
    server.page = 3
    for number in range(8):
        top = server.say(f"old {number}", at=town.now() - timedelta(days=100 - number))
    for number in range(4):
        server.say(f"reply {number}", author=BEN, parent=top)
    cursor: Mapping[str, Any] = {}
    found: list[str] = []
    while True:
        page = youtube.history(cursor)
        found += said([event for raw in page.items for event in youtube.parse(raw)])
        cursor = page.cursor
        if not page.more:
            break
    assert sorted(found) == sorted(
        [f"old {n}" for n in range(8)] + [f"reply {n}" for n in range(4)]
    )
    assert [one for one in found if one.startswith("old")] == [f"old {n}" for n in range(7, -1, -1)]


def test_the_thread_around_a_comment(youtube: YouTube, server: YouTubeServer) -> None:
    top = server.say("Is Main St closed?")
    reply = server.say("My street too", author=BEN, parent=top)
    around = youtube.context(reply)
    assert [one.text.split("\n")[0] for one in around] == [
        "Road works on Main St",
        "Is Main St closed?",
        "My street too",
    ]
    assert youtube.context("Ugnothing") == ()


def test_a_picture_gets_a_fresh_address(youtube: YouTube, server: YouTubeServer) -> None:
    top = server.say("Look", image="https://yt3.example/p?sig=1")
    events, _ = poll(youtube, {})
    seen = next(event for event in events if isinstance(event, Said)).attachments[0]
    server.comments[top].image = "https://yt3.example/p?sig=2"
    assert youtube.locate(seen).url == "https://yt3.example/p?sig=2"
    other = AttachmentSeen("image", "https://yt3.example/x")
    assert youtube.locate(other).url == "https://yt3.example/x"
