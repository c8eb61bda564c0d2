"""Pictures and files, to members who may read their conversation; and ours, to networks that fetch
what we publish."""

import logging
from typing import cast
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from callbox import store, thumbnails
from callbox.filekinds import SHOWN
from callbox.models.media import Attachment
from callbox.models.posts import Picture
from callbox.moment import now_utc
from callbox.queries import media, pictures
from callbox.scope import acting_for
from callbox.vocabulary import Deed
from callbox.web import serving
from callbox.web.doors import StaffRequest, page

log = logging.getLogger(__name__)
CHECKED = 16 * 1024 * 1024  # bytes up to which a file is compared with its name before it is shown
KEPT_FOR = "private, max-age=600"  # short: what its author deletes soon shows to few


@page(Deed.READ)
def _attachment(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _found(request, pk)
    place = store.path(row.agency_id, row.sha256)
    if row.size <= CHECKED and not store.verify(row.agency_id, row.sha256):
        log.error("stored file %s is not what its name says", row.sha256)
        raise Http404("This file is not here.")
    if not place.exists():
        raise Http404("This file is not here.")
    served = serving.file(request, place, row.mime, f"{row.kind}-{row.id.hex[-8:]}", row.sha256)
    return cast("HttpResponse", served)


@page(Deed.READ)
def _small(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _found(request, pk)
    if row.mime not in SHOWN:
        raise Http404("This is no picture.")
    try:
        place = thumbnails.small(row.agency_id, row.sha256)
    except (OSError, ValueError) as error:
        log.exception("no small picture of %s", row.sha256)
        raise Http404("This picture is not here.") from error
    tag = f"{row.sha256}-{thumbnails.WIDTH}"
    served = serving.file(request, place, "image/webp", f"small-{row.id.hex[-8:]}", tag)
    return cast("HttpResponse", served)


def _found(request: StaffRequest, pk: UUID) -> Attachment:
    row = media.find(request.me, pk, now_utc())
    if row is None:
        raise Http404("This file is not here.")
    return row


def attachment(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A file of a message, to those who may read it."""
    return _briefly_kept(_attachment(request, pk))


def small(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A picture of a message, small enough for a thread."""
    return _briefly_kept(_small(request, pk))


def _briefly_kept(response: HttpResponseBase) -> HttpResponseBase:
    """Pages are never kept by browsers; pictures are, for a few minutes of scrolling."""
    if response.status_code in (200, 206):
        response["Cache-Control"] = KEPT_FOR
        del response["Expires"]
    return response


@require_safe
def ours(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """A picture or video of a post, to whoever has its signed address: a network that we told it.
    One answer for everything that is not to be had, whatever the reason."""
    try:
        agency_id, picture_id = pictures.opened(token)
    except signing.BadSignature:
        return _nothing()
    with acting_for(agency_id):
        found = media.of_post(picture_id)
    if found is None or name != pictures.name_of(found.mime):
        return _nothing()
    served = _of_ours(request, agency_id, found)
    served["Cache-Control"] = "private, no-store"
    served["Cross-Origin-Resource-Policy"] = "cross-origin"
    served["X-Robots-Tag"] = "noindex"
    return served


def _of_ours(request: HttpRequest, agency_id: UUID, found: Picture) -> HttpResponseBase:
    if not found.sha256:
        return serving.content(request, bytes(found.content), found.mime, "picture")
    place = store.path(agency_id, found.sha256)
    if not place.exists():
        log.error("the file %s of a post is not there", found.sha256)
        return _nothing()
    return serving.file(request, place, found.mime, "picture", found.sha256)


def picture(request: HttpRequest, found: Picture) -> HttpResponse:
    """A picture or video of ours, to a member; whether they may see it is settled."""
    return cast("HttpResponse", _of_ours(request, found.agency_id, found))


def _nothing() -> HttpResponse:
    return HttpResponse("Nothing is here.\n", status=404, content_type="text/plain")


urlpatterns = [path("<str:token>/<str:name>", ours, name="our_media")]
