"""Our own pictures, as connectors are given them."""

from collections.abc import Sequence

from callbox.models.posts import Picture
from callbox.vocabulary import Media


def media_of(pictures: Sequence[Picture]) -> tuple[Media, ...]:
    """Pictures ready to go out, in this order."""
    return tuple(
        Media(bytes(one.content), one.mime, one.alt, "image", one.width, one.height)
        for one in pictures
    )
