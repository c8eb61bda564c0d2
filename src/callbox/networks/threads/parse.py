"""Raw input to events: webhooks in Threads' own envelope, and what polling found. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callbox.connector import Malformed, Raw
from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.networks.threads import shapes
from callbox.networks.threads.shapes import Senseless
from callbox.networks.threads.us import Us
from callbox.values import Json, mapping
from callbox.vocabulary import Addressed, Deleted, Edited, Event, Hidden, Ours, Said, Unreadable

WEBHOOK = "webhook"
_NEXT = timedelta(microseconds=1)
_REPLIES, _MENTIONS, _OURS, _DELETED = "replies", "mentions", "publish", "delete"


def events(raw: Raw, us: Us) -> Sequence[Event]:
    """See `Connector.parse`."""
    body = raw.json()
    reader = _KINDS.get(raw.kind)
    if reader is None:
        raise Malformed(f"nothing comes to us as “{raw.kind}”")
    if not isinstance(body, dict):
        raise Malformed("not a JSON object")
    return tuple(_safely(reader, body, us))


def _safely(reader: Callable[[Json, Us], Iterator[Event]], body: Json, us: Us) -> Iterator[Event]:
    try:
        yield from reader(body, us)
    except Senseless as error:
        yield Unreadable(str(error))


def _webhook(body: Json, us: Us) -> Iterator[Event]:
    """`values` is one change or a list of them; each has its `field` and `value`."""
    values = body.get("values")
    if not isinstance(values, dict | list):
        raise Malformed("a webhook without values")
    at = moment(body.get("time"))
    for number, change in enumerate(values if isinstance(values, list) else [values]):
        try:
            yield from _change(mapping(change), us, at)
        except Senseless as error:
            yield Unreadable(str(error), f"values[{number}]")


def _change(change: Json, us: Us, at: datetime | None) -> Sequence[Event]:
    field, value = change.get("field"), mapping(change.get("value"))
    if field == _REPLIES:
        return (_first(shapes.event(value, us, Addressed.REPLY)),)
    if field == _MENTIONS:
        return (_first(shapes.event(value, us, shapes.addressed(value, us, Addressed.MENTION))),)
    if field == _OURS:
        mine = {**value, "owner": {"id": us.id}}
        return (shapes.event(mine, us, None),)
    if field == _DELETED:
        return (_deleted(value, at),)
    raise Senseless("a change of an unknown kind")


def _first(event: Said | Ours) -> Event:
    """There are webhooks for new posts only, so theirs are the first words, however late."""
    return replace(event, first_words=True) if isinstance(event, Said) else event


def _deleted(value: Json, at: datetime | None) -> Deleted:
    """Threads tells of our own posts only."""
    post_id = ident(value.get("id"))
    when = moment(value.get("deleted_at")) or at or moment(value.get("timestamp"))
    if not post_id or when is None:
        raise Senseless("a deletion without the post's number or its time")
    return Deleted(post_id, when)


def _reply(body: Json, us: Us) -> Iterator[Event]:
    """A reply as it stands. `changed` is there when it stood differently before; when that was,
    Threads does not say, so the time at which we saw it stands in."""
    post = mapping(body.get("post"))
    found = shapes.event(post, us, Addressed.REPLY)
    changed, seen_at = body.get("changed"), moment(body.get("seen_at"))
    if seen_at is None or not isinstance(found, Said):
        yield found
        return
    seen_at = max(seen_at, found.said_at + _NEXT)  # whatever the clocks say, it came after
    if changed in ("text", "both"):
        yield Edited(found.external_id, seen_at, found.text, found)
    if changed in ("hidden", "both"):
        yield Hidden(found.external_id, seen_at, shapes.hidden(post))


def _mention(body: Json, us: Us) -> Iterator[Event]:
    post = mapping(body.get("post"))
    yield shapes.event(post, us, shapes.addressed(post, us, Addressed.MENTION))


def _gone(body: Json, _: Us) -> Iterator[Event]:
    gone, seen_at = ident(body.get("id")), moment(body.get("seen_at"))
    if not gone or seen_at is None:
        raise Senseless("a reply that is gone, without its number or time")
    yield Deleted(gone, seen_at)


_KINDS: dict[str, Callable[[Json, Us], Iterator[Event]]] = {
    WEBHOOK: _webhook,
    "reply": _reply,
    "mention": _mention,
    "gone": _gone,
}
