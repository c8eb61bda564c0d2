"""What a network must do, and how it may fail.

A connector turns one network's API into `vocabulary` values and back. It keeps no state of its
own, knows nothing of the database, and says nothing about what it *can* do: an ability is a method
that it overrides (`Connector.abilities()`), so the two cannot disagree. `docs/add-a-network.md`
walks through writing one.

How a call may fail; generic code handles these and nothing else::

    ConnectorError
    ├── AuthDead           the login is revoked or wrong; a person must connect the account again
    ├── AuthTransient      logging in failed for now; the login itself may well be fine
    ├── RateLimited        too many calls; `until` says when to come back. Nothing was done
    ├── WindowClosed       the network's time window for this answer is over (`since`)
    ├── Refused            the network will never take this, as it stands. Nothing was done
    ├── Unavailable        the network is down or unreachable. Nothing was done
    ├── OutcomeUnknown     it may have happened: never retried, `find` looks first
    └── Malformed          what came in makes no sense; kept in quarantine

A *read* never raises OutcomeUnknown. A *write* raises Unavailable only when it is certain that the
network did not act (no connection was made, or it answered so); everything else after the first
byte was sent is OutcomeUnknown.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol, TypeVar

from callbox.logins import (
    Barrier,
    Budget,
    Candidate,
    Identity,
    Layer,
    Located,
    MemoryMeter,
    Meter,
    Renewed,
    Scope,
    Setting,
)
from callbox.vocabulary import (
    AttachmentSeen,
    AuthorSeen,
    Event,
    Limits,
    Outgoing,
    Problem,
    Receipt,
    ReplyTo,
    Said,
)


class ConnectorError(Exception):
    """Base of everything that a network can do to us. `str()` is shown to members."""


class AuthDead(ConnectorError):
    """The login is revoked or wrong. A person must connect the account again."""


class AuthTransient(ConnectorError):
    """Logging in failed for now. Not a revocation: the account stays as it is."""


class RateLimited(ConnectorError):
    """Too many calls. Nothing was done; try again at `until`."""

    def __init__(self, words: str, until: datetime) -> None:
        super().__init__(words)
        self.until = until


class WindowClosed(ConnectorError):
    """The network takes no such answer any more. `since` is when its window closed, if known."""

    def __init__(self, words: str, since: datetime | None = None) -> None:
        super().__init__(words)
        self.since = since


class Refused(ConnectorError):
    """The network will never take this as it stands. Nothing was done."""


class Unavailable(ConnectorError):
    """The network is down or unreachable. Nothing was done."""


class OutcomeUnknown(ConnectorError):
    """It may have happened. Never retried blindly; `Connector.find` looks first."""


class Malformed(ConnectorError):
    """An arrival that cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One thing as the network gave it: exact bytes, and which door they came through.

    `kind` is the connector's own word ("notification", "webhook", "stream:update"); `parse` gets it
    back.
    """

    kind: str
    body: bytes
    to: str = ""  # external id of the account it is for, where one address serves several

    @classmethod
    def of(cls, kind: str, value: Any, to: str = "") -> "Raw":
        """Raw from an already decoded JSON value. Lone surrogates, which no UTF-8 can hold, stay
        what they were in the JSON: an escape."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        try:
            return cls(kind, text.encode(), to)
        except UnicodeEncodeError:
            return cls(kind, json.dumps(value, separators=(",", ":")).encode(), to)

    def json(self) -> Any:
        """The body as JSON. Raises Malformed with a reason fit to show."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"not JSON: {error}") from error


@dataclass(frozen=True, slots=True)
class Page:
    """One step of polling: what came, oldest first, and the cursor to store with it.

    `more` asks to be called again at once. `gap` says that older items could not be reached (the
    network forgot them): shown as a hole in the account's health, never hidden. `rest_until` asks
    not to be polled before then (a usage header says that the limit is near); writes still go.
    `total` is how many items the whole walk has, where a network says so (history only).
    """

    items: Sequence[Raw]
    cursor: Mapping[str, Any]
    more: bool = False
    gap: bool = False
    rest_until: datetime | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """An incoming webhook request, as it came over the wire. `body` is raw: signatures are over
    bytes, never over a re-serialised value. Header names are lower case. `url` is the public
    address that was called, with its query exactly as it came."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What to say to a webhook request. `raws` empty: a handshake, nothing to store."""

    raws: Sequence[Raw] = ()
    status: int = 200
    body: bytes = field(default=b"", repr=False)
    content_type: str = "text/plain"


class Session(Protocol):
    """An account's login state (tokens), kept encrypted by the caller.

    `renew` is the only way to change it: it takes the account's lock, re-reads, and calls
    `change(current)` with what is stored *now*; when another process has renewed meanwhile,
    `change` sees its result and should return it unchanged. What `change` returns is stored before
    the lock goes; when it raises, what was stored stays.
    """

    def read(self) -> Mapping[str, Any]: ...

    def renew(
        self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> Mapping[str, Any]: ...


class MemorySession:
    """A session that lives as long as its object: for tests, wizards and the practice network."""

    def __init__(self, value: Mapping[str, Any] | None = None) -> None:
        self._value: Mapping[str, Any] = dict(value or {})

    def read(self) -> Mapping[str, Any]:
        return self._value

    def renew(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
        self._value = dict(change(self._value))
        return self._value


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """What a connector may know of the account that it serves.

    `config` holds what is not secret (server address), `secrets` what is (password, token);
    `repr` shows neither.
    """

    id: str
    external_id: str
    handle: str
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network shows of a post now. `gone` when it is deleted or hidden from us."""

    gone: bool
    text: str = ""
    refs: Mapping[str, Any] = field(default_factory=dict)


_CONTRACT = "_callbox_contract"
_Method = TypeVar("_Method", bound=Callable[..., Any])


def _ability(method: _Method) -> _Method:
    """Mark a method of the base class as an ability: overriding it is having it."""
    setattr(method, _CONTRACT, True)
    return method


class Archive(Protocol):
    """An unpacked download of the network's own: names with "/" between, contents on demand."""

    def names(self) -> Sequence[str]: ...

    def read(self, name: str) -> bytes: ...


class Connector:
    """One account on one network. Cheap to make; used by one thread at a time; `close` it.

    Subclasses set `key`, `name` and `settings`, override the abilities that the network has, and
    raise only from the error tree. Calling an ability that is not overridden raises Refused with
    words for the member, so that a missing check upstream is a clear message and not a crash.
    """

    key: ClassVar[str] = ""  # "bluesky": folder name, database value
    name: ClassVar[str] = ""  # "Bluesky": shown to people
    settings: ClassVar[tuple[Setting, ...]] = ()
    scopes: ClassVar[tuple[Scope, ...]] = ()  # what `authorize` asks for, each with its reason
    preparation: ClassVar[tuple[str, ...]] = ()  # steps outside Callbox, before the wizard
    cannot: ClassVar[Mapping[str, str]] = {}  # ability → why the network has no way to do it
    budgets: ClassVar[tuple[Budget, ...]] = ()
    media_by_url: ClassVar[bool] = False  # the network fetches our media itself (`Media.url`)
    hook_shared: ClassVar[bool] = False  # one webhook address for all accounts (`Raw.to` sorts)
    poll_seconds: ClassVar[int] = 20  # how often to poll; multiples of 20

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.account = account
        self.session: Session = session or MemorySession()
        self.now = now
        self.meter: Meter = MemoryMeter()  # whoever keeps the account puts a lasting one here

    def close(self) -> None:
        """Let go of connections."""

    @classmethod
    def abilities(cls) -> frozenset[str]:
        """Names of the abilities that this connector has, read off what it overrides."""
        return frozenset(
            name
            for name, method in vars(Connector).items()
            if getattr(method, _CONTRACT, False) and getattr(cls, name) is not method
        )

    def _cannot(self, what: str) -> Refused:
        return Refused(f"{self.name or 'This network'} has no way to {what} through its API.")

    @classmethod
    def why_not(cls, ability: str) -> str:
        """Why this network lacks an ability, in words for the member; "" when it has it."""
        if ability in cls.abilities():
            return ""
        return cls.cannot.get(ability, f"{cls.name} has no way to do this.")

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        """Why this cannot be done to this one message now (a window that closed, a rule of the
        network); None when it can. No I/O: pages ask for every open conversation. Overrides
        call this first: it knows what the network cannot do at all."""
        words = self.why_not(ability)
        return Barrier(words, to.permalink) if words else None

    # --- connecting ---------------------------------------------------------------------------

    @_ability
    def identify(self) -> Identity:
        """Log in and say who we are. Raises AuthDead, AuthTransient, Unavailable, RateLimited."""
        raise self._cannot("check a login")

    @_ability
    def authorize(self, back: str, state: str, verifier: str) -> str:
        """The network's own page where a member lets us in (OAuth 2, PKCE S256 of `verifier`);
        it sends them back to `back` with `state` and a code. No I/O but reading metadata."""
        raise self._cannot("ask for a login")

    @_ability
    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        """Trade the code for a login: every account that it opens. Raises AuthDead for a code that
        is not taken."""
        raise self._cannot("take a code")

    @_ability
    def renew(self) -> Renewed:
        """Keep the login alive: extend it when it is due, and say when it ends. Called every few
        hours, and before expiry. Raises AuthDead only when it is certainly over."""
        raise self._cannot("renew a login")

    @_ability
    def revoke(self) -> None:
        """End our login at the network, when a member disconnects. Already ended is success."""
        raise self._cannot("end a login")

    @_ability
    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        """Look at every subscription that webhooks to `url` need, and with `repair` make what is
        missing. `account.secrets["hook_token"]` is what we are known by in a handshake."""
        raise self._cannot("subscribe to webhooks")

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        """Raw bytes to events, oldest first. Pure: no I/O, no clock; the same bytes always give the
        same events. One bad part gives an `Unreadable` beside its good neighbours; a body that
        cannot be read at all raises Malformed. Never raises anything else on any bytes."""
        raise self._cannot("read messages")

    @_ability
    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """What came since `cursor` ({} at first: start from now, or a short way back)."""
        raise self._cannot("be polled")

    @_ability
    def listen(self) -> Iterator[Raw | None]:
        """Hold a stream open and yield what comes; None at least every 30 s as a sign of life.
        Ends (returns) when the network closes it; the caller polls once and opens it again."""
        raise self._cannot("stream")

    @_ability
    def receive_hook(self, request: Signed) -> HookAnswer:
        """Check a webhook request's signature and hand over its raws. Raises Refused when the
        signature is missing, wrong or stale."""
        raise self._cannot("call us")

    @_ability
    def history(self, cursor: Mapping[str, Any]) -> Page:
        """What was said to us before we listened, newest first, a page at a time ({} at first).
        Items are parsed like any other; `more` False ends the walk."""
        raise self._cannot("give us the past")

    @_ability
    def archive(self, folder: "Archive") -> Iterator[Raw]:
        """Everything of ours in an archive that the network lets its members download. Raises
        Malformed when this is no such archive."""
        raise self._cannot("be read from an archive")

    def locate(self, attachment: AttachmentSeen) -> Located:
        """Where an attachment can be fetched from. May ask the network (a file id, a link that
        expires). Raises Refused when it cannot be had any more."""
        return Located(attachment.url)

    @_ability
    def context(self, external_id: str) -> Sequence[Said]:
        """The posts above and around one message, oldest first, to show beside it. `addressed` is
        None where a post is not for us."""
        raise self._cannot("show a thread")

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        """What one post may hold. May ask the network once and remember."""
        return Limits()

    def measure(self, text: str, lane: str = "public") -> int:
        """How long the network counts this text to be, in `limits(lane).unit`."""
        return len(text)

    def as_sent(self, outgoing: Outgoing) -> str:
        """The words as they go out and are counted, with what the network has us add to them (the
        name of whoever is answered)."""
        return outgoing.text

    def parts(self, text: str) -> int:
        """Into how many messages the network cuts, and may charge for, this text."""
        return 1

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        """Why this cannot go out as it stands; empty when it can. No I/O beyond `limits`."""
        return ()

    @_ability
    def reply(self, outgoing: Outgoing) -> Receipt:
        """Answer in public. Calling twice with one `key` must publish once where the network lets
        us see to it; where not, the caller never does before `find` said no."""
        raise self._cannot("reply in public")

    @_ability
    def message(self, outgoing: Outgoing) -> Receipt:
        """Answer in private. The same promise as `reply`."""
        raise self._cannot("answer in private")

    @_ability
    def publish(self, outgoing: Outgoing) -> Receipt:
        """Say something first. The same promise as `reply`."""
        raise self._cannot("publish")

    @_ability
    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Reconcile: did this go out? The receipt, or None when it is certain that it did not.
        Raises Unavailable (or RateLimited...) when nobody can say yet."""
        raise self._cannot("look up what was sent")

    @_ability
    def look(self, external_id: str) -> Seen:
        """Read one of our posts back as the public sees it."""
        raise self._cannot("read a post back")

    @_ability
    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        """Change the text of our own post. Calling twice is calling once."""
        raise self._cannot("edit a post")

    @_ability
    def delete(self, external_id: str) -> None:
        """Remove our own post. Already gone is success."""
        raise self._cannot("delete a post")

    @_ability
    def hide(self, external_id: str, root_id: str) -> None:
        """Hide somebody's reply under our post. Already hidden is success."""
        raise self._cannot("hide a reply")

    @_ability
    def unhide(self, external_id: str, root_id: str) -> None:
        """Show it again. Already shown is success."""
        raise self._cannot("show a reply again")

    @_ability
    def like(self, external_id: str, refs: Mapping[str, Any]) -> None:
        """Mark somebody's message as liked by us. Twice is once."""
        raise self._cannot("like a message")

    @_ability
    def blocked(self) -> Sequence[AuthorSeen]:
        """Who is blocked on the network, for the record (policing R33)."""
        raise self._cannot("list who is blocked")

    @_ability
    def unblock(self, author_id: str) -> None:
        """End a block. Not blocked is success."""
        raise self._cannot("end a block")
