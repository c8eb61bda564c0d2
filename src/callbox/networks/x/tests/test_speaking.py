"""Speaking: who may be answered, what fits, media that is not ready, and finding what went out."""

from datetime import timedelta

import pytest

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks.x.connector import X
from callbox.networks.x.posts import same_words
from callbox.networks.x.tests.harness import XHarness
from callbox.networks.x.tests.play import heard, outgoing
from callbox.vocabulary import (
    AttachmentSeen,
    AuthorSeen,
    Lane,
    Media,
    Outgoing,
    Poll,
    ReplyTo,
    Said,
)
from tests.servers.standin import Call, Fault
from tests.servers.x import ANA, BEN, US

PNG = Media(b"\x89PNG\r\n\x1a\n" + b"0" * 100, "image/png", "A closed street")
FILM = Media(b"0" * 100, "video/mp4", "The street", name="street.mp4")


def to(said: Said, **kwargs: object) -> ReplyTo:
    """What an answer to a message knows of it."""
    known = {
        "addressed": said.addressed,
        "lane": said.lane,
        "said_at": said.said_at,
        "permalink": said.permalink,
        **kwargs,
    }
    root = said.root_id or said.external_id
    return ReplyTo(said.external_id, root, said.author, said.refs, **known)  # type: ignore[arg-type]  # as in `known`


def one_said(x: XHarness, connector: X) -> Said:
    """The one message that is there."""
    found = [one for one in heard(connector, {})[0] if isinstance(one, Said)]
    assert len(found) == 1
    return found[0]


# --- who may be answered ------------------------------------------------------------------------


def test_only_who_summons_us_may_be_answered(x: XHarness) -> None:
    ours = x.x.say(US, "Elm Street is closed.")
    x.x.say(BEN, "Until when?", parent=ours.id)
    connector = x.connector()
    said = one_said(x, connector)
    barrier = connector.barrier("reply", to(said))
    assert barrier is not None
    assert "mention or quote" in barrier.words
    assert barrier.link == said.permalink
    with pytest.raises(Refused):
        connector.reply(Outgoing("k", x.clock(), "Six.", reply_to=to(said)))
    assert connector.barrier("hide", to(said)) is None


def test_an_enterprise_plan_may_answer_everybody() -> None:
    harness = XHarness(config={"plan": "enterprise"}, behind=timedelta())
    harness.x.plan = "enterprise"
    ours = harness.x.say(US, "Elm Street is closed.")
    harness.x.say(BEN, "Until when?", parent=ours.id)
    connector = harness.connector()
    said = one_said(harness, connector)
    assert connector.barrier("reply", to(said)) is None
    assert connector.reply(Outgoing("k", harness.clock(), "Six.", reply_to=to(said))).external_id
    harness.close()


def test_a_thread_of_our_own_goes_on(x: XHarness) -> None:
    connector = x.connector()
    first = connector.publish(outgoing(x, "Part one"))
    above = ReplyTo(first.external_id, first.external_id, None, first.refs, ours=True)
    assert connector.barrier("reply", above) is None
    second = connector.reply(outgoing(x, "Part two", reply_to=above))
    assert x.x.posts[second.external_id].parent == first.external_id


def test_an_edited_question_is_answered_in_its_newest_version(x: XHarness) -> None:
    asked = x.say("Is Elm Stret closed?")
    newer = x.x.edit(asked, "@district5 Is Elm Street closed?")
    connector = x.connector()
    answer = x.answer(asked, "Until six.", "k")
    receipt = connector.reply(answer)
    assert x.x.posts[receipt.external_id].parent == newer.id
    assert connector.find(answer) == receipt


def test_an_encrypted_chat_is_for_x_itself(x: XHarness) -> None:
    x.x.chat(ANA)
    connector = x.connector()
    (raw,) = x.pushed()
    (said,) = connector.parse(raw)
    assert isinstance(said, Said)
    barrier = connector.barrier("message", to(said))
    assert barrier is not None
    assert (barrier.link, "encrypted" in barrier.words) == ("https://x.com/messages", True)


def test_other_barriers(x: XHarness) -> None:
    connector = x.connector()
    x.say("Hello?")
    said = one_said(x, connector)
    theirs = connector.barrier("hide", to(said))
    assert theirs is not None
    assert "began" in theirs.words
    like = connector.barrier("like", to(said))
    assert like is not None
    assert "self-serve" in like.words
    nobody = ReplyTo("5", "5", None, {}, lane=Lane.PUBLIC)
    assert connector.barrier("message", nobody) is not None
    assert connector.barrier("message", ReplyTo("5", "5", AuthorSeen(ANA), {})) is None
    message = ReplyTo("dm:5", "dm:1-2", None, {}, lane=Lane.PRIVATE)
    for ability in ("delete", "edit", "hide", "unhide"):
        assert connector.barrier(ability, message) is not None, ability


def test_editing_is_for_premium_and_an_hour(x: XHarness) -> None:
    connector = x.connector()
    receipt = connector.publish(outgoing(x, "Elm Stret is open."))
    mine = ReplyTo(receipt.external_id, receipt.external_id, None, {}, said_at=x.clock(), ours=True)
    assert connector.barrier("edit", mine) is None
    better = outgoing(x, "Elm Street is open.")
    first = connector.edit(receipt.external_id, better)
    assert first.external_id == receipt.external_id
    assert x.said_by_us() == ["Elm Street is open."]
    connector.edit(receipt.external_id, better)
    assert x.said_by_us() == ["Elm Street is open."]
    x.clock.pass_(minutes=61)
    assert connector.barrier("edit", mine) is not None
    plain = XHarness(config={"premium": "no"})
    assert plain.connector().barrier("edit", mine) is not None
    with pytest.raises(Refused, match="Premium"):
        plain.connector().edit("1", better)
    plain.close()


def test_a_message_cannot_be_taken_back(connector: X) -> None:
    with pytest.raises(Refused, match="our own view"):
        connector.delete("dm:5")


def test_a_public_question_may_be_answered_in_private(x: XHarness) -> None:
    connector = x.connector()
    x.say("It is about my neighbour")
    said = one_said(x, connector)
    answer = Outgoing("k", x.clock(), "Write to us here.", Lane.PRIVATE, reply_to=to(said))
    receipt = connector.message(answer)
    assert receipt.refs == {"exchange": "111-222"}
    assert connector.find(answer) == receipt


# --- what fits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kwargs", "code"),
    [
        ({"text": "x" * 281}, "too_long"),
        ({"text": ""}, "empty"),
        ({"media": (PNG,) * 5}, "too_many_images"),
        ({"media": (FILM, PNG)}, "media_mix"),
        ({"media": (Media(b"GIF", "image/gif", "a"), PNG)}, "media_mix"),
        ({"media": (Media(b"0" * (5 * 1024 * 1024 + 1), "image/png", "a"),)}, "media_size"),
        ({"media": (Media(b"0", "image/tiff", "a"),)}, "media_kind"),
        ({"media": (Media(b"0", "image/png", "a" * 1001),)}, "alt_too_long"),
        ({"poll": Poll(("a",), 60)}, "poll_options"),
        ({"poll": Poll(("a", "b" * 26), 60)}, "poll_option"),
        ({"poll": Poll(("a", "b"), 4)}, "poll_minutes"),
        ({"poll": Poll(("a", "b"), 60, multiple=True)}, "poll_multiple"),
        ({"poll": Poll(("a", "b"), 60), "media": (PNG,)}, "poll_media"),
        ({"poll": Poll(("a", "b"), 60), "lane": Lane.PRIVATE}, "poll"),
        ({"media": (PNG, PNG), "lane": Lane.PRIVATE}, "too_many_images"),
        ({"form": "story"}, "form"),
    ],
)
def test_what_does_not_fit(kwargs: dict[str, object], code: str) -> None:
    harness = XHarness(config={"premium": "no"})
    given = {"text": "Hello", **kwargs}
    problems = harness.connector().check(Outgoing("k", harness.clock(), **given))  # type: ignore[arg-type]  # as above
    assert code in [one.code for one in problems]
    assert all(one.words.endswith(".") for one in problems)
    harness.close()


def test_what_fits(x: XHarness) -> None:
    connector = x.connector()
    long = outgoing(x, "x" * 25_000)
    for good in (outgoing(x, "Hello", media=(PNG,) * 4), outgoing(x, "Hello", media=(FILM,)), long):
        assert connector.check(good) == []
    assert connector.limits().text == 25_000
    plain = XHarness(config={"premium": "no"})
    assert plain.connector().limits().text == 280
    assert plain.connector().check(outgoing(plain, "See https://example.org/" + "a" * 400)) == []
    assert plain.connector().limits("private").text == 10_000
    plain.close()


# --- media ------------------------------------------------------------------------------------


def test_a_video_is_posted_when_it_is_ready(x: XHarness) -> None:
    """Failure mode 5: X says when to ask again; posting before that is refused."""
    x.x.slow_checks = 3
    x.connector().publish(outgoing(x, "See", media=(FILM,)))
    assert x.naps == [3.0, 3.0, 3.0]
    assert x.said_by_us() == ["See"]


def test_a_video_that_x_cannot_use_is_refused(x: XHarness) -> None:
    state = {"data": {"id": "1", "media_key": "7_1", "processing_info": {"state": "failed"}}}
    x.x.fault("POST", "/2/media/upload/*/finalize", Fault.status(200, state))
    with pytest.raises(Refused, match="another format"):
        x.connector().publish(outgoing(x, "See", media=(FILM,)))
    assert x.said_by_us() == []


def test_a_video_that_takes_too_long_was_not_posted(x: XHarness) -> None:
    x.x.slow_checks = 1000
    with pytest.raises(Unavailable, match="Nothing was posted"):
        x.connector().publish(outgoing(x, "See", media=(FILM,)))
    assert sum(x.naps) <= 300
    assert x.said_by_us() == []


def test_a_failed_upload_did_nothing(x: XHarness) -> None:
    x.x.fault("POST", "/2/media/upload", Fault.dropped())
    with pytest.raises(Unavailable):
        x.connector().publish(outgoing(x, "See", media=(PNG,)))


def test_an_animation_and_a_picture_in_a_message(x: XHarness) -> None:
    x.connector().publish(outgoing(x, "Look", media=(Media(b"GIF", "image/gif", "It moves"),)))
    asked = x.connector().publish(outgoing(x, "Again"))
    assert asked.external_id
    x.say("Which street?", private=True)
    connector = x.connector()
    said = one_said(x, connector)
    answer = Outgoing("k", x.clock(), "This.", Lane.PRIVATE, reply_to=to(said), media=(PNG,))
    connector.message(answer)
    assert len(x.x.dms[-1].media) == 1


# --- finding ----------------------------------------------------------------------------------


def test_two_equal_texts_are_told_apart_by_time(x: XHarness) -> None:
    """Failure mode 1: the older one is never claimed for the newer one, nor the other way round."""
    connector = x.connector()
    asked, other = x.say("Is Elm Street closed?"), x.say("Is Elm Street still closed?")
    first = x.answer(asked, "Until six.", "k1")
    receipt = connector.reply(first)
    second = x.answer(other, "Until six.", "k2")
    assert connector.find(second) is None
    x.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        connector.reply(second)
    found = connector.find(second)
    assert found is not None
    assert found.external_id != receipt.external_id
    assert connector.find(first) == receipt


def test_equal_texts_are_told_apart_by_what_they_answer(x: XHarness, connector: X) -> None:
    """Failure mode 1: “Thank you.” to Ana does not prove “Thank you.” to Ben, a second later."""
    asked, other = x.x.say(ANA, "@district5 one"), x.x.say(BEN, "@district5 two")
    first, second = (
        outgoing(x, "Thank you.", reply_to=ReplyTo(one.id, one.id, None, {"summoned": True}))
        for one in (asked, other)
    )
    receipt = connector.reply(first)
    assert connector.find(second) is None
    assert connector.find(outgoing(x, "Thank you.")) is None
    x.clock.pass_(minutes=5)
    x.x.say(US, "@ana_p Thank you.", parent=asked.id)
    assert connector.find(first) == receipt, "the first is the first"


@pytest.mark.parametrize(
    ("seen", "sent"),
    [
        ("See http://example.gov/ today", "See example.gov today"),
        ("See https://example.org/elm", "See https://example.org/elm "),
        ("Q&amp;A at six", "Q&A at six"),
        ("caf\u00e9", "cafe\u0301"),
        ("@ana_p @ben_q Until six.", "Until six."),
        ("One\n\nTwo", "One\n\n\nTwo"),
    ],
)
def test_what_x_makes_of_our_words(seen: str, sent: str) -> None:
    assert same_words(seen, sent, is_reply=True)
    assert not same_words(seen, sent + " Not.", is_reply=True)


def test_no_is_said_only_when_certain(x: XHarness) -> None:
    connector = x.connector()
    text = outgoing(x, "Hello")
    for number in range(801):
        x.x.say(US, f"News {number}")
    with pytest.raises(Unavailable, match="too many newer posts"):
        connector.find(text)
    x.x.fault("GET", "/2/users/111/tweets", Fault.status(503))
    with pytest.raises(Unavailable):
        connector.find(text)


def test_a_message_that_was_lost_is_found(x: XHarness) -> None:
    connector = x.connector()
    asked = x.say("May I call?", private=True)
    answer = x.answer(asked, "Yes.", "k")
    assert connector.find(answer) is None
    x.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        connector.message(answer)
    found = connector.find(answer)
    assert found is not None
    assert found.external_id.startswith("dm:")
    assert len(x.said_by_us()) == 1


def test_where_pictures_are(x: XHarness, connector: X) -> None:
    """Those of messages go through the API, with our login, and to X only."""
    open_ = AttachmentSeen("image", "https://pbs.twimg.com/media/a.jpg")
    assert connector.locate(open_).url == open_.url
    assert connector.locate(open_).headers == {}
    closed = "https://ton.twitter.com/1.1/ton/data/dm/17/18/a_B-c.jpg"
    for url in (closed, closed + ":medium"):
        found = connector.locate(AttachmentSeen("image", url))
        path = "/2/dm_conversations/media/17/18/a_B-c.jpg"
        assert found.url == x.x.url + path
        assert found.headers["authorization"].startswith("Bearer access-")
        x.x.contract.request(Call("GET", path, {}, found.headers, b""))
    for odd in (
        "https://ton.twitter.com.evil.example/1.1/ton/data/dm/1/2/a",
        closed + "/../../me",
        closed[:-9] + "..",
    ):
        assert connector.locate(AttachmentSeen("image", odd)).headers == {}


def test_who_is_blocked(x: XHarness, connector: X) -> None:
    assert [one.handle for one in connector.blocked()] == ["ben_q"]
    assert connector.look("dm:5").gone
    assert connector.look("5").gone
