"""Things to say, for the tests."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from callbox.networks.practice.connector import Practice
from callbox.vocabulary import AuthorSeen, Lane, Outgoing, ReplyTo

Make = Callable[..., Practice]
MADE_AT = datetime.now(UTC)


def outgoing(text: str = "We are on it.", key: str = "d1", **more: Any) -> Outgoing:
    return Outgoing(key=key, made_at=MADE_AT, text=text, **more)


def answer_to(parent_id: str, text: str = "We are on it.", key: str = "d1") -> Outgoing:
    return outgoing(text, key, reply_to=ReplyTo(parent_id, parent_id, None))


def private_to(author_id: str, text: str = "Thank you.", key: str = "d1") -> Outgoing:
    to = ReplyTo("p1", "p1", AuthorSeen(author_id))
    return outgoing(text, key, lane=Lane.PRIVATE, reply_to=to)
