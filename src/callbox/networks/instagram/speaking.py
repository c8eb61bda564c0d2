"""Answers: comments under comments, comments where we are mentioned, private messages.

Instagram knows no key that would make a repeated answer one: whether an answer whose reply was lost
went out is read off the place where it would stand.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from callbox.connector import OutcomeUnknown, Refused
from callbox.meta import windows
from callbox.meta.graph import Graph
from callbox.meta.pending import same
from callbox.meta.times import moment
from callbox.meta.values import ident, objects
from callbox.networks.instagram import compose, shapes
from callbox.networks.instagram.us import Us
from callbox.values import Json, mapping, text
from callbox.vocabulary import Lane, Outgoing, Receipt, ReplyTo

COMMENT_FIELDS: Final = "id,text,timestamp,username,from,hidden,parent_id"
MESSAGE_FIELDS: Final = "id,created_time,from,to,message"
_SKEW = timedelta(minutes=1)
_PAGES = 40  # of 50 answers: none may be left unread before "it is not there" is said

NOT_PRIVATE: Final = (
    "Instagram takes a private answer only to comments under our own posts, and to messages."
)
TAG: Final = "Instagram takes no answer to a picture that only marks us."


def kind(to: ReplyTo) -> str:
    """What sort of message this is: "comment", "mention", "tag", "dm"."""
    return text(to.refs.get("kind")) or ("dm" if to.lane is Lane.PRIVATE else "comment")


class Speaking:
    """Answers of one account."""

    def __init__(self, graph: Graph, us: Us, now: Callable[[], datetime]) -> None:
        self._graph = graph
        self._us = us
        self._now = now

    # --- in public ----------------------------------------------------------------------------

    def reply(self, outgoing: Outgoing) -> Receipt:
        """Answer a comment, or comment where we are mentioned."""
        to = _checked(outgoing)
        if kind(to) == "mention":
            body = {"media_id": _media(to), "message": outgoing.text}
            if ident(to.refs.get("comment_id")):
                body["comment_id"] = ident(to.refs.get("comment_id"))
            made = self._graph.write("POST", f"/{self._us.id}/mentions", body)
        elif kind(to) == "tag":
            raise Refused(TAG)
        else:
            made = self._graph.write("POST", self._place(to), {"message": outgoing.text})
        comment = ident(made.get("id"))
        if not comment:
            raise OutcomeUnknown("Instagram took the comment and gave no number for it.")
        return self._receipt(comment, to)

    def _place(self, to: ReplyTo) -> str:
        """Where an answer is put: answers to answers attach to the comment at the top."""
        top = ident(to.refs.get("top"))
        if to.ours and not top:
            return f"/{to.parent_id}/comments"
        return f"/{top or to.parent_id}/replies"

    def _receipt(self, comment: str, to: ReplyTo) -> Receipt:
        refs = {
            "kind": "comment",
            "media_id": _media(to),
            "top": ident(to.refs.get("top")) or to.parent_id,
        }
        return Receipt(comment, to.permalink, refs)

    def find_reply(self, outgoing: Outgoing) -> Receipt | None:
        """Our comment where it would stand; None only when that place could be read to its end."""
        to = _checked(outgoing)
        for one in self._around(to):
            if self._is(one, outgoing, text(one.get("text")), one.get("timestamp")):
                return self._receipt(ident(one.get("id")), to)
        if kind(to) == "mention":
            raise Refused("Instagram does not show what stands under other people's posts.")
        return None

    def _around(self, to: ReplyTo) -> Iterator[Json]:
        asked = {"fields": COMMENT_FIELDS, "limit": 50}
        if kind(to) != "mention":
            yield from sorted(
                self._graph.walk(self._place(to), asked, _PAGES),
                key=lambda one: text(one.get("timestamp")),
            )
        elif self._us.through_page:
            fields = f"mentioned_media.media_id({_media(to)}){{comments{{{COMMENT_FIELDS}}}}}"
            found = self._graph.maybe(f"/{self._us.id}", {"fields": fields}) or {}
            yield from objects(mapping(found.get("mentioned_media")).get("comments"))

    def _is(self, one: Json, outgoing: Outgoing, words: str, at: object) -> bool:
        when = moment(at)
        return (
            when is not None
            and when >= outgoing.made_at - _SKEW
            and self._us.wrote(one)
            and same(outgoing.text, words)
        )

    # --- in private ---------------------------------------------------------------------------

    def message(self, outgoing: Outgoing) -> Receipt:
        """A private message, within the network's windows; to a comment once, within a week."""
        to = _checked(outgoing)
        body: dict[str, Any] = {"message": {"text": outgoing.text}}
        if to.lane is Lane.PUBLIC:
            if kind(to) != "comment":
                raise Refused(NOT_PRIVATE)
            windows.private_reply(to, self._now())
            body["recipient"] = {"comment_id": to.parent_id}
        else:
            body |= windows.messaging(outgoing, self._now())
            body["recipient"] = {"id": _person(to)}
        made = self._graph.write("POST", f"/{self._us.inbox}/messages", body, as_json=True)
        message = ident(made.get("message_id"))
        if not message:
            raise OutcomeUnknown("Instagram took the message and gave no number for it.")
        return Receipt(message, shapes.INBOX, {"kind": "dm", "person": _person(to)})

    def find_message(self, outgoing: Outgoing) -> Receipt | None:
        """Our message in the exchange with that person."""
        to = _checked(outgoing)
        fields = f"id,messages.limit(20){{{MESSAGE_FIELDS}}}"
        asked = {"platform": "INSTAGRAM", "user_id": _person(to), "fields": fields}
        found = self._graph.listing(f"/{self._us.inbox}/conversations", asked).items
        said = [one for exchange in found for one in objects(exchange.get("messages"))]
        for one in sorted(said, key=lambda message: text(message.get("created_time"))):
            if self._is(one, outgoing, text(one.get("message")), one.get("created_time")):
                refs = {"kind": "dm", "person": _person(to)}
                return Receipt(ident(one.get("id")), shapes.INBOX, refs)
        return None


def _checked(outgoing: Outgoing) -> ReplyTo:
    if outgoing.reply_to is None:
        raise Refused("There is nothing to answer.")
    found = compose.problems(outgoing)
    if found:
        raise Refused(found[0].words)
    return outgoing.reply_to


def _media(to: ReplyTo) -> str:
    return ident(to.refs.get("media_id")) or to.root_id


def _person(to: ReplyTo) -> str:
    person = ident(to.refs.get("person")) or (to.author.external_id if to.author else "")
    if not person or person.startswith(("@", "archive:")):
        raise Refused("Instagram does not tell whom this would go to. Answer on Instagram.")
    return person
