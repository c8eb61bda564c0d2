"""One entry of `messaging[]` of an Instagram webhook as events. Pure."""

from collections.abc import Sequence
from datetime import datetime

from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.networks.instagram.shapes import (
    INBOX,
    Senseless,
    attachments,
    dm_root,
)
from callbox.values import Json, mapping, text
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
)

#: What else `messaging[]` may hold that says nothing to us: which app owns an exchange, and the
#: link that somebody came by.
_NOT_WORDS = (
    "referral",
    "optin",
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
    "app_roles",
    "response_feedback",
)


def events(one: Json, entry_time: datetime | None) -> Sequence[Event]:
    """What one entry says. Raises Senseless when it lacks what it must have."""
    at = moment(one.get("timestamp")) or entry_time
    if at is None:
        raise Senseless("a private message without its time")
    for name, read in _READERS:
        if isinstance(one.get(name), dict):
            return read(one, one[name], at)
    if any(name in one for name in _NOT_WORDS):
        return ()
    raise Senseless("something private of an unknown kind")


def _mid(value: Json) -> str:
    mid = ident(value.get("mid"))
    if not mid:
        raise Senseless("a private message without its number")
    return mid


def _message(one: Json, message: Json, at: datetime) -> Sequence[Event]:
    """New words, an echo of ours, or words taken back: the same number with `is_deleted`, which
    changes the message that we hold and never makes a new one."""
    mid = _mid(message)
    if message.get("is_deleted") is True:
        return (Deleted(mid, at),)
    words = text(message.get("text"))
    sender, recipient = (ident(mapping(one.get(who)).get("id")) for who in ("sender", "recipient"))
    if message.get("is_echo") is True:
        return (Ours(mid, at, words, Lane.PRIVATE, dm_root(recipient), permalink=INBOX),)
    return (_said(mid, at, sender, words, message),)


def _said(mid: str, at: datetime, sender: str, words: str, message: Json) -> Said:
    if not sender:
        raise Senseless("a private message without its sender")
    return Said(
        mid,
        at,
        AuthorSeen(sender),
        words,
        Addressed.DIRECT,
        Lane.PRIVATE,
        dm_root(sender),
        permalink=INBOX,
        attachments=attachments(message),
        refs={"kind": "dm", "person": sender},
        first_words=True,  # an edit comes under a name of its own
    )


def _edit(_: Json, edit: Json, at: datetime) -> Sequence[Event]:
    return (Edited(_mid(edit), at, text(edit.get("text"))),)


def _reaction(_: Json, reaction: Json, at: datetime) -> Sequence[Event]:
    """Any emoji counts as a sign of having seen; taking it away says nothing that we keep."""
    mid = _mid(reaction)
    return (Reacted(mid, Reaction.LIKE, at),) if reaction.get("action") != "unreact" else ()


def _seen(_: Json, read: Json, at: datetime) -> Sequence[Event]:
    return (Reported(_mid(read), Stage.READ, at),)


def _pressed(one: Json, postback: Json, at: datetime) -> Sequence[Event]:
    """A button or one of the suggested questions was pressed: its title is what they said."""
    sender = ident(mapping(one.get("sender")).get("id"))
    return (_said(_mid(postback), at, sender, text(postback.get("title")), {}),)


_READERS = (
    ("message", _message),
    ("message_edit", _edit),
    ("reaction", _reaction),
    ("read", _seen),
    ("postback", _pressed),
)
