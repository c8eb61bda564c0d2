"""The composer's form: a reply, a private message or a note; and drafts as they are written."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from callbox.actions import conversations as deeds
from callbox.actions import pictures, posts, presence
from callbox.actions.doing import NotPossible, Stale
from callbox.actions.posts import DoesNotFit
from callbox.moment import now_utc
from callbox.rules.access import Denied
from callbox.rules.posts import HOLD
from callbox.rules.triage import language_of
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Lane
from callbox.web.doors import StaffRequest, deed
from callbox.web.staff import answers
from callbox.web.staff.answers import Toast
from callbox.web.staff.composers import NOTE, Typed, composer
from callbox.web.staff.conversation import found, show

MOST_TEXT = 20_000
MOST_PICTURES = 10


@deed(Deed.NOTE)
def reply(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Say it, or keep the words and say why not."""
    with acting_for(request.me.agency_id):
        found(request, pk, now_utc())
    text = typed_text(request)
    lane = request.POST.get("lane", "")
    kept: list[UUID] = []
    try:
        if lane == NOTE:
            return _noted(request, pk, text)
        kept = _pictures(request)
        return _replied(request, pk, text, _lane(lane), kept)
    except Undescribed as error:
        typed = Typed(text, lane, problem=str(error), picture_ids=error.picture_ids)
        return _not_taken(request, pk, typed, 422)
    except Stale as error:
        return _not_taken(request, pk, Typed(text, lane, changed=str(error), picture_ids=kept), 409)
    except (DoesNotFit, NotPossible, Denied) as error:
        return _not_taken(request, pk, Typed(text, lane, problem=str(error), picture_ids=kept), 422)


def typed_text(request: StaffRequest) -> str:
    """What was written. Browsers send the end of a line as two characters; networks would count,
    and some show, both."""
    return str(request.POST.get("text", ""))[:MOST_TEXT].replace("\r\n", "\n")


def _lane(value: str) -> Lane:
    if value not in (Lane.PUBLIC.value, Lane.PRIVATE.value):
        raise NotPossible(_("Choose who can read it first."))
    return Lane(value)


def _noted(request: StaffRequest, pk: UUID, text: str) -> HttpResponse:
    deeds.note(request.me, pk, text)
    presence.save_draft(request.me, pk, NOTE, "")
    return _taken(request, pk, None)


def _replied(
    request: StaffRequest, pk: UUID, text: str, lane: Lane, kept: Sequence[UUID]
) -> HttpResponse:
    delivery = posts.reply(
        request.me,
        pk,
        text,
        lane=lane,
        language=language_of(text),
        picture_ids=kept,
        seen_at=_seen(request.POST.get("seen", "")),
    )
    toast = Toast(
        _("It goes out in a moment") if lane is Lane.PRIVATE else _("It goes public in a moment"),
        conversation=pk,
        seconds=int(HOLD.total_seconds()),
        counts=True,
        undo_url=reverse("staff:withdraw", args=[delivery.id]),
    )
    return _taken(request, pk, toast)


def _taken(request: StaffRequest, pk: UUID, toast: Toast | None) -> HttpResponse:
    """An empty composer again, and a toast beside it."""
    if not answers.in_background(request):
        return redirect("staff:conversation", pk)
    now = now_utc()
    with acting_for(request.me.agency_id):
        one = found(request, pk, now)
        values = {"composer": composer(request.me, one, now), "thread": one, "toast": toast}
        response = render(request, "staff/composed.html", values)
    events = {"callbox:sent": {"id": str(pk)}, "callbox:did": {"id": str(pk)}}
    response["HX-Trigger"] = json.dumps(events)
    return response


def _not_taken(request: StaffRequest, pk: UUID, typed: Typed, status: int) -> HttpResponse:
    """The words come back with the reason. A browser that sent pictures in the background still
    has them; without that, they are kept here until their form comes back."""
    in_background = answers.in_background(request)
    if in_background:
        pictures.drop(request.me, typed.picture_ids)
    with acting_for(request.me.agency_id):
        if not in_background:
            return show(request, pk, typed=typed, status=status)
        now = now_utc()
        one = found(request, pk, now)
        values = {"composer": composer(request.me, one, now, typed=typed), "thread": one}
        return render(request, "staff/composer.html", values, status=status)


def _seen(text: str) -> datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _pictures(request: StaffRequest) -> list[UUID]:
    """Pictures that came with the form, and those that an earlier try left here, all described.

    Raises NotPossible; then what was kept is let go of, unless only words are missing.
    """
    files = request.FILES.getlist("images")[:MOST_PICTURES]
    alts = request.POST.getlist("alts")
    kept = [pk for pk in _described(request) if pk is not None]
    added: list[UUID] = []
    try:
        for at, file in enumerate(files):
            alt = alts[at] if at < len(alts) else ""
            added.append(pictures.add(request.me, file, file.size or 0, alt))
    except NotPossible:
        pictures.drop(request.me, added)
        raise
    if pictures.undescribed(request.me, [*kept, *added]):
        raise Undescribed([*kept, *added])
    return [*kept, *added]


class Undescribed(NotPossible):
    """A picture or video has no words yet. `picture_ids` wait for theirs."""

    def __init__(self, picture_ids: Sequence[UUID]) -> None:
        super().__init__(_("Say what each picture or video shows, for people who can’t see it."))
        self.picture_ids = picture_ids


def _described(request: StaffRequest) -> list[UUID | None]:
    """Pictures of an earlier try whose words came now (`alt_<id>`)."""
    made: list[UUID | None] = []
    for name, alt in request.POST.items():
        if not name.startswith("alt_"):
            continue
        try:
            pk = UUID(name.removeprefix("alt_"))
        except ValueError:
            continue
        made.append(pk if pictures.describe(request.me, pk, str(alt)) else None)
    return made


@deed(Deed.NOTE)
def draft(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Keep what is being written. 204 in any case that loses nothing, 422 when it was not kept."""
    try:
        text = typed_text(request)
        presence.save_draft(request.me, pk, request.POST.get("lane", NOTE), text)
    except (NotPossible, Denied):
        return HttpResponse(status=422)
    return HttpResponse(status=204)


@deed(Deed.READ)
def read(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Remember that this was read as far as it goes."""
    now = now_utc()
    with acting_for(request.me.agency_id):
        one = found(request, pk, now)
    presence.mark_read(request.me, one.id, now)
    return HttpResponse(status=204)
