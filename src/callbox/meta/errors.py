"""What an unsuccessful answer means: the one table of every network on a Graph API.

An answer's body is `{"error": {message, type, code, error_subcode, is_transient, fbtrace_id,
error_user_title, error_user_msg}}`. Source of the codes: the pages “Handle errors” and “Rate
limits” of the Graph API guide, and “Error codes” of the Messenger Platform.

Which error a code becomes depends on whether we read or wrote: an answer that says “something went
wrong on our side” (5xx, code 1 or 2, `is_transient`) leaves a read undone and a write uncertain.
A refusal's words are the network's own where it gives some, with anything that could be a token
blacked out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn

import httpx

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
    WindowClosed,
)
from callbox.meta.usage import regained_at
from callbox.meta.values import number
from callbox.values import mapping, text
from callbox.wire import retry_at

_REST = timedelta(minutes=15)  # after a limit, where the network does not say how long
_LONGEST = 300
_TOKENLIKE = re.compile(r"[A-Za-z0-9_|%.\-]{32,}")
_PERMISSION = re.compile(r"\b(?:pages|instagram|threads|whatsapp|business|publish|read|email)_\w+")

_DOWN = frozenset((1, 2))
_LIMITS = frozenset((4, 17, 32, 341, 613, *range(80000, 80015)))
_PERMISSIONS = frozenset((3, 10, *range(200, 300)))
_LOGIN = frozenset((102, 190))  # not 2500: that is a wrong path too
_DUPLICATE = 506
_BLOCKED = 368
# “Outside of allowed window”, for a Page, the same for pages of old, and for other inboxes.
_WINDOW = frozenset(((10, 2018278), (10, 2018065), (10, 2534022)))
_GONE = frozenset(((100, 33), (100, 2018001), (110, 0), (803, 0), (24, 0)))

_DEAD_WORDS: Mapping[int, str] = {
    458: "The app was removed from the member's own login there. Connect the account again.",
    459: "The network wants the member who connected this account to log in there and pass a "
    "security check. After that, connect the account again.",
    460: "The password of the member who connected this account was changed. Connect it again.",
    463: "The login has run out. Connect the account again.",
    464: "The member's own account there is not confirmed. Confirm it, then connect again.",
    467: "The login is not valid any more. Connect the account again.",
    492: "The member who connected this account has no role there any more. Somebody who has one "
    "must connect it again.",
}


@dataclass(eq=False)
class Fault(Exception):
    """The network's own account of what went wrong: the cause of the error that we raise."""

    code: int
    subcode: int = 0
    said: str = ""  # its words, tokens blacked out
    transient: bool = False
    trace: str = ""  # what its support asks for
    status: int = 0

    def __str__(self) -> str:
        trace = f", trace {self.trace}" if self.trace else ""
        return f"code {self.code}/{self.subcode}, status {self.status}{trace}"

    @property
    def key(self) -> tuple[int, int]:
        """Code and subcode, for looking up."""
        return self.code, self.subcode

    @property
    def is_gone(self) -> bool:
        """Whether it says that the object is not there, or not for us (it does not say which)."""
        return self.key in _GONE

    @property
    def is_too_much(self) -> bool:
        """Whether it says that we asked for too much at once, and should ask for less."""
        return self.code in _DOWN and "reduce the amount of data" in self.said.lower()

    @property
    def is_duplicate(self) -> bool:
        """Whether it says that we have just said this very thing."""
        return self.code == _DUPLICATE


def fault_of(error: BaseException) -> Fault | None:
    """What the network itself said, behind an error that this module raised."""
    return error.__cause__ if isinstance(error.__cause__, Fault) else None


def blacked_out(words: str) -> str:
    """A network's words, made short, without anything that could be a token: it repeats a
    malformed one in its answer."""
    return _TOKENLIKE.sub("…", " ".join(words.split()))[:_LONGEST]


def fault_in(response: httpx.Response) -> Fault | None:
    """The fault in an answer's body, or None when there is none that can be read. A body may carry
    one under a status of 200."""
    try:
        error = mapping(response.json()).get("error")
    except (ValueError, RecursionError):
        return None
    if not isinstance(error, dict):
        return None
    data = mapping(error.get("error_data"))
    said = text(error.get("error_user_msg")) or text(data.get("details"))
    return Fault(
        int(number(error.get("code")) or 0),
        int(number(error.get("error_subcode")) or 0),
        blacked_out(said or text(error.get("message"))),
        error.get("is_transient") is True,
        text(error.get("fbtrace_id"))[:60],
        response.status_code,
    )


@dataclass(frozen=True, slots=True)
class Meanings:
    """The table, with what one network adds to it: `extra` maps a code, or a code and subcode, to
    one of our errors and, where its own words would not help, to ours."""

    name: str  # the network's, for the words
    extra: Mapping[int | tuple[int, int], tuple[type[ConnectorError], str]] = field(
        default_factory=dict
    )

    def check(self, response: httpx.Response, now: datetime, *, write: bool) -> None:
        """Raise what an answer means, if it is no success."""
        fault = fault_in(response)
        if response.is_success and fault is None:
            return
        if fault is None:
            self._without_words(response, now, write=write)
        raise self._meant(fault, response, now, write=write) from fault

    @staticmethod
    def dead_words(subcode: Any) -> str:
        """Why a login is over, in words for a member."""
        return _DEAD_WORDS.get(int(number(subcode) or 0), _DEAD_WORDS[467])

    def _meant(
        self, fault: Fault, response: httpx.Response, now: datetime, *, write: bool
    ) -> ConnectorError:
        added = self.extra.get(fault.key) or self.extra.get(fault.code)
        if added:
            return self._added(added, fault, response, now)
        if fault.code in _LIMITS or response.status_code == 429:
            return self._limited(response, now)
        if fault.code in _LOGIN:
            return AuthDead(_DEAD_WORDS.get(fault.subcode, _DEAD_WORDS[467]))
        if fault.key in _WINDOW:
            return WindowClosed(f"{self.name} takes no answer here any more: the time is over.")
        if fault.code in _DOWN or fault.transient or response.status_code >= 500:
            return self._uncertain(fault, write=write)
        return Refused(self._refusal(fault))

    def _added(
        self,
        added: tuple[type[ConnectorError], str],
        fault: Fault,
        response: httpx.Response,
        now: datetime,
    ) -> ConnectorError:
        kind, words = added
        if kind is RateLimited:
            return self._limited(response, now)
        return kind(words or self._refusal(fault))

    def _limited(self, response: httpx.Response, now: datetime) -> RateLimited:
        """Further calls make the block longer, so an unknown end is taken to be far off."""
        if response.headers.get("retry-after"):
            until = retry_at(response, now)
        else:
            until = regained_at(response.headers, now) or now + _REST
        return RateLimited(f"{self.name} asks us to slow down.", until)

    def _uncertain(self, fault: Fault, *, write: bool) -> ConnectorError:
        words = f"{self.name} had a problem of its own ({fault})."
        return OutcomeUnknown(words) if write else Unavailable(words)

    def _refusal(self, fault: Fault) -> str:
        said = f" It says: “{fault.said}”" if fault.said else ""
        if fault.code == _DUPLICATE:
            return f"{self.name} says that we have just said exactly this."
        if "appsecret_proof" in fault.said:
            return "The app's secret does not belong to this login. Check it in the settings."
        if fault.code == _BLOCKED:
            return f"{self.name} blocked this for its rules.{said}"
        if fault.code in _PERMISSIONS:
            return f"{self.name} does not allow our login to do this{_needed(fault.said)}.{said}"
        return f"{self.name} did not take this ({fault.code}).{said}"

    def _without_words(self, response: httpx.Response, now: datetime, *, write: bool) -> NoReturn:
        """An answer that is not the API's own: something stands in front of it, or it is down."""
        status = response.status_code
        words = f"{self.name} answered {status}."
        if status == 429:
            raise self._limited(response, now)
        if status in (401, 407):
            raise AuthTransient(words)
        if status in (408, 421, 425) or (status >= 500 and not write):
            raise Unavailable(words)
        if status >= 500:
            raise OutcomeUnknown(words)
        raise Refused(words)


def _needed(said: str) -> str:
    """“: it needs …” with the permissions that the network's words name."""
    found = sorted(set(_PERMISSION.findall(said)))
    return f": it needs {', '.join(found)}" if found else ""


def graph_error(body: Any) -> bool:
    """Whether a decoded part of an answer (of a batch, say) is an error."""
    return isinstance(mapping(body).get("error"), dict)
