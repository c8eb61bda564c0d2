"""Sending once: what is written down where, so that a lost answer never makes a second mail.

SMTP cannot be asked what it took, so the mailbox remembers for us:

1. Before anything is sent, the mail is put into a folder of ours, “Callbox sending”.
2. It is sent to the resident and, in the same transaction, to our own address. The server's one
   answer is for both, so a copy in our own mailbox proves that theirs was taken too.
3. When the server has said yes, the mail is put into “Sent” and taken out of “Callbox sending”.

So a mail that is in neither folder was never begun; one in “Sent”, or that came back to us, or that
somebody answered, went out; and one that only waits in “Callbox sending” did not go out when its
copy had all the time it needs and copies are known to come here.
"""

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbox.connector import ConnectorError, OutcomeUnknown, Unavailable
from callbox.networks.email.imap import Imap, day, quoted
from callbox.networks.email.smtp import Smtp

WAITING = "Callbox sending"
PATIENCE = timedelta(minutes=15)  # how long our own copy may take to reach our own mailbox
_NO_COPY = "\\Flagged"  # on a waiting mail: the server wanted no copy to us, so none will come


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that goes out: its name, from whom to whom, and its bytes."""

    name: str
    sender: str
    to: str
    content: bytes
    made_at: datetime


class Outbox:
    """One account's way out. `inbox` is the folder that we read."""

    def __init__(self, imap: Imap, inbox: str, now: Callable[[], datetime]) -> None:
        self._imap = imap
        self._inbox = inbox
        self._now = now

    def send(self, letter: Letter, connect: Callable[[], Smtp]) -> None:
        """Send it, unless it went out already. Raises what `Smtp.send` does; whatever breaks before
        that means that nothing was sent."""
        if self._is_sent(letter.name):
            return
        folder = self._imap.made(WAITING)
        self._imap.open(folder)
        if self._imap.named(letter.name) and self._came_back(letter.name, letter.made_at):
            self._settle(letter.name)
            return
        self._imap.put(folder, letter.content, ["\\Seen"], self._now())
        self._imap.open(folder, write=True)
        attempt = self._imap.named(letter.name)[-1:]
        try:
            with closing(connect()) as smtp:
                smtp.send(
                    letter.sender,
                    letter.to,
                    letter.content,
                    lambda: self._imap.flag(attempt, _NO_COPY),
                )
        except OutcomeUnknown:
            raise
        except ConnectorError:
            self._forget(attempt)
            raise
        self._settle(letter.name)

    def find(self, name: str, made_at: datetime) -> bool:
        """Whether this mail went out; False only when it certainly did not. Raises Unavailable when
        nobody can say yet."""
        if self._is_sent(name):
            return True
        if self._came_back(name, made_at):
            self._settle(name)
            return True
        folder = self._imap.has(WAITING)
        if not folder:
            return False
        self._imap.open(folder)
        waiting = self._imap.facts(self._imap.named(name))
        if not waiting:
            return False
        marked = self._imap.uids(f"FLAGGED HEADER Message-ID {quoted(name)}")
        late = self._now() - max(one.at for one in waiting) > PATIENCE
        if late and not marked and self._copies_come():
            return False
        raise Unavailable("The mail may still be on its way.")

    def _places(self) -> list[str]:
        """Where our copy of a mail, or an answer to it, arrives."""
        return [one for one in (self._inbox, self._imap.junk_folder()) if one]

    def _is_sent(self, name: str) -> bool:
        self._imap.open(self._imap.sent_folder())
        return bool(self._imap.named(name))

    def _came_back(self, name: str, made_at: datetime) -> bool:
        """Whether our copy came, or a mail that names it: who answers it has it."""
        for folder in self._places():
            self._imap.open(folder)
            for header in ("Message-ID", "In-Reply-To", "References"):
                if self._imap.uids(f"SINCE {day(made_at)} HEADER {header} {quoted(name)}"):
                    return True
        return False

    def _copies_come(self) -> bool:
        """Whether our own copies reach our mailbox at all: at least one has."""
        for folder in self._places():
            self._imap.open(folder)
            if any(self._imap.named(mark) for mark in ("cb1.", "cba.")):
                return True
        return False

    def _forget(self, attempt: list[int]) -> None:
        """This attempt certainly did nothing, so it waits no more; an earlier one may. If this
        fails, `find` waits for a copy that never comes, which is slow and not wrong."""
        with suppress(ConnectorError):
            self._imap.take_away(attempt)

    def _settle(self, name: str) -> None:
        """It went out: write that down where people look. Failing here changes nothing about it.
        Some servers put what they send into “Sent” themselves."""
        with suppress(ConnectorError):
            sent, folder = self._imap.sent_folder(), self._imap.has(WAITING)
            if not folder:
                return
            is_there = self._is_sent(name)
            self._imap.open(folder, write=True)
            waiting = self._imap.named(name)
            if not is_there:
                self._imap.copy(waiting[-1:], sent)
            self._imap.take_away(waiting)
