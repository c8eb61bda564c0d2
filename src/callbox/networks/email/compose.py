"""An answer as a mail: the same bytes at every attempt, and nothing in a header but one line."""

import re
from collections.abc import Iterator
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Any

from callbox.networks.email import charsets, ids, people
from callbox.vocabulary import Media, Outgoing, Problem

MOST_BYTES = 17_000_000  # of pictures and videos: 25 MB, the usual limit, less what base64 adds
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_MOST_SUBJECT = 200
_MOST_REFERENCES = 20
_LINK = re.compile(r"https?://[^\s<>\"']+")
_PUNCTUATION = ".,;:!?)"


def problems(outgoing: Outgoing) -> Iterator[Problem]:
    """Why this cannot go out as it stands."""
    if not outgoing.text.strip() and not outgoing.media:
        yield Problem("empty", "There is no text yet.")
    if sum(one.size for one in outgoing.media) > MOST_BYTES:
        yield Problem("media_too_big", "Together the files are too big for a mail (17 MB).")
    for one in outgoing.media:
        if not one.is_video and one.mime not in PICTURES:
            yield Problem("wrong_kind", f"“{one.name}” is not a picture that mail programs show.")


def message_id(outgoing: Outgoing, address: str) -> str:
    """The name of the mail, which follows from the delivery."""
    root = outgoing.reply_to.root_id if outgoing.reply_to else outgoing.key
    machine = not outgoing.by_person
    return ids.make(outgoing.key, root, people.own_domain(address), machine=machine)


def mail(outgoing: Outgoing, address: str, name: str, to: str) -> bytes:
    """The whole mail. Raises ValueError for an address that no header can hold.

    Its own headers are written here line by line: the standard library folds a long Message-ID into
    encoded words, which no mail program takes for an id.
    """
    refs = dict(outgoing.reply_to.refs) if outgoing.reply_to else {}
    answered = ids.message_id(str(refs.get("message_id") or ""))
    chain = _chain(refs.get("references"), answered)
    headers = {
        "From": _mailbox(address, name),
        "To": _mailbox(to, _author_name(outgoing)),
        "Subject": _encoded(subject(str(refs.get("subject") or ""))),
        "Date": format_datetime(outgoing.made_at),
        "Message-ID": f"<{message_id(outgoing, address)}>",
        "In-Reply-To": f"<{answered}>" if answered else "",
        "References": "\r\n ".join(f"<{one}>" for one in chain),
        "Content-Language": _language(outgoing.language),
        "Auto-Submitted": "" if outgoing.by_person else "auto-replied",
        "X-Auto-Response-Suppress": "" if outgoing.by_person else "All",
    }
    made = EmailMessage(policy=SMTP)
    _fill(made, outgoing)
    _settle_boundaries(made, outgoing.key)
    lines = "".join(f"{title}: {words}\r\n" for title, words in headers.items() if words)
    return lines.encode("ascii") + made.as_bytes()


def _language(language: str) -> str:
    plain = language.isascii() and language.replace("-", "").isalnum()
    return language if plain else ""


def _encoded(words: str) -> str:
    """One line of words for a header, encoded where it is not plain (RFC 2047)."""
    if words.isascii() and "=?" not in words:
        return words
    return Header(words, "utf-8", maxlinelen=70).encode(linesep="\r\n")


def subject(answered: str) -> str:
    """The subject of an answer."""
    words = charsets.header(answered)[:_MOST_SUBJECT]
    if re.match(r"re\s*:", words, re.IGNORECASE):
        return words
    return f"Re: {words}" if words else "Re: your message"


def _chain(named: Any, answered: str) -> list[str]:
    """The References of an answer: the thread's first, its latest, and what is answered."""
    known = [str(one) for one in named] if isinstance(named, list | tuple) else []
    chain = [one for one in known if ids.message_id(f"<{one}>") == one and one != answered]
    chain += [answered] if answered else []
    return [*chain[:1], *chain[1:][-(_MOST_REFERENCES - 1) :]]


def _author_name(outgoing: Outgoing) -> str:
    author = outgoing.reply_to.author if outgoing.reply_to else None
    return author.name if author else ""


def _mailbox(address: str, name: str) -> str:
    """A name and an address for a header. The name is quoted or encoded, so that nothing in it is
    syntax."""
    plain = people.ascii_form(address)
    if not plain.isascii():
        raise ValueError("an address that needs more than ASCII before the @")
    words = charsets.header(name)[:100].replace("\\", "").replace('"', "'")
    coded = _encoded(words)
    return f"{coded if coded != words else _quoted(words)} <{plain}>" if words else plain


def _quoted(words: str) -> str:
    return f'"{words}"'


def _fill(made: EmailMessage, outgoing: Outgoing) -> None:
    """Plain words, the same as HTML with the pictures in it, and videos as files."""
    text = _words(outgoing)
    made.set_content(text, cte="quoted-printable" if _is_plain(text) else "base64")
    pictures = [one for one in outgoing.media if not one.is_video]
    made.add_alternative(_html(outgoing, pictures), subtype="html", cte="base64")
    shown = list(made.iter_parts())[1]
    for number, one in enumerate(pictures):
        kind = one.mime.partition("/")[2]
        shown.add_related(
            _bytes(one),
            maintype="image",
            subtype=kind,
            cid=f"<picture{number}>",
            disposition="inline",
            filename=f"picture{number + 1}.{kind}",
        )
    for number, one in enumerate(one for one in outgoing.media if one.is_video):
        kind = one.mime.partition("/")[2]
        made.add_attachment(
            _bytes(one), maintype="video", subtype=kind, filename=f"video{number + 1}.{kind}"
        )


def _is_plain(text: str) -> bool:
    """Whether most of it reads without encoding: quoted-printable triples everything else."""
    return sum(sign.isascii() for sign in text) * 2 > len(text)


def _bytes(media: Media) -> bytes:
    return b"".join(media.parts(1_000_000))


def _words(outgoing: Outgoing) -> str:
    """The plain version; what the pictures show is said in it too."""
    said = [outgoing.text.replace("\r\n", "\n").replace("\r", "\n").strip()]
    said += [f"[{one.alt}]" for one in outgoing.media if one.alt]
    if outgoing.link and outgoing.link not in outgoing.text:
        said.append(outgoing.link)
    return "\n\n".join(one for one in said if one) + "\n"


def _html(outgoing: Outgoing, pictures: list[Media]) -> str:
    text = outgoing.text.replace("\r\n", "\n").replace("\r", "\n").strip()
    paragraphs = [f'<p dir="auto">{_marked(one)}</p>' for one in re.split(r"\n{2,}", text)]
    shown = [
        f'<p><img src="cid:picture{number}" alt="{escape(one.alt)}" style="max-width:100%"></p>'
        for number, one in enumerate(pictures)
    ]
    if outgoing.link and outgoing.link not in outgoing.text:
        paragraphs.append(f"<p>{_marked(outgoing.link)}</p>")
    language = escape(outgoing.language)
    head = f'<!doctype html><html lang="{language}"><body>' if language else "<!doctype html><body>"
    return head + "".join(paragraphs + shown) + "</body>\n"


def _marked(text: str) -> str:
    """Text as HTML: escaped, with line breaks, and with addresses that can be clicked."""
    out, end = [], 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_PUNCTUATION)
        out.append(escape(text[end : found.start()]))
        out.append(f'<a href="{escape(address)}">{escape(address)}</a>')
        end = found.start() + len(address)
    out.append(escape(text[end:]))
    return "".join(out).replace("\n", "<br>\n")


def _settle_boundaries(made: EmailMessage, key: str) -> None:
    """Boundaries that follow from the delivery, where the library would draw lots."""
    for number, part in enumerate(made.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{sha256(f'{key}/{number}'.encode()).hexdigest()[:40]}")
