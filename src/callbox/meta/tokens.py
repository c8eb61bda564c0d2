"""One life of a login: a code becomes a short token, that a long one, and that is extended.

A login in `Session` is `{"token", "issued_at", "ends_at"}` (times in ISO 8601, `ends_at` None for a
token without an end) and whatever else its network keeps beside it. Rules that every network here
shares:

- a long token lives 60 days, is extended from its 50th day on, and never before it is a day old;
- one that has run out cannot be extended: a person must connect again;
- a blip (5xx, time-out, limit) while extending is no revocation: the old login stays;
- an answer without a token never overwrites the one that we have;
- one process extends at a time: `Session.renew` holds the lock, and whoever comes second finds a
  fresh login and leaves it as it is.

Calls that carry secrets are POSTs with a form where a network takes it, so that no address holds
one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Session,
    Unavailable,
)
from callbox.logins import Renewed
from callbox.meta.errors import Meanings, fault_of
from callbox.meta.times import moment
from callbox.meta.values import number
from callbox.values import Json, mapping, text
from callbox.wire import Wire

DUE = timedelta(days=50)
YOUNG = timedelta(hours=24)
_NO_ANSWER = (Unavailable, OutcomeUnknown, RateLimited, AuthTransient)


@dataclass(frozen=True, slots=True)
class Token:
    """A login as the network gave it."""

    value: str
    issued_at: datetime
    ends_at: datetime | None = None

    def stored(self) -> dict[str, Any]:
        """As a session keeps it."""
        return {
            "token": self.value,
            "issued_at": self.issued_at.isoformat(),
            "ends_at": self.ends_at.isoformat() if self.ends_at else None,
        }

    @classmethod
    def of(cls, session: Mapping[str, Any]) -> "Token | None":
        """The login in a session, or None when there is none. One whose age nobody knows counts
        as due."""
        value = text(session.get("token"))
        issued = moment(session.get("issued_at")) or datetime.fromisoformat("2000-01-01T00:00Z")
        return cls(value, issued, moment(session.get("ends_at"))) if value else None

    @classmethod
    def value_in(cls, session: Mapping[str, Any]) -> str:
        """What a session's login is shown by, "" when there is none."""
        held = cls.of(session)
        return held.value if held else ""

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to extend it: old enough to be taken, and near enough to its end."""
        if self.ends_at is None or now - self.issued_at < YOUNG:
            return False
        return now - self.issued_at >= DUE or self.ends_at - now <= timedelta(days=10)

    def is_over(self, now: datetime) -> bool:
        """Whether it has run out, so that nothing but connecting again helps."""
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Grant:
    """One exchange that a network offers: `grant_type`, its address, and under which name it wants
    the token that is given up.

    `by_get` is for addresses that take nothing else; the token still goes in the header where
    `token_field` is "".
    """

    grant_type: str
    path: str
    token_field: str = "access_token"  # noqa: S105  # the name of a field
    by_get: bool = False


class Exchange:
    """The addresses of one network where tokens are traded. Never holds a token."""

    def __init__(self, wire: Wire, meanings: Meanings, now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._meanings = meanings
        self._now = now

    def code(self, path: str, form: Mapping[str, str]) -> Json:
        """Trade a code: the network's answer, with `access_token` in it. Raises AuthDead for a
        code that is not taken (used, too old, of another app)."""
        try:
            found = self._called(path, dict(form))
        except Refused as error:
            raise AuthDead(f"The network did not take the login. {error}") from error
        except Unavailable as error:
            fault = fault_of(error)
            if fault and "client secret" in fault.said:  # with code 1, as if it were its own fault
                raise AuthDead("The app's ID and secret do not belong together.") from error
            raise
        if not text(found.get("access_token")):
            raise AuthTransient("The network gave no login for the code. Try again.")
        return found

    def longer(self, grant: Grant, token: str, form: Mapping[str, str] | None = None) -> Token:
        """Trade a token for one that lives longer. Raises AuthDead when it is over, AuthTransient
        when nobody can say (an answer without a token included), RateLimited."""
        fields = {"grant_type": grant.grant_type, **(form or {})}
        headers = {}
        if grant.token_field:
            fields[grant.token_field] = token
        else:
            headers["authorization"] = f"Bearer {token}"
        now = self._now()
        try:
            found = self._called(grant.path, fields, headers, by_get=grant.by_get)
        except (Unavailable, OutcomeUnknown) as error:
            raise AuthTransient(str(error)) from error
        return self.token(found, now)

    def token(self, answer: Json, now: datetime) -> Token:
        """The token in an answer. Raises AuthTransient when there is none."""
        value, seconds = text(answer.get("access_token")), number(answer.get("expires_in"))
        if not value:
            raise AuthTransient("The network answered without a login. The old one stays.")
        return Token(value, now, now + timedelta(seconds=seconds) if seconds else None)

    def _called(
        self,
        path: str,
        form: dict[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        by_get: bool = False,
    ) -> Json:
        """Trading a token twice does no harm, so this counts as a read: no answer is no answer."""
        how: dict[str, Any] = {"params": form} if by_get else {"data": form}
        response = self._wire.read("GET" if by_get else "POST", path, headers=headers or {}, **how)
        self._meanings.check(response, self._now(), write=False)
        try:
            found = mapping(response.json())
        except (ValueError, RecursionError) as error:
            raise AuthTransient("The network's answer could not be read.") from error
        # Some addresses wrap the login in a list, as every edge is.
        wrapped = found.get("data")
        return mapping(wrapped[0]) if isinstance(wrapped, list) and wrapped else found


def kept_alive(
    session: Session, extend: Callable[[Token], Token], now: Callable[[], datetime]
) -> Renewed:
    """`Connector.renew`: extend the login if it is due, and say when it ends.

    Raises AuthDead when it is over, AuthTransient (or RateLimited) when extending did not work out
    this time; what is stored then stays.
    """

    def change(current: Mapping[str, Any]) -> Mapping[str, Any]:
        token = Token.of(current)
        if token is None:
            raise AuthDead("There is no login. Connect the account again.")
        if token.is_over(now()):
            raise AuthDead("The login has run out. Connect the account again.")
        return {**current, **extend(token).stored()} if token.is_due(now()) else current

    token = Token.of(session.read())
    if token is not None and not token.is_due(now()) and not token.is_over(now()):
        return Renewed(token.ends_at)
    kept = Token.of(session.renew(change))
    return Renewed(kept.ends_at if kept else None)


def is_blip(error: ConnectorError) -> bool:
    """Whether an error says nothing about the login itself."""
    return isinstance(error, _NO_ANSWER)
