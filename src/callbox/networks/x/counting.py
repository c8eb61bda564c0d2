"""How long X counts a text to be (docs.x.com: fundamentals/counting-characters).

In NFC; Latin letters and most punctuation weigh 1, everything else 2; an emoji weighs 2 however
many code points it is made of; every address weighs 23, because X shortens it.
"""

import unicodedata

import regex

MOST = 280
MOST_PREMIUM = 25_000
URL_WEIGHT = 23

_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
# Endings that X links without "https://" before them. Its own list is the whole of the root zone;
# these are the ones that people write.
_ENDINGS = (
    "com|org|net|gov|edu|mil|int|info|biz|us|uk|ca|io|co|tv|news|app|dev|city|police|chicago|nyc"
)
_URL = regex.compile(
    rf"""
    (?<![\w@#$.-])
    (?: https?://[^\s<>"]*[^\s<>".,:;!?'()\[\]{{}}*…]
      | (?:[a-z0-9-]+\.)+(?:{_ENDINGS})(?![\w@.-]\w)\b
        (?:/[^\s<>"]*[^\s<>".,:;!?'()\[\]{{}}*…]|/)? )
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_CLUSTER = regex.compile(r"\X")
# What makes a cluster of code points one picture: a selector, a joiner, a skin colour, two
# regional indicators, a keycap, a tag.
_EMOJI = regex.compile(
    "\N{VARIATION SELECTOR-16}|\N{ZERO WIDTH JOINER}|\\p{Emoji_Modifier}"
    "|\\p{Regional_Indicator}{2}|\N{COMBINING ENCLOSING KEYCAP}|[\U000e0020-\U000e007f]"
)
_PICTURE = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]")


def weight(text: str) -> int:
    """The length of a text as X counts it."""
    text = unicodedata.normalize("NFC", text)
    rest, links = _URL.subn("", text)
    return links * URL_WEIGHT + sum(_weight(one) for one in _CLUSTER.findall(rest))


def links(text: str) -> list[str]:
    """The addresses in a text that X would make links of."""
    return _URL.findall(text)


def _weight(cluster: str) -> int:
    if len(cluster) > 1 and _EMOJI.search(cluster) and _PICTURE.match(cluster):
        return 2
    return sum(1 if _is_light(ord(one)) else 2 for one in cluster)


def _is_light(point: int) -> bool:
    return any(first <= point <= last for first, last in _LIGHT)
