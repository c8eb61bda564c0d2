"""What one server allows: read once per connector, because every server sets its own limits."""

from dataclasses import dataclass

from callbox.connector import Refused
from callbox.networks.mastodon.api import Api
from callbox.networks.mastodon.values import positive
from callbox.values import Json, mapping, text
from callbox.vocabulary import Limits


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of a server; the defaults are Mastodon's own. `streaming` is its stream's address."""

    characters: int = 500
    per_url: int = 23  # every link counts as this many characters, however long it is
    images: int = 4
    image_bytes: int | None = None
    mimes: tuple[str, ...] = ("image/jpeg", "image/png")
    alt: int = 1500
    streaming: str = ""

    def limits(self) -> Limits:
        return Limits(
            text=self.characters,
            unit="characters",
            images=self.images,
            image_bytes=self.image_bytes,
            image_mimes=self.mimes,
            alt=self.alt,
        )


def ask(api: Api) -> Rules:
    """Read a server's rules: `/api/v2/instance`, or v1 where that is missing (Pleroma, older
    servers). Raises as any read does."""
    try:
        found = mapping(api.get("/api/v2/instance"))
    except Refused:
        found = {}
    if not mapping(found.get("configuration")):
        found = mapping(api.get("/api/v1/instance"))
    return _rules(found)


def _rules(found: Json) -> Rules:
    configuration = mapping(found.get("configuration"))
    statuses = mapping(configuration.get("statuses"))
    media = mapping(configuration.get("media_attachments"))
    usual = Rules()
    return Rules(
        characters=_first(statuses.get("max_characters"), found.get("max_toot_chars"))
        or usual.characters,
        per_url=_first(statuses.get("characters_reserved_per_url")) or usual.per_url,
        images=_first(statuses.get("max_media_attachments"), found.get("max_media_attachments"))
        or usual.images,
        image_bytes=_first(media.get("image_size_limit"), found.get("upload_limit")),
        mimes=_images(media.get("supported_mime_types")) or usual.mimes,
        alt=_first(media.get("description_limit"), found.get("description_limit")) or usual.alt,
        streaming=_streaming(found, configuration),
    )


def _first(*values: object) -> int | None:
    return next((number for value in values if (number := positive(value)) is not None), None)


def _images(value: object) -> tuple[str, ...]:
    found = value if isinstance(value, list) else []
    return tuple(mime for mime in found if text(mime).startswith("image/"))


def _streaming(found: Json, configuration: Json) -> str:
    newer = text(mapping(configuration.get("urls")).get("streaming"))
    return newer or text(mapping(found.get("urls")).get("streaming_api"))
