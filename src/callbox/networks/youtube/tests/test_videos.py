"""Publishing a video, in parts, over a line that breaks."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks.youtube import upload
from callbox.networks.youtube.connector import YouTube
from callbox.networks.youtube.tests.harness import YouTubeHarness
from callbox.vocabulary import Media, Outgoing
from tests.servers.standin import Fault
from tests.servers.youtube import YouTubeServer, error

PART = 256 * 1024
BYTES = bytes(range(256)) * 1024 * 3 + b"the end"
PATH = "/upload/youtube/v3/videos"
TEXT = "How to report a broken light\nCall 311, or write to us.\nOfc. Diaz"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(upload.Upload.__init__.__kwdefaults__, "part", PART)


@pytest.fixture
def video(town: YouTubeHarness) -> Outgoing:
    return Outgoing("k", town.now(), TEXT, media=(Media(BYTES, "video/mp4", "A street light"),))


def films(server: YouTubeServer) -> list[tuple[str, str]]:
    """Title and description of what was published."""
    return [(one.title, one.description) for one in server.films.values()][1:]


def test_a_video_in_parts(youtube: YouTube, server: YouTubeServer, video: Outgoing) -> None:
    receipt = youtube.publish(video)
    assert films(server) == [
        ("How to report a broken light", "Call 311, or write to us.\nOfc. Diaz")
    ]
    assert receipt.permalink == f"https://www.youtube.com/watch?v={receipt.external_id}"
    (session,) = server.uploads.values()
    assert bytes(session.got) == BYTES
    assert len(server.made("PUT", PATH)) == 4
    assert youtube.look(receipt.external_id).text == TEXT


def test_a_video_from_a_file(
    youtube: YouTube, server: YouTubeServer, video: Outgoing, tmp_path: Path
) -> None:
    file = tmp_path / "light.mp4"
    file.write_bytes(BYTES)
    youtube.publish(replace(video, media=(Media(b"", "video/mp4", "A light", path=file),)))
    (session,) = server.uploads.values()
    assert bytes(session.got) == BYTES


@pytest.mark.parametrize("fault", [Fault.dropped(), Fault.after_success(), Fault.status(503)])
def test_a_break_in_the_middle_costs_one_part(
    youtube: YouTube, server: YouTubeServer, video: Outgoing, fault: Fault
) -> None:
    server.fault("PUT", PATH, Fault())
    server.fault("PUT", PATH, fault)
    youtube.publish(video)
    assert len(films(server)) == 1
    (session,) = server.uploads.values()
    assert bytes(session.got) == BYTES


def test_an_upload_whose_answer_is_lost(
    youtube: YouTube, server: YouTubeServer, video: Outgoing
) -> None:
    """Failure mode 1: the last part arrives, its answer does not; asking gets the id."""
    server.fault("PUT", PATH, Fault(), times=3)
    server.fault("PUT", PATH, Fault.after_success())
    receipt = youtube.publish(video)
    assert receipt.external_id in server.films
    assert len(films(server)) == 1


def test_a_line_that_stays_broken_after_the_last_part(
    youtube: YouTube, server: YouTubeServer, video: Outgoing, town: YouTubeHarness
) -> None:
    server.fault("PUT", PATH, Fault(), times=3)
    server.fault("PUT", PATH, Fault.after_success(), times=9)
    with pytest.raises(OutcomeUnknown):
        youtube.publish(video)
    receipt = youtube.find(video)
    assert receipt is not None
    assert len(films(server)) == 1


def test_a_line_that_breaks_before_the_end(
    youtube: YouTube, server: YouTubeServer, video: Outgoing, town: YouTubeHarness
) -> None:
    server.fault("PUT", PATH, Fault())
    server.fault("PUT", PATH, Fault.dropped(), times=9)
    with pytest.raises(Unavailable):
        youtube.publish(video)
    assert films(server) == []
    with pytest.raises(Unavailable, match="some minutes"):
        youtube.find(video)
    town.later(minutes=11)
    assert youtube.find(video) is None


def test_a_session_that_youtube_forgot(
    youtube: YouTube, server: YouTubeServer, video: Outgoing
) -> None:
    gone = Fault.status(404, error(404, "notFound").body)
    server.fault("PUT", PATH, gone)
    with pytest.raises(Unavailable):
        youtube.publish(video)
    server.fault("PUT", PATH, Fault(), times=3)
    server.fault("PUT", PATH, gone)
    with pytest.raises(OutcomeUnknown):
        youtube.publish(video)


def test_a_session_that_takes_nothing_more(
    youtube: YouTube, server: YouTubeServer, video: Outgoing
) -> None:
    server.fault("PUT", PATH, Fault.status(308), times=20)
    with pytest.raises(Unavailable):
        youtube.publish(video)


@pytest.mark.parametrize(
    "where", ["", "https://elsewhere.example/upload", "http://x.googleapis.com"]
)
def test_our_token_goes_to_google_only(
    youtube: YouTube, server: YouTubeServer, video: Outgoing, where: str
) -> None:
    answer = Fault.status(200, None, headers={"location": where} if where else {})
    server.fault("POST", PATH, answer)
    with pytest.raises(Refused):
        youtube.publish(video)


def test_the_same_video_of_last_week_is_not_it(
    youtube: YouTube, video: Outgoing, town: YouTubeHarness
) -> None:
    youtube.publish(video)
    town.later(days=7)
    later = replace(video, made_at=town.now() - timedelta(minutes=30))
    assert youtube.find(later) is None
    assert youtube.find(video) is not None


def test_a_video_that_waits_for_its_hour(
    youtube: YouTube, server: YouTubeServer, video: Outgoing, town: YouTubeHarness
) -> None:
    receipt = youtube.publish(replace(video, publish_at=town.now() + timedelta(hours=3)))
    assert server.films[receipt.external_id].status["privacyStatus"] == "private"
    assert not youtube.look(receipt.external_id).gone


def test_a_private_video_is_not_public(
    youtube: YouTube, server: YouTubeServer, video: Outgoing
) -> None:
    receipt = youtube.publish(video)
    server.films[receipt.external_id].status = {"privacyStatus": "private"}
    assert youtube.look(receipt.external_id).gone
    server.films[receipt.external_id].status = {"uploadStatus": "rejected"}
    assert youtube.look(receipt.external_id).gone


def test_correcting_and_taking_down(
    youtube: YouTube, server: YouTubeServer, video: Outgoing
) -> None:
    receipt = youtube.publish(video)
    youtube.edit(receipt.external_id, replace(video, text="How to report a light\nCall 311."))
    assert films(server) == [("How to report a light", "Call 311.")]
    youtube.delete(receipt.external_id)
    youtube.delete(receipt.external_id)
    assert youtube.look(receipt.external_id).gone
    with pytest.raises(Refused):
        youtube.edit(receipt.external_id, video)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"media": ()}, "media"),
        ({"media": (Media(b"x", "image/png", "A map"),)}, "media"),
        ({"text": "x" * 101}, "title"),
        ({"text": ""}, "title"),
        ({"text": "Title\n" + "ü" * 2501}, "text"),
        ({"text": "Read <this>"}, "signs"),
    ],
)
def test_what_does_not_fit(
    youtube: YouTube, video: Outgoing, change: dict[str, object], code: str
) -> None:
    wrong = replace(video, **change)  # type: ignore[arg-type]  # one field at a time
    assert [problem.code for problem in youtube.check(wrong)] == [code]
    with pytest.raises(Refused):
        youtube.publish(wrong)
