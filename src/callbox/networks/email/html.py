"""HTML mail as words that a person can read. Takes any string, raises nothing, stays plain text.

Quoted mail keeps its mark (“> ”), so that what follows can tell it from new words. A link shows
where it really leads.
"""

import re
from html.parser import HTMLParser

MOST = 200_000  # characters of HTML that are read
_NOT_A_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]{0,3000}>)")
_DECLARATION = re.compile(r"<[!?][^<>]{0,1000}>")
_UNSEEN = frozenset(("script", "style", "template", "head", "title", "svg", "math", "object"))
_BLOCKS = frozenset(
    ("p", "div", "ul", "ol", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "hr")
)
_LINES = frozenset(("br", "li", "tr"))
_BLANKS = re.compile(r"\n{3,}")
MOST_QUOTED = 5


def plain(markup: str) -> str:
    """Readable text."""
    reader = _Reader()
    reader.feed(_NOT_A_TAG.sub("&lt;", _DECLARATION.sub("", _uncommented(markup[:MOST]))))
    reader.close()
    return reader.text()


def _uncommented(markup: str) -> str:
    """Without comments, in one pass; the standard parser looks for each one's end anew."""
    first, *rest = markup.split("<!--")
    return first + "".join(one.partition("-->")[2] if "-->" in one else one for one in rest)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[int, str]] = [(0, "")]
        self._quoted = 0
        self._unseen = 0
        self._links: list[tuple[str, int]] = []  # address, and where its words begin

    def set_cdata_mode(self, elem: str, *args: object, **kwargs: object) -> None:
        """A script that is never closed must not change how the rest is read."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "blockquote":
            self._break()
            self._quoted += 1
            self._break()
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self._lines[-1][1])))
        elif tag == "img":
            self._say(dict(attrs).get("alt") or "")
        elif tag in _BLOCKS or tag in _LINES:
            self._break()
            self._say("- " if tag == "li" else "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "blockquote":
            self._break()
            self._quoted = max(0, self._quoted - 1)
            self._break()
        elif tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag in _BLOCKS:
            self._break()
            if tag == "p":
                self._break()

    def handle_data(self, data: str) -> None:
        self._say(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        """What was read, a blank line between paragraphs at most."""
        lines = []
        for depth, line in self._lines:
            lines.append("> " * min(depth, MOST_QUOTED) + " ".join(line.split()))
        return _BLANKS.sub("\n\n", "\n".join(one.rstrip() for one in lines)).strip()

    def _say(self, words: str) -> None:
        if words and not self._unseen:
            depth, line = self._lines.pop()
            self._lines.append((depth, line + words))

    def _break(self) -> None:
        self._links.clear()
        if self._lines[-1][1].strip() or (len(self._lines) > 1 and self._lines[-2][1].strip()):
            self._lines.append((self._quoted, ""))
        else:
            self._lines[-1] = (self._quoted, "")

    def _end_link(self, address: str, start: int) -> None:
        shown = self._lines[-1][1][start:].strip()
        real = address.strip()
        if not re.match(r"https?://", real, re.I) or real.rstrip("/").endswith(shown.rstrip("/")):
            if not shown and re.match(r"https?://", real, re.I):
                self._say(real[:500])
            return
        self._say(f" ({real[:500]})")
