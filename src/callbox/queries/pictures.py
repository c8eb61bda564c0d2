"""Our own pictures, as connectors are given them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from callbox import store
from callbox.filekinds import ENDINGS
from callbox.models.accounts import Account
from callbox.models.posts import Picture
from callbox.networks import connector_class
from callbox.vocabulary import Media

GOOD_FOR = timedelta(hours=24)  # of a public address: networks fetch at once, some again later
_SALT = "callbox.media.ours"


def media_of(pictures: Sequence[Picture], account: Account) -> tuple[Media, ...]:
    """Pictures ready to go out through an account, in this order: with a public address where its
    network fetches them itself."""
    by_url = connector_class(account.network).media_by_url
    return tuple(_media(one, address(one) if by_url else "") for one in pictures)


def _media(one: Picture, url: str) -> Media:
    video = one.mime.startswith("video/")
    return Media(
        bytes(one.content),
        one.mime,
        one.alt,
        "video" if video else "image",
        one.width,
        one.height,
        path=store.path(one.agency_id, one.sha256) if one.sha256 else None,
        url=url,
    )


def address(picture: Picture) -> str:
    """A public address of a picture, good for a day from when it belongs to a post; "" when this
    installation has no public https address. It opens this one picture only, and the ids that it
    carries open nothing else."""
    site = str(settings.CALLBOX_URL)
    if not site.startswith("https://"):
        return ""
    token = signing.dumps([picture.agency_id.hex, picture.id.hex], salt=_SALT)
    return site + reverse("our_media", args=[token, name_of(picture.mime)])


def opened(token: str) -> tuple[UUID, UUID]:
    """Agency and picture of an address that we gave. Raises signing.BadSignature, also when its
    day is over."""
    agency, picture = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    return UUID(agency), UUID(picture)


def name_of(mime: str) -> str:
    """What a picture is called in its address: some networks look at the ending."""
    kind = "video" if mime.startswith("video/") else "picture"
    return f"{kind}.{ENDINGS.get(mime, 'bin')}"
