"""What a message holds: its words, and what came with it.

A file is known by an id that only our bot can turn into an address, so an attachment's `url` is
`telegram:` and that id; `Connector.locate` asks Telegram for the rest.
"""

from callbox.networks.telegram.values import file_id, whole
from callbox.values import Json, mapping, objects, text
from callbox.vocabulary import AttachmentSeen

SCHEME = "telegram:"
STRANGE = "[This kind of message can be opened in Telegram only.]"

_FILES = {
    "animation": "video",
    "audio": "audio",
    "document": "other",
    "video": "video",
    "video_note": "video",
    "voice": "audio",
}


def words(message: Json) -> str:
    """A message's text; for what has none, the few words that say what it is."""
    written = text(message.get("text")) or text(message.get("caption"))
    if written or attachments(message):
        return written
    sticker = text(mapping(message.get("sticker")).get("emoji"))
    return sticker or _place(message) or _contact(message) or _poll(message) or STRANGE


def attachments(message: Json) -> tuple[AttachmentSeen, ...]:
    """The files of a message. Of a picture's sizes, the largest."""
    found = []
    sizes = objects(message.get("photo"))
    picture = max(sizes, key=lambda one: whole(one.get("width")) or 0, default=None)
    if picture and file_id(picture.get("file_id")):
        found.append(AttachmentSeen("image", SCHEME + file_id(picture.get("file_id"))))
    for name, kind in _FILES.items():
        one = mapping(message.get(name))
        if name == "document" and message.get("animation"):
            continue  # Telegram repeats an animation as a document, for older programs
        if known := file_id(one.get("file_id")):
            kind = "image" if text(one.get("mime_type")).startswith("image/") else kind
            found.append(AttachmentSeen(kind, SCHEME + known, title=text(one.get("file_name"))))
    return tuple(found)


def _place(message: Json) -> str:
    venue = mapping(message.get("venue"))
    place = mapping(message.get("location")) or mapping(venue.get("location"))
    latitude, longitude = place.get("latitude"), place.get("longitude")
    if not isinstance(latitude, float | int) or not isinstance(longitude, float | int):
        return ""
    named = ", ".join(filter(None, (text(venue.get("title")), text(venue.get("address")))))
    return f"📍 {named} {_degrees(latitude)}, {_degrees(longitude)}".replace("  ", " ")


def _degrees(value: float) -> str:
    return f"{value:.5f}" if abs(value) <= 360 else "?"


def _contact(message: Json) -> str:
    contact = mapping(message.get("contact"))
    names = (text(contact.get("first_name")), text(contact.get("last_name")))
    found = " ".join(filter(None, (*names, text(contact.get("phone_number")))))
    return f"👤 {found}" if found else ""


def _poll(message: Json) -> str:
    question = text(mapping(message.get("poll")).get("question"))
    return f"📊 {question}" if question else ""
