"""Handing a mail to the world, and knowing what became of it.

SMTP has one moment of truth: the server's word after the final dot. Before the dot nothing was
accepted, whatever breaks (RFC 5321, section 4.1.1.4: without it the mail is not processed). After
it, no word means that nobody knows.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from callbox.connector import (
    AuthDead,
    AuthTransient,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.moment import now_utc
from callbox.networks.email.server import STARTTLS, TIMEOUT, TLS, Login, Place, trusted

_LAST_WORD = 40.0  # seconds that a server may think about a whole mail
_TOO_LATE = 40.0  # seconds after which the dot is not sent any more: the delivery's lease is 90
_HELLO = "[127.0.0.1]"  # who greets; our machine's own name is nobody's business
_WAIT = re.compile(rb"(\d{1,4}) ?(s|sec|second|m|min|minute)", re.IGNORECASE)
_SLOW = re.compile(rb"rate|too many|too fast|limit|4\.7\.28|4\.2\.1", re.IGNORECASE)
_DOTS = re.compile(rb"^\.", re.MULTILINE)


class Smtp:
    """One connection to the sending server, logged in."""

    def __init__(self, place: Place, login: Login, began: float | None = None) -> None:
        """`began` is when the whole sending began, on the monotonic clock."""
        self._place, self._host = place, place.host
        self._began = time.monotonic() if began is None else began
        with self._before():
            self._line = _connected(place)
        try:
            with self._before():
                _log_in(self._line, login)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        with suppress(smtplib.SMTPException, OSError):
            self._line.quit()
        with suppress(OSError):
            self._line.close()

    def send(self, sender: str, to: str, content: bytes, no_copy: Callable[[], None]) -> None:
        """Send a mail to one resident, and to its sender in the same transaction: the one answer of
        the server is for both, so that our copy proves theirs. `no_copy` is called before anything
        is handed over when the server wants no copy to us.

        Raises Refused, RateLimited, Unavailable, AuthDead (certainly not sent), OutcomeUnknown.
        """
        with self._before():
            self._expect(self._line.mail(sender), "takes no mail from us")
            self._expect(self._line.rcpt(to), f"takes no mail to {to}")
            code, _ = self._line.rcpt(sender)
        if not 200 <= code < 300:
            no_copy()
        with self._before():
            self._line.putcmd("data")
            self._expect(self._line.getreply(), "takes no mail", 354)
            self._line.send(_DOTS.sub(b"..", content.rstrip(b"\r\n")) + b"\r\n")
            if time.monotonic() - self._began > _TOO_LATE:
                raise Unavailable(f"{self._host} is too slow at present.")
        self._finish()

    def _finish(self) -> None:
        """The dot, and the server's word about it."""
        try:
            if self._line.sock is not None:
                self._line.sock.settimeout(_LAST_WORD)
            self._line.send(b".\r\n")
            answer = self._line.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._line.close()
            words = f"{self._host} did not say whether it took the mail ({type(error).__name__})."
            raise OutcomeUnknown(words) from error
        self._expect(answer, "takes no such mail")

    def _expect(self, answer: tuple[int, bytes], what: str, good: int = 0) -> None:
        """Raise what a refusal means; nothing was sent."""
        code, said = answer
        if code == good or (not good and 200 <= code < 300):
            return
        raise _meant(code, said, self._host, what)

    @contextmanager
    def _before(self) -> Iterator[None]:
        """Everything in here happens before the final dot: what breaks broke without effect."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            words = f"{self._host} shows a certificate that we cannot trust."
            raise Refused(words) from error
        except smtplib.SMTPAuthenticationError as error:
            said = error.smtp_error if isinstance(error.smtp_error, bytes) else b""
            raise _meant(error.smtp_code, said, self._host, "does not take this login") from error
        except smtplib.SMTPResponseException as error:
            said = error.smtp_error if isinstance(error.smtp_error, bytes) else b""
            raise _meant(error.smtp_code, said, self._host, "does not talk to us") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"{self._host} does not offer what this needs: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(self._place.silent(error)) from error
        except UnicodeError as error:
            raise Refused("This login or this address cannot be written in mail.") from error


def _meant(code: int, said: bytes, host: str, what: str) -> Exception:
    """What a reply code means (RFC 5321, 4954). Nothing was sent. The server's words help whoever
    has to mend it, so a few of them are passed on; a reply to a login never is."""
    if code in (530, 534, 535, 538):
        return AuthDead(f"{host} does not take this login. Connect the account again.")
    if code == 454:
        return AuthTransient(f"{host} cannot check logins at present.")
    if 400 <= code < 500:
        if _SLOW.search(said):
            return RateLimited(f"{host} asks us to slow down.", now_utc() + _pause(said))
        return Unavailable(f"{host} {what} at present ({code}).")
    if code <= 0:
        return Unavailable(f"{host} did not answer.")
    words = " ".join(said.decode("utf-8", "replace").split())[:160]
    return Refused(f"{host} {what}: {code} {words}".rstrip())


def _pause(said: bytes) -> timedelta:
    """How long a server asks us to wait: its word where it gives one, at most an hour."""
    found = _WAIT.search(said)
    if not found:
        return timedelta(minutes=5)
    seconds = int(found[1]) * (60 if found[2].lower().startswith(b"m") else 1)
    return timedelta(seconds=min(max(seconds, 1), 3600))


def _connected(place: Place) -> smtplib.SMTP:
    if place.security == TLS:
        return smtplib.SMTP_SSL(place.host, place.port, _HELLO, timeout=TIMEOUT, context=trusted())
    line = smtplib.SMTP(place.host, place.port, _HELLO, timeout=TIMEOUT)
    try:
        if place.security == STARTTLS:
            line.starttls(context=trusted())
        line.ehlo_or_helo_if_needed()
    except BaseException:
        line.close()
        raise
    return line


def _log_in(line: smtplib.SMTP, login: Login) -> None:
    line.ehlo_or_helo_if_needed()
    if not login.token:
        line.login(login.name, login.secret)
        return
    words = f"user={login.name}\1auth=Bearer {login.secret}\1\1"
    line.auth("XOAUTH2", lambda challenge=None: words if challenge is None else "")
