"""Who may still be answered in private, and how.

A business may answer somebody for 24 hours after they last wrote (`RESPONSE`); after that and for
seven days only a person may, with the tag `HUMAN_AGENT`; all other tags were ended in April 2026
(“Messenger Platform policy”). A public comment may have one private answer within seven days
(“Private replies”).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from callbox.connector import Refused, WindowClosed
from callbox.vocabulary import Outgoing, ReplyTo

RESPONSE = timedelta(hours=24)
HUMAN = timedelta(days=7)
PRIVATE_REPLY = timedelta(days=7)
_EDGE = timedelta(seconds=30)  # on its way, an answer gets older

OVER = (
    "They wrote more than seven days ago, and the network then takes no answer from us any more. "
    "They can write to us again at any time."
)
MACHINE = (
    "They wrote more than 24 hours ago: after that, only a person may answer, and this text was "
    "not written by one."
)
ONCE = "This comment has had its one private answer. More is possible when they write back."
PRIVATE_OVER = "A comment can be answered in private for seven days only, and this one is older."


def age(to: ReplyTo, now: datetime) -> timedelta:
    """How long ago they last wrote; nothing where nobody knows (the network will say)."""
    heard = to.heard_at or to.said_at
    return now - heard if heard else timedelta(0)


def over(to: ReplyTo, now: datetime) -> str:
    """Why a private message cannot be answered by anybody any more, or ""."""
    return OVER if age(to, now) >= HUMAN else ""


def private_reply_over(to: ReplyTo, now: datetime) -> str:
    """Why a public comment cannot be answered in private any more, or ""."""
    if to.answered_privately:
        return ONCE
    return PRIVATE_OVER if to.said_at and now - to.said_at >= PRIVATE_REPLY else ""


def messaging(outgoing: Outgoing, now: datetime) -> Mapping[str, str]:
    """The parameters that say under which rule a private answer goes. Raises WindowClosed."""
    to = outgoing.reply_to
    passed = age(to, now) if to else timedelta(0)
    if passed < RESPONSE - _EDGE:
        return {"messaging_type": "RESPONSE"}
    since = to.heard_at or to.said_at if to else None
    if passed >= HUMAN:
        raise WindowClosed(OVER, since + HUMAN if since else None)
    if not outgoing.by_person:
        raise WindowClosed(MACHINE, since + RESPONSE if since else None)
    return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def private_reply(to: ReplyTo, now: datetime) -> None:
    """Raise unless a public comment may (still) be answered in private."""
    if to.answered_privately:
        raise Refused(ONCE)
    if private_reply_over(to, now):
        raise WindowClosed(PRIVATE_OVER, to.said_at + PRIVATE_REPLY if to.said_at else None)
