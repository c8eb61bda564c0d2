"""What agencies' programs call: a token, idempotency keys, an event log, and faults on request."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from callbox.networks.practice.faults import Fault, Planned, Trouble, words_of
from callbox.networks.practice.people import Person
from callbox.networks.practice.posts import Picture, Post, number_of
from callbox.networks.practice.street import Street

PAGE = 100
_NONSENSE = '{"type": "reply", "at": "yesterday", "post": {"id": 7, "text": null}}'
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Batch:
    """Events as JSON texts, oldest first; `last` is the sequence number to go on from. `gap` says
    that events before these were forgotten without having been fetched."""

    bodies: Sequence[str]
    last: int
    more: bool
    gap: bool


class Service:
    """The network's interface for one logged-in program. Raises Trouble, and nothing else.

    `forget_keys` makes this server as bad as those that ignore idempotency keys: saying something
    twice is then two posts.
    """

    def __init__(
        self,
        street: Street,
        token: str,
        *,
        forget_keys: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._street = street
        self._token = token
        self._forget_keys = forget_keys
        self._sleep = sleep

    def close(self) -> None:
        """Let go of the server."""
        self._street.close()

    # --- reading ------------------------------------------------------------------------------

    def whoami(self, operation: str = "identify") -> Person:
        """The agency that this program speaks for."""
        self._before(self._street.faults.next(operation))
        return self._me()

    def last(self) -> int:
        """The sequence number of the newest event."""
        return self._street.log.last(self._me().n)

    def changed(self) -> int:
        """A number that differs when anything may have happened. Next to free."""
        return self._street.ground.changed()

    def events(self, after: int, *, operation: str = "fetch") -> Batch:
        """Up to PAGE events after a sequence number."""
        me, log = self._me(), self._street.log
        found = log.after(me.n, after, PAGE + 1)
        here = found[:PAGE]
        planned = self._street.faults.next(operation, passing=_pointless(len(here)))
        self._before(planned)
        bodies = [f'{{"seq": {event.seq}, {event.body[1:]}' for event in here]
        return Batch(
            bodies=_shaped(bodies, planned),
            last=here[-1].seq if here else after,
            more=len(found) > PAGE,
            gap=after < log.forgotten(me.n),
        )

    def thread(self, post_id: str) -> Sequence[Post]:
        """The posts around a post, oldest first: what is still there and shown."""
        self.whoami("context")
        around = self._street.posts.thread(self._street.posts.get(post_id).thread)
        return [post for post in around if not post.gone and not post.hidden_at]

    def mine(self) -> Sequence[Post]:
        """Everything that this agency said, oldest first, deleted posts included."""
        return self._street.posts.by(self.whoami("find"))

    def with_key(self, key: str) -> Post | None:
        """What was said under a key; None when certainly nothing was."""
        return self._street.posts.with_key(self.whoami("find"), key)

    def look(self, post_id: str) -> Post | None:
        """A post as the public sees it; None when they do not."""
        self.whoami("look")
        post = self._street.posts.find(number_of(post_id))
        return None if post is None or post.gone or post.hidden_at else post

    def picture(self, n: int, place: int) -> Picture | None:
        """An image of a post that is still there."""
        self.whoami("look")
        return self._street.posts.picture(n, place)

    # --- writing ------------------------------------------------------------------------------

    def reply(
        self, parent_id: str, text: str, key: str, language: str, pictures: Sequence[Picture]
    ) -> Post:
        """Answer a public post in public."""

        def deed(me: Person) -> Post:
            had = self._had(me, key)
            if had:
                return had
            above = self._street.posts.get(parent_id)
            if above.recipient is not None:
                raise Trouble(Fault.REFUSED, "A private message cannot be answered in public.")
            return self._say(me, text, key, language, above=above, pictures=pictures)

        return self._write("reply", key, deed)

    def message(self, to_id: str, text: str, key: str, language: str) -> Post:
        """Write to a resident alone."""

        def deed(me: Person) -> Post:
            recipient = self._street.people.with_id(to_id)
            return self._say(me, text, key, language, recipient=recipient)

        return self._write("message", key, deed)

    def publish(self, text: str, key: str, language: str, pictures: Sequence[Picture]) -> Post:
        """Say something first."""
        return self._write(
            "publish", key, lambda me: self._say(me, text, key, language, pictures=pictures)
        )

    def edit(self, post_id: str, text: str) -> Post:
        """Change what this agency said."""
        return self._write("edit", post_id, lambda me: self._street.edit(me.handle, post_id, text))

    def delete(self, post_id: str) -> None:
        """Delete what this agency said. Already gone is done."""

        def deed(me: Person) -> None:
            post = self._street.posts.find(number_of(post_id))
            if post is None or not post.gone:
                self._street.delete(me.handle, post_id)

        self._write("delete", post_id, deed)

    def hide(self, post_id: str, *, hidden: bool) -> None:
        """Hide somebody's reply below a post of this agency's, or show it again."""
        self._write(
            "hide" if hidden else "unhide",
            post_id,
            lambda me: self._street.hide(me.handle, post_id, hidden=hidden),
        )

    def like(self, post_id: str) -> None:
        """Like somebody's post."""
        self._write("like", post_id, lambda me: self._street.like(me.handle, post_id))

    # --- how every call goes ------------------------------------------------------------------

    def _me(self) -> Person:
        return self._street.people.with_token(self._token)

    def _had(self, me: Person, key: str) -> Post | None:
        """What was said under this key before, unless this server does not remember keys."""
        return None if self._forget_keys else self._street.posts.with_key(me, key)

    def _say(
        self,
        me: Person,
        text: str,
        key: str,
        language: str,
        *,
        above: Post | None = None,
        recipient: Person | None = None,
        pictures: Sequence[Picture] = (),
    ) -> Post:
        return self._street.say(
            me,
            text,
            above=above,
            recipient=recipient,
            language=language,
            key="" if self._forget_keys else key,
            pictures=pictures,
        )

    def _before(self, planned: Planned | None) -> None:
        """Play the part of a fault that comes before the deed."""
        self._street.faults.fail(planned)
        if planned and planned.fault is Fault.SLOW:
            self._sleep(planned.seconds)

    def _write(self, operation: str, key: str, deed: Callable[[Person], _Done]) -> _Done:
        """Do a deed with whatever fault waits for it, and note the call and what came of it."""
        planned = self._street.faults.next(operation)
        try:
            self._before(planned)
            done = deed(self._me())
        except Trouble as trouble:
            self._note(operation, key, trouble.fault.value)
            raise
        self._after(operation, key, planned)
        return done

    def _after(self, operation: str, key: str, planned: Planned | None) -> None:
        """Play the part of a fault that comes after the deed."""
        if planned and planned.fault is Fault.LOST_AFTER:
            self._note(operation, key, Fault.LOST_AFTER.value)
            raise Trouble(Fault.LOST_AFTER, words_of(Fault.LOST_AFTER))
        if planned and planned.fault is Fault.ECHO_FIRST:
            self._sleep(planned.seconds)  # whoever listens hears of it meanwhile
        self._note(operation, key, "done")

    def _note(self, operation: str, key: str, outcome: str) -> None:
        """Count a call. A count that cannot be kept changes nothing about the deed itself."""
        with suppress(Trouble), self._street.ground.writing():
            self._street.ground.write(
                "INSERT INTO calls (at, operation, key, outcome) VALUES (?, ?, ?, ?)",
                (self._street.now().isoformat(), operation, key, outcome),
            )


def _pointless(events: int) -> frozenset[Fault]:
    """The faults that would go unseen in a batch of this many events: kept for a better one."""
    if events == 0:
        return frozenset({Fault.DUPLICATED, Fault.SHUFFLED})
    return frozenset({Fault.SHUFFLED}) if events == 1 else frozenset()


def _shaped(bodies: Sequence[str], planned: Planned | None) -> Sequence[str]:
    """A batch as a fault makes it. Nothing is ever taken away: faults may not lose words."""
    match planned.fault if planned else None:
        case Fault.MALFORMED:
            return [_NONSENSE, *bodies]
        case Fault.DUPLICATED:
            return [body for body in bodies for _ in range(2)]
        case Fault.SHUFFLED:
            return list(reversed(bodies))
        case _:
            return bodies
