"""Raw input to events: webhooks in every envelope that Meta uses, and what polling found. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from callbox.connector import Malformed, Raw
from callbox.meta.times import moment
from callbox.meta.values import ident, objects
from callbox.networks.instagram import archive, messaging, shapes
from callbox.networks.instagram.shapes import Senseless
from callbox.networks.instagram.us import Us
from callbox.values import Json, mapping
from callbox.vocabulary import Deleted, Edited, Event, Hidden, Said, Unreadable

WEBHOOK = "webhook"
#: The same, when `Connector.receive_hook` has noted its mentions: polling looks their words up.
NOTED = "webhook:noted"

_NEXT = timedelta(microseconds=1)
_COMMENTS = ("comments", "live_comments")
_PRIVATE = (
    "messages",
    "message_edit",
    "message_reactions",
    "messaging_seen",
    "messaging_postbacks",
)
#: Fields that an app may be subscribed to and that say nothing to us.
_NOT_WORDS = (
    "story_insights",
    "messaging_handover",
    "messaging_optins",
    "messaging_referral",
    "messaging_policy_enforcement",
    "standby",
    "response_feedback",
    "comment_poll_response",
    "share_to_feed",
    "delta",
)


def events(raw: Raw, us: Us) -> Sequence[Event]:
    """See `Connector.parse`."""
    body = raw.json()
    reader = _KINDS.get(raw.kind)
    if reader is None:
        raise Malformed(f"nothing comes to us as “{raw.kind}”")
    if not isinstance(body, dict):
        raise Malformed("not a JSON object")
    return tuple(reader(body, us, raw.kind))


def _webhook(body: Json, us: Us, kind: str) -> Iterator[Event]:
    if not isinstance(body.get("entry"), list):
        raise Malformed("a webhook without entries")
    for number, entry in enumerate(body["entry"]):
        if not isinstance(entry, dict):
            yield Unreadable("not a JSON object", f"entry[{number}]")
            continue
        yield from _entry(entry, us, kind, f"entry[{number}]")


def _entry(entry: Json, us: Us, kind: str, place: str) -> Iterator[Event]:
    at = moment(entry.get("time"))
    whose = ident(entry.get("id"))
    ours = Us(whose or us.id, us.ids | ({whose} - {""}), us.handle, us.product, us.page_id)
    for where, change in _changes(entry):
        yield from _safely(partial(_change, change, ours, kind, at), place + where)
    for name in ("messaging", "standby"):
        found = entry.get(name)
        for number, one in enumerate(found if isinstance(found, list) else ()):
            yield from _safely(
                partial(messaging.events, mapping(one), at), f"{place}.{name}[{number}]"
            )


def _changes(entry: Json) -> Iterator[tuple[str, Json]]:
    """The changes of an entry: in a list, or flat in the entry itself. A value may be a list."""
    found = entry.get("changes")
    for number, change in enumerate(found if isinstance(found, list) else ()):
        yield from _values(f".changes[{number}]", mapping(change))
    if "field" in entry:
        yield from _values("", entry)


def _values(place: str, change: Json) -> Iterator[tuple[str, Json]]:
    values = change.get("value")
    for value in values if isinstance(values, list) else [values]:
        yield place, {"field": change.get("field"), "value": value}


def _change(change: Json, us: Us, kind: str, at: datetime | None) -> Sequence[Event]:
    field, value = change.get("field"), mapping(change.get("value"))
    if field in _COMMENTS:
        return (_first(shapes.comment(value, us, mapping(value.get("media")), at)),)
    if field == "mentions":
        return () if kind == NOTED else (shapes.mention(value, us, at),)
    if field in _PRIVATE:
        return messaging.events(value, at)
    if field in _NOT_WORDS:
        return ()
    raise Senseless("a change of an unknown kind")


def _first(event: Event) -> Event:
    """There are webhooks for new comments only, so theirs are the first words, however late."""
    return replace(event, first_words=True) if isinstance(event, Said) else event


def _safely(read: Callable[[], Sequence[Event]], place: str) -> Sequence[Event]:
    try:
        return read()
    except Senseless as error:
        return (Unreadable(str(error), place),)


# --- what polling found -------------------------------------------------------------------------


def _comment(body: Json, us: Us, _: str) -> Sequence[Event]:
    """A comment as it stands. `seen_at` is there when it stood differently before: Instagram does
    not tell when it was changed, so the time at which we saw it stands in."""
    return _safely(lambda: _comment_events(body, us), "comment")


def _comment_events(body: Json, us: Us) -> Sequence[Event]:
    value = mapping(body.get("comment"))
    event = shapes.comment(value, us, mapping(body.get("media")), None)
    seen_at = moment(body.get("seen_at"))
    if seen_at is None or not isinstance(event, Said):
        return (event,)
    seen_at = max(seen_at, event.said_at + _NEXT)  # whatever the clocks say, it came after
    changed = body.get("changed")
    found: list[Event] = []
    if changed in ("text", "both"):
        found.append(Edited(event.external_id, seen_at, event.text, event))
    if changed in ("hidden", "both"):
        found.append(Hidden(event.external_id, seen_at, value.get("hidden") is True))
    return tuple(found)


def _gone(body: Json, _: Us, __: str) -> Sequence[Event]:
    """A comment that we watched and that is not there any more."""
    gone, seen_at = ident(body.get("id")), moment(body.get("seen_at"))
    if not gone or seen_at is None:
        return (Unreadable("a comment that is gone, without its number or time", "gone"),)
    return (Deleted(gone, seen_at),)


def _mention(body: Json, us: Us, _: str) -> Sequence[Event]:
    return _safely(lambda: (shapes.mention(body, us, moment(body.get("at"))),), "mention")


def _tag(body: Json, _: Us, __: str) -> Sequence[Event]:
    return _safely(lambda: (shapes.tagged(mapping(body.get("media")), None),), "tag")


def _message(body: Json, us: Us, _: str) -> Sequence[Event]:
    people = objects(body.get("participants"))
    return _safely(
        lambda: (shapes.polled_message(mapping(body.get("message")), us, people),), "message"
    )


def _archived(body: Json, us: Us, kind: str) -> Sequence[Event]:
    return _safely(lambda: archive.events(body, us, kind), kind)


_KINDS: dict[str, Callable[[Json, Us, str], Sequence[Event] | Iterator[Event]]] = {
    WEBHOOK: _webhook,
    NOTED: _webhook,
    "comment": _comment,
    "gone": _gone,
    "mention": _mention,
    "tag": _tag,
    "message": _message,
    archive.POST: _archived,
    archive.MESSAGE: _archived,
    archive.COMMENT: _archived,
}
