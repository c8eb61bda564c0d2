"""Answering, correcting, taking down, holding back."""

import logging
from dataclasses import replace

import pytest

from callbox.connector import (
    AuthDead,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.youtube.connector import YouTube
from callbox.networks.youtube.tests.harness import YouTubeHarness
from callbox.vocabulary import Media, Outgoing
from tests.servers.standin import Fault
from tests.servers.youtube import ANA, BEN, US, YouTubeServer

WORDS = "Until Friday. Ofc. Diaz"


def test_a_conversation(youtube: YouTube, town: YouTubeHarness) -> None:
    top = town.say("Is Main St closed?")
    receipt = youtube.reply(town.answer(top, WORDS, "k1"))
    assert town.said_by_us() == [WORDS]
    assert receipt.permalink.endswith(f"&lc={receipt.external_id}")
    assert youtube.look(receipt.external_id).text == WORDS
    better = replace(town.answer(top, "Until Saturday. Ofc. Diaz", "k2"))
    youtube.edit(receipt.external_id, better)
    youtube.edit(receipt.external_id, better)
    assert town.said_by_us() == ["Until Saturday. Ofc. Diaz"]
    youtube.delete(receipt.external_id)
    youtube.delete(receipt.external_id)
    assert youtube.look(receipt.external_id).gone


def test_a_reply_to_a_reply_hangs_under_the_same_comment(
    youtube: YouTube, town: YouTubeHarness, server: YouTubeServer
) -> None:
    top = town.say("Is Main St closed?")
    reply = server.say("My street too", author=BEN, parent=top)
    receipt = youtube.reply(town.answer(reply, WORDS, "k"))
    assert server.comments[receipt.external_id].parent == top


def test_an_answer_that_is_lost_is_found_again(youtube: YouTube, town: YouTubeHarness) -> None:
    """Failure mode 1: it went out, nobody said so, and there is one of it afterwards."""
    top = town.say("Is Main St closed?")
    answer = town.answer(top, WORDS, "k")
    assert youtube.find(answer) is None
    town.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        youtube.reply(answer)
    receipt = youtube.find(answer)
    assert receipt is not None
    assert youtube.look(receipt.external_id).text == WORDS
    assert town.said_by_us() == [WORDS]


def test_no_is_said_only_when_certain(
    youtube: YouTube, town: YouTubeHarness, server: YouTubeServer
) -> None:
    top = town.say("Is Main St closed?")
    answer = town.answer(top, WORDS, "k")
    town.break_next_write(done=False)
    with pytest.raises(OutcomeUnknown):
        youtube.reply(answer)
    assert youtube.find(answer) is None
    town.down_next()
    with pytest.raises(Unavailable):
        youtube.find(answer)
    server.remove(top)
    with pytest.raises(Refused):
        youtube.find(answer)


def test_the_same_words_said_before_are_not_it(
    youtube: YouTube, town: YouTubeHarness, server: YouTubeServer
) -> None:
    top = town.say("Is Main St closed?")
    server.say(WORDS, author=US, parent=top)
    server.say(WORDS, author=ANA, parent=top)
    town.later(hours=1)
    assert youtube.find(town.answer(top, WORDS, "k")) is None


def test_holding_a_comment_back_and_showing_it_again(
    youtube: YouTube, town: YouTubeHarness, server: YouTubeServer
) -> None:
    top = town.say("Visit my shop")
    youtube.hide(top, "")
    youtube.hide(top, "")
    assert server.comments[top].status == "heldForReview"
    youtube.unhide(top, "")
    youtube.unhide(top, "")
    assert server.comments[top].status == "published"
    server.remove(top)
    with pytest.raises(Refused):
        youtube.hide(top, "")


def test_a_token_that_ends_on_the_way_is_renewed(
    youtube: YouTube, town: YouTubeHarness, server: YouTubeServer
) -> None:
    top = town.say("Is Main St closed?")
    answer = town.answer(top, WORDS, "k")
    server.end_tokens()
    youtube.reply(answer)
    assert town.said_by_us() == [WORDS]
    assert server.refreshes == 1


def test_every_fault_is_of_the_error_tree_and_keeps_secrets(
    youtube: YouTube, town: YouTubeHarness, caplog: pytest.LogCaptureFixture
) -> None:
    top = town.say("Is Main St closed?")
    answer = town.answer(top, WORDS, "k")
    caplog.set_level(logging.DEBUG)
    town.limit_next(30)
    with pytest.raises(RateLimited) as limited:
        youtube.reply(answer)
    assert 25 <= (limited.value.until - town.now()).total_seconds() <= 31
    town.down_next()
    with pytest.raises(OutcomeUnknown):
        youtube.reply(answer)
    town.revoke()
    with pytest.raises(AuthDead) as dead:
        youtube.reply(answer)
    for secret in town.secrets:
        assert secret not in caplog.text
        assert secret not in str(dead.value)


def test_what_cannot_be_answered_says_why(
    youtube: YouTube, town: YouTubeHarness, server: YouTubeServer
) -> None:
    server.replies_off = True
    top = town.say("Is Main St closed?")
    answer = town.answer(top, WORDS, "k")
    assert answer.reply_to is not None
    barrier = youtube.barrier("reply", answer.reply_to)
    assert barrier is not None
    assert barrier.link == answer.reply_to.permalink
    assert youtube.barrier("hide", answer.reply_to) is None
    assert youtube.barrier("hide", replace(answer.reply_to, ours=True)) is not None
    like = youtube.barrier("like", answer.reply_to)
    assert like is not None
    assert "like" in like.words
    with pytest.raises(Refused, match="switched off"):
        youtube.reply(answer)


def test_nothing_to_answer(youtube: YouTube, town: YouTubeHarness) -> None:
    with pytest.raises(Refused):
        youtube.reply(Outgoing("k", town.now(), WORDS))


def test_what_does_not_fit(youtube: YouTube, town: YouTubeHarness) -> None:
    answer = town.answer(town.say("Is Main St closed?"), WORDS, "k")
    assert youtube.check(answer) == ()
    picture = Media(b"x", "image/png", "A map")
    codes = [p.code for p in youtube.check(replace(answer, text="x" * 10_001, media=(picture,)))]
    assert codes == ["too_long", "media"]
    assert [p.code for p in youtube.check(replace(answer, text=" "))] == ["empty"]


def test_a_success_that_cannot_be_read_may_have_happened(
    youtube: YouTube, town: YouTubeHarness, server: YouTubeServer
) -> None:
    answer = town.answer(town.say("Is Main St closed?"), WORDS, "k")
    for body in ("<html>", {}):
        server.fault("POST", "/youtube/v3/comments", Fault.status(200, body))
        with pytest.raises(OutcomeUnknown):
            youtube.reply(answer)


def test_others_words_cannot_be_changed(youtube: YouTube, town: YouTubeHarness) -> None:
    top = town.say("Is Main St closed?")
    with pytest.raises(Refused):
        youtube.edit(top, town.answer(top, "x", "k"))
    with pytest.raises(Refused):
        youtube.delete(top)
