"""What comes in: messages, changes to them, and what a network reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Lane(StrEnum):
    """Who can read an exchange."""

    PUBLIC = "public"
    PRIVATE = "private"


class Addressed(StrEnum):
    """Why a message is ours to read. Without one of these it is dropped (policing R11)."""

    MENTION = "mention"  # it names one of our accounts
    REPLY = "reply"  # it answers something we said
    QUOTE = "quote"  # it quotes something we said
    DIRECT = "direct"  # it was sent to us alone
    FORM = "form"  # it was written on our own page


class Doubt(StrEnum):
    """What a careful reader should know about a message before believing it."""

    SENDER = "sender"  # a check of who sent it failed: it may be somebody else's


class Reaction(StrEnum):
    """A sign that somebody saw what we said. Counted, never tied to a person (policing R12)."""

    LIKE = "like"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class AuthorSeen:
    """Whoever wrote, exactly as their network shows them; nothing is looked up or added.

    `external_id` is the network's stable id (a DID, a number), never the changeable handle.
    """

    external_id: str
    handle: str = ""
    name: str = ""
    profile_url: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentSeen:
    """Something that came with a message. `url` is the network's own, fetched only on demand."""

    kind: str  # "image" | "video" | "audio" | "link" | "quote" | "other"
    url: str
    alt: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody said something, or it was already there as context (`addressed` is None).

    `root_id` names the first post of the thread, `parent_id` the post directly above; both are
    None for a message that starts a thread. `refs` is the network's own state (content hashes,
    visibility), handed back untouched in `ReplyTo.refs`; generic code never looks inside.
    """

    external_id: str
    said_at: datetime
    author: AuthorSeen | None
    text: str
    addressed: Addressed | None
    lane: Lane = Lane.PUBLIC
    root_id: str | None = None
    parent_id: str | None = None
    language: str = ""  # what the network or writer declared, BCP 47, or ""
    permalink: str = ""
    attachments: tuple[AttachmentSeen, ...] = ()
    refs: Mapping[str, Any] = field(default_factory=dict)
    edited_at: datetime | None = None  # set when the network shows an already edited text
    first_words: bool = False  # the network says that nothing was edited yet (a late webhook)
    doubts: tuple[Doubt, ...] = ()  # shown beside the message; see `doubts_in`


#: Where a stored message's `refs` hold its doubts. Connectors use other keys.
DOUBTS = "doubts"


def doubts_in(refs: Mapping[str, Any]) -> tuple[Doubt, ...]:
    """The doubts about a stored message, by its `refs`; what is no doubt of ours is left out."""
    said = refs.get(DOUBTS)
    named = said if isinstance(said, list | tuple) else ()
    return tuple(one for one in Doubt if one.value in named)


@dataclass(frozen=True, slots=True)
class Edited:
    """A message has a new text. `said` is the whole message where the network repeats it."""

    external_id: str
    edited_at: datetime
    text: str
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """Its author, or the network, removed a message. The record of it stays (policing R36)."""

    external_id: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class Hidden:
    """Somebody with the right to do so hid a message on the network, or showed it again."""

    external_id: str
    hidden_at: datetime
    hidden: bool


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody reacted to something we said. `target_id` is ours."""

    target_id: str
    reaction: Reaction
    reacted_at: datetime


@dataclass(frozen=True, slots=True)
class Ours:
    """An echo: the network shows us something that our own account said.

    `key` is the delivery's key when the network carries it back, else "".
    """

    external_id: str
    said_at: datetime
    text: str
    lane: Lane = Lane.PUBLIC
    root_id: str | None = None
    parent_id: str | None = None
    permalink: str = ""
    key: str = ""
    refs: Mapping[str, Any] = field(default_factory=dict)


class Stage(StrEnum):
    """How far the network says that a sent message of ours has come. Only ever goes forward, except
    that FAILED is final."""

    SENT = "sent"  # handed on
    DELIVERED = "delivered"  # on their device
    READ = "read"
    FAILED = "failed"  # it never reached them


@dataclass(frozen=True, slots=True)
class Reported:
    """The network reports how far something that we sent has come; in any order, repeatedly."""

    external_id: str
    stage: Stage
    reported_at: datetime
    words: str = ""  # why it failed


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One part of an arrival that makes no sense; its neighbours are read all the same."""

    reason: str
    part: str = ""  # where it sits, for the person who looks: "entry[3].changes[0]"


Event = Said | Edited | Deleted | Hidden | Reacted | Ours | Reported | Unreadable


class ArrivalState(StrEnum):
    """What became of one raw arrival."""

    NEW = "new"  # stored, not yet read
    READ = "read"  # read; what was addressed to us is in conversations
    DROPPED = "dropped"  # read; nothing in it was addressed to us, so its body is emptied
    QUARANTINED = "quarantined"  # could not be read; kept, with the reason, to be run again
