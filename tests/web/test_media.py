"""Stored files, to members who may read them and to nobody else; ours, to networks."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from callbox import store
from callbox.actions import pictures, posts
from callbox.actions.doing import NotPossible
from callbox.ids import new_id
from callbox.models.inbox import Conversation, Message
from callbox.models.media import GONE, REFUSED, WAITING, Attachment
from callbox.models.posts import Picture
from callbox.queries.media import mark_of
from callbox.queries.pictures import address, media_of
from callbox.scope import acting_for
from callbox.vocabulary import AttachmentSeen, Lane
from callbox.web import serving
from tests import make
from tests.actions.hearing import at, said, take
from tests.fetcher.test_stripping import PLACE, animation, film
from tests.illustrated import jpeg, mp4, png, stored
from tests.web.staff.conftest import Place, built, place

__all__ = ["built", "place"]  # fixtures

SECRET = "https://media.example/a?token=secret"
HARMLESS = "sandbox"


@pytest.fixture(autouse=True)
def _empty_store(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def one(place: Place) -> Conversation:
    return place.hear("ana", "Look at this corner")


def show(
    place: Place,
    one: Conversation,
    content: bytes = b"",
    kind: str = "image",
    alt: str = "",
    **row: Any,
) -> Attachment:
    """A message with a file: kept when there is content, else as `row` says. Its address is
    `SECRET`."""
    town = place.town
    seen = AttachmentSeen(kind, SECRET, alt)
    author = make.one([one.author_id])
    take(town, said("with", 1, "Here", attachments=(seen,), root_id=None))
    with acting_for(town.agency.id):
        message = Message.objects.get(external_id="with")
        Message.objects.filter(pk=message.pk).update(conversation_id=one.id, author_id=author)
        Attachment.objects.filter(message=message).delete()
    made = stored(one, content or png(), kind=kind, mark=mark_of(SECRET))
    with acting_for(town.agency.id):
        Attachment.objects.filter(pk=made.pk).update(message_id=message.id, **row)
        return Attachment.objects.select_related("message").get(pk=made.pk)


def thread(place: Place, one: Conversation, who: str = "officer") -> str:
    return place.client(who).get(f"/staff/c/{one.id}/").content.decode()


def url(row: Attachment, name: str = "media") -> str:
    return reverse(f"staff:{name}", args=[row.id])


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# --- staff ----------------------------------------------------------------------------------------


def test_a_picture_in_the_thread(place: Place, one: Conversation) -> None:
    row = show(place, one, jpeg((1600, 800)), alt="A <dark> corner", width=1600, height=800)
    page = thread(place, one)
    assert f'src="{url(row, "small_media")}"' in page
    assert 'width="320" height="160"' in page
    assert 'alt="A &lt;dark&gt; corner"' in page
    assert f'href="{url(row)}"' in page
    assert "secret" not in page
    assert "media.example" not in page
    small = place.client("officer").get(url(row, "small_media"))
    assert (small["Content-Type"], small.status_code) == ("image/webp", 200)
    assert len(body(small)) < len(jpeg((1600, 800)))


def test_what_has_no_description_says_so(place: Place, one: Conversation) -> None:
    show(place, one)
    assert 'alt="Picture, no description given"' in thread(place, one)


@pytest.mark.parametrize(
    ("kind", "content", "mark"),
    [
        ("video", mp4(99), "<video"),
        ("audio", b"OggS" + bytes(90), "<audio"),
        ("other", b"%PDF-1.7" + bytes(90), "PDF,"),
        ("image", b"\0\0\0\x18ftypheic" + bytes(90), "HEIC,"),
        ("audio", b"#!AMR\n" + bytes(90), "AMR,"),
    ],
)
def test_other_files_in_the_thread(
    place: Place, one: Conversation, kind: str, content: bytes, mark: str
) -> None:
    row = show(place, one, content, kind)
    page = thread(place, one)
    assert mark in page
    assert url(row) in page
    assert url(row, "small_media") not in page
    if mark.startswith("<"):
        assert 'preload="none"' in page
    else:
        assert " download" in page
    assert place.client("officer").get(url(row, "small_media")).status_code == 404


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (WAITING, "Picture · on its way"),
        (REFUSED, "Picture · not stored. The picture is broken."),
        (GONE, "Picture · could not be had. The picture is broken."),
    ],
)
def test_what_is_not_here_says_why(place: Place, one: Conversation, state: str, words: str) -> None:
    row = show(place, one, state=state, words="The picture is broken.")
    page = thread(place, one)
    assert words in page
    assert url(row) not in page
    assert "secret" not in page
    assert place.client("officer").get(url(row)).status_code == 404


def test_a_picture_that_was_edited_out_stays_with_its_version(
    place: Place, one: Conversation
) -> None:
    row = show(place, one, alt="The first picture")
    take(place.town, said("with", 1, "Better so", edited_at=at(3)))
    page = thread(place, one)
    versions = page.partition('class="versions"')[2]
    assert url(row, "small_media") in versions
    assert "The first picture" not in page.partition('class="versions"')[0]


def test_links_still_lead_away(place: Place, one: Conversation) -> None:
    show(place, one, kind="link")
    with acting_for(place.town.agency.id):
        Attachment.objects.all().delete()
    assert 'rel="noreferrer noopener"' in thread(place, one)


WHO = {
    "officer": 200, "supervisor": 200, "news_affairs": 200, "records": 200, "oversight": 200,
    "administrator": 403, "tip_handler": 403, "neighbour": 404, "stranger": 404, "": 302,
}  # fmt: skip


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", ["media", "small_media"])
def test_who_may_see_it(place: Place, one: Conversation, who: str, name: str) -> None:
    row = show(place, one)
    answer = place.client(who).get(url(row, name))
    assert answer.status_code == WHO[who]
    assert ("private, max-age=600" in answer.get("Cache-Control", "")) == (WHO[who] == 200)


def test_what_its_author_deleted_is_for_those_who_may_read_such_things(
    place: Place, one: Conversation
) -> None:
    row = show(place, one)
    with acting_for(place.town.agency.id):
        Message.objects.filter(pk=row.message_id).update(deleted_at=make.now())
    seen = {who: place.client(who).get(url(row)).status_code for who in ("officer", "records")}
    assert seen == {"officer": 404, "records": 200}
    assert url(row, "small_media") not in thread(place, one)
    assert url(row, "small_media") in thread(place, one, "records")


def test_a_merged_conversation_is_read_where_it_went(place: Place, one: Conversation) -> None:
    row = show(place, one)
    other = place.hear("ana", "Another thing")
    with acting_for(place.town.agency.id):
        home = make.unit(place.town.agency, "007").id
        Conversation.objects.filter(pk=one.id).update(unit_id=home, merged_into_id=other.id)
    assert place.client("officer").get(url(row)).status_code == 200


def test_a_file_opens_harmlessly(place: Place, one: Conversation) -> None:
    polyglot = png() + b"<script>alert(1)</script>"
    answer = place.client("officer").get(url(show(place, one, polyglot)))
    assert body(answer) == polyglot
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline; filename=")
    assert answer["Content-Security-Policy"].endswith(HARMLESS)
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, max-age=600"


def test_a_document_is_saved_and_not_opened(place: Place, one: Conversation) -> None:
    answer = place.client("officer").get(url(show(place, one, b"%PDF-1.7" + bytes(90), "other")))
    assert answer["Content-Disposition"].startswith("attachment; filename=")


def test_a_damaged_file_is_not_shown(
    place: Place, one: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    row = show(place, one)
    store.path(row.agency_id, row.sha256).write_bytes(jpeg())
    for name in ("media", "small_media"):
        assert place.client("officer").get(url(row, name)).status_code == 404
    assert "not what its name says" in caplog.text
    store.path(row.agency_id, row.sha256).unlink()
    assert place.client("officer").get(url(row)).status_code == 404


FILM = mp4(1000)


@pytest.mark.parametrize(
    ("asked", "status", "part", "said"),
    [
        ("bytes=0-9", 206, FILM[:10], f"bytes 0-9/{len(FILM)}"),
        ("bytes=10-", 206, FILM[10:], f"bytes 10-{len(FILM) - 1}/{len(FILM)}"),
        ("bytes=-5", 206, FILM[-5:], f"bytes {len(FILM) - 5}-{len(FILM) - 1}/{len(FILM)}"),
        ("bytes=-99999", 206, FILM, f"bytes 0-{len(FILM) - 1}/{len(FILM)}"),
        ("bytes=0-999999", 206, FILM, f"bytes 0-{len(FILM) - 1}/{len(FILM)}"),
        ("bytes=99999-", 416, b"", f"bytes */{len(FILM)}"),
        ("bytes=-0", 416, b"", f"bytes */{len(FILM)}"),
        ("bytes=9-3", 416, b"", f"bytes */{len(FILM)}"),
        ("bytes=0-1,5-6", 200, FILM, ""),
        ("bytes=-", 200, FILM, ""),
        ("lines=1-2", 200, FILM, ""),
        ("bytes=x-y", 200, FILM, ""),
        ("bytes=" + "9" * 30 + "-", 200, FILM, ""),
    ],
)
def test_parts_of_a_video(
    place: Place, one: Conversation, asked: str, status: int, part: bytes, said: str
) -> None:
    row = show(place, one, FILM, "video")
    answer = place.client("officer").get(
        url(row), headers={"Range": asked, "Accept-Encoding": "gzip"}
    )
    assert (answer.status_code, body(answer)) == (status, part)
    assert answer.get("Content-Range", "") == said
    assert answer["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in answer


def test_a_part_of_another_film(place: Place, one: Conversation) -> None:
    row = show(place, one, FILM, "video")
    client = place.client("officer")
    for tag, status in ((f'"{row.sha256}"', 206), ('"another"', 200)):
        answer = client.get(url(row), headers={"Range": "bytes=0-9", "If-Range": tag})
        assert answer.status_code == status


def test_large_files_come_in_parts(
    place: Place, one: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PART", 100)
    row = show(place, one, FILM, "video")
    client = place.client("officer")
    whole = client.get(url(row))
    assert whole.streaming
    assert body(whole) == FILM
    assert whole["Content-Length"] == str(len(FILM))
    part = client.get(url(row), headers={"Range": "bytes=0-"})
    assert (part.status_code, body(part)) == (206, FILM[:100])


# --- ours, for networks ---------------------------------------------------------------------------


@pytest.fixture
def public(settings: Any) -> None:
    settings.CALLBOX_URL = "https://talk.example.gov"
    settings.ALLOWED_HOSTS = ["*"]


def sent(place: Place, one: Conversation, content: bytes, alt: str = "A map") -> Picture:
    """A picture of a reply."""
    me = place.town.diaz
    pk = pictures.add(me, io.BytesIO(content), len(content), alt)
    posts.reply(me, one.id, "Look", lane=Lane.PUBLIC, picture_ids=[pk])
    with acting_for(me.agency_id):
        return Picture.objects.get(pk=pk)


def path_of(picture: Picture) -> str:
    return address(picture).removeprefix("https://talk.example.gov")


@pytest.mark.usefixtures("public")
def test_a_network_fetches_a_picture(place: Place, one: Conversation) -> None:
    picture = sent(place, one, jpeg((300, 200)))
    path = path_of(picture)
    assert path.startswith("/media/")
    assert path.endswith("/picture.jpg")
    for hidden in (picture.id.hex, picture.agency_id.hex, str(picture.id)):
        assert hidden not in path
    answer = Client().get(path, headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer.content == bytes(picture.content)
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["Content-Security-Policy"].endswith(HARMLESS)
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert "Content-Encoding" not in answer
    head = Client().head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(answer.content))


@pytest.mark.usefixtures("public")
def test_nothing_else_is_there(place: Place, one: Conversation) -> None:
    picture = sent(place, one, jpeg())
    path = path_of(picture)
    token = path.split("/")[2]
    unsent = Picture(id=new_id(), agency_id=picture.agency_id, mime="image/jpeg")
    theirs = Picture(id=picture.id, agency_id=place.other.id, mime="image/jpeg")
    wrong = [
        path_of(unsent), path_of(theirs), f"/media/{token}/picture.png", f"/media/{token}/x",
        f"/media/{token[:-2]}xx/picture.jpg", "/media/x/picture.jpg", "/media/a:b:c/picture.jpg",
        f"/media/{picture.id}/picture.jpg", "/media/%00/%00",
    ]  # fmt: skip
    answers = [Client().get(each) for each in wrong]
    with time_machine.travel(make.now() + timedelta(hours=24, seconds=2)):
        answers.append(Client().get(path))
    assert {(each.status_code, each.content) for each in answers} == {(404, b"Nothing is here.\n")}
    assert Client().get("/media/").status_code == 404
    assert Client().post(path).status_code == 405
    with time_machine.travel(make.now() + timedelta(hours=23, minutes=59)):
        assert Client().get(path).status_code == 200


@pytest.mark.usefixtures("public")
def test_a_picture_that_was_never_sent_stays_ours(place: Place) -> None:
    me = place.town.diaz
    pk = pictures.add(me, io.BytesIO(jpeg()), 100, "A map")
    with acting_for(me.agency_id):
        picture = Picture.objects.get(pk=pk)
    assert Client().get(path_of(picture)).status_code == 404


def test_without_a_public_address_there_is_none(place: Place, settings: Any) -> None:
    picture = Picture(id=new_id(), agency_id=place.other.id, mime="image/jpeg")
    for site in ("http://127.0.0.1:8000", "http://talk.example.gov"):
        settings.CALLBOX_URL = site
        assert address(picture) == ""


@pytest.mark.usefixtures("public")
def test_only_networks_that_fetch_are_given_one(
    place: Place, one: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = sent(place, one, jpeg())
    account = place.town.account
    assert [each.url for each in media_of([picture], account)] == [""]
    monkeypatch.setattr("callbox.networks.practice.connector.Practice.media_by_url", True)
    assert [each.url for each in media_of([picture], account)] == [address(picture)]


@pytest.mark.usefixtures("public")
def test_a_video_goes_out_as_a_file_without_its_place(place: Place) -> None:
    me = place.town.diaz
    pk = pictures.add(me, io.BytesIO(film()), len(film()), "The park")
    with acting_for(me.agency_id):
        picture = Picture.objects.get(pk=pk)
        [ready] = media_of([picture], place.town.account)
    assert (ready.is_video, ready.mime, ready.content) == (True, "video/mp4", b"")
    assert (ready.width, ready.height, ready.size) == (640, 360, len(film()))
    assert ready.path is not None
    assert PLACE not in ready.path.read_bytes()
    answer = place.client("officer").get(f"/staff/pictures/{pk}/", headers={"Range": "bytes=0-3"})
    assert answer.status_code == 404  # somebody else's, and not sent yet


def test_a_video_of_ours_in_the_thread(place: Place, one: Conversation) -> None:
    me = place.town.diaz
    pk = pictures.add(me, io.BytesIO(film()), len(film()), "The park")
    reply = posts.reply(me, one.id, "Look", lane=Lane.PUBLIC)
    with acting_for(me.agency_id):
        Picture.objects.filter(pk=pk).update(post=reply.post)
    assert f'<video src="/staff/pictures/{pk}/" controls preload="none"' in thread(place, one)
    url = f"/staff/pictures/{pk}/"
    part = place.client("officer").get(url, headers={"Range": "bytes=4-7"})
    assert (part.status_code, body(part), part["Content-Type"]) == (206, b"ftyp", "video/mp4")
    assert place.client("neighbour").get(url).status_code == 404


def test_an_animation_stays_one(place: Place) -> None:
    me = place.town.diaz
    content = animation(comment=PLACE)
    pk = pictures.add(me, io.BytesIO(content), len(content), "A parade")
    with acting_for(me.agency_id):
        picture = Picture.objects.get(pk=pk)
    assert (picture.mime, picture.sha256) == ("image/gif", "")
    assert PLACE not in bytes(picture.content)
    assert bytes(picture.content).startswith(b"GIF89a")


@pytest.mark.parametrize(
    ("content", "size", "why"),
    [
        (film(), 10**9, "larger than 100 MB"),
        (mp4(99), 99, "broken"),
        (animation()[:40], 40, "not whole"),
        (jpeg(), 13 * 1024 * 1024, "larger than 12 MB"),
        (b"<svg/>", 6, "not a picture"),
    ],
)
def test_what_does_not_go_out(place: Place, content: bytes, size: int, why: str) -> None:
    with pytest.raises(NotPossible, match=why):
        pictures.add(place.town.diaz, io.BytesIO(content), size, "x")
