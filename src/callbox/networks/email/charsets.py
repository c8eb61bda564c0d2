"""Bytes to text, whatever they claim to be. Nothing here raises, and time grows with the length."""

import base64
import binascii
import quopri
import re

# What programs say, and what they mean: supersets that real mail needs.
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "utf8": "utf-8",
    "cp-850": "cp850",
}
# Codecs that are no character sets; "punycode" and "idna" take quadratic time besides.
_NEVER = re.compile(
    r"punycode|idna|escape|undefined|mbcs|oem|rot|hex|zlib|zip|bz2|base64|uu|quopri"
)
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?]*)\?=")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def decoded(content: bytes, charset: str = "") -> str:
    """Text of bytes: as declared where that works, else as UTF-8, else as Windows-1252."""
    said = charset.strip().strip("\"'").lower()
    tries = [said, "utf-8"] if said not in ("", "us-ascii", "ascii") else ["utf-8"]
    for name in tries:
        meant = _MEANT.get(name, name)
        if _NEVER.search(meant):
            continue
        try:
            return content.decode(meant)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def header(value: str) -> str:
    """A header as people read it (RFC 2047), on one line, without control characters."""
    raw = value.encode("utf-8", "surrogateescape")
    text = raw.decode("utf-8") if _is_utf8(raw) else raw.decode("cp1252", "replace")
    return " ".join(_CONTROL.sub(" ", _words(text)).split())


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _words(text: str) -> str:
    """Encoded words in a text, decoded. Neighbours of one charset are joined before decoding:
    programs cut characters in two."""
    out: list[str] = []
    held, charset, end = b"", "", 0
    for word in _WORD.finditer(text):
        gap = text[end : word.start()]
        near = bool(charset) and not gap.strip()
        if not near or word[1].lower() != charset:
            out.append(decoded(held, charset) if charset else "")
            held, charset = b"", word[1].lower()
        out.append("" if near else gap)
        held += _unwrapped(word[2], word[3])
        end = word.end()
    out.append(decoded(held, charset) if charset else "")
    return "".join(out) + text[end:]


def _unwrapped(encoding: str, words: str) -> bytes:
    plain = words.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(plain, header=True)
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return plain
