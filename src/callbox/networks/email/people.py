"""Who wrote, and where an answer goes. Nothing here raises.

The address is taken before encoded words are decoded, so that a display name cannot smuggle one in.
"""

import re
import unicodedata
from email.message import Message

from callbox.networks.email import charsets, mime
from callbox.vocabulary import AuthorSeen

MOST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3
_ATOM = r"[^\s<>@,;:\"()\[\]\\\x00-\x1f\x7f]"
_ADDRESS = re.compile(rf"{_ATOM}{{1,64}}@{_ATOM}{{1,253}}")
_ANGLED = re.compile(r"<([^<>]{0,500})>")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.){0,1000})"')
_COMMENT = re.compile(r"\(([^()]{0,500})\)")
_NOBODY = re.compile(r"(no|do-?not|not)[-_.]?reply|noreply.*|mailer-daemon|postmaster|bounces?\b.*")


def normal(address: str) -> str:
    """The address as we compare it: in lower case, in one Unicode form."""
    return unicodedata.normalize("NFC", address.strip()).lower()


def domain_of(address: str) -> str:
    """What stands after the @."""
    return address.rpartition("@")[2]


def is_address(address: str) -> bool:
    """Whether mail can go there, by its form."""
    formed = _ADDRESS.fullmatch(address) and normal(address).isprintable()
    return bool(formed) and len(address) <= MOST_ADDRESS


def mailbox(value: str) -> tuple[str, str]:
    """The first address of a header and the name beside it; ("", "") when there is none."""
    raw = _unbroken(value)
    bare = _QUOTED.sub(" ", raw)
    angled = _ANGLED.findall(bare)
    if angled:
        address = angled[0].strip()
        name = raw[: raw.rfind("<" + angled[0])] if len(angled) == 1 else ""
    else:
        found = _ADDRESS.search(_COMMENT.sub(" ", bare))
        address = found[0] if found else ""
        comment = _COMMENT.search(raw)
        name = comment[1] if comment else ""
    if len(angled) > 1 and "," not in bare:
        return "", ""  # one mailbox has one address: two are a disguise
    return (address, _name(name, address)) if is_address(address) else ("", "")


def _unbroken(value: str) -> str:
    raw = value.encode("utf-8", "surrogateescape")
    return " ".join(charsets.decoded(raw).split())[:2000]


def _name(value: str, address: str) -> str:
    quoted = _QUOTED.search(value)
    words = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else value
    name = charsets.header(words.rpartition(",")[2] if not quoted and "<" in words else words)
    name = name.strip(" '\"")[:200]
    return "" if normal(name) == normal(address) else name


def addresses(listed: str) -> frozenset[str]:
    """Addresses that somebody typed, with commas between."""
    return frozenset(normal(one) for one in listed.split(",") if is_address(one.strip()))


def author(mail: Message, forms: frozenset[str]) -> tuple[AuthorSeen | None, str]:
    """Who wrote, and the address as it was written. None when the mail does not say, or says it
    twice: then nobody can be answered.

    Reply-To is not believed: whoever is shown as the author, and was checked as the sender, is who
    gets the answer. Only our own pages' `forms` write for residents, whom their Reply-To names.
    """
    senders = mime.values(mail, "from")
    address, name = mailbox(senders[0]) if len(senders) == 1 else ("", "")
    if address and normal(address) in forms:
        told = mailbox(mime.value(mail, "reply-to"))
        address, name = told if told[0] else (address, name)
    if not address:
        return None, ""
    return AuthorSeen(normal(address), address, name), address


def takes_none(address: str) -> bool:
    """Whether an address says of itself that it takes no answers."""
    return bool(_NOBODY.fullmatch(normal(address).partition("@")[0]))


def own_domain(address: str) -> str:
    """The domain that our Message-IDs end with."""
    try:
        return domain_of(ascii_form(address)).lower()
    except ValueError:
        return domain_of(address).lower()


def ascii_form(address: str) -> str:
    """The address with its domain as the DNS has it (IDNA). Raises ValueError for one that has no
    such form, or that no header may hold."""
    local, _, domain = address.strip().rpartition("@")
    plain = f"{local}@{domain.encode('idna').decode('ascii')}" if not domain.isascii() else address
    if not is_address(plain.strip()):
        raise ValueError("not an address that mail can go to")
    return plain.strip()
