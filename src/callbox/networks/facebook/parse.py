"""Raw to events: which reader a kind of Raw belongs to. Pure and total.

Kinds: "webhook" (as the network sent it), and what reading by ourselves gives, each with what it
needs around it: "comment", "post", "visitor", "tagged", "rating", "message", "edited", "hidden",
"gone"; "archive:…" is a download's (`archive.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from callbox.connector import Malformed, Raw
from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.networks.facebook import archive, changes, messaging, shapes
from callbox.values import Json, mapping, text
from callbox.vocabulary import Addressed, Deleted, Edited, Event, Hidden, Unreadable

_OBJECT = "page"


def parse(raw: Raw, us: str) -> Sequence[Event]:
    """The events of a Raw, oldest first. Raises Malformed for one that cannot be read at all."""
    value = raw.json()
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    if raw.kind == "webhook":
        return _webhook(value, us)
    reader = _READERS.get(raw.kind) or archive.READERS.get(raw.kind)
    if reader is None:
        raise Malformed(f"no such kind: {raw.kind}")
    found = reader(value, us)
    if found is None:
        raise Malformed(f"a {raw.kind} without an id or a time")
    return [found]


def _webhook(value: Json, us: str) -> Sequence[Event]:
    if text(value.get("object")) not in (_OBJECT, ""):
        return ()
    entries = value.get("entry")
    if not isinstance(entries, list):
        raise Malformed("no entries")
    events: list[Event] = []
    for place, entry in enumerate(entries):
        part = f"entry[{place}]"
        if isinstance(entry, dict):
            events += _entry(entry, us, part)
        else:
            events.append(Unreadable("not an object", part))
    return events


def _entry(entry: Json, us: str, part: str) -> Sequence[Event]:
    """One entry, in any of its shapes: `changes`, `messaging`, `standby`, or a flat field and
    value."""
    page = ident(entry.get("id"))
    if us and page and page != us:
        return ()  # another account's; it gets its own Raw
    told_at = moment(entry.get("time"))
    events: list[Event] = []
    for name in ("changes", "messaging", "standby"):
        if entry.get(name) is not None:
            events += _items(entry.get(name), name, told_at, us or page, f"{part}.{name}")
    if "field" in entry:
        events += _change(entry, told_at, us or page, part)
    if not events and not {"changes", "messaging", "standby", "field"} & set(entry):
        events.append(Unreadable("an entry without anything in it", part))
    return events


def _items(
    items: object, name: str, told_at: datetime | None, us: str, part: str
) -> Sequence[Event]:
    if not isinstance(items, list):
        return [Unreadable("not a list", part)]
    events: list[Event] = []
    for place, item in enumerate(items):
        where = f"{part}[{place}]"
        if not isinstance(item, dict):
            events.append(Unreadable("not an object", where))
        elif name == "changes":
            events += _change(item, told_at, us, where)
        else:
            events += messaging.read(item, us, where)
    return events


def _change(item: Json, told_at: datetime | None, us: str, part: str) -> Sequence[Event]:
    value = item.get("value")
    if not isinstance(value, dict):
        return [Unreadable("a change without a value", part)]
    return changes.read(text(item.get("field")), value, told_at, us, part)


# --- what reading by ourselves gives ----------------------------------------------------------


def _comment(value: Json, us: str) -> Event | None:
    thing = shapes.comment(mapping(value.get("comment")), ident(value.get("post_id")))
    return thing.event(us, Addressed.REPLY) if thing else None


def _own_post(value: Json, us: str) -> Event | None:
    """The list that these come from has our own posts only, whether it says so or not."""
    thing = shapes.post(value)
    return thing.ours() if thing else None


def _post(kind: str, addressed: Addressed) -> Callable[[Json, str], Event | None]:
    def read(value: Json, us: str) -> Event | None:
        thing = shapes.post(value, kind)
        return thing.event(us, addressed) if thing else None

    return read


def _rating(value: Json, us: str) -> Event | None:
    thing = shapes.rating(value)
    return thing.event(us, Addressed.FORM) if thing else None


def _message(value: Json, us: str) -> Event | None:
    return shapes.message(mapping(value.get("message")), us, ident(value.get("person")))


def _edited(value: Json, us: str) -> Event | None:
    at, external_id = moment(value.get("seen_at")), ident(value.get("id"))
    return Edited(external_id, at, text(value.get("message"))) if at and external_id else None


def _hidden(value: Json, us: str) -> Event | None:
    at, external_id = moment(value.get("seen_at")), ident(value.get("id"))
    hidden = value.get("is_hidden") is True
    return Hidden(external_id, at, hidden) if at and external_id else None


def _gone(value: Json, us: str) -> Event | None:
    at, external_id = moment(value.get("seen_at")), ident(value.get("id"))
    return Deleted(external_id, at) if at and external_id else None


_READERS: Mapping[str, Callable[[Json, str], Event | None]] = {
    "comment": _comment,
    "post": _own_post,
    "visitor": _post("post", Addressed.FORM),
    "tagged": _post("mention", Addressed.MENTION),
    "rating": _rating,
    "message": _message,
    "edited": _edited,
    "hidden": _hidden,
    "gone": _gone,
}
