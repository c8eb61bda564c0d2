"""The main path, in both spellings: heard, answered, found, published, taken back."""

from callbox.connector import OutcomeUnknown
from callbox.networks.x.tests.harness import XHarness
from callbox.networks.x.tests.play import heard, outgoing
from callbox.vocabulary import Addressed, Deleted, Edited, Lane, Media, Ours, Poll, Said
from tests.servers.x import ANA, BEN, US

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def test_a_mention_is_heard_and_answered(both: XHarness) -> None:
    asked = both.say("Is Elm Street closed?")
    connector = both.connector()
    events, _ = heard(connector, {})
    said = next(one for one in events if isinstance(one, Said))
    assert (said.external_id, said.addressed, said.text) == (
        asked,
        Addressed.MENTION,
        "@district5 Is Elm Street closed?",
    )
    assert said.author is not None
    assert (said.author.external_id, said.author.handle, said.author.name) == (ANA, "ana_p", "Ana")
    assert said.permalink == f"https://x.com/ana_p/status/{asked}"
    assert said.refs == {"id": asked, "summoned": True, "ours": False}

    receipt = connector.reply(both.answer(asked, "Until six tonight. – Officer Lee", "k1"))
    assert both.said_by_us() == ["Until six tonight. – Officer Lee"]
    assert connector.look(receipt.external_id).gone is False
    connector.delete(receipt.external_id)
    connector.delete(receipt.external_id)
    assert connector.look(receipt.external_id).gone is True


def test_a_message_is_heard_and_answered(both: XHarness) -> None:
    asked = both.say("May I call you?", private=True)
    connector = both.connector()
    events, _ = heard(connector, {})
    said = next(one for one in events if isinstance(one, Said))
    assert (said.external_id, said.lane, said.addressed) == (asked, Lane.PRIVATE, Addressed.DIRECT)
    assert said.root_id == "dm:111-222"
    answer = both.answer(asked, "Yes, any time.", "k2")
    receipt = connector.message(answer)
    assert connector.find(answer) == receipt
    assert connector.look(receipt.external_id).text == "Yes, any time."


def test_everything_under_our_posts_is_heard(both: XHarness) -> None:
    ours = both.x.say(US, "Elm Street is closed.")
    both.clock.pass_(seconds=1)
    direct = both.x.say(ANA, "Until when?", parent=ours.id)
    deep = both.x.say(BEN, "I heard six.", parent=direct.id)
    quote = both.x.say(BEN, "Good to know", quoted=ours.id)
    events, cursor = heard(both.connector(), {})
    said = {one.external_id: one for one in events if isinstance(one, Said)}
    assert {one: said[one].addressed for one in said} == {
        direct.id: Addressed.REPLY,
        deep.id: Addressed.REPLY,
        quote.id: Addressed.QUOTE,
    }
    assert {said[one].root_id for one in (direct.id, deep.id)} == {ours.id}
    assert said[direct.id].refs["ours"] is True
    assert said[quote.id].refs["summoned"] is True
    assert [one.external_id for one in events if isinstance(one, Ours)] == [ours.id]

    both.clock.pass_(minutes=6)
    later = both.x.say(BEN, "Thanks", parent=ours.id)
    events, _ = heard(both.connector(), cursor)
    assert [one.external_id for one in events] == [later.id]


def test_edits_and_deletions_are_seen_by_looking_again(both: XHarness) -> None:
    asked = both.say("Is Elm Stret closed?")
    _, cursor = heard(both.connector(), {})
    both.edit(asked, "Is Elm Street closed?")
    both.clock.pass_(hours=2)
    events, cursor = heard(both.connector(), cursor)
    edited = next(one for one in events if isinstance(one, Edited))
    assert (edited.external_id, edited.text) == (asked, "@district5 Is Elm Street closed?")
    assert edited.said is not None
    assert edited.said.refs["id"] != asked
    both.remove(asked)
    both.clock.pass_(days=2)
    events, cursor = heard(both.connector(), cursor)
    assert [one.external_id for one in events if isinstance(one, Deleted)] == [asked]
    assert heard(both.connector(), cursor)[0] == []


def test_publishing_with_a_picture_a_video_and_a_poll(both: XHarness) -> None:
    connector = both.connector()
    picture = Media(PNG, "image/png", "A closed street")
    connector.publish(outgoing(both, "Closed", media=(picture,)))
    film = Media(b"0" * 9_000_000, "video/mp4", "The street", name="street.mp4")
    connector.publish(outgoing(both, "See for yourself", media=(film,)))
    connector.publish(outgoing(both, "When suits you?", poll=Poll(("Monday", "Friday"), 60)))
    assert both.said_by_us() == ["Closed", "See for yourself", "When suits you?"]
    assert sorted(one["alt"] for one in both.x.media.values()) == ["A closed street", "The street"]
    assert len(both.x.made("POST", "/2/media/upload/*/append")) == 3
    assert both.naps == [3.0]


def test_a_lost_answer_is_found_and_said_once(both: XHarness) -> None:
    """Failure mode 1: X has it, and nobody heard that."""
    connector = both.connector()
    first = outgoing(both, "Elm Street is open again. https://example.org/elm")
    both.break_next_write(done=True)
    try:
        connector.publish(first)
        raise AssertionError("it cannot know")
    except OutcomeUnknown:
        pass
    found = connector.find(first)
    assert found is not None
    assert len(both.said_by_us()) == 1
    both.clock.pass_(minutes=5)
    assert connector.find(outgoing(both, first.text)) is None  # an older one is not this one


def test_hiding(both: XHarness) -> None:
    ours = both.x.say(US, "Elm Street is closed.")
    reply = both.x.say(BEN, "spam spam", parent=ours.id)
    connector = both.connector()
    connector.hide(reply.id, ours.id)
    connector.hide(reply.id, ours.id)
    assert both.x.posts[reply.id].hidden
    connector.unhide(reply.id, ours.id)
    assert not both.x.posts[reply.id].hidden
