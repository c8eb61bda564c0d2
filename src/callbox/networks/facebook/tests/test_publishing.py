"""Posts of the Page: text, link, pictures, video, held until a time."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.harness import Clock, account, session
from callbox.networks.facebook.tests.make import KEY, picture
from callbox.vocabulary import Media, Outgoing, Poll
from tests.servers.facebook import Facebook as Server
from tests.servers.standin import Fault


def test_text_and_link(server: Server, connector: Facebook, clock: Clock) -> None:
    outgoing = Outgoing(KEY, clock(), "Open on Sunday.", link="https://example.org/hours")
    receipt = connector.publish(outgoing)
    assert connector.look(receipt.external_id).text == "Open on Sunday."
    (call,) = server.made("POST", "/v25.0/*/feed")
    assert call.form() == {"message": "Open on Sunday.", "link": "https://example.org/hours"}
    connector.edit(receipt.external_id, Outgoing(KEY, clock(), "Open on Monday."))
    assert connector.look(receipt.external_id).text == "Open on Monday."


def test_pictures_have_descriptions(server: Server, connector: Facebook, clock: Clock) -> None:
    media = (picture("A road sign"), picture("A map of the detour"))
    receipt = connector.publish(Outgoing(KEY, clock(), "Detour", media=media))
    photos = [
        server.objects[one["media_fbid"]] for one in server.objects[receipt.external_id]["_media"]
    ]
    assert [one["_alt"] for one in photos] == ["A road sign", "A map of the detour"]


def test_a_failed_upload_said_nothing(server: Server, connector: Facebook, clock: Clock) -> None:
    """A picture that nobody sees yet: whatever becomes of its upload, nothing was said."""
    outgoing = Outgoing(KEY, clock(), "Detour", media=(picture(),))
    for fault in (Fault.after_success(), Fault.dropped(), Fault.status(500)):
        server.fault("POST", "/v25.0/*/photos", fault)
        with pytest.raises(Unavailable, match="nothing was said"):
            connector.publish(outgoing)
    assert server.texts().count("Detour") == 0


def test_a_video_goes_in_parts(
    server: Server, connector: Facebook, clock: Clock, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 40
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    for media in (Media(b"", "video/mp4", "A walk", path=path), Media(content, "video/mp4", "A")):
        receipt = connector.publish(Outgoing(KEY, clock(), "A walk", media=(media,)))
        assert connector.look(receipt.external_id).text == "A walk"
    assert [upload["bytes"] for upload in server.uploads.values()] == [content, content]


def test_videos_go_to_a_host_of_their_own(clock: Clock) -> None:
    hosts: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        begun = {"upload_session_id": "1", "video_id": "2", "start_offset": "0"}
        return httpx.Response(200, json={**begun, "end_offset": "0", "id": "2"})

    seen = account("https://graph.facebook.com")
    made = Facebook(seen, session(), now=clock, transport=httpx.MockTransport(handler))
    video = Media(b"x", "video/mp4", "A walk")
    made.publish(Outgoing(KEY, clock(), "A walk", media=(video,)))
    assert hosts == ["graph-video.facebook.com"] * 2 + ["graph.facebook.com"]
    made.close()


def test_a_video_that_fails_later_is_not_there(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    """Failure mode 5: published is not processed; looking at it says when that went wrong."""
    video = Media(b"x" * 100, "video/mp4", "A walk")
    receipt = connector.publish(Outgoing(KEY, clock(), "A walk", media=(video,)))
    assert not connector.look(receipt.external_id).gone
    connector.edit(receipt.external_id, Outgoing(KEY, clock(), "A longer walk"))
    assert connector.look(receipt.external_id).text == "A longer walk"
    server.objects[receipt.external_id]["status"] = {"video_status": "error"}
    assert connector.look(receipt.external_id).gone
    connector.delete(receipt.external_id)
    assert connector.look(receipt.external_id).gone


def test_a_video_whose_end_is_lost_is_found_again(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    """Failure mode 1: only the last phase says something, and it is looked for."""
    video = Media(b"x" * 100, "video/mp4", "A walk")
    outgoing = Outgoing(KEY, clock(), "A walk", media=(video,))
    for _ in range(2):
        server.fault("POST", "/v25.0/*/videos", Fault(), times=1)
    server.fault("POST", "/v25.0/*/videos", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    found = connector.find(outgoing)
    assert found is not None
    assert connector.look(found.external_id).text == "A walk"


def test_a_post_is_held_until_its_time(server: Server, connector: Facebook, clock: Clock) -> None:
    at = clock() + timedelta(hours=3)
    outgoing = Outgoing(KEY, clock(), "Tomorrow", publish_at=at, media=(picture(),))
    assert connector.check(outgoing) == ()
    receipt = connector.publish(outgoing)
    assert server.objects[receipt.external_id]["_held"]
    found = connector.find(outgoing)
    assert found is not None
    assert found.external_id == receipt.external_id
    assert connector.find(Outgoing(KEY, clock(), "Tomorrow")) is None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text": "x" * 63_207}, "too_long"),
        ({"text": ""}, "empty"),
        ({"poll": Poll(("a", "b"), 60)}, "poll"),
        ({"form": "story"}, "form"),
        ({"publish_at": timedelta(minutes=9)}, "time"),
        ({"publish_at": timedelta(days=31)}, "time"),
        ({"media": (picture(),) * 11}, "media"),
        ({"media": (picture(), Media(b"x", "video/mp4", "A"))}, "media"),
        ({"media": (picture(),), "link": "https://example.org"}, "link"),
        ({"media": (Media(b"x" * 5_000_000, "image/png", "A"),)}, "size"),
    ],
)
def test_what_does_not_fit_is_said_before_it_goes(
    connector: Facebook, clock: Clock, more: dict[str, object], code: str
) -> None:
    parts = {"text": "Hello", **more}
    if isinstance(parts.get("publish_at"), timedelta):
        parts["publish_at"] = clock() + parts["publish_at"]  # type: ignore[operator]  # it is one
    outgoing = Outgoing(KEY, clock(), **parts)  # type: ignore[arg-type]  # as the cases say
    assert [one.code for one in connector.check(outgoing)] == [code]


def test_a_time_that_the_network_does_not_take(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    outgoing = Outgoing(KEY, clock(), "Now", publish_at=clock() + timedelta(minutes=1))
    with pytest.raises(Refused, match="scheduled publish time"):
        connector.publish(outgoing)
