"""Containers: prepared, waited for, published once; and what goes wrong on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callbox.connector import OutcomeUnknown, RateLimited, Refused, Unavailable
from callbox.networks.instagram.tests.harness import InstagramHarness
from callbox.networks.instagram.tests.make import PICTURE, VIDEO, later, post
from callbox.vocabulary import Poll
from tests.servers.graph import fault_answer
from tests.servers.standin import Fault


def containers(city: InstagramHarness) -> int:
    """How many were made."""
    return len(city.city.containers)


def test_a_picture_with_its_description(city: InstagramHarness) -> None:
    receipt = city.connector().publish(post(city, "Bicycle racks #harbor"))
    made = city.city.media[receipt.external_id]["made"]
    assert made["image_url"] == PICTURE.url
    assert made["alt_text"] == PICTURE.alt
    assert made["caption"] == "Bicycle racks #harbor"
    assert receipt.permalink.startswith("https://www.instagram.com/p/")


def test_several_pictures_are_a_carousel(city: InstagramHarness) -> None:
    receipt = city.connector().publish(post(city, "Three", PICTURE, PICTURE, VIDEO))
    made = city.city.media[receipt.external_id]["made"]
    children = made["children"].split(",")
    assert made["media_type"] == "CAROUSEL"
    assert len(children) == 3
    sent = [city.city.containers[one]["sent"] for one in children]
    assert all(one["is_carousel_item"] == "true" for one in sent)
    assert [one.get("alt_text") for one in sent] == [PICTURE.alt, PICTURE.alt, None]


@pytest.mark.parametrize(
    ("form", "media", "kind"),
    [("post", VIDEO, "REELS"), ("reel", VIDEO, "REELS"), ("story", VIDEO, "STORIES"),
     ("story", PICTURE, "STORIES")],
)  # fmt: skip
def test_videos_and_stories(city: InstagramHarness, form: str, media: object, kind: str) -> None:
    words = "" if form == "story" else "Parade"
    outgoing = post(city, words, media, form=form)
    connector = city.connector()
    receipt = connector.publish(outgoing)
    made = city.city.media[receipt.external_id]["made"]
    assert made["media_type"] == kind
    assert "alt_text" not in made
    found = connector.find(outgoing)
    assert found
    assert found.external_id == receipt.external_id


def test_publishing_twice_is_publishing_once(city: InstagramHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Once")
    assert connector.publish(outgoing) == connector.publish(outgoing)
    assert city.said_by_us() == ["Once"]


def test_a_publication_whose_answer_was_lost_is_found(city: InstagramHarness) -> None:
    """Failure mode 1, told by the container: PUBLISHED."""
    connector, outgoing = city.connector(), post(city, "Once")
    city.city.fault("POST", "*/media_publish", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    receipt = connector.find(outgoing)
    assert receipt is not None
    assert connector.publish(outgoing) == receipt
    assert city.said_by_us() == ["Once"]


def test_a_story_whose_answer_was_lost_is_found(city: InstagramHarness) -> None:
    connector, outgoing = city.connector(), post(city, "", form="story")
    city.city.post("", "STORY")
    later(city, minutes=5)
    outgoing = replace(outgoing, made_at=city.city.clock)
    city.city.fault("POST", "*/media_publish", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    receipt = connector.find(outgoing)
    assert receipt
    assert "made" in city.city.media[receipt.external_id]


def test_what_was_not_published_is_not_found(city: InstagramHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Once")
    assert connector.find(outgoing) is None
    city.city.fault("POST", "*/media_publish", Fault.dropped())
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    assert connector.find(outgoing) is None
    connector.publish(outgoing)
    assert city.said_by_us() == ["Once"]
    assert containers(city) == 1


def test_two_posts_with_the_same_words_are_two(city: InstagramHarness) -> None:
    connector = city.connector()
    first, second = post(city, "Same words"), post(city, "Same words", key="k2")
    receipt = connector.publish(first)
    city.city.fault("POST", "*/media_publish", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        connector.publish(second)
    found = connector.find(second)
    assert found
    assert found.external_id != receipt.external_id


def test_a_container_that_is_not_ready_is_taken_up_again(city: InstagramHarness) -> None:
    """Failure mode 5: published before ready. The same container, at the next attempt."""
    connector, outgoing = city.connector(), post(city, "Parade", VIDEO)
    city.city.polls_until_ready = 9
    with pytest.raises(Unavailable, match="still working"):
        connector.publish(outgoing)
    assert not city.city.made("POST", "*/media_publish")
    connector.publish(outgoing)
    assert containers(city) == 1
    assert city.said_by_us() == ["Parade"]


def test_waiting_ends_long_before_a_delivery_is_given_up(alone: InstagramHarness) -> None:
    pauses: list[float] = []
    connector = alone.connector()
    connector._sleep = pauses.append  # type: ignore[attr-defined]  # its pauses, written down
    alone.city.polls_until_ready = 1000
    with pytest.raises(Unavailable):
        connector.publish(post(alone, "Two", PICTURE, VIDEO))
    assert sum(pauses) <= 35


def test_instagram_says_not_ready_after_all(city: InstagramHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Parade", VIDEO)
    early = fault_answer(9007, "Media ID is not available", 2207027).body
    city.city.fault("POST", "*/media_publish", Fault.status(400, early))
    with pytest.raises(Unavailable, match="still working"):
        connector.publish(outgoing)
    connector.publish(outgoing)
    assert containers(city) == 1


def test_media_that_cannot_be_fetched(city: InstagramHarness) -> None:
    """Failure mode 6, as an error of the container and as one of the call."""
    connector, outgoing = city.connector(), post(city, "Racks")
    city.city.unreachable.add(PICTURE.url)
    with pytest.raises(Refused, match="could not fetch"):
        connector.publish(outgoing)
    body = fault_answer(9004, "Only photo or video can be accepted", 2207052).body
    city.city.fault("POST", "*/media", Fault.status(400, body))
    with pytest.raises(Refused, match="could not fetch"):
        connector.publish(outgoing)
    city.city.unreachable.clear()
    connector.publish(outgoing)
    assert city.said_by_us() == ["Racks"]


def test_without_a_public_address_nothing_is_tried(city: InstagramHarness) -> None:
    connector = city.connector()
    outgoing = post(city, "Racks", replace(PICTURE, url=""))
    assert [one.code for one in connector.check(outgoing)] == ["no_address"]
    with pytest.raises(Refused, match="public address"):
        connector.publish(outgoing)
    assert not city.city.calls


def test_a_container_that_ran_out_is_made_again(city: InstagramHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Racks")
    city.city.fault("POST", "*/media_publish", Fault.dropped())
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    next(iter(city.city.containers.values()))["status_code"] = "EXPIRED"
    with pytest.raises(Unavailable, match="again"):
        connector.publish(outgoing)
    connector.publish(outgoing)
    assert city.said_by_us() == ["Racks"]


def test_an_unclear_answer_to_preparing_does_no_harm(city: InstagramHarness) -> None:
    connector, outgoing = city.connector(), post(city, "Racks")
    city.city.fault("POST", "*/media", Fault.after_success())
    with pytest.raises(Unavailable):
        connector.publish(outgoing)
    connector.publish(outgoing)
    assert city.said_by_us() == ["Racks"]


def test_the_quota_is_read_first(city: InstagramHarness) -> None:
    connector = city.connector()
    city.city.quota["used"] = 100
    with pytest.raises(RateLimited) as limited:
        connector.publish(post(city, "Racks"))
    assert limited.value.until == city.city.clock + timedelta(hours=1)
    assert containers(city) == 0


def test_old_containers_are_forgotten(city: InstagramHarness) -> None:
    connector = city.connector()
    connector.publish(post(city, "One"))
    later(city, days=3)
    connector.publish(post(city, "Two", key="k2"))
    assert set(connector.session.read()["containers"]) == {"k2"}
    assert connector.session.read()["token"]


def test_what_does_not_fit_is_said(alone: InstagramHarness) -> None:
    connector = alone.connector()

    def codes(*media: object, words: str = "Words", **kwargs: object) -> list[str]:
        outgoing = replace(post(alone, words, *media), **kwargs)
        return [one.code for one in connector.check(outgoing)]

    assert codes(PICTURE) == []
    assert codes(media=()) == ["no_media"]
    assert codes(words="a" * 2201) == ["too_long"]
    assert codes(words=" ".join(f"#tag{n}" for n in range(31))) == ["hashtags"]
    assert codes(words=" ".join(f"@name{n}" for n in range(21))) == ["names"]
    assert codes(poll=Poll(("a", "b"), 60)) == ["poll"]
    assert codes(publish_at=alone.city.clock) == ["schedule"]
    assert codes(replace(PICTURE, mime="image/png")) == ["not_jpeg"]
    assert codes(replace(PICTURE, width=400, height=1200)) == ["shape"]
    assert codes(replace(PICTURE, alt="a" * 1001)) == ["alt"]
    assert codes(replace(PICTURE, content=b"0" * (8 * 1024 * 1024 + 1))) == ["too_large"]
    assert codes(*[PICTURE] * 11) == ["media"]
    assert codes(PICTURE, form="reel") == ["media"]
    assert codes(PICTURE, PICTURE, form="story", words="") == ["media"]
    assert codes(PICTURE, form="story") == ["story_text"]
    assert codes(PICTURE, form="story", words="Words\n— Sgt. Kim") == ["story_text"]
    assert codes(PICTURE, form="story", words="\n— Sgt. Kim, Police Department") == []
    assert codes(PICTURE, form="leaflet") == ["form"]
    assert connector.limits("private").text == 1000
    assert connector.limits().image_mimes == ("image/jpeg",)
