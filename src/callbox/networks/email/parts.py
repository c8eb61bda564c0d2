"""Fetching a mail's picture or file, when somebody wants to see it."""

import base64
from email.message import Message
from urllib.parse import unquote

from callbox.connector import Malformed, Raw, Refused
from callbox.logins import Located
from callbox.networks.email import mime, parse
from callbox.networks.email.imap import MOST_BEGINNING, MOST_FETCHED, Imap
from callbox.networks.email.parse import Us

_GONE = "This file cannot be fetched any more. Open the mail in the mailbox."


def located(imap: Imap, folder: str, url: str, us: Us) -> Located:
    """A part of a mail as a `data:` address: mail has no addresses of its own for its parts.

    Raises Refused when the mail is gone, too big, or has no name to be found by.
    """
    place = url.removeprefix(parse.PART).split("/")
    if not url.startswith(parse.PART) or len(place) != 3 or not place[0]:
        raise Refused(_GONE)
    name, mark, number = unquote(place[0]), place[1], place[2]
    imap.open(folder)
    for facts in imap.facts(imap.named(name)):
        if facts.size > MOST_FETCHED:
            continue
        content = imap.content(facts, MOST_FETCHED)
        if content and _is(content, mark, us):
            return _as_address(content, number)
    raise Refused(_GONE)


def _is(content: bytes, mark: str, us: Us) -> bool:
    """Whether it is the mail that was meant: another one may bear its name."""
    raw = Raw("", content)
    try:
        marks = {
            parse.external_id(mime.read(one), Raw("", one), us).rpartition("#")[2]
            for one in (raw.body, raw.body[:MOST_BEGINNING])
        }
    except Malformed:
        return False
    return mark in marks


def _as_address(content: bytes, number: str) -> Located:
    if number == "all":
        return Located(_data("message/rfc822", content))
    parts = mime.leaves(mime.read(content))
    if not number.isascii() or not number.isdigit() or int(number) >= len(parts):
        raise Refused(_GONE)
    part = parts[int(number)]
    return Located(_data(_kind(part.message), part.content()))


def _kind(part: Message) -> str:
    """The type that the mail declares: one plain word, for whoever checks it against the bytes."""
    kind = part.get_content_type()
    plain = kind.isascii() and kind.replace("/", "").replace("-", "").replace(".", "").isalnum()
    return kind if plain else "application/octet-stream"


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
