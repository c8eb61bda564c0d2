"""Posts and replies against the stand-in: prepared, waited for, published once."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from callbox.connector import OutcomeUnknown, RateLimited, Refused, Unavailable
from callbox.networks.threads.compose import measure
from callbox.networks.threads.tests.harness import ThreadsHarness
from callbox.networks.threads.tests.make import PICTURE, VIDEO, later, poll, post
from callbox.vocabulary import Addressed, Poll, ReplyTo
from tests.servers.graph import fault_answer
from tests.servers.standin import Fault


def made(city: ThreadsHarness, external_id: str) -> dict[str, str]:
    """The parameters with which a post of ours was prepared."""
    found: dict[str, str] = city.city.posts[external_id]["made"]
    return found


def test_words_and_their_link(city: ThreadsHarness) -> None:
    receipt = city.connector().publish(post(city, "Main Street is open", link="https://pd.example"))
    sent = made(city, receipt.external_id)
    assert (sent["media_type"], sent["link_attachment"]) == ("TEXT", "https://pd.example")
    assert receipt.permalink.startswith("https://www.threads.net/")


def test_a_picture_a_video_and_several(city: ThreadsHarness) -> None:
    connector = city.connector()
    picture = connector.publish(post(city, "Racks", PICTURE))
    video = connector.publish(post(city, "Parade", VIDEO, key="k2"))
    both = connector.publish(post(city, "Both", PICTURE, VIDEO, key="k3"))
    assert made(city, picture.external_id)["alt_text"] == PICTURE.alt
    assert made(city, video.external_id)["media_type"] == "VIDEO"
    sent = made(city, both.external_id)
    assert sent["media_type"] == "CAROUSEL"
    parts = [city.city.containers[one]["sent"] for one in sent["children"].split(",")]
    assert [one["alt_text"] for one in parts] == [PICTURE.alt, VIDEO.alt]
    assert all(one["is_carousel_item"] == "true" for one in parts)


def test_a_poll(city: ThreadsHarness) -> None:
    outgoing = post(city, "Which day?", poll=Poll(("Saturday", "Sunday"), 1440))
    receipt = city.connector().publish(outgoing)
    sent = json.loads(made(city, receipt.external_id)["poll_attachment"])
    assert sent == {"option_a": "Saturday", "option_b": "Sunday"}


def test_an_answer_stands_where_it_belongs(city: ThreadsHarness) -> None:
    connector = city.connector()
    below = city.city.reply("Me too", city.say("Is it open?"), "ben")
    receipt = connector.reply(city.answer(below, "Since noon. Sgt. Kim", "k1"))
    assert city.city.posts[receipt.external_id]["replied_to"] == {"id": below}
    assert connector.look(receipt.external_id).text == "Since noon. Sgt. Kim"


@pytest.mark.parametrize("answering", [False, True])
def test_a_publication_whose_answer_was_lost_is_found(
    city: ThreadsHarness, answering: bool
) -> None:
    """Failure mode 1: the network accepts, then nobody hears of it."""
    connector, outgoing = city.connector(), post(city, "Since noon. Sgt. Kim")
    if answering:
        outgoing = city.answer(city.say("Is it open?"), "Since noon. Sgt. Kim", "k1")
    say = connector.reply if answering else connector.publish
    city.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        say(outgoing)
    receipt = connector.find(outgoing)
    assert receipt is not None
    assert say(outgoing).external_id == receipt.external_id
    assert city.said_by_us() == ["Since noon. Sgt. Kim"]


def test_what_did_not_arrive_is_not_found_and_said_again(city: ThreadsHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Once")
    assert connector.find(outgoing) is None
    city.break_next_write(done=False)
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    assert connector.find(outgoing) is None
    connector.publish(outgoing)
    connector.publish(outgoing)
    assert city.said_by_us() == ["Once"]
    assert len(city.city.containers) == 1


def test_nobody_can_say_while_it_is_not_listed(city: ThreadsHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Once")
    city.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    number = next(iter(one for one in city.city.posts if "made" in city.city.posts[one]))
    hidden = city.city.posts.pop(number)
    with pytest.raises(Unavailable, match="does not list it yet"):
        connector.find(outgoing)
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    city.city.posts[number] = hidden
    assert connector.find(outgoing)


def test_two_posts_with_the_same_words_are_two(city: ThreadsHarness) -> None:
    connector = city.connector()
    first = connector.publish(post(city, "Same words"))
    second = post(city, "Same words", key="k2")
    city.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        connector.publish(second)
    found = connector.find(second)
    assert found
    assert found.external_id != first.external_id


def test_the_same_words_of_before_are_not_claimed(city: ThreadsHarness) -> None:
    connector = city.connector()
    city.say_as_us("Same words")
    later(city, minutes=10)
    outgoing = post(city, "Same words")
    city.break_next_write(done=False)
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    assert connector.find(outgoing) is None


def test_ready_and_then_not_found_is_prepared_again(city: ThreadsHarness) -> None:
    """Failure mode 5: 24/4279009 after FINISHED; another container works, three at most."""
    connector = city.connector()
    city.city.lost = 2
    connector.publish(post(city, "Third time lucky"))
    assert city.said_by_us() == ["Third time lucky"]
    assert len(city.city.containers) == 3
    city.city.lost = 99
    with pytest.raises(Unavailable, match="lost"):
        connector.publish(post(city, "Never", key="k2"))
    assert len(city.city.containers) == 6


def test_lost_after_it_was_tried_is_not_prepared_again(city: ThreadsHarness) -> None:
    """It may be gone because it was published: nothing is said twice for that."""
    connector, outgoing = city.connector(), post(city, "Once")
    city.break_next_write(done=False)
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    city.city.lost = 1
    with pytest.raises(OutcomeUnknown, match="lost"):
        connector.publish(outgoing)
    lost = fault_answer(24, "The requested resource does not exist", 4279009).body
    container = next(iter(city.city.containers))
    city.city.fault("GET", f"*/{container}", Fault.status(400, lost), times=2)
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    assert len(city.city.containers) == 1


def test_another_error_is_no_reason_to_prepare_again(city: ThreadsHarness) -> None:
    connector = city.connector()
    body = fault_answer(100, "Invalid parameter").body
    city.city.fault("POST", "*/threads_publish", Fault.status(400, body))
    with pytest.raises(Refused):
        connector.publish(post(city, "Once"))
    assert len(city.city.containers) == 1


def test_a_container_that_is_not_ready_is_taken_up_again(city: ThreadsHarness) -> None:
    """Failure mode 5: the same container, at the next attempt; waiting is bounded."""
    pauses: list[float] = []
    connector, outgoing = city.connector(), post(city, "Parade", VIDEO)
    connector._sleep = pauses.append  # type: ignore[attr-defined]  # its pauses, written down
    city.city.polls_until_ready = 9
    with pytest.raises(Unavailable, match="still working"):
        connector.publish(outgoing)
    assert sum(pauses) <= 35
    connector.publish(outgoing)
    assert len(city.city.containers) == 1
    assert city.said_by_us() == ["Parade"]


def test_a_container_that_vanished_before_it_was_tried(city: ThreadsHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Parade", VIDEO)
    city.city.polls_until_ready = 9
    with pytest.raises(Unavailable):
        connector.publish(outgoing)
    city.city.containers.clear()
    city.city.polls_until_ready = 0
    with pytest.raises(Unavailable, match="again"):
        connector.publish(outgoing)
    connector.publish(outgoing)
    assert city.said_by_us() == ["Parade"]


@pytest.mark.parametrize("status", ["ERROR", "EXPIRED"])
def test_a_container_that_came_to_nothing(city: ThreadsHarness, status: str) -> None:
    connector, outgoing = city.connector(), post(city, "Parade", VIDEO)
    city.city.polls_until_ready = 9
    with pytest.raises(Unavailable):
        connector.publish(outgoing)
    next(iter(city.city.containers.values()))["status"] = status
    with pytest.raises(Refused if status == "ERROR" else Unavailable):
        connector.publish(outgoing)
    city.city.polls_until_ready = 0
    connector.publish(outgoing)
    assert city.said_by_us() == ["Parade"]


def test_media_that_cannot_be_fetched(city: ThreadsHarness) -> None:
    """Failure mode 6."""
    connector, outgoing = city.connector(), post(city, "Racks", PICTURE)
    city.city.unreachable.add(PICTURE.url)
    with pytest.raises(Refused, match="could not fetch"):
        connector.publish(outgoing)
    city.city.unreachable.clear()
    connector.publish(outgoing)
    with pytest.raises(Refused, match="public address"):
        connector.publish(post(city, "Racks", replace(PICTURE, url=""), key="k2"))


def test_an_unclear_answer_to_preparing_does_no_harm(city: ThreadsHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Once")
    city.city.fault("POST", "*/me/threads", Fault.after_success())
    with pytest.raises(Unavailable):
        connector.publish(outgoing)
    connector.publish(outgoing)
    assert city.said_by_us() == ["Once"]


def test_the_quotas_are_read_first(city: ThreadsHarness) -> None:
    connector = city.connector()
    answer = city.answer(city.say("Is it open?"), "Since noon.", "k1")
    city.city.used["posts"] = 250
    connector.reply(answer)
    with pytest.raises(RateLimited) as limited:
        connector.publish(post(city, "One more", key="k2"))
    assert limited.value.until == city.city.clock + timedelta(hours=1)
    city.city.used["replies"] = 1000
    with pytest.raises(RateLimited):
        connector.reply(replace(answer, key="k3"))


def test_hiding_cascades_and_is_for_the_top_only(city: ThreadsHarness) -> None:
    connector = city.connector()
    top = city.say("Rude words")
    below = city.city.reply("More of them", top, "ben")
    for _ in range(2):
        connector.hide(top, city.first)
    assert city.city.posts[below]["hide_status"] == "HIDDEN"
    for _ in range(2):
        connector.unhide(top, city.first)
    assert city.city.posts[top]["hide_status"] == "UNHUSHED"
    with pytest.raises(Refused):
        connector.hide(below, city.first)
    to_top, to_below = (city.answer(one, "", "k1").reply_to for one in (top, below))
    assert to_top
    assert to_below
    assert connector.barrier("hide", to_top) is None
    barrier = connector.barrier("hide", to_below)
    assert barrier
    assert "hidden with them" in barrier.words
    mention = replace(to_top, addressed=Addressed.MENTION)
    assert connector.barrier("unhide", mention)


def test_what_cannot_be_done_is_explained(city: ThreadsHarness) -> None:
    connector = city.connector()
    to = city.answer(city.say("Is it open?"), "", "k1").reply_to
    assert to
    for ability in ("message", "like", "edit"):
        barrier = connector.barrier(ability, to)
        assert barrier
        assert barrier.words == connector.cannot[ability]
        assert barrier.link == to.permalink
    assert connector.barrier("reply", to) is None
    assert connector.barrier("like", ReplyTo("1", "1", None))


def test_deleting_our_own(city: ThreadsHarness) -> None:
    connector = city.connector()
    ours = connector.publish(post(city, "A slip")).external_id
    connector.delete(ours)
    connector.delete(ours)
    assert connector.look(ours).gone


def test_how_threads_counts() -> None:
    """Emoji count as their UTF-8 bytes, with all that joins them; other letters as one."""
    assert measure("Zoë ist hier") == 12
    assert measure("مرحبا") == 5
    assert measure("🎉") == 4
    assert measure("👩‍🚒") == 11
    assert measure("🇺🇸") == 8
    assert measure("1️⃣") == 7
    assert measure("12 #") == 4


def test_what_does_not_fit_is_said(city: ThreadsHarness) -> None:
    connector = city.connector()

    def codes(*media: object, words: str = "Words", **kwargs: object) -> list[str]:
        outgoing = replace(post(city, words), media=media, **kwargs)  # type: ignore[arg-type]  # any field
        return [one.code for one in connector.check(outgoing)]

    assert codes() == codes(PICTURE) == codes(VIDEO, words="") == []
    assert codes(words="a" * 501) == codes(words="🎉" * 126) == ["too_long"]
    assert codes(words="") == ["empty"]
    assert codes(publish_at=city.city.clock) == ["schedule"]
    assert codes(form="story") == ["form"]
    assert codes(*[PICTURE] * 21) == ["media"]
    assert codes(replace(PICTURE, mime="image/gif")) == ["kind"]
    assert codes(replace(PICTURE, alt="a" * 1001)) == ["alt"]
    assert codes(replace(PICTURE, content=b"0" * (8 * 1024 * 1024 + 1))) == ["too_large"]
    assert codes(poll=Poll(("a",), 1440)) == ["poll"]
    assert codes(poll=Poll(("a", "b" * 26), 1440)) == ["poll"]
    assert codes(poll=Poll(("a", "b"), 60)) == ["poll_time"]
    assert codes(poll=Poll(("a", "b"), 1440, multiple=True)) == ["poll"]
    assert codes(PICTURE, poll=Poll(("a", "b"), 1440)) == ["poll"]


def test_no_secret_is_in_an_address(city: ThreadsHarness) -> None:
    connector = city.connector()
    poll(connector, {})
    connector.publish(post(city, "Words"))
    shown = "".join(call.raw_query for call in city.city.calls)
    assert not any(secret in shown for secret in city.secrets)
