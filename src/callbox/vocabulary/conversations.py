"""What becomes of what was said to us."""

from dataclasses import dataclass
from enum import StrEnum


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
    PAST = "past"  # said before we listened; came in with an import, and nobody was asked


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


class HideReason(StrEnum):
    """The published rule that a hidden message breaks. Criticism, bad manners and being off topic
    are not on it (policing R31)."""

    PRIVATE_DATA = "private_data"  # an address, a number, a face that should not be shown
    THREAT = "threat"  # announces harm to somebody
    SEXUAL = "sexual"
    SPAM = "spam"  # advertising or machine-made
    UNLAWFUL = "unlawful"  # the law forbids it; words say which


class Act(StrEnum):
    """Something done on a network, on a member's word, to a message or to a post of ours."""

    HIDE = "hide"
    UNHIDE = "unhide"
    LIKE = "like"
    CORRECT = "correct"  # new words for our own
    TAKE_DOWN = "take_down"  # remove our own


class ActState(StrEnum):
    """Where an act stands. Every act can be done twice without harm, so it is simply tried again
    while the network does not answer."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


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
