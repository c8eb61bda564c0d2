"""What a message holds: its words, and what came with it.

A file is known by an id, which becomes an address for five minutes when it is asked for with our
token; so an attachment's `url` is `whatsapp:` and that id, and `Connector.locate` asks.
"""

import re

from callbox.meta.values import ident, number, objects
from callbox.values import Json, mapping, text
from callbox.vocabulary import AttachmentSeen

SCHEME = "whatsapp:"
STRANGE = "[This kind of message can be opened on a phone only.]"

_FILES = {
    "image": "image",
    "sticker": "image",
    "video": "video",
    "audio": "audio",
    "voice": "audio",
    "document": "other",
}
_MEDIA_ID = re.compile(r"[0-9]{1,40}")


def media_id(value: str) -> str:
    """The id of a file, or "": it becomes part of a path."""
    return value if _MEDIA_ID.fullmatch(value) else ""


def words(message: Json) -> str:
    """A message's text; for what has none, the few words that say what it is."""
    kind = text(message.get("type"))
    part = mapping(message.get(kind))
    if kind in _FILES:
        return text(part.get("caption"))
    readers = {
        "text": lambda: text(part.get("body")),
        "button": lambda: text(part.get("text")),
        "interactive": lambda: _chosen(part),
        "location": lambda: _place(part),
        "contacts": lambda: _contacts(message),
    }
    reader = readers.get(kind)
    return (reader() if reader else "") or STRANGE


def attachments(message: Json) -> tuple[AttachmentSeen, ...]:
    """The file of a message, if it has one: albums come as several messages."""
    kind = text(message.get("type"))
    part = mapping(message.get(kind))
    found = media_id(ident(part.get("id")))
    if kind not in _FILES or not found:
        return ()
    return (AttachmentSeen(_FILES[kind], SCHEME + found, title=text(part.get("filename"))),)


def _chosen(part: Json) -> str:
    """What somebody chose from a list or buttons."""
    for kind in ("list_reply", "button_reply"):
        if title := text(mapping(part.get(kind)).get("title")):
            return title
    return text(mapping(part.get("nfm_reply")).get("body"))


def _place(part: Json) -> str:
    latitude, longitude = number(part.get("latitude")), number(part.get("longitude"))
    if latitude is None or longitude is None:
        return ""
    named = ", ".join(filter(None, (text(part.get("name")), text(part.get("address")))))
    return " ".join(filter(None, ("📍", named, f"{latitude:.5f}, {longitude:.5f}")))


def _contacts(message: Json) -> str:
    found = []
    for one in objects(message.get("contacts")):
        phones = [text(phone.get("phone")) for phone in objects(one.get("phones"))]
        name = text(mapping(one.get("name")).get("formatted_name"))
        found.append(" ".join(filter(None, ("👤", name, *phones))))
    return "\n".join(found)
