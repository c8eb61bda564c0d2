"""Outside text, made safe to keep and to show. No I/O.

What was said is kept as it was said: only what PostgreSQL cannot store is taken out when keeping
(`kept`). What could mislead or break a page is taken out when showing (`shown`).
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

MOST_KEPT = 50_000  # characters; the arrival holds the rest
_CUT = " […]"

# Bidirectional overrides and isolates can make a text read other than it is; pages isolate with
# markup instead (Unicode UAX #9, "Trojan Source").
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb]")
_MARKS_IN_A_ROW = 4  # Vietnamese and Arabic need three; more is a tower ("zalgo")


def kept(text: str) -> str:
    """The text to store: without NUL and lone surrogates, at most MOST_KEPT characters."""
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= MOST_KEPT else clean[: MOST_KEPT - len(_CUT)] + _CUT


def kept_all(value: Any) -> Any:
    """A JSON-like value with every text in it, keys too, as `kept` makes it."""
    if isinstance(value, str):
        return kept(value)
    if isinstance(value, Mapping):
        return {kept(str(key)): kept_all(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [kept_all(one) for one in value]
    return value


def shown(text: str) -> str:
    """The text to show: no control or direction-changing characters, no towers of marks."""
    text = _CONTROL.sub("", _BIDI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    if text.isascii():
        return text
    out: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if run <= _MARKS_IN_A_ROW:
            out.append(character)
    return "".join(out)


def preview(text: str, most: int = 200) -> str:
    """One line of at most `most` characters, cut at a word where there is one."""
    line = " ".join(shown(text).split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut) + "…"
