"""A mail's parts, out of any bytes at all: headers, words, and what is attached.

The standard parser's `compat32` policy is the one that takes anything; its limits are set here, so
that a hostile mail costs no more than its size.
"""

import email
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.policy import Compat32

from callbox.connector import Malformed
from callbox.networks.email import charsets
from callbox.networks.email.html import plain

MOST_HEADER = 8_000  # characters of one header that are read
MOST_PARTS = 300
MOST_DEPTH = 20
MOST_WORDS = 200_000  # characters of text that are read


class _Bounded(Compat32):
    """Headers cut to a length whose parsing is cheap."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MOST_HEADER]


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a mail, and its number in reading order (the same in a mail cut short)."""

    number: int
    message: Message

    @property
    def mime(self) -> str:
        return self.message.get_content_type()

    @property
    def name(self) -> str:
        """Its file name as people read it, or ""."""
        return file_name(self.message)

    @property
    def is_words(self) -> bool:
        """Whether it is there to be read, not to be kept as a file."""
        attached = disposition(self.message) == "attachment" or bool(self.name)
        return self.mime in ("text/plain", "text/html") and not attached

    def content(self) -> bytes:
        """Its bytes, decoded from how they travelled."""
        return content_of(self.message)


def read(body: bytes) -> Message:
    """The mail in these bytes. Raises Malformed for what is none."""
    try:
        mail = email.message_from_bytes(body, policy=_Bounded())
    except Exception as error:  # the parser has no list of what it may raise
        raise Malformed(f"not a mail: {type(error).__name__}") from error
    if not mail.keys():
        raise Malformed("not a mail: it has no headers")
    return mail


def values(mail: Message, name: str) -> list[str]:
    """Every header of this name, as it came."""
    low = name.lower()
    return [str(value) for key, value in mail.raw_items() if key.lower() == low]


def value(mail: Message, name: str) -> str:
    """The first header of this name as it came, or ""."""
    found = values(mail, name)
    return found[0] if found else ""


def shown(mail: Message, name: str) -> str:
    """The first header of this name as people read it, or ""."""
    return charsets.header(value(mail, name))


def leaves(mail: Message) -> list[Part]:
    """Parts without parts of their own, in order. An attached mail is one leaf."""
    return [Part(number, one) for number, one in enumerate(_leaves(mail, 0))][:MOST_PARTS]


def _leaves(part: Message, depth: int) -> Iterator[Message]:
    inner = children(part)
    if not inner or depth > MOST_DEPTH:
        yield part
        return
    for one in inner:
        yield from _leaves(one, depth + 1)


def children(part: Message) -> list[Message]:
    """The parts of a multipart; none for a leaf (an attached mail is a leaf)."""
    payload = part.get_payload() if part.get_content_maintype() == "multipart" else None
    inner = payload if isinstance(payload, list) else []
    return [one for one in inner[:MOST_PARTS] if isinstance(one, Message)]


def disposition(part: Message) -> str:
    """“attachment”, “inline” or ""."""
    return value(part, "content-disposition").partition(";")[0].strip().lower()


def file_name(part: Message) -> str:
    """The file name of a part; RFC 2231 and RFC 2047 both occur."""
    try:
        return charsets.header(str(part.get_filename() or ""))[:200]
    except Exception:  # noqa: BLE001  # broken parameters raise many things; then it has no name
        return ""


def content_of(part: Message) -> bytes:
    """The bytes of a leaf; of an attached mail, the mail."""
    payload = part.get_payload()
    try:
        if isinstance(payload, list):
            return b"\n".join(one.as_bytes() for one in payload if isinstance(one, Message))
        content = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001  # broken encodings raise many things; as it came, then
        return str(payload).encode("utf-8", "surrogateescape")
    return content if isinstance(content, bytes) else b""


def words(mail: Message, depth: int = 0) -> str:
    """What the writer wrote: the plain version where there is one, else the HTML one as text."""
    inner = children(mail)
    if not inner or depth > MOST_DEPTH:
        return _leaf_words(Part(0, mail))
    if mail.get_content_subtype() == "alternative":
        versions = [(one.get_content_type(), words(one, depth + 1)) for one in inner]
        plain_ones = [said for mime, said in versions if mime == "text/plain" and said.strip()]
        others = [said for _, said in versions if said.strip()]
        return (plain_ones or others or [""])[0]
    said = [words(one, depth + 1).strip("\n") for one in inner]
    return "\n\n".join(one for one in said if one.strip())


def _leaf_words(part: Part) -> str:
    if not part.is_words:
        return ""
    charset = _parameter(part.message, "charset")
    text = charsets.decoded(part.content(), charset)[:MOST_WORDS]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.mime == "text/html":
        return plain(text)
    flowed = _parameter(part.message, "format").lower() == "flowed"
    return _unflowed(text, _parameter(part.message, "delsp").lower() == "yes") if flowed else text


def _parameter(part: Message, name: str) -> str:
    try:
        return str(part.get_param(name) or "")[:60]
    except Exception:  # noqa: BLE001  # a broken parameter says nothing
        return ""


def _unflowed(text: str, delsp: bool) -> str:
    """Lines that the writer's program broke, joined again (RFC 3676). Quoted lines stay lines."""
    out: list[str] = []
    joining = False
    for line in text.split("\n"):
        body = line[1:] if line.startswith(" ") else line
        soft = body.endswith(" ") and body != "-- " and not body.startswith(">")
        piece = body[:-1] if soft and delsp else body
        if joining and not body.startswith(">"):
            out[-1] += piece
        else:
            out.append(piece)
        joining = soft
    return "\n".join(one.rstrip(" ") if one != "-- " else one for one in out)
