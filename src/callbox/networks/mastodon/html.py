"""The HTML that servers send as a status's text, as words that a person can read.

Nothing of the markup survives, whatever it is: the result is plain text, to be escaped like any
other. It takes any string, raises nothing, and its time grows with the length (the standard
parser alone is quadratic on unfinished tags, so those become text before it sees them).

Paragraphs are kept as blank lines. A link shows where it really leads: servers hide parts of an
address in spans (`invisible`, `ellipsis`), and a hostile one may show another address than it has.
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from callbox.values import web

MOST = 200_000  # characters of HTML that are read; the longest real servers allow is far below
_NOT_A_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]{0,3000}>)")
_UNSEEN = frozenset(
    ("script", "style", "template", "iframe", "object", "svg", "math", "noscript", "title", "head")
)
_PARAGRAPHS = frozenset(
    ("p", "div", "blockquote", "ul", "ol", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6")
)
_LINES = frozenset(("br", "li", "tr", "hr"))
_SIGNS = {"li": "- ", "blockquote": "> "}
_BLANK_LINES = re.compile(r"\n{3,}")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


def plain(markup: str, mentions: Mapping[str, str] | None = None) -> str:
    """Readable text. `mentions` maps the address of a mention's link to the name to show."""
    reader = _Reader(mentions or {})
    reader.feed(_NOT_A_TAG.sub("&lt;", markup[:MOST]))
    reader.close()
    return _tidied(reader.finish()) + (" […]" if len(markup) > MOST else "")


class _Reader(HTMLParser):
    """Collects text; block elements become line breaks, links go through `_link`."""

    def __init__(self, mentions: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self._mentions = mentions
        self._out: list[str] = []
        self._unseen = 0
        self._sign = ""  # waits for the first words of its element
        self._href: str | None = None
        self._shown: list[str] = []

    def set_cdata_mode(self, elem: str, *args: object, **kwargs: object) -> None:
        """Scripts and styles need no mode of their own: they are not shown anyway, and one that is
        never closed must not change how the rest is read."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "a":
            self._end_link()
            self._href = dict(attrs).get("href") or ""
        elif tag == "img":
            self._say(dict(attrs).get("alt") or "")
        else:
            self._break(tag)
            self._sign = _SIGNS.get(tag, self._sign)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "a":
            self._end_link()
        elif tag in _PARAGRAPHS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        before = " " if data[:1].isspace() else ""
        after = " " if data[-1:].isspace() else ""
        words = " ".join(data.split())
        if words:
            before, self._sign = before + self._sign, ""
        self._say(before + words + after)

    def finish(self) -> str:
        self._end_link()
        return "".join(self._out)

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._say("\n\n")
        elif tag in _LINES:
            self._say("\n")

    def _say(self, words: str) -> None:
        if words and not self._unseen:
            (self._out if self._href is None else self._shown).append(words)

    def _end_link(self) -> None:
        if self._href is not None:
            self._out.append(_link("".join(self._shown), self._href, self._mentions))
        self._href, self._shown = None, []


def _link(shown: str, href: str, mentions: Mapping[str, str]) -> str:
    words, address = shown.strip(), web(href)
    if address in mentions:
        return mentions[address]
    if not address or words.startswith(("#", "@")):
        return shown
    if not words or _is_same(words, address):
        return address
    return f"{words} ({address})"


def _is_same(words: str, address: str) -> bool:
    """Whether the words of a link are its address, with or without scheme, whole or cut short."""
    said = _SCHEME.sub("", words, count=1).rstrip("/")
    real = _SCHEME.sub("", address, count=1).rstrip("/")
    return said == real or (said.endswith("…") and len(said) > 8 and real.startswith(said[:-1]))


def _tidied(words: str) -> str:
    lines = (" ".join(line.split()) for line in words.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
