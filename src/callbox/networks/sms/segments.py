"""How many text messages a text becomes, as carriers count and bill them.

A text whose characters are all in the GSM 03.38 alphabet goes out with 7 bits a character: 160 in
one message, 153 in each part of a longer one; characters of its extension table take two places.
One character outside it, and the whole text goes out as UCS-2: 70 or 67 16-bit units (3GPP TS
23.038; an emoji is two units and is not split between two parts).
"""

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_ALPHABET = _BASIC | _EXTENDED


#: Printer's signs and what typewriters have for them.
_TYPED = str.maketrans({"—": "-", "–": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...",
                        "\u00a0": " ", "•": "-"})  # fmt: skip


def thrifty(text: str) -> str:
    """The text with typewriter's signs, if those alone keep it out of the small alphabet: the dash
    of a signature would otherwise more than double what a message costs."""
    typed = text.translate(_TYPED)
    return typed if all(one in _ALPHABET for one in typed) else text


@dataclass(frozen=True, slots=True)
class Segments:
    """`count` messages; `used` places of the last one's `room` are taken. `odd` are the characters
    that make a text UCS-2, so that a writer can choose others."""

    count: int
    encoding: str  # "GSM-7" | "UCS-2"
    used: int
    room: int
    odd: str = ""


def segments(text: str) -> Segments:
    """What a text becomes. An empty text is no message at all."""
    odd = "".join(dict.fromkeys(one for one in text if one not in _ALPHABET))
    if odd:
        return _packed([_units(one) for one in text], 70, 67, "UCS-2", odd)
    return _packed([2 if one in _EXTENDED else 1 for one in text], 160, 153, "GSM-7", "")


def _units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def _packed(sizes: list[int], alone: int, part: int, encoding: str, odd: str) -> Segments:
    """Fill messages one after the other: what takes two places never stands on both sides."""
    total = sum(sizes)
    if total <= alone:
        return Segments(1 if total else 0, encoding, total, alone, odd)
    count, used = 1, 0
    for size in sizes:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return Segments(count, encoding, used, part, odd)
