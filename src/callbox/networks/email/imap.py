"""The mailbox: finding mails in its folders, reading them, putting ours there.

Every failure here means that nothing was sent to anybody, so all of them are errors of reading:
Unavailable, RateLimited, AuthDead, AuthTransient, Refused (RFC 5530 names the server's reasons).
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from callbox.connector import AuthDead, AuthTransient, RateLimited, Refused, Unavailable
from callbox.moment import now_utc
from callbox.networks.email.server import NONE, STARTTLS, TIMEOUT, Login, Place, trusted

MOST_WHOLE = 1_000_000  # bytes of a mail that is kept whole
MOST_BEGINNING = 900_000  # bytes that are kept of a bigger one: its headers and its text
MOST_FETCHED = 40_000_000  # bytes of a mail that is fetched for one of its files
_SLOW_DOWN = timedelta(minutes=2)
_FACTS = re.compile(
    rb"UID (\d+)|INTERNALDATE \"([^\"]{1,40})\"|RFC822\.SIZE (\d+)",
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "TEMPORAR", "TRY AGAIN", "INTERNAL ERROR")
# What a login that is wrong or over is told: a code of RFC 5530, or plain words.
_WRONG = re.compile(
    r"\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|WEBALERT)"
    r"|FAIL|INVALID|INCORRECT|DENIED|WRONG|BAD |CREDENTIAL|PASSWORD|DISABLED|REJECTED|NOT ALLOWED"
)
_SENT_NAMES = ("sent", "sent items", "sent messages", "sent mail", "[gmail]/sent mail")
_JUNK_NAMES = ("junk", "spam", "junk e-mail", "[gmail]/spam")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server says of one mail."""

    uid: int
    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder that is open now. `validity` is the epoch of its UIDs, `following` the next UID."""

    name: str
    validity: int
    following: int


class Imap:
    """One connection, logged in. Not for two threads."""

    def __init__(self, place: Place, login: Login) -> None:
        self._place, self._host = place, place.host
        self.lost = False  # the line broke: make another
        with self._speaking():
            self._box = _connected(place)
        try:
            with self._speaking(login=True):
                _log_in(self._box, login)
        except BaseException:
            self.close()
            raise
        self._folders: list[tuple[str, str, tuple[str, ...]]] | None = None

    def close(self) -> None:
        """Say goodbye; a server that does not answer is left."""
        with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
            if not self.lost:
                self._box.logout()
        with suppress(OSError):
            self._box.client.shutdown()

    # --- folders ------------------------------------------------------------------------------

    def open(self, folder: str, *, write: bool = False) -> Opened:
        """Open a folder. Raises Refused when it is not there."""
        with self._speaking(f"The mailbox has no folder “{folder}” that we may open."):
            self._box.folder.set(folder, readonly=not write)
            validity = self._said("UIDVALIDITY")
            following = self._said("UIDNEXT")
            if not following:
                following = max((int(one) for one in self._box.uids("ALL")), default=0) + 1
        return Opened(folder, validity, following)

    def _said(self, name: str) -> int:
        """A number that the server gave when the folder was opened."""
        _, data = self._box.client.response(name)
        found = next((one for one in data or [] if isinstance(one, bytes) and one.isdigit()), b"0")
        return int(found)

    def sent_folder(self) -> str:
        """The folder for what was sent, made where there is none."""
        return self._named("\\Sent", _SENT_NAMES) or self.made("Sent")

    def junk_folder(self) -> str:
        """The folder for unwanted mail, or ""."""
        return self._named("\\Junk", _JUNK_NAMES)

    def made(self, name: str) -> str:
        """A folder of this name beside the usual ones, made where there is none; its full name."""
        full = self._prefix() + name
        with self._speaking(f"The mailbox lets us make no folder “{full}”."):
            if not any(one == full for one, _, _ in self._listed()):
                self._box.folder.create(full)
                self._folders = None
        return full

    def has(self, name: str) -> str:
        """The full name of a folder of ours, or "" when it is not there."""
        full = self._prefix() + name
        return full if any(one == full for one, _, _ in self._listed()) else ""

    def _prefix(self) -> str:
        """What every folder's name begins with, on servers that keep all below INBOX."""
        listed = self._listed()
        below = [name for name, delim, _ in listed if delim and name.startswith(f"INBOX{delim}")]
        others = [name for name, _, _ in listed if name.upper() != "INBOX" and name not in below]
        return f"INBOX{listed[0][1]}" if below and not others else ""

    def _named(self, use: str, names: Sequence[str]) -> str:
        """A folder by its special use (RFC 6154), else by what it is usually called."""
        for name, _, flags in self._listed():
            if use.lower() in (flag.lower() for flag in flags):
                return name
        prefix = self._prefix()
        found = [one for one, _, _ in self._listed() if one.removeprefix(prefix).lower() in names]
        return found[0] if found else ""

    def _listed(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Every folder. A list without any is no list: every mailbox has an inbox, and folders are
        made by what stands here."""
        if self._folders is None:
            with self._speaking():
                self._folders = [
                    (one.name, one.delim, one.flags) for one in self._box.folder.list()
                ]
        if not self._folders:
            self._folders = None
            raise Unavailable(f"{self._host} does not tell which folders there are.")
        return self._folders

    # --- mails of the open folder --------------------------------------------------------------

    def uids(self, criteria: str) -> list[int]:
        """UIDs of what matches, oldest first. `criteria` is IMAP's SEARCH; texts go in by
        `quoted`."""
        with self._speaking():
            return sorted(int(one) for one in self._box.uids(criteria))

    def after(self, uid: int, extra: str = "") -> list[int]:
        """UIDs above this one. ("n:*" always matches the last mail, even below n: RFC 3501.)"""
        return [one for one in self.uids(f"UID {uid + 1}:* {extra}".strip()) if one > uid]

    def named(self, message_id: str) -> list[int]:
        """UIDs of mails whose Message-ID holds this."""
        return self.uids(f"HEADER Message-ID {quoted(message_id)}")

    def facts(self, uids: Sequence[int]) -> list[Facts]:
        """What the server says of these mails; those that went meanwhile are left out."""
        if not uids:
            return []
        answer = self._fetched(",".join(map(str, uids)), "(UID INTERNALDATE RFC822.SIZE)")
        found = [_facts(line) for line in answer if isinstance(line, bytes)]
        return sorted((one for one in found if one), key=lambda one: one.uid)

    def content(self, facts: Facts, most: int = MOST_WHOLE) -> bytes | None:
        """A mail's bytes; of one bigger than `most`, its beginning. None when it cannot be had: it
        is gone, or the server cannot read it itself."""
        whole = facts.size <= most
        what = "(BODY.PEEK[])" if whole else f"(BODY.PEEK[]<0.{MOST_BEGINNING}>)"
        try:
            answer = self._fetched(str(facts.uid), what)
        except Refused:
            return None
        return next((one[1] for one in answer if isinstance(one, tuple) and len(one) > 1), None)

    def _fetched(self, uids: str, what: str) -> list[Any]:
        with self._speaking("The mail server cannot read this mail."):
            status, data = self._box.client.uid("FETCH", uids, what)
            if status != "OK":
                raise ImapToolsError
        return list(data or [])

    def wait(self, seconds: float) -> None:
        """Wait until something happens in the open folder, or for this long (IDLE, RFC 2177: one
        wait is far below its 29 minutes)."""
        with self._speaking():
            self._box.idle.wait(timeout=seconds)

    @property
    def can_wait(self) -> bool:
        """Whether the server tells us when something happens."""
        return "IDLE" in self._box.client.capabilities

    # --- putting and taking away ---------------------------------------------------------------

    def put(self, folder: str, content: bytes, flags: Sequence[str], at: datetime) -> None:
        """Put a mail of ours into a folder."""
        with self._speaking(f"The mailbox takes nothing into “{folder}”. It may be full."):
            self._box.append(content, folder, dt=at, flag_set=list(flags))

    def flag(self, uids: Sequence[int], flag: str) -> None:
        """Set a flag on mails of the open folder."""
        if uids:
            with self._speaking():
                self._box.flag([str(one) for one in uids], flag, True)

    def copy(self, uids: Sequence[int], folder: str) -> None:
        """Copy mails of the open folder into another one."""
        if uids:
            with self._speaking(f"The mailbox takes nothing into “{folder}”. It may be full."):
                self._box.copy([str(one) for one in uids], folder)

    def take_away(self, uids: Sequence[int]) -> None:
        """Delete mails of the open folder: only ever ours, in the folder that is ours."""
        if uids:
            with self._speaking():
                self._box.delete([str(one) for one in uids])

    # --- what goes wrong -----------------------------------------------------------------------

    @contextmanager
    def _speaking(self, refused: str = "", *, login: bool = False) -> Iterator[None]:
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            words = f"{self._host} shows a certificate that we cannot trust."
            raise Refused(words) from error
        except (imaplib.IMAP4.abort, OSError) as error:
            self.lost = True
            raise Unavailable(self._place.silent(error)) from error
        except (imaplib.IMAP4.error, ImapToolsError, UnicodeError) as error:
            raise _meant(error, self._host, refused, login=login) from error


def _meant(error: Exception, host: str, refused: str = "", *, login: bool = False) -> Exception:
    """What a refusal means. A server's words are read, never passed on: they may hold anything."""
    said = str(error).upper()
    if "[LIMIT]" in said or ("[OVERQUOTA]" in said and not refused) or "TOO MANY" in said:
        return RateLimited(f"{host} asks us to slow down.", now_utc() + _SLOW_DOWN)
    passing = any(one in said for one in _PASSING)
    if login:
        if passing or not _WRONG.search(said):  # a blip must never pass for a revocation
            return AuthTransient(f"{host} cannot check logins at present.")
        return AuthDead(f"{host} does not take this login. Connect the account again.")
    if refused and not passing:
        return Refused(refused)
    return Unavailable(f"{host} could not do this ({type(error).__name__}).")


def quoted(text: str) -> str:
    """A text inside a SEARCH. Raises Refused for one that cannot stand there."""
    if not text.isascii() or not text.isprintable():
        raise Refused("This mail's name cannot be looked up. Open it in the mailbox.")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def day(moment: datetime) -> str:
    """A day as SEARCH takes it, whatever language this machine speaks; the one before, because the
    server compares in its own time zone."""
    before = moment.astimezone(UTC) - timedelta(days=1)
    return f"{before.day}-{_MONTHS[before.month - 1]}-{before.year}"


def _connected(place: Place) -> BaseMailBox:
    if place.security == NONE:
        return MailBoxUnencrypted(place.host, place.port, timeout=TIMEOUT)
    if place.security == STARTTLS:
        return MailBoxStartTls(place.host, place.port, timeout=TIMEOUT, ssl_context=trusted())
    return MailBox(place.host, place.port, timeout=TIMEOUT, ssl_context=trusted())


def _log_in(box: BaseMailBox, login: Login) -> None:
    if login.token:
        box.xoauth2(login.name, login.secret, initial_folder=None)
    elif (login.name + login.secret).isascii():
        box.login(login.name, login.secret, initial_folder=None)
    else:
        box.login_utf8(login.name, login.secret, initial_folder=None)


def _facts(line: bytes) -> Facts | None:
    found = _FACTS.findall(line)
    uid = next((int(one[0]) for one in found if one[0]), 0)
    size = next((int(one[2]) for one in found if one[2]), 0)
    told = next((one[1] for one in found if one[1]), b"")
    try:
        at = parsedate_to_datetime(told.decode("ascii", "replace").replace("-", " ", 2).strip())
    except (TypeError, ValueError, IndexError):
        return None
    return Facts(uid, at.astimezone(UTC), size) if uid else None
