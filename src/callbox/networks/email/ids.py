"""Names of mails: other people's Message-IDs, and ours, which say where they belong.

A Message-ID of ours is `cb1.<delivery key>.<root>@<our domain>` (`cba.` for what no person wrote).
The root in it keeps a conversation together even where a resident's program passes on our last
Message-ID and nothing else of the thread. Nothing here does I/O.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

ROOT = "mail:"
MOST_ID = 400  # characters; RFC 5322 lines end at 998, and real ones are far shorter
MOST_REFERENCES = 100
_TOKEN = 24  # characters of a root's hash: 96 bits, so that nobody meets another by chance
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OWN = re.compile(rf"cb([1a])\.([A-Za-z0-9_-]{{1,64}})\.([0-9a-f]{{{_TOKEN}}})@(.+)")
_ANGLED = re.compile(rf"<([\x21-\x3b\x3d\x3f-\x7e]{{1,{MOST_ID}}})>")
_BARE = re.compile(rf"[\x21-\x3b\x3d\x3f-\x7e]{{1,{MOST_ID}}}")


@dataclass(frozen=True, slots=True)
class Own:
    """What a Message-ID of ours says: its delivery's key, its root, and whether a machine wrote."""

    key: str
    root: str
    machine: bool


def message_id(value: str) -> str:
    """The one id in a Message-ID header, without brackets; "" when it is missing or says nothing.

    An empty id is everybody's, so it must never become a thread (Zammad, FreeScout and Chatwoot
    have all merged strangers over "<>").
    """
    found = _ANGLED.search(value)
    bare = found[1] if found else value.strip()
    named = _BARE.fullmatch(bare) and re.search(r"[A-Za-z0-9]", bare.partition("@")[0])
    return bare if named else ""


def references(*headers: str) -> tuple[str, ...]:
    """Ids named in References and In-Reply-To, oldest first, each once. Of very many, the first
    (the thread's start) and the last (what is answered) are kept."""
    found = [one for header in headers for one in _ANGLED.findall(header)]
    named = list(dict.fromkeys(one for one in found if message_id(f"<{one}>")))
    if len(named) > MOST_REFERENCES:
        named = [named[0], *named[1 - MOST_REFERENCES :]]
    return tuple(named)


def token(name: str) -> str:
    """What stands for a mail that starts a thread, in our Message-IDs and in `root_id`."""
    return sha256(name.encode("utf-8", "replace")).hexdigest()[:_TOKEN]


def own(name: str, domain: str) -> Own | None:
    """What a Message-ID of ours says; None for anybody else's."""
    found = _OWN.fullmatch(name)
    if not found or found[4].lower() != domain.lower():
        return None
    return Own(found[2], found[3], found[1] == "a")


def make(key: str, root_id: str, domain: str, *, machine: bool) -> str:
    """The Message-ID of a delivery: the same at every attempt."""
    fits = key if _KEY.fullmatch(key) else sha256(key.encode()).hexdigest()
    root = root_id.removeprefix(ROOT)
    known = re.fullmatch(rf"[0-9a-f]{{{_TOKEN}}}", root)
    return f"cb{'a' if machine else '1'}.{fits}.{root if known else token(root_id)}@{domain}"


def root_of(name: str, named: tuple[str, ...], domain: str) -> str:
    """The root of a mail called `name` that names these others: ours says it best, the oldest
    named one is the thread's start, and else the mail starts a thread itself."""
    for one in reversed(named):
        ours = own(one, domain)
        if ours:
            return ROOT + ours.root
    return ROOT + token(named[0] if named else name)


def external(name: str, author: str, content: bytes) -> str:
    """Our name for a resident's mail: its Message-ID, bound to who wrote what.

    The binding makes a mail that comes twice one message, and keeps a second mail that borrows
    somebody's Message-ID from passing for an edit of theirs.
    """
    mark = sha256(b"\0".join((author.encode("utf-8", "replace"), b"".join(content.split()))))
    return f"{name}#{mark.hexdigest()[:24]}"
