"""What the practice city's files may hold, as values. `content` reads them, `checks` checks them.

Times are minutes ago (`ago`), so that the city is always fresh.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callbox.vocabulary import (
    ConversationState,
    Disposition,
    Intent,
    Lane,
    NoReplyReason,
    Role,
    Urgency,
)


class ContentError(Exception):
    """The content contradicts itself or cannot be read. `str()` says where and why."""


# --- people -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DutyPlan:
    """A member's usual hours: `days` Monday = 0, from `start` ("14:00", agency's clock), for
    `hours`. All days and 24 hours means always, so that a demonstration works at any time."""

    days: tuple[int, ...]
    start: str
    hours: int

    @property
    def always(self) -> bool:
        return len(self.days) == 7 and self.hours == 24


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """A role in a unit; in force from so many days ago, until so many days ago or without end."""

    role: Role
    unit: str
    from_days_ago: int
    until_days_ago: int | None = None


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """An invented member. `demo` names the login on the sign-in page; "" for the others."""

    key: str
    name: str
    rank: str
    email: str
    unit: str
    signature: str
    languages: tuple[str, ...]
    grants: tuple[GrantPlan, ...]
    duty: DutyPlan
    demo: str = ""


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """One of our accounts, who owns it, who approved it and when (policing R1)."""

    key: str
    network: str
    handle: str
    name: str
    unit: str
    approved_by: str
    approved_days_ago: int
    about: str


@dataclass(frozen=True, slots=True)
class ResidentPlan:
    """An invented resident. `name` is empty for those who show only a handle."""

    key: str
    handle: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class PostPlan:
    """Something an account of ours said first. `kind` is one of the content types of policing R4:
    "event", "prevention", "story" or "question"."""

    key: str
    account: str
    ago: int
    kind: str
    language: str
    text: str


# --- what happened in a conversation ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Says:
    """The resident says something."""

    ago: int
    text: str


@dataclass(frozen=True, slots=True)
class Edits:
    """The resident gives their latest message a new text."""

    ago: int
    text: str


@dataclass(frozen=True, slots=True)
class Deletes:
    """The resident removes their latest message."""

    ago: int


@dataclass(frozen=True, slots=True)
class Replies:
    """A member answers. The text is without the signature: replying signs it."""

    ago: int
    by: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """A member writes for colleagues."""

    ago: int
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Assigns:
    """A member gives the conversation to a member (`to`), or to another desk (`unit`)."""

    ago: int
    by: str
    to: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """A member corrects what the sorting made of it."""

    ago: int
    by: str
    intent: Intent
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Closes:
    """A member ends it. `into` names the conversation it is merged into."""

    ago: int
    by: str
    disposition: Disposition
    reason: NoReplyReason | None = None
    words: str = ""
    into: str = ""


Turn = Says | Edits | Deletes | Replies | Notes | Assigns | Labels | Closes


@dataclass(frozen=True, slots=True)
class ConversationPlan:
    """One exchange, as it happened, oldest turn first. `intent` is what a fair reader would call
    it, to compare the sorting with; `post` is what the resident answers, "" when they began."""

    key: str
    account: str
    lane: Lane
    resident: str
    language: str
    intent: Intent
    turns: tuple[Turn, ...]
    post: str = ""

    @property
    def state(self) -> ConversationState:
        """Whose turn it is after the last turn."""
        for turn in reversed(self.turns):
            if isinstance(turn, Closes):
                return ConversationState.CLOSED
            if isinstance(turn, Replies):
                return ConversationState.WAITING
            if isinstance(turn, Says):
                break
        return ConversationState.OPEN


# --- what goes on happening -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrickleSays:
    """A resident says something while somebody looks. It answers a post of ours (`post`), goes on
    from an earlier item of the trickle (`follows`), or starts something new."""

    key: str
    resident: str
    account: str
    lane: Lane
    language: str
    text: str
    post: str = ""
    follows: str = ""


@dataclass(frozen=True, slots=True)
class TrickleEdits:
    """A resident changes what item `of` said."""

    of: str
    text: str


@dataclass(frozen=True, slots=True)
class TrickleDeletes:
    """A resident removes what item `of` said."""

    of: str


@dataclass(frozen=True, slots=True)
class TrickleLikes:
    """A resident likes a post of ours."""

    post: str
    resident: str


TrickleItem = TrickleSays | TrickleEdits | TrickleDeletes | TrickleLikes


@dataclass(frozen=True, slots=True)
class City:
    """The whole practice city. Mappings are by key and keep the order of the files."""

    members: Mapping[str, MemberPlan]
    accounts: Mapping[str, AccountPlan]
    residents: Mapping[str, ResidentPlan]
    posts: Mapping[str, PostPlan]
    conversations: Mapping[str, ConversationPlan]
    trickle: Sequence[TrickleItem]
