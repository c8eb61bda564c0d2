"""How Bluesky measures a text, and what in it can be clicked.

Links, mentions and tags are not found by readers' programs: each must be marked with the bytes that
it covers (“facets”, lexicon app.bsky.richtext.facet). Offsets count UTF-8 bytes in writing order,
so pictographs and right-to-left text need no special case as long as nobody counts characters.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import regex

MOST_GRAPHEMES = 300
MOST_BYTES = 3000
MOST_TAG_GRAPHEMES = 64
MOST_TAG_BYTES = 640

_GRAPHEME = regex.compile(r"\X")

# Direction marks and other invisible characters: they end a link and may stand before one, but
# are never part of it.
_INVISIBLE = r"\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF"
_IN_LINK = rf"[^\s<>\"“”„«»{_INVISIBLE}]"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Names without https:// count only under endings that a department is likely to write; a guess at
# all of them would turn “a.m.to” into a link.
_ENDINGS = "com|edu|gov|int|mil|net|org|us"
_LINK = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}@/.:_-])(?:https?://{_IN_LINK}+"
    rf"|(?:{_LABEL}\.)+(?:{_ENDINGS})(?![\p{{L}}\p{{N}}@_-])(?:[/?]{_IN_LINK}*)?)",
    regex.IGNORECASE,
)
_MENTION = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}@/._-])@((?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)(?![a-z0-9])",
    regex.IGNORECASE,
)
_TAG = regex.compile(
    rf"(?:(?<=^)|(?<=[\s\p{{Ps}}\p{{Pi}}{_INVISIBLE}]))[#＃]([\p{{L}}\p{{M}}\p{{N}}_]*[\p{{L}}\p{{M}}_]"
    r"[\p{L}\p{M}\p{N}_]*)"
)
_AFTER_LINK = ".,;:!?'’…،؛؟。、*_~|"
_PAIRS = {")": "(", "]": "[", "}": "{"}

Feature = dict[str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """A clickable part of a text: characters `start` to `end`, and what it leads to."""

    start: int
    end: int
    feature: Feature


def graphemes(text: str) -> int:
    """How many characters a reader sees (Unicode extended grapheme clusters)."""
    return len(_GRAPHEME.findall(text))


def facets(text: str, did_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """The facets of a text, in order and never overlapping.

    `did_of` turns a handle into its owner's DID, or "" for a name that nobody has: such a mention
    stays plain text.
    """
    links = list(_links(text))
    others = [*_mentions(text, did_of), *_tags(text)]
    spans = links + [span for span in others if not any(_overlap(span, link) for link in links)]
    return [_facet(text, span) for span in sorted(spans, key=lambda span: span.start)]


def _links(text: str) -> Iterator[Span]:
    for found in _LINK.finditer(text):
        shown = _without_tail(found[0])
        uri = shown if regex.match(r"https?://", shown, regex.IGNORECASE) else f"https://{shown}"
        if len(uri) > len("https://"):
            feature = {"$type": "app.bsky.richtext.facet#link", "uri": uri}
            yield Span(found.start(), found.start() + len(shown), feature)


def _without_tail(link: str) -> str:
    """A link without the punctuation that belongs to the sentence around it."""
    while link:
        last = link[-1]
        opener = _PAIRS.get(last)
        unpaired = opener is not None and link.count(last) > link.count(opener)
        if last not in _AFTER_LINK and not unpaired:
            break
        link = link[:-1]
    return link


def _mentions(text: str, did_of: Callable[[str], str]) -> Iterator[Span]:
    for found in _MENTION.finditer(text):
        did = did_of(found[1].lower())
        if did:
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": did}
            yield Span(found.start(), found.end(), feature)


def _tags(text: str) -> Iterator[Span]:
    for found in _TAG.finditer(text):
        tag = found[1]
        if graphemes(tag) <= MOST_TAG_GRAPHEMES and len(tag.encode()) <= MOST_TAG_BYTES:
            feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
            yield Span(found.start(), found.end(), feature)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _facet(text: str, span: Span) -> dict[str, Any]:
    start = len(text[: span.start].encode())
    end = start + len(text[span.start : span.end].encode())
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [span.feature]}
