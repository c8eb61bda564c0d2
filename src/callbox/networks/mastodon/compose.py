"""What we say, in the form that a server takes it: who is named, who may read, how long it is."""

import re
import unicodedata
from collections.abc import Iterator

from callbox.networks.mastodon.instance import Rules
from callbox.values import text as words
from callbox.vocabulary import Lane, Media, Outgoing, Problem

_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_URL_END = ".,;:!?)]}'’”"
_FAR_MENTION = re.compile(r"(?<![\w@/.])@(\w[\w.-]*)@\w[\w.:-]*\w")
_KNOWN = frozenset(("public", "local", "unlisted", "private", "direct"))


def body(outgoing: Outgoing) -> str:
    """The text as it is sent: the author of what we answer has to be named in it, or the server
    does not tell them."""
    acct = author_acct(outgoing)
    if not acct or is_named(outgoing, acct):
        return outgoing.text
    return f"@{acct} {outgoing.text}".rstrip()


def author_acct(outgoing: Outgoing) -> str:
    """How our server writes the author of what we answer (`ana`, `ana@far.example`), or ""."""
    if outgoing.reply_to is None:
        return ""
    author = outgoing.reply_to.author
    return words(outgoing.reply_to.refs.get("acct")) or (author.handle if author else "")


def is_named(outgoing: Outgoing, acct: str) -> bool:
    """Whether the text names the author, as our server writes them or with their host.
    `@ana` does not name `ana@far.example`, and the other way round."""
    author = outgoing.reply_to.author if outgoing.reply_to else None
    return any(_names(outgoing.text, one) for one in {acct, author.handle if author else acct})


def _names(text: str, acct: str) -> bool:
    mention = rf"(?<![\w@/.])@{re.escape(acct)}(?![\w@-]|\.\w)"
    return bool(acct) and re.search(mention, text, re.IGNORECASE) is not None


def visibility(outgoing: Outgoing) -> str:
    """Who may read it: never more people than may read what we answer."""
    private = outgoing.lane is Lane.PRIVATE
    if outgoing.reply_to is None:
        return "private" if private else "public"
    parent = words(outgoing.reply_to.refs.get("visibility"))
    if private:
        return "private" if parent == "private" else "direct"
    # A kind of visibility that we do not know may be a narrow one.
    return parent if parent in _KNOWN else "direct" if parent else "public"


def measure(text: str, rules: Rules) -> int:
    """Length as servers count: a link is as long as the server says, a mention has no host."""
    shortened = _URL.sub(lambda found: _reserved(found[0], rules.per_url), text)
    return len(_FAR_MENTION.sub(r"@\1", shortened))


def _reserved(url: str, length: int) -> str:
    bare = url.rstrip(_URL_END)
    return "x" * length + url[len(bare) :]


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, whatever spaces and hosts the server put in or left out."""
    return _normal(one) == _normal(other)


def _normal(text: str) -> str:
    return " ".join(_FAR_MENTION.sub(r"@\1", unicodedata.normalize("NFC", text)).split())


def language(outgoing: Outgoing) -> str:
    """Servers know languages by ISO 639, without script or region."""
    return outgoing.language.replace("_", "-").partition("-")[0].lower()


def problems(outgoing: Outgoing, rules: Rules) -> Iterator[Problem]:
    """Why this does not fit on this server."""
    if not outgoing.text.strip() and not outgoing.media:
        yield Problem("empty", "Nothing is written yet.")
    over = measure(body(outgoing), rules) - rules.characters
    if over > 0:
        yield Problem("too_long", f"{over} characters too many for this server, the name included.")
    if len(outgoing.media) > rules.images:
        yield Problem("too_many_images", f"This server takes {rules.images} pictures in one post.")
    for picture in outgoing.media:
        yield from _picture_problems(picture, rules)


def _picture_problems(picture: Media, rules: Rules) -> Iterator[Problem]:
    if picture.mime not in rules.mimes:
        yield Problem("image_kind", f"This server does not take {picture.mime} pictures.")
    if rules.image_bytes is not None and len(picture.content) > rules.image_bytes:
        megabytes = max(1, rules.image_bytes // 1_000_000)
        yield Problem("image_size", f"A picture may have {megabytes} MB on this server.")
    if not picture.alt.strip():
        yield Problem("alt_missing", "Describe the picture for people who cannot see it.")
    elif len(picture.alt) > rules.alt:
        over = len(picture.alt) - rules.alt
        yield Problem("alt_too_long", f"The description is {over} characters too long.")
