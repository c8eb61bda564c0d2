"""Raw arrivals to events: which kind is read how.

Kinds: "post" (anything that the API lists), "reply" (found under a post of ours), "dm", "activity"
(a webhook's body, byte for byte), "deleted" (a look that found nothing, or a webhook's word, with
the time at which we heard it), "archive:post" and "archive:dm" (the download of the account).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from callbox.connector import Malformed, Raw
from callbox.networks.x import archive, dms, posts
from callbox.networks.x.posts import Included, Post, Us
from callbox.networks.x.values import ident
from callbox.values import Json, mapping, moment, objects, text
from callbox.vocabulary import Deleted, Event, Unreadable

POST, REPLY, DM, ACTIVITY, DELETED = "post", "reply", "dm", "activity", "deleted"
ARCHIVED_POST, ARCHIVED_DM = "archive:post", "archive:dm"


def parse(raw: Raw, us: Us) -> Sequence[Event]:
    """Events, oldest first. Raises Malformed for what makes no sense as a whole."""
    read = _READERS.get(raw.kind)
    if read is None:
        raise Malformed(f"not a kind of arrival: {raw.kind}")
    value = raw.json()
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    try:
        return read(value, us)
    except (RecursionError, OverflowError) as error:
        raise Malformed(f"a value beyond measure: {error}") from error


def _post(value: Json, us: Us) -> list[Event]:
    return posts.events(Post(value.get("data"), Included(value.get("includes"))), us)


def _reply(value: Json, us: Us) -> list[Event]:
    post = Post(value.get("data"), Included(value.get("includes")))
    return posts.events(post, us, under_ours=True)


def _dm(value: Json, us: Us) -> list[Event]:
    return dms.event(value.get("data"), Included(value.get("includes")), us)


def _deleted(value: Json, _: Us) -> list[Event]:
    external_id, when = ident(value.get("id")), moment(value.get("at"))
    if not external_id or when is None:
        raise Malformed("a deletion without an id or a time")
    return [Deleted(external_id, when)]


def _archived_post(value: Json, us: Us) -> list[Event]:
    return archive.post(value, us)


def _archived_dm(value: Json, us: Us) -> list[Event]:
    return dms.archived(value, us)


# --- webhooks -----------------------------------------------------------------------------------


def activities(value: Any) -> list[Json]:
    """The events in a webhook's body: `data` holds one, or a list."""
    found = mapping(value).get("data")
    return objects(found) if isinstance(found, list) else [mapping(found)] if found else []


def _activity(value: Json, us: Us) -> list[Event]:
    found: list[Event] = []
    heard = activities(value)
    if not heard:
        raise Malformed("a webhook without an event")
    for place, one in enumerate(heard):
        try:
            found += _heard(one, us)
        except Malformed as error:
            found.append(Unreadable(str(error), f"data[{place}]"))
    return found


def _heard(one: Json, us: Us) -> list[Event]:
    kind, payload = text(one.get("event_type")), mapping(one.get("payload"))
    included = Included(one.get("includes"))
    if kind in ("post.create", "post.mention.create", "post.reply.create", "post.quote.create"):
        return _pushed_post(kind, payload, included, us)
    if kind in ("dm.received", "dm.sent"):
        return _pushed_dms(payload, us)
    if kind == "chat.received":
        return dms.encrypted(payload, us)
    return []  # what we did not ask for (somebody reads, types, follows)


def _pushed_post(kind: str, payload: Json, included: Included, us: Us) -> list[Event]:
    """X says why it tells us. The payload may leave out what it would take to see that again, so a
    reply is taken for one, and a quote: they are pushed for answers to us and quotes of us only."""
    post = Post(payload, included)
    if kind == "post.reply.create":
        return posts.events(post, us, pushed="reply")
    if kind == "post.quote.create":
        return posts.events(post, us, pushed="quote")
    return posts.events(post, us)


def _pushed_dms(payload: Json, us: Us) -> list[Event]:
    users = mapping(payload.get("users"))
    included = Included({"users": [one for one in users.values() if isinstance(one, dict)]})
    found: list[Event] = []
    for place, one in enumerate(objects(payload.get("direct_message_events"))):
        try:
            found += dms.pushed(one, included, us)
        except Malformed as error:
            found.append(Unreadable(str(error), f"direct_message_events[{place}]"))
    return found


def of_listed(kind: str, one: Json, includes: Json) -> Raw:
    """The raw of one thing in a list, with only what belongs to it of what came beside the list."""
    return Raw.of(kind, {"data": one, "includes": _belonging(one, includes)})


def _belonging(one: Json, includes: Json) -> dict[str, Any]:
    post = Post(one, Included({})) if ident(one.get("id")) else None
    wanted = set(post.refers.values()) | {post.root_id} if post else set()
    kept = {
        name: [it for it in objects(includes.get(name)) if ident(it.get("id")) in wanted]
        for name in ("posts", "tweets")
    }
    people = {ident(one.get("author_id")), ident(one.get("sender_id"))}
    kept["users"] = [it for it in objects(includes.get("users")) if ident(it.get("id")) in people]
    keys = mapping(one.get("attachments")).get("media_keys")
    media = set(map(text, keys)) if isinstance(keys, list) else set()
    kept["media"] = [
        it for it in objects(includes.get("media")) if text(it.get("media_key")) in media
    ]
    return {name: found for name, found in kept.items() if found}


def deleted(external_id: str, at: str) -> Raw:
    """The raw of a deletion, heard of at a time (ISO 8601)."""
    return Raw.of(DELETED, {"id": external_id, "at": at})


_READERS: Mapping[str, Callable[[Json, Us], Sequence[Event]]] = {
    POST: _post,
    REPLY: _reply,
    DM: _dm,
    ACTIVITY: _activity,
    DELETED: _deleted,
    ARCHIVED_POST: _archived_post,
    ARCHIVED_DM: _archived_dm,
}
