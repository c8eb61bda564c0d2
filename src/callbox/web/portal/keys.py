"""The key: four words and two digits that lead back to a conversation, and are kept nowhere.

What is kept of it is useless without this installation's secret:

- a *locator*, HMAC-SHA-256 of the first word and the digits, by which its row is found without
  hashing every row slowly. It tells apart 777,600 of the 3.7e17 keys;
- a *verifier*, Argon2id of an HMAC of the whole key. The three words that the locator does not
  cover are 39 bits, so that even somebody with the database *and* the secret has to spend
  Argon2's time on each of them.

`words.txt` was made from SCOWL (see `words.LICENSE`).
"""

import hmac
import re
import secrets
from functools import cache
from importlib import resources

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError
from django.conf import settings

WORDS_IN_A_KEY = 4
# RFC 9106's choice for little memory, halved in memory: pages are made on small machines too.
_SLOW = PasswordHasher(time_cost=4, memory_cost=32 * 1024, parallelism=1, type=Type.ID)
_LONGEST_TYPED = 120


@cache
def words() -> tuple[str, ...]:
    """The 7,776 words."""
    text = resources.files("callbox.web.portal").joinpath("words.txt").read_text("utf-8")
    return tuple(text.split())


@cache
def _known() -> frozenset[str]:
    return frozenset(words())


def new_key() -> str:
    """A key as it is shown: "kite harbor lemon drum 27". About 58 bits."""
    chosen = [secrets.choice(words()) for _ in range(WORDS_IN_A_KEY)]
    return " ".join([*chosen, f"{secrets.randbelow(100):02d}"])


def tidy(typed: str) -> str | None:
    """A key as `new_key` writes it, from whatever somebody typed; None when it cannot be one.

    Capitals, spaces, hyphens, commas and full stops do not matter, nor where the digits stand.
    """
    parts = re.findall(r"[a-z]+|[0-9]+", typed[:_LONGEST_TYPED].lower())
    found = [part for part in parts if part.isalpha()]
    digits = [part for part in parts if part.isdigit()]
    if len(found) != WORDS_IN_A_KEY or len(digits) != 1 or len(digits[0]) != 2:
        return None
    return " ".join([*found, digits[0]]) if _known().issuperset(found) else None


def locator(key: str) -> bytes:
    """Where to look for a tidy key."""
    parts = key.split()
    return _keyed("locator", f"{parts[0]} {parts[-1]}")


def verifier(key: str) -> str:
    """What a tidy key is checked against. Takes some tens of milliseconds, on purpose."""
    return _SLOW.hash(_keyed("verifier", key))


def fits(stored: str, key: str) -> bool:
    """Whether a tidy key is the one that `stored` was made from. As slow as `verifier`."""
    try:
        return _SLOW.verify(stored, _keyed("verifier", key))
    except (Argon2Error, InvalidHashError):
        return False


@cache
def decoy() -> str:
    """A verifier of no key: checked when there is no row, so that a guess of the locator's part
    takes as long as any other."""
    return verifier(new_key())


def _keyed(purpose: str, text: str) -> bytes:
    secret = f"callbox portal {purpose}:{settings.SECRET_KEY}".encode()
    return hmac.digest(secret, text.encode(), "sha256")
