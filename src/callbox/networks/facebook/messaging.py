"""Webhook events of Messenger (`entry[].messaging[]`, `entry[].standby[]`) as events. Pure.

Times are milliseconds. `standby` holds the same while another inbox has the thread: it is read all
the same, so that nothing said to the department is missed (“Webhook events reference”).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.networks.facebook.shapes import hook_files
from callbox.values import Json, mapping, sequence, text
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Lane,
    Ours,
    Reacted,
    Reaction,
    Reported,
    Said,
    Stage,
    Unreadable,
)

#: About hand-overs, log-ins and payments: nothing that somebody said.
_NO_NEWS = frozenset(
    (
        *("optin", "referral", "account_linking", "pass_thread_control", "take_thread_control"),
        *("request_thread_control", "app_roles", "policy_enforcement", "messaging_feedback"),
        *("read_watermark", "game_play", "pre_checkout", "checkout_update", "payment"),
    )
)


def read(value: Json, us: str, part: str) -> Sequence[Event]:
    """The events of one messaging item."""
    at = moment(value.get("timestamp"))
    for name, reader in _READERS.items():
        if isinstance(value.get(name), dict):
            if at is None:
                return [Unreadable(f"a {name} without a time", part)]
            return reader(value, at, us, part)
    return () if _NO_NEWS & set(value) else [Unreadable("an unknown kind of message", part)]


def _message(value: Json, at: datetime, us: str, part: str) -> Sequence[Event]:
    body, sender, recipient = _sides(value, "message")
    mid = ident(body.get("mid"))
    if not mid:
        return [Unreadable("a message without an id", part)]
    if body.get("is_deleted") is True:
        return [Deleted(mid, at)]
    if body.get("is_echo") is True or sender == us:
        return [_echo(body, mid, at, recipient)]
    if not sender:
        return [Unreadable("a message from nobody", part)]
    return [
        Said(
            mid,
            at,
            AuthorSeen(sender),
            text(body.get("text")),
            Addressed.DIRECT,
            Lane.PRIVATE,
            root_id=f"dm:{sender}",
            attachments=hook_files(body),
            refs={"kind": "message", "person": sender},
        )
    ]


def _sides(value: Json, name: str) -> tuple[Json, str, str]:
    """A part, who sent it and whom it is for."""
    sender = ident(mapping(value.get("sender")).get("id"))
    recipient = ident(mapping(value.get("recipient")).get("id"))
    return mapping(value.get(name)), sender, recipient


def _echo(body: Json, mid: str, at: datetime, recipient: str) -> Ours:
    """What our Page said, by us or by hand elsewhere. `metadata` is the key that we sent."""
    return Ours(
        mid,
        at,
        text(body.get("text")),
        Lane.PRIVATE,
        root_id=f"dm:{recipient}" if recipient else None,
        key=text(body.get("metadata")),
        refs={"app_id": ident(body.get("app_id"))} if body.get("app_id") else {},
    )


def _edit(value: Json, at: datetime, us: str, part: str) -> Sequence[Event]:
    body, _, _ = _sides(value, "message_edit")
    mid = ident(body.get("mid"))
    if not mid:
        return [Unreadable("an edit without an id", part)]
    return [Edited(mid, at, text(body.get("text")))]


def _reaction(value: Json, at: datetime, us: str, part: str) -> Sequence[Event]:
    body, sender, _ = _sides(value, "reaction")
    mid = ident(body.get("mid"))
    if not mid or sender == us or text(body.get("action")) == "unreact":
        return ()
    return [Reacted(mid, Reaction.LIKE, at)]


def _delivery(value: Json, at: datetime, us: str, part: str) -> Sequence[Event]:
    body, _, _ = _sides(value, "delivery")
    mids = [mid for one in sequence(body.get("mids")) if (mid := ident(one))]
    return [Reported(mid, Stage.DELIVERED, at) for mid in mids]


def _read(value: Json, at: datetime, us: str, part: str) -> Sequence[Event]:
    """A read names no message, only a time: everything up to it. Some name one; those are told."""
    body, _, _ = _sides(value, "read")
    mid = ident(body.get("mid"))
    return [Reported(mid, Stage.READ, at)] if mid else ()


def _postback(value: Json, at: datetime, us: str, part: str) -> Sequence[Event]:
    """A button of ours that somebody pressed: its words are what they said."""
    body, sender, _ = _sides(value, "postback")
    mid = ident(body.get("mid"))
    if not mid or not sender:
        return ()
    author, root = AuthorSeen(sender), f"dm:{sender}"
    words, refs = text(body.get("title")), {"kind": "message", "person": sender}
    return [
        Said(mid, at, author, words, Addressed.DIRECT, Lane.PRIVATE, root_id=root, refs=refs),
    ]


_READERS: Mapping[str, Callable[[Json, datetime, str, str], Sequence[Event]]] = {
    "message": _message,
    "message_edit": _edit,
    "reaction": _reaction,
    "delivery": _delivery,
    "read": _read,
    "postback": _postback,
}
