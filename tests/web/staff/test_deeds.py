"""Deeds by plain form, and by pages that ask in the background."""

import io
import json
from typing import Any

from django.test import Client
from PIL import Image

from callbox.actions import posts
from callbox.models.inbox import Conversation, Draft, Message, Note, ReadMark
from callbox.models.people import DutyWindow, Member
from callbox.models.posts import Delivery, Picture, Post
from callbox.scope import acting_for
from callbox.vocabulary import Lane
from tests import make
from tests.web.staff.conftest import Place

BACKGROUND = {"HX-Request": "true"}


def _url(one: Conversation, deed: str = "") -> str:
    return f"/staff/c/{one.id}/{deed}/" if deed else f"/staff/c/{one.id}/"


def _rows(place: Place, model: Any, **where: Any) -> list[Any]:
    with acting_for(place.town.agency.id):
        return list(model.objects.filter(**where))


def _reply(client: Client, one: Conversation, headers: Any = None, **data: Any) -> Any:
    values = {"lane": "public", "text": "On Thursday at six.", **data}
    return client.post(_url(one, "reply"), values, headers=headers or {})


def test_a_reply_without_javascript(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    answer = _reply(client, one)
    assert (answer.status_code, answer["Location"]) == (302, _url(one))
    [post] = _rows(place, Post)
    assert post.text.startswith("On Thursday at six.\n— ")
    shown = client.get(_url(one)).content.decode()
    assert "Goes out in" in shown
    [delivery] = _rows(place, Delivery)
    undone = client.post(f"/staff/d/{delivery.id}/withdraw/")
    assert undone.status_code == 302
    assert "On Thursday at six.</textarea>" in client.get(_url(one)).content.decode()


def test_a_reply_in_the_background_says_how_to_take_it_back(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    answer = _reply(place.client("officer"), one, BACKGROUND)
    events = json.loads(answer["HX-Trigger"])
    assert events["callbox:sent"] == events["callbox:did"] == {"id": str(one.id)}
    shown = answer.content.decode()
    assert 'id="composer"' in shown
    assert "hx-swap-oob" in shown
    assert "/withdraw/" in shown


def test_words_that_do_not_fit_come_back(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    long = "far too long " * 60
    for headers in ({}, BACKGROUND):
        answer = _reply(client, one, headers, text=long)
        assert answer.status_code == 422
        assert long.strip() in answer.content.decode()
        assert "too long" in answer.content.decode()
    assert _rows(place, Post) == []


def test_an_empty_reply_is_no_reply(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    answer = _reply(place.client("officer"), one, text="  ")
    assert answer.status_code == 422
    assert "Write something first." in answer.content.decode()


def test_somebody_wrote_meanwhile(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    seen = make.now().isoformat()
    place.town.street.reply("ana", _newest(place), "@pd11 Never mind, I found it.")
    place.town.collect()
    answer = _reply(place.client("officer"), one, BACKGROUND, seen=seen)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "This changed while you wrote." in shown
    assert "On Thursday at six." in shown
    assert _rows(place, Post) == []
    again = shown.split('name="seen" value="')[1].split('"')[0]
    assert _reply(place.client("officer"), one, BACKGROUND, seen=again).status_code == 200


def _newest(place: Place) -> str:
    return str(_rows(place, Message)[-1].external_id)


def test_a_note_stays_inside(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("records")
    assert _reply(client, one, lane="note", text="Seen it.").status_code == 302
    [note] = _rows(place, Note)
    assert note.text == "Seen it."
    assert _rows(place, Post) == []
    refused = _reply(client, one)
    assert refused.status_code == 422
    assert "Your role does not include" in refused.content.decode()


def _picture() -> io.BytesIO:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera that tells where it was"
    Image.new("RGB", (40, 20), "navy").save(file, "JPEG", exif=exif)
    file.seek(0)
    file.name = "walk.jpg"
    return file


def test_a_picture_goes_without_its_metadata(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    answer = _reply(client, one, images=_picture(), alts="The corner, at night")
    assert answer.status_code == 302
    [picture] = _rows(place, Picture)
    assert (picture.alt, picture.width, picture.post_id is None) == (
        "The corner, at night",
        40,
        False,
    )
    assert b"camera" not in bytes(picture.content)
    seen = client.get(f"/staff/pictures/{picture.id}/")
    assert (seen.status_code, seen["Content-Type"]) == (200, "image/jpeg")
    assert place.client("neighbour").get(f"/staff/pictures/{picture.id}/").status_code == 404


def test_a_picture_needs_words(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    background = _reply(client, one, BACKGROUND, images=_picture())
    assert background.status_code == 422
    assert _rows(place, Picture) == []  # the browser still has it
    plain = _reply(client, one, images=_picture())
    assert plain.status_code == 422
    [kept] = _rows(place, Picture)
    assert f'name="alt_{kept.id}"' in plain.content.decode()
    answer = _reply(client, one, **{f"alt_{kept.id}": "The corner"})
    assert answer.status_code == 302
    assert _rows(place, Picture)[0].alt == "The corner"


def test_what_is_no_picture_is_refused(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    file = io.BytesIO(b"<svg onload='alert(1)'/>")
    file.name = "x.png"
    answer = _reply(place.client("officer"), one, images=file, alts="x")
    assert answer.status_code == 422
    assert "not a picture that we can read" in answer.content.decode()


def test_drafts_are_kept_and_let_go_of(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    assert client.post(_url(one, "draft"), {"lane": "public", "text": "On Thu"}).status_code == 204
    assert "On Thu</textarea>" in client.get(_url(one)).content.decode()
    other = place.client("supervisor").get(_url(one)).content.decode()
    assert "is replying" in other
    assert "Take over" in other
    client.post(_url(one, "draft"), {"lane": "public", "text": ""})
    assert _rows(place, Draft) == []


def test_asking_for_a_draft_and_handing_it_over(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    officer, diaz = place.client("officer"), place.town.diaz
    officer.post(_url(one, "draft"), {"lane": "public", "text": "On Thursday"})
    place.members["diaz"] = _member(place, diaz.member_id)
    client = place.client("diaz")
    assert client.post(_url(one, "take-over")).status_code == 422  # fresh, and no supervisor
    assert client.post(_url(one, "ask")).status_code == 302
    assert "would like to take over" in officer.get(_url(one)).content.decode()
    assert officer.post(_url(one, "hand-over")).status_code == 302
    assert "On Thursday</textarea>" in client.get(_url(one)).content.decode()
    assert place.again(one.id).assignee_id == diaz.member_id


def _member(place: Place, pk: Any) -> Any:
    return _rows(place, Member, pk=pk)[0]


def test_reading_is_remembered(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    assert 'data-unread="1"' in client.get(_url(one)).content.decode()
    assert client.post(_url(one, "read")).status_code == 204
    assert len(_rows(place, ReadMark)) == 1
    assert 'data-unread=""' in client.get(_url(one)).content.decode()


def test_assigning_and_its_undo(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client, me = place.client("officer"), place.me("officer")
    assert "Who takes care of it?" in client.get(_url(one, "assign")).content.decode()
    answer = client.post(_url(one, "assign"), {"member": str(me.member_id)}, headers=BACKGROUND)
    assert answer["HX-Retarget"] == "#toasts"
    assert "/unassign/" in answer.content.decode()
    assert place.again(one.id).assignee_id == me.member_id
    client.post(_url(one, "unassign"), {"member": ""})
    assert place.again(one.id).assignee_id is None


def test_putting_off_and_taking_up(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    client.post(_url(one, "later"), {"until": "3h"})
    assert place.again(one.id).snoozed_until is not None
    assert "Put off until" in client.get(_url(one)).content.decode()
    client.post(_url(one, "now"))
    assert place.again(one.id).snoozed_until is None
    assert client.post(_url(one, "later"), {"until": "never"}).status_code == 422


def test_closing_needs_an_ending(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    for how, words in (
        ("", "Say how it ended first."),
        ("answered", "Nothing has gone out to them yet"),
        ("no:other", "Say it in a few words"),
        ("merged", "Use “merge” for that."),
    ):
        answer = client.post(_url(one, "close"), {"how": how}, headers=BACKGROUND)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    client.post(_url(one, "close"), {"how": "no:other", "words": "Wrong city"})
    closed = place.again(one.id)
    assert (closed.state, closed.disposition, closed.reason_words) == (
        "closed",
        "no_reply",
        "Wrong city",
    )
    assert "Open again" in client.get(_url(one)).content.decode()
    client.post(_url(one, "reopen"))
    assert place.again(one.id).state == "open"


def test_merging_and_its_undo(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    two = place.hear("ana", "And where is it?")
    client = place.client("officer")
    assert "When is the next meeting?" in client.get(_url(two, "merge")).content.decode()
    assert client.post(_url(two, "merge"), {"into": str(one.id)}).status_code == 302
    shown = client.get(_url(one)).content.decode()
    assert "And where is it?" in shown
    assert "Undo the merge" in shown
    client.post(_url(two, "unmerge"))
    assert place.again(two.id).state == "open"


def test_a_label_can_be_put_right(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = place.client("officer")
    client.post(_url(one, "relabel"), {"intent": "complaint", "urgency": "soon"})
    again = place.again(one.id)
    assert (again.intent, again.rank) == ("complaint", 1)
    shown = client.get(_url(one)).content.decode()
    assert "A colleague labelled it: Complaint." in shown
    assert "From “Question” to “Complaint”." in client.get(_url(one, "history")).content.decode()


def test_a_failed_reply_can_be_tried_again(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    queued = posts.reply(place.town.diaz, one.id, "On Thursday.", lane=Lane.PUBLIC)
    with acting_for(place.town.agency.id):
        Delivery.objects.filter(pk=queued.id).update(state="failed", error_words="It was too busy.")
    client = place.client("officer")
    shown = client.get(_url(one)).content.decode()
    assert "It was too busy. Your words are safe." in shown
    assert client.post(f"/staff/d/{queued.id}/again/").status_code == 302
    assert _rows(place, Delivery)[0].state == "queued"


def test_off_duty_only_notes_can_be_written(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    with acting_for(place.town.agency.id):
        DutyWindow.objects.all().delete()
    client = place.client("officer")
    shown = client.get(_url(one)).content.decode()
    assert "You are off duty." in shown
    assert _reply(client, one).status_code == 422
    assert _reply(client, one, lane="note").status_code == 302


def test_the_pane_alone_is_a_fragment(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    shown = place.client("officer").get(_url(one), headers=BACKGROUND).content.decode()
    assert shown.lstrip().startswith("<title>")
    assert 'id="composer"' in shown
    assert "<nav" not in shown


def test_a_form_of_another_site_does_nothing(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    client = Client(enforce_csrf_checks=True)
    client.cookies = place.client("officer").cookies
    answer = client.post(_url(one, "close"), {"how": "no:thanks"})
    assert answer.status_code == 403
    assert "This page was too old." in answer.content.decode()
    assert place.again(one.id).state == "open"


def test_deliveries_show_where_they_stand(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    queued = posts.reply(place.town.diaz, one.id, "On Thursday.", lane=Lane.PUBLIC)
    client = place.client("officer")
    for state, words in (
        ("sending", "Going out"),
        ("unknown", "Nobody can say yet"),
        ("sent", "Sent "),
        ("withdrawn", "Taken back"),
    ):
        with acting_for(place.town.agency.id):
            Delivery.objects.filter(pk=queued.id).update(state=state, sent_at=make.now())
        assert words in client.get(_url(one)).content.decode()
