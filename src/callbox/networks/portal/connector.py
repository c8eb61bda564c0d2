"""The form on our own pages, as a connector: it speaks to nobody.

A resident's words come as the form's JSON, through the same door as every other network's. An
answer needs no call at all: the resident's page shows it from our own delivery, as soon as that is
settled as sent. So sending is agreeing, and what follows from it is written at each method.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from callbox.connector import Connector, Malformed, Raw, Refused, Seen
from callbox.logins import Identity, Setting
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Event,
    Lane,
    Limits,
    Outgoing,
    Problem,
    Receipt,
    Said,
    Unreadable,
)

LONGEST_ANSWER = 5000
_RECEIPT = "portal:"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Portal(Connector):
    """The one account of an agency's own pages. Private only: nothing said here is public."""

    key = "portal"
    name = "Talk with us"
    settings = (
        Setting(
            "tips_url",
            "Where tips are taken",
            help="Address of the site that takes tips without a name, starting with https://. "
            "Empty: the pages say that tips are not taken here.",
        ),
    )
    cannot = {
        "reply": "What comes through our own pages is private: answer privately.",
        "publish": "Our own pages show nobody's posts: publish on a network.",
        "edit": "An answer on our own pages stays as it was. Send a correction.",
        "hide": "Nothing on our own pages is public, so there is nothing to hide.",
        "like": "Our own pages have no likes.",
    }

    def identify(self) -> Identity:
        """Always the same: there is nothing to log in to."""
        return Identity(external_id="portal", handle="portal", name=self.name, profile_url="/")

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        """One form: `{"id", "at", "name", "text", "language", "door", "follow_up_of"}`.

        `follow_up_of` is the id of the conversation's first message, "" for a first one. Whoever
        writes is known by that id alone: two conversations of one person are two authors, because
        nobody told us that they are the same (policing R12).
        """
        body = raw.json()
        if not isinstance(body, dict):
            raise Malformed("not a form: not an object")
        try:
            return [_said(body)]
        except ValueError as error:
            return [Unreadable(str(error))]

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return Limits(text=LONGEST_ANSWER)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        over = len(outgoing.text) - LONGEST_ANSWER
        problems = []
        if not outgoing.text.strip():
            problems.append(Problem("empty", "There is no text yet."))
        if over > 0:
            problems.append(Problem("too_long", f"{over} characters too long for our own pages."))
        if outgoing.media:
            problems.append(Problem("too_many_images", "Answers on our own pages are text only."))
        return problems

    def message(self, outgoing: Outgoing) -> Receipt:
        """Agree to an answer. The receipt follows from the key, so twice is once."""
        problems = self.check(outgoing)
        if problems:
            raise Refused(problems[0].words)
        if outgoing.lane is not Lane.PRIVATE:
            raise Refused("On our own pages, answers are private.")
        return _receipt(outgoing)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """The same receipt as `message` gave, or would have given.

        The page shows an answer only once its delivery is settled as sent. Whoever has to ask has
        not settled it, so nobody has seen it yet; settling it now with this receipt shows it, once.
        None for an answer that `message` refuses.
        """
        fits = outgoing.lane is Lane.PRIVATE and not self.check(outgoing)
        return _receipt(outgoing) if fits else None

    def look(self, external_id: str) -> Seen:
        """Still there: the page reads our own delivery, and nobody else can take it away."""
        return Seen(gone=not external_id.startswith(_RECEIPT))

    def delete(self, external_id: str) -> None:
        """Nothing to call: the page stops showing an answer when its delivery is withdrawn."""


def _receipt(outgoing: Outgoing) -> Receipt:
    return Receipt(_RECEIPT + outgoing.key)


def _said(body: Mapping[str, Any]) -> Said:
    """A form as something said to us. Raises ValueError saying which part makes no sense."""
    own, first = _text(body, "id"), _text(body, "follow_up_of", empty=True)
    root = first or own
    return Said(
        external_id=own,
        said_at=_moment(body),
        author=AuthorSeen(external_id=root, name=_text(body, "name", empty=True)),
        text=_text(body, "text"),
        addressed=Addressed.FORM,
        lane=Lane.PRIVATE,
        root_id=first or None,
        parent_id=first or None,
        language=_text(body, "language", empty=True),
        refs={"door": _text(body, "door", empty=True)},
    )


def _text(body: Mapping[str, Any], name: str, *, empty: bool = False) -> str:
    value = body.get(name, "" if empty else None)
    if not isinstance(value, str) or not (value or empty):
        raise ValueError(f"“{name}” is missing or is not a text")
    if "\0" in value or _SURROGATE.search(value):
        raise ValueError(f"“{name}” holds characters that no database keeps")
    return value


def _moment(body: Mapping[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(body, "at"))
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("“at” is not a moment") from None
