"""Every domain word: enumerations and frozen values. No Django, no I/O.

`docs/glossary.md` explains the words; a policy test keeps the two equal. Times are always aware
`datetime`s in UTC; texts are `str` in the form the network gave, before any clean-up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

# ---------------------------------------------------------------------------------------------
# Hearing
# ---------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One part of an arrival that makes no sense; its neighbours are read all the same."""

    reason: str
    part: str = ""  # where it sits, for the person who looks: "entry[3].changes[0]"


Event = Said | Edited | Deleted | Hidden | Reacted | Ours | Unreadable


class ArrivalState(StrEnum):
    """What became of one raw arrival."""

    NEW = "new"  # stored, not yet read
    READ = "read"  # read; what was addressed to us is in conversations
    DROPPED = "dropped"  # read; nothing in it was addressed to us, so its body is emptied
    QUARANTINED = "quarantined"  # could not be read; kept, with the reason, to be run again


# ---------------------------------------------------------------------------------------------
# Conversations
# ---------------------------------------------------------------------------------------------


class ConversationState(StrEnum):
    """Whose turn it is."""

    OPEN = "open"  # ours
    WAITING = "waiting"  # the resident's; the clock stands still
    CLOSED = "closed"  # nobody's; a disposition says why


class Disposition(StrEnum):
    """How a conversation ended. Exactly one, or it is visibly open (promise 1)."""

    ANSWERED = "answered"
    REFERRED = "referred"
    MERGED = "merged"
    NO_REPLY = "no_reply"


class NoReplyReason(StrEnum):
    """Why no reply is right. A closed list: "unpleasant" is not on it (policing R31)."""

    THANKS = "thanks"  # a thank-you that asks for nothing
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    TAGGED_IN_PASSING = "tagged_in_passing"  # we are named, nothing is asked
    WITHDRAWN = "withdrawn"  # the author deleted it before we answered
    SPAM = "spam"  # advertising or machine-made; judged by a person
    OTHER = "other"  # with words


class Urgency(StrEnum):
    """How soon a person has to look."""

    EMERGENCY = "emergency"
    SOON = "soon"
    ROUTINE = "routine"


class Intent(StrEnum):
    """What a message is about (policing R16). A label of the message, never of its author."""

    QUESTION = "question"
    CONCERN = "concern"
    COMPLAINT = "complaint"  # about a member of the department
    PRAISE = "praise"
    REPORT = "report"
    EMERGENCY = "emergency"
    CRISIS = "crisis"  # somebody may hurt themselves
    EVENT = "event"
    MEDIA = "media"
    THREAT = "threat"  # to a member
    SPAM = "spam"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the sorting rules make of a text, with the words that caused it."""

    urgency: Urgency
    intent: Intent
    language: str  # ISO 639-1, or "" for unsure
    because: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------
# Speaking
# ---------------------------------------------------------------------------------------------


class PostKind(StrEnum):
    """What a post is for. Only replies exist until the composer of issue 5."""

    REPLY = "reply"


class DeliveryState(StrEnum):
    """Where one text for one account stands. `rules.posts.MOVES` says which moves exist."""

    QUEUED = "queued"  # will go out at `due_at`; can still be taken back
    SENDING = "sending"  # handed to the network; the outcome is not known yet
    SENT = "sent"  # the network gave its id
    FAILED = "failed"  # the network refused, or it certainly never arrived
    UNKNOWN = "unknown"  # nobody can say yet: reconcile looks before anything else
    WITHDRAWN = "withdrawn"  # taken back before it went, or deleted on the network by us


@dataclass(frozen=True, slots=True)
class Media:
    """A picture that goes out. `alt` is required (policing R39)."""

    content: bytes
    mime: str
    alt: str
    name: str = "image"
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """What a reply hangs on: the message answered, its thread, and its author."""

    parent_id: str
    root_id: str
    author: AuthorSeen | None
    refs: Mapping[str, Any] = field(default_factory=dict)
    addressed: Addressed | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text for one account, ready to go.

    `key` is the same at every attempt and different for every delivery: networks that can are
    given it, so that saying it twice makes one post. `made_at` never changes either, so that ids
    and timestamps derived from it stay the same.
    """

    key: str
    made_at: datetime
    text: str
    lane: Lane = Lane.PUBLIC
    language: str = ""
    reply_to: ReplyTo | None = None
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word that it has our text."""

    external_id: str
    permalink: str = ""
    refs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a network takes in one post. None means no limit known."""

    text: int | None = None
    unit: str = "characters"  # "characters" | "graphemes" | "weighted": for the words shown
    images: int = 0
    image_bytes: int | None = None
    image_mimes: tuple[str, ...] = ("image/jpeg", "image/png")
    alt: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text does not fit, in words for its writer."""

    code: str
    words: str


# ---------------------------------------------------------------------------------------------
# People, and what they may do
# ---------------------------------------------------------------------------------------------


class UnitKind(StrEnum):
    """What a unit is. An agency may use any part of this ladder."""

    DEPARTMENT = "department"
    BUREAU = "bureau"
    OFFICE = "office"
    AREA = "area"
    DISTRICT = "district"
    BEAT = "beat"


class Role(StrEnum):
    """What a grant lets a member be, in a unit and everything below it."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    NEWS_AFFAIRS = "news_affairs"
    RECORDS = "records"
    TIP_HANDLER = "tip_handler"
    OVERSIGHT = "oversight"
    ADMINISTRATOR = "administrator"


class Deed(StrEnum):
    """Everything a member can do. `rules.access` says which role may do it."""

    READ = "read"  # conversations, notes, history
    REPLY = "reply"
    NOTE = "note"
    ASSIGN = "assign"
    CLOSE = "close"
    MERGE = "merge"
    WITHDRAW = "withdraw"  # take back a reply
    TAKE_OVER = "take_over"  # a draft that somebody else is writing
    READ_DELETED = "read_deleted"  # what its author removed (policing R36)
    VERIFY = "verify"  # check the ledger
    SEE_ACCOUNTS = "see_accounts"
    RUN_ACCOUNTS = "run_accounts"  # connect, pause, run arrivals again
    SEE_MEMBERS = "see_members"
    GRANT = "grant"  # give and end roles, set duty windows
    WAIVE_DUTY = "waive_duty"  # let a member act outside duty, on record (policing R3)


class ActorKind(StrEnum):
    """Who did what an entry says."""

    MEMBER = "member"
    RESIDENT = "resident"
    SYSTEM = "system"


class Happening(StrEnum):
    """What an entry of the ledger says."""

    MESSAGE_RECEIVED = "message_received"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_DELETED = "message_deleted"
    MESSAGE_HIDDEN = "message_hidden"
    MESSAGE_SHOWN = "message_shown"
    ARRIVAL_QUARANTINED = "arrival_quarantined"
    ARRIVAL_RERUN = "arrival_rerun"
    CONVERSATION_ASSIGNED = "conversation_assigned"
    CONVERSATION_CLOSED = "conversation_closed"
    CONVERSATION_REOPENED = "conversation_reopened"
    CONVERSATION_MERGED = "conversation_merged"
    CONVERSATION_UNMERGED = "conversation_unmerged"
    CONVERSATION_RELABELLED = "conversation_relabelled"
    CONVERSATION_SNOOZED = "conversation_snoozed"
    DRAFT_TAKEN_OVER = "draft_taken_over"
    NOTE_WRITTEN = "note_written"
    REPLY_QUEUED = "reply_queued"
    REPLY_WITHDRAWN = "reply_withdrawn"
    REPLY_SENDING = "reply_sending"
    REPLY_SENT = "reply_sent"
    REPLY_CONFIRMED = "reply_confirmed"  # read back from the network
    REPLY_FAILED = "reply_failed"
    REPLY_UNKNOWN = "reply_unknown"
    REPLY_VANISHED = "reply_vanished"  # it was there, and is not any more
    DUTY_WAIVED = "duty_waived"
    ACCOUNT_CONNECTED = "account_connected"
    ACCOUNT_PAUSED = "account_paused"
    ACCOUNT_RESUMED = "account_resumed"
    ACCOUNT_BLIND = "account_blind"
    ACCOUNT_SEES_AGAIN = "account_sees_again"
    AGENCY_CREATED = "agency_created"
    MEMBER_ADDED = "member_added"
    GRANT_GIVEN = "grant_given"
    GRANT_ENDED = "grant_ended"
    DUTY_SET = "duty_set"
