"""Raw arrivals to events. Pure and total: the same bytes give the same events, and any bytes give
events, `Unreadable`, or `Malformed`.

Polling and streaming make the same two envelopes, so that a message has one conversation whichever
way it came (the network's own JSON is inside, untouched)::

    notification, stream:notification       {"root_id": "…", "notification": {…}}
    status, stream:update                   {"root_id": "…", "status": {…}}
    status.update, stream:status.update     {"root_id": "…", "status": {…}}
    gone, stream:delete                     {"id": "…", "at": "…"}

`root_id` is looked up when a raw is made (`threads.py`), because parsing may not ask anybody.
"""

from collections.abc import Callable, Sequence
from typing import Any

from callbox.connector import Malformed, Raw
from callbox.networks.mastodon import status as statuses
from callbox.networks.mastodon.status import Us
from callbox.networks.mastodon.values import ident, raw
from callbox.values import Json, mapping, moment, text
from callbox.vocabulary import Deleted, Edited, Event, Reacted, Reaction, Said, Unreadable

NOTIFICATION = "notification"
STATUS = "status"
STATUS_UPDATE = "status.update"
GONE = "gone"
STREAM = "stream:"

REACTIONS = {"favourite": Reaction.LIKE, "reblog": Reaction.SHARE}
MESSAGES = frozenset(("mention", "quote"))
HEARD = frozenset((*MESSAGES, *REACTIONS, "update"))  # every other type is not for us to read


def of_notification(kind: str, notification: Json, root_id: str | None) -> Raw:
    """The envelope of a notification. Who reacted is left out: reactions are only counted."""
    if text(notification.get("type")) in REACTIONS:
        return raw(kind, {"root_id": None, "notification": _without_person(notification)})
    return raw(kind, {"root_id": root_id, "notification": notification})


def _without_person(notification: Json) -> dict[str, Any]:
    status = mapping(notification.get("status"))
    owner = {"id": mapping(status.get("account")).get("id")}
    kept = {key: notification.get(key) for key in ("id", "type", "created_at")}
    return {**kept, "status": {"id": status.get("id"), "account": owner}}


def of_status(kind: str, status: Json, root_id: str | None) -> Raw:
    """The envelope of a status."""
    return raw(kind, {"root_id": root_id, "status": status})


def of_deletion(kind: str, external_id: str, at: str) -> Raw:
    """The envelope of a deletion. Servers do not say when it happened: `at` is when we knew."""
    return raw(kind, {"id": external_id, "at": at})


def parse(arrival: Raw, us: Us) -> Sequence[Event]:
    """Events, oldest first; none for kinds and types that we do not know."""
    read = _READERS.get(arrival.kind)
    if read is None:
        return ()
    body = arrival.json()
    if not isinstance(body, dict):
        raise Malformed("Not an object.")
    return (event,) if (event := read(body, us)) is not None else ()


def _notification(body: Json, us: Us) -> Event | None:
    notification = body.get("notification")
    if not isinstance(notification, dict):
        return Unreadable("There is no notification in it.", "notification")
    told = text(notification.get("type"))
    if told not in HEARD or notification.get("status", "") is None:
        return None  # not for us to read, or about a status that was deleted since
    status = mapping(notification.get("status"))
    if told in REACTIONS:
        return _reaction(notification, status, us)
    if told == "update":
        return _edited(status, us, _root(body))
    return _said(status, us, _root(body), told)


def _root(body: Json) -> str | None:
    return ident(body.get("root_id")) or None


def _said(status: Json, us: Us, root_id: str | None, told: str = "") -> Event:
    if us.is_author_of(status):
        return statuses.ours(status, root_id) or _no_status()
    return statuses.said(status, us, root_id, told) or _no_status()


def _no_status() -> Unreadable:
    return Unreadable("There is no status with an id and a time in it.", "status")


def _edited(status: Json, us: Us, root_id: str | None) -> Event:
    """An edit of ours is an echo like any other; a message that was never edited is itself."""
    event = _said(status, us, root_id)
    edited_at = moment(status.get("edited_at"))
    if isinstance(event, Said) and edited_at is not None:
        return Edited(event.external_id, edited_at, event.text, event)
    return event


def _reaction(notification: Json, status: Json, us: Us) -> Event | None:
    at, target = moment(notification.get("created_at")), ident(status.get("id"))
    if at is None or not target:
        return Unreadable("A reaction without a time or a status.", "notification")
    if not us.is_author_of(status):
        return None
    return Reacted(target, REACTIONS[text(notification.get("type"))], at)


def _status(body: Json, us: Us) -> Event | None:
    status = mapping(body.get("status"))
    return None if status.get("reblog") else _said(status, us, _root(body))


def _status_update(body: Json, us: Us) -> Event | None:
    return _edited(mapping(body.get("status")), us, _root(body))


def _deleted(body: Json, us: Us) -> Event | None:
    external_id, at = ident(body.get("id")), moment(body.get("at"))
    if not external_id or at is None:
        return Unreadable("A deletion without an id or a time.", "id")
    return Deleted(external_id, at)


_READERS: dict[str, Callable[[Json, Us], Event | None]] = {
    NOTIFICATION: _notification,
    STREAM + NOTIFICATION: _notification,
    STATUS_UPDATE: _status_update,
    STREAM + STATUS_UPDATE: _status_update,
    STATUS: _status,
    STREAM + "update": _status,
    GONE: _deleted,
    STREAM + "delete": _deleted,
}
