"""The composer: how long, how many messages, which pictures and videos, and what to doubt."""

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from callbox.models.inbox import Conversation, Message
from callbox.models.posts import Picture
from callbox.networks.practice.connector import Practice
from callbox.scope import acting_for
from callbox.vocabulary import Limits, Outgoing, Problem
from callbox.web.staff import limits
from tests.fetcher.test_stripping import film
from tests.illustrated import picture
from tests.web.staff.conftest import Place

FILMS = Limits(
    text=100,
    images=2,
    image_mimes=("image/jpeg", "image/png", "image/gif"),
    videos=1,
    video_bytes=8 * 1024 * 1024,
)


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    """What one test's network takes is not what the next one's does."""
    limits.forget()
    yield
    limits.forget()


def _takes(monkeypatch: pytest.MonkeyPatch, public: Limits, private: Limits | None = None) -> None:
    lanes = {"public": public, "private": private or Limits()}
    monkeypatch.setattr(Practice, "limits", lambda _self, lane="public": lanes[lane])


def _page(client: Client, one: Conversation) -> str:
    answer = client.get(f"/staff/c/{one.id}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def _told(page: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        page.split("data-limits='")[1].split("'")[0].replace("&quot;", '"').replace("&#x27;", "'")
    )
    return told


def _count(client: Client, one: Conversation, text: str, lane: str = "public") -> Any:
    answer = client.post(f"/staff/c/{one.id}/count/", {"lane": lane, "text": text})
    return answer.json() if answer.status_code == 200 else answer.status_code


def _reply(client: Client, one: Conversation, **values: Any) -> Any:
    form = {"lane": "public", "text": "On Thursday at six.", **values}
    return client.post(f"/staff/c/{one.id}/reply/", form)


def _film() -> io.BytesIO:
    file = io.BytesIO(film())
    file.name = "walk.mp4"
    return file


def test_videos_and_animations_are_offered_where_the_network_takes_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = place.hear("ana", "Which lamp?")
    _takes(monkeypatch, FILMS, Limits(images=1, image_mimes=("image/jpeg",)))
    page = _page(place.client("officer"), one)
    types = page.split('accept="')[1].split('"')[0].split(",")
    assert {"video/mp4", "video/quicktime", "image/gif"} <= set(types)
    assert "or a video of up to 8 MB" in page
    told = _told(page)
    offer = told["public"]["offer"]
    assert (offer["images"], offer["videos"]) == (2, 1)
    assert offer["videos_many"] == "One video at most here."
    assert offer["images_many"] == "2 pictures at most here."
    assert offer["video_seconds"] is None
    assert offer["video_large"].startswith("“{name}” is larger than 8 MB.")
    private = told["private"]["offer"]
    assert "video" not in private["types"]
    assert "gif" not in private["types"]
    assert private["label"] == "Add a picture"


def test_how_long_a_video_may_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    one = place.hear("ana", "Which lamp?")
    _takes(monkeypatch, Limits(videos=1, video_seconds=140))
    offer = _told(_page(place.client("officer"), one))["public"]["offer"]
    assert offer["video_seconds"] == 140
    assert offer["video_long"] == "“{name}” is longer than 2:20 minutes. Cut it first."


def test_no_more_is_offered_than_this_installation_keeps(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = place.hear("ana", "Which lamp?")
    _takes(monkeypatch, Limits(videos=1))
    page = _page(place.client("officer"), one)
    most = settings.CALLBOX_MOST_MEDIA_BYTES
    assert _told(page)["public"]["offer"]["video_bytes"] == most
    assert f"Add a video, up to {most // (1024 * 1024)} MB" in page
    assert "image/" not in page.split('accept="')[1].split('"')[0]


def test_an_answer_is_offered_what_answers_take(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = place.hear("ana", "Which lamp?")
    _takes(monkeypatch, Limits(text=900, reply_text=90, images=9, reply_images=0, videos=1))
    told = _told(_page(place.client("officer"), one))
    assert (told["public"]["text"], told["public"]["offer"]["images"]) == (90, 0)
    _takes(monkeypatch, Limits(images=9, reply_images=0, videos=1, reply_videos=0))
    limits.forget()
    page = _page(place.client("officer"), one)
    assert _told(page)["public"]["offer"] is None
    assert 'name="images"' not in page


def test_a_video_goes_out_with_its_words(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    one = place.hear("ana", "Which lamp?")
    _takes(monkeypatch, FILMS)
    monkeypatch.setattr(Practice, "check", lambda *_: ())
    client = place.client("officer")
    asked = _reply(client, one, images=_film())
    assert asked.status_code == 422
    with acting_for(one.agency_id):
        kept = Picture.objects.get()
    page = asked.content.decode()
    assert f'<video src="/staff/pictures/{kept.id}/" controls preload="metadata">' in page
    assert "What does the video show?" in page
    assert "Say what each picture or video shows" in page
    assert _reply(client, one, **{f"alt_{kept.id}": "The corner at night"}).status_code == 302
    with acting_for(one.agency_id):
        sent = Picture.objects.get()
    assert (sent.mime, sent.alt, sent.post_id is None) == (
        "video/mp4",
        "The corner at night",
        False,
    )


def test_what_cannot_stand_together_is_said_kindly(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = place.hear("ana", "Which lamp?")
    _takes(monkeypatch, FILMS)

    def check(_self: Practice, outgoing: Outgoing) -> Sequence[Problem]:
        mixed = len({media.is_video for media in outgoing.media}) > 1
        return [Problem("media", "A video goes alone.")] if mixed else []

    monkeypatch.setattr(Practice, "check", check)
    still = io.BytesIO(picture("GIF"))
    still.name = "walk.gif"
    answer = _reply(place.client("officer"), one, images=[_film(), still], alts=["One", "Two"])
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A video goes alone." in page
    assert page.count('class="pic') == 2  # both wait here, to be sent apart


def test_a_text_is_counted_as_it_will_go_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    one = place.hear("ana", "Which lamp?")
    client = place.client("officer")
    _takes(monkeypatch, Limits(text=60))
    said = _count(client, one, "Hello")
    page = _page(client, one)
    signature = page.split('data-signature="')[1].split('"')[0]
    signed = len(f"Hello\n{signature}")
    assert said == {
        "used": signed,
        "words": f"{signed} of 60",
        "over": False,
        "parts": "",
    }
    lines = _count(client, one, "Hello\r\nyou")
    assert lines["used"] == signed + 4
    over = _count(client, one, "x" * 70)
    assert over["over"]
    assert over["words"] == f"{over['used'] - 60} too many"
    assert _count(client, one, "Hello", "note") == 204


def test_only_networks_that_count_for_themselves_are_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = place.hear("ana", "Which lamp?")
    client = place.client("officer")
    assert _told(_page(client, one))["public"]["asks"] is False
    monkeypatch.setattr(Practice, "measure", lambda _self, text, lane="public": 2 * len(text))
    assert _told(_page(client, one))["public"]["asks"] is True
    assert _count(client, one, "Hello")["used"] % 2 == 0


def test_parts_and_what_is_too_long_in_other_ways(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = place.hear("ana", "Which lamp?")
    client = place.client("officer")
    _takes(monkeypatch, Limits())
    monkeypatch.setattr(Practice, "parts", lambda _self, text: len(text) // 50)
    assert _count(client, one, "x" * 10)["parts"] == ""
    assert _count(client, one, "x" * 100)["parts"] == "2 text messages"
    problem = Problem("too_long", "Too many bytes.")
    monkeypatch.setattr(Practice, "check", lambda *_: [problem, Problem("other", "No.")])
    said = _count(client, one, "x")
    assert (said["words"], said["over"]) == ("Too many bytes.", True)


def test_who_may_not_answer_is_told_no_count(place: Place) -> None:
    one = place.hear("ana", "Which lamp?")
    assert _count(place.client("neighbour"), one, "Hello") == 404


def test_a_sender_who_was_not_confirmed(place: Place) -> None:
    one = place.hear("ana", "Which lamp?")
    client = place.client("officer")
    assert "Sender not confirmed" not in _page(client, one)
    with acting_for(one.agency_id):
        Message.objects.filter(conversation=one).update(refs={"doubts": ["sender", "<new>", 4]})
    page = _page(client, one)
    assert "Sender not confirmed" in page
    assert "&lt;new&gt;" not in page
    with acting_for(one.agency_id):
        Message.objects.filter(conversation=one).update(refs={"doubts": "sender"})
    assert "Sender not confirmed" not in _page(client, one)
