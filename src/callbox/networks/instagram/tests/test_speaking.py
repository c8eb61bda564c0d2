"""Answers and private messages against the stand-in: once, found again, within the windows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callbox.connector import OutcomeUnknown, RateLimited, Refused, Unavailable, WindowClosed
from callbox.networks.instagram.tests.harness import InstagramHarness, ThroughPage
from callbox.networks.instagram.tests.make import later, poll
from callbox.vocabulary import Lane, Outgoing, ReplyTo, Said
from tests.servers.graph import fault_answer
from tests.servers.instagram import ACCOUNT, HANDLE
from tests.servers.standin import Fault


def private(outgoing: Outgoing, **changes: object) -> Outgoing:
    """The same words as a private answer to a public comment."""
    assert outgoing.reply_to
    return replace(outgoing, lane=Lane.PRIVATE, reply_to=replace(outgoing.reply_to, **changes))  # type: ignore[arg-type]  # any field


def test_an_answer_to_an_answer_attaches_to_the_top(city: InstagramHarness) -> None:
    top = city.say("Is it open?")
    below = city.city.comment(city.media, "I want to know too", top)
    receipt = city.connector().reply(city.answer(below, "Since noon. Sgt. Kim", "k1"))
    assert city.city.comments[receipt.external_id]["parent_id"] == top
    assert receipt.refs["top"] == top


@pytest.mark.parametrize("in_private", [False, True])
def test_an_answer_whose_reply_was_lost_is_found_and_said_once(
    city: InstagramHarness, in_private: bool
) -> None:
    """Failure mode 1: the network accepts, then nobody hears of it."""
    connector = city.connector()
    asked = city.say("Is it open?", private=in_private)
    outgoing = city.answer(asked, "Since noon. Sgt. Kim", "k1")
    say = connector.message if in_private else connector.reply
    city.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        say(outgoing)
    receipt = connector.find(outgoing)
    assert receipt is not None
    assert city.said_by_us() == ["Since noon. Sgt. Kim"]
    assert connector.look(receipt.external_id).text == "Since noon. Sgt. Kim"


@pytest.mark.parametrize("in_private", [False, True])
def test_what_did_not_arrive_is_not_found(city: InstagramHarness, in_private: bool) -> None:
    connector = city.connector()
    asked = city.say("Is it open?", private=in_private)
    outgoing = city.answer(asked, "Since noon. Sgt. Kim", "k1")
    city.break_next_write(done=False)
    with pytest.raises(OutcomeUnknown):
        (connector.message if in_private else connector.reply)(outgoing)
    assert connector.find(outgoing) is None
    assert city.said_by_us() == []


def test_the_same_words_of_before_are_not_claimed(city: InstagramHarness) -> None:
    connector = city.connector()
    asked = city.say("Is it open?")
    connector.reply(city.answer(asked, "Since noon. Sgt. Kim", "k1"))
    later(city, minutes=10)
    assert connector.find(city.answer(asked, "Since noon. Sgt. Kim", "k2")) is None


def test_a_server_fault_leaves_it_unknown_and_a_limit_undone(city: InstagramHarness) -> None:
    connector = city.connector()
    outgoing = city.answer(city.say("Is it open?"), "Since noon.", "k1")
    city.down_next()
    with pytest.raises(OutcomeUnknown):
        connector.reply(outgoing)
    city.limit_next(60)
    with pytest.raises(RateLimited):
        connector.reply(outgoing)


def test_a_mention_is_answered_where_it_was_made(city: InstagramHarness) -> None:
    connector = city.connector()
    _, cursor = poll(connector, {})
    comment = city.city.mention("Thank you, harbor_pd")
    raws = city.pushed()
    events, _ = poll(connector, cursor)
    events += [event for raw in raws for event in connector.parse(raw)]
    said = next(event for event in events if isinstance(event, Said))
    to = ReplyTo(comment, said.root_id or "", said.author, said.refs, said.addressed)
    outgoing = Outgoing("k1", city.city.clock, "With pleasure. Sgt. Kim", reply_to=to)
    receipt = connector.reply(outgoing)
    assert receipt.external_id in city.city.elsewhere
    if city.product == "facebook":
        found = connector.find(outgoing)
        assert found
        assert found.external_id == receipt.external_id
    else:
        with pytest.raises(Refused, match="does not show"):
            connector.find(outgoing)


def test_the_window_of_private_messages(city: InstagramHarness) -> None:
    """Failure mode 10: 23 h 59 is an answer, 25 h needs a person and the tag, a week is over."""
    connector = city.connector()
    outgoing = city.answer(city.say("Hello?", private=True), "Hello. Sgt. Kim", "k1")
    assert outgoing.reply_to
    later(city, hours=23, minutes=59)
    connector.message(outgoing)
    assert city.city.made("POST", "*/messages")[-1].json()["messaging_type"] == "RESPONSE"
    later(city, hours=1)
    connector.message(outgoing)
    assert city.city.made("POST", "*/messages")[-1].json()["tag"] == "HUMAN_AGENT"
    with pytest.raises(WindowClosed):
        connector.message(replace(outgoing, by_person=False))
    assert connector.barrier("message", outgoing.reply_to) is None
    later(city, days=7)
    with pytest.raises(WindowClosed):
        connector.message(outgoing)
    barrier = connector.barrier("message", outgoing.reply_to)
    assert barrier
    assert "seven days" in barrier.words
    assert barrier.link.startswith("https://www.instagram.com/")


def test_a_private_answer_to_a_comment_once_within_a_week(city: InstagramHarness) -> None:
    connector = city.connector()
    outgoing = private(city.answer(city.say("Call me"), "Gladly. Sgt. Kim", "k1"))
    assert outgoing.reply_to
    receipt = connector.message(outgoing)
    sent = city.city.made("POST", "*/messages")[-1].json()
    assert sent["recipient"] == {"comment_id": outgoing.reply_to.parent_id}
    found = connector.find(outgoing)
    assert found
    assert found.external_id == receipt.external_id
    once = private(outgoing, answered_privately=True)
    with pytest.raises(Refused):
        connector.message(once)
    assert connector.barrier("message", once.reply_to or outgoing.reply_to)
    later(city, days=8)
    with pytest.raises(WindowClosed):
        connector.message(outgoing)


def test_a_message_counts_in_bytes(alone: InstagramHarness) -> None:
    connector = alone.connector()
    outgoing = alone.answer(alone.say("مرحبا", private=True), "ش" * 501, "k1")
    assert [one.code for one in connector.check(outgoing)] == ["too_long"]
    with pytest.raises(Refused):
        connector.message(outgoing)
    assert not connector.check(replace(outgoing, text="ش" * 500))


def test_hiding_and_showing_again_twice_is_once(city: InstagramHarness) -> None:
    connector = city.connector()
    comment = city.say("Rude words")
    for _ in range(2):
        connector.hide(comment, city.media)
        assert city.city.comments[comment]["hidden"] is True
    for _ in range(2):
        connector.unhide(comment, city.media)
        assert city.city.comments[comment]["hidden"] is False


def test_deleting_our_own(city: InstagramHarness) -> None:
    connector = city.connector()
    ours = city.city.comment(city.media, "A slip", "", ACCOUNT, HANDLE)
    connector.delete(ours)
    connector.delete(ours)
    assert connector.look(ours).gone
    with pytest.raises(Refused, match="private message"):
        connector.delete(city.say_as_us("Hello"))


def test_deleting_a_post_depends_on_the_login(city: InstagramHarness) -> None:
    connector = city.connector()
    if city.product == "facebook":
        connector.delete(city.media)
        assert connector.look(city.media).gone
    else:
        with pytest.raises(Refused, match="on Instagram only"):
            connector.delete(city.media)


def test_what_cannot_be_done_is_explained(alone: InstagramHarness) -> None:
    connector = alone.connector()
    comment = alone.answer(alone.say("Is it open?"), "", "k1").reply_to
    message = alone.answer(alone.say("Hello?", private=True), "", "k1").reply_to
    assert comment
    assert message
    for ability in ("like", "edit"):
        barrier = connector.barrier(ability, comment)
        assert barrier
        assert barrier.link
    hidden = replace(comment, refs={**comment.refs, "hidden": True})
    tag = replace(comment, refs={"kind": "tag"})
    mention = replace(comment, refs={"kind": "mention"})
    assert connector.barrier("reply", comment) is None
    assert "Show it again" in str(connector.barrier("reply", hidden))
    assert connector.barrier("reply", tag)
    assert connector.barrier("reply", replace(comment, refs={**comment.refs, "place": "LIVE"}))
    assert connector.barrier("message", mention)
    assert connector.barrier("hide", mention)
    assert connector.barrier("hide", message)
    assert connector.barrier("hide", comment) is None
    assert connector.barrier("reply", replace(comment, refs={"kind": "archived"}))


def test_an_answer_to_a_hidden_comment_is_refused_with_words(alone: InstagramHarness) -> None:
    connector = alone.connector()
    comment = alone.say("Rude words")
    outgoing = alone.answer(comment, "Please be kind. Sgt. Kim", "k1")
    connector.hide(comment, alone.media)
    with pytest.raises(Refused, match="Cannot reply"):
        connector.reply(outgoing)


def test_no_secret_is_in_an_address_or_in_words(
    city: InstagramHarness, caplog: pytest.LogCaptureFixture
) -> None:
    connector = city.connector()
    outgoing = city.answer(city.say("Is it open?"), "Since noon.", "k1")
    token = city.secrets[0]
    body = fault_answer(190, f"Error validating access token {token} of harbor", 460).body
    city.city.fault("POST", "*", Fault.status(400, body))
    with pytest.raises(Exception) as raised:  # noqa: PT011  # whatever it is, its words count
        connector.reply(outgoing)
    poll(connector, {})
    shown = str(raised.value) + caplog.text + "".join(c.raw_query for c in city.city.calls)
    assert not any(secret in shown for secret in city.secrets)


def test_a_busy_server_while_looking_is_no_answer(city: InstagramHarness) -> None:
    connector = city.connector()
    outgoing = city.answer(city.say("Is it open?"), "Since noon.", "k1")
    city.down_next()
    with pytest.raises(Unavailable):
        connector.find(outgoing)


def test_a_comment_under_our_own_post(city: InstagramHarness) -> None:
    """The next part of something that we said ourselves."""
    connector = city.connector()
    to = ReplyTo(city.media, city.media, None, ours=True)
    outgoing = Outgoing("k1", city.city.clock + timedelta(0), "More on this. Sgt. Kim", reply_to=to)
    receipt = connector.reply(outgoing)
    assert "parent_id" not in city.city.comments[receipt.external_id]
    found = connector.find(outgoing)
    assert found
    assert found.external_id == receipt.external_id


def test_through_the_page_every_call_proves_the_apps_secret(paged: ThroughPage) -> None:
    connector = paged.connector()
    connector.identify()
    assert all("appsecret_proof" in call.query for call in paged.city.calls)
