"""Reading what the network gave. Pure: bytes in, events out, whatever the bytes.

Three kinds of raw arrive here, all made by `inbox`: a “notification” exactly as listed; “changed”,
a post that has another content hash than the one that we were notified of; “gone”, a post that the
network does not have any more. The last two carry the time at which we noticed, because the
network tells none.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from callbox.connector import Malformed, Raw
from callbox.networks.bluesky.attachments import attachments
from callbox.networks.bluesky.shapes import (
    WEB,
    fields,
    members,
    moment,
    permalink,
    post_uri,
    strong_ref,
    uri_parts,
    words,
)
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Reacted,
    Reaction,
    Said,
)

REASONS: dict[str, Addressed] = {
    "mention": Addressed.MENTION,
    "reply": Addressed.REPLY,
    "quote": Addressed.QUOTE,
}
REACTIONS: dict[str, Reaction] = {"like": Reaction.LIKE, "repost": Reaction.SHARE}


def events(raw: Raw) -> list[Event]:
    """The events of one raw. Raises Malformed and nothing else."""
    value = raw.json()
    read = _READERS.get(raw.kind)
    if read is None:
        raise Malformed(f"a kind that Bluesky does not send: {raw.kind[:40]!r}")
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    return read(value)


def said(post: Mapping[str, Any], addressed: Addressed | None) -> Said:
    """One post as the network shows it (a notification and a post view have the same parts).

    The time is the earlier of what the writer's program claims and when the network first saw it,
    as Bluesky itself sorts; a claimed time that makes no sense is ignored. Raises Malformed.
    """
    uri, cid = post_uri(post.get("uri")), words(post.get("cid"))
    record = fields(post.get("record"))
    said_at = _said_at(record.get("createdAt"), post.get("indexedAt"))
    if not uri or not cid or said_at is None:
        raise Malformed("a post without address, hash or time")
    myself = {"uri": uri, "cid": cid}
    above = fields(record.get("reply"))
    root, parent = strong_ref(above.get("root")), strong_ref(above.get("parent"))
    refs = {"self": myself, "root": root or myself}
    if parent:
        refs["parent"] = parent
    languages = members(record.get("langs"))
    return Said(
        external_id=uri,
        said_at=said_at,
        author=author(post.get("author"), uri),
        text=words(record.get("text")),
        addressed=addressed,
        root_id=root["uri"] if root else None,
        parent_id=parent["uri"] if parent else None,
        language=words(languages[0])[:35] if languages else "",
        permalink=permalink(uri),
        attachments=attachments(record, uri),
        refs=refs,
    )


def author(value: Any, uri: str) -> AuthorSeen:
    """Who wrote the post at `uri`. The address itself names the owner, so a missing or broken
    profile costs the name only."""
    profile = fields(value)
    did = uri_parts(uri)[0]
    return AuthorSeen(
        external_id=did,
        handle=words(profile.get("handle"))[:253],
        name=words(profile.get("displayName"))[:640],
        profile_url=f"{WEB}/{did}",
    )


def _notification(value: Mapping[str, Any]) -> list[Event]:
    reason = words(value.get("reason"))
    if reason in REASONS:
        return [said(value, REASONS[reason])]
    if reason in REACTIONS:
        target = post_uri(value.get("reasonSubject"))
        reacted_at = moment(value.get("indexedAt"))
        if not target or reacted_at is None:
            raise Malformed("a reaction without target or time")
        return [Reacted(target, REACTIONS[reason], reacted_at)]
    if not reason:
        raise Malformed("a notification without a reason")
    return []  # a follow, a verification: not about anything said to us


def _changed(value: Mapping[str, Any]) -> list[Event]:
    noticed_at = moment(value.get("noticed_at"))
    if noticed_at is None:
        raise Malformed("a change without a time")
    whole = said(fields(value.get("post")), REASONS.get(words(value.get("reason"))))
    return [Edited(whole.external_id, noticed_at, whole.text, whole)]


def _gone(value: Mapping[str, Any]) -> list[Event]:
    uri, noticed_at = post_uri(value.get("uri")), moment(value.get("noticed_at"))
    if not uri or noticed_at is None:
        raise Malformed("a deletion without address or time")
    return [Deleted(uri, noticed_at)]


def _said_at(claimed: Any, indexed: Any) -> datetime | None:
    times = [found for found in (moment(claimed), moment(indexed)) if found is not None]
    return min(times, default=None)


_READERS: dict[str, Callable[[Mapping[str, Any]], list[Event]]] = {
    "notification": _notification,
    "changed": _changed,
    "gone": _gone,
}
