"""The practice network: a small social network with its own file, where anything can go wrong.

`Street` is what people on it can do. Programs of agencies log in and call `service.Service`; the
connector uses only that, as it would use a foreign server. Nothing here knows Callbox.

    with Street(path) as street:
        street.join_agency("chicago_pd", "Chicago Police")
        street.join("nadia", "Nadia Example")
        street.post("nadia", "@chicago_pd Who do I ask about a lost bike?")
        street.faults.ask(Fault.LOST_AFTER, "reply")

Every deed raises Trouble(REFUSED) with plain words when it is not possible, and
Trouble(UNAVAILABLE) when the file cannot be used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callbox.networks.practice.faults import ANY, OPERATIONS, Fault, Planned, Trouble, operations_of
from callbox.networks.practice.ground import Ground
from callbox.networks.practice.log import Log, mentioned
from callbox.networks.practice.people import People, Person
from callbox.networks.practice.plan import Plan
from callbox.networks.practice.posts import Picture, Post, Posts

__all__ = [
    "ANY",
    "MOST_CHARACTERS",
    "OPERATIONS",
    "Call",
    "Fault",
    "Person",
    "Picture",
    "Planned",
    "Post",
    "Street",
    "Trouble",
    "mentioned",
    "operations_of",
]

MOST_CHARACTERS = 300
MOST_IMAGES = 4
MOST_ALT = 1500
IMAGE_MIMES = ("image/jpeg", "image/png", "image/webp")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Call:
    """A writing call of an agency's program, and what came of it: "done", or a fault's name."""

    at: datetime
    operation: str
    key: str
    outcome: str


class Street:
    """The network, for one thread at a time. `now` is its own clock."""

    def __init__(self, path: str | Path, *, now: Callable[[], datetime] = _utc_now) -> None:
        self.now = now
        self.ground = Ground(path)
        self.people = People(self.ground)
        self.posts = Posts(self.ground, self.people)
        self.log = Log(self.ground, self.posts)
        self.faults = Plan(self.ground, now)

    def __enter__(self) -> "Street":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.ground.close()

    # --- people -------------------------------------------------------------------------------

    def join(self, handle: str, name: str = "") -> Person:
        """The person with this handle, made when there is none."""
        return self.people.join(handle, name, self.now())

    def join_agency(self, handle: str, name: str = "", token: str = "") -> str:
        """Make an agency, or find it; gives the token that its program logs in with."""
        return self.people.join_agency(handle, name, token, self.now())

    # --- what residents do --------------------------------------------------------------------

    def post(self, handle: str, text: str, language: str = "") -> Post:
        """Say something to everybody. Naming @somebody tells them."""
        return self.say(self.people.called(handle), text, language=language)

    def reply(self, handle: str, post_id: str, text: str, language: str = "") -> Post:
        """Answer a post: in public below a public one, in private within a private exchange."""
        author, above = self.people.called(handle), self.posts.get(post_id)
        if above.recipient is None:
            return self.say(author, text, above=above, language=language)
        other = above.recipient if above.author == author else above.author
        return self.say(author, text, recipient=other, language=language)

    def direct(self, handle: str, to: str, text: str, language: str = "") -> Post:
        """Write to somebody alone; one exchange per pair of people."""
        author, recipient = self.people.called(handle), self.people.called(to)
        return self.say(author, text, recipient=recipient, language=language)

    def like(self, handle: str, post_id: str) -> None:
        """Like a post. Twice is once."""
        person, post = self.people.called(handle), self._visible(post_id, handle)
        with self.ground.writing():
            if self.posts.like(post, person) and person.n != post.author.n:
                self.log.liked(post, self.now())

    def edit(self, handle: str, post_id: str, text: str) -> Post:
        """Change a post of one's own. The same text again changes nothing."""
        author = self.people.called(handle)
        _check_text(text)
        with self.ground.writing():
            post = self._own(author, post_id)
            if post.text == text:
                return post
            at = self.now()
            changed = self.posts.change(post, text, at)
            self.log.edited(changed, at)
        return changed

    def delete(self, handle: str, post_id: str) -> None:
        """Delete a post of one's own."""
        author = self.people.called(handle)
        with self.ground.writing():
            self._gone(self._own(author, post_id))

    def remove(self, post_id: str) -> None:
        """The network itself takes a post down, as networks do."""
        with self.ground.writing():
            self._gone(self.posts.get(post_id))

    def hide(self, handle: str, post_id: str, *, hidden: bool = True) -> None:
        """Hide somebody's reply below a post of one's own, or show it again. Twice is once."""
        person = self.people.called(handle)
        with self.ground.writing():
            post = self.posts.get(post_id)
            root = self.posts.find(post.root) if post.root else None
            if root is None or root.author.n != person.n or post.author.n == person.n:
                raise Trouble(Fault.REFUSED, "Only replies below one's own posts can be hidden.")
            if (post.hidden_at is not None) == hidden:
                return
            at = self.now()
            self.posts.veil(post, at if hidden else None)
            self.log.hidden(post, hidden, at)

    # --- reading ------------------------------------------------------------------------------

    def get(self, post_id: str) -> Post:
        """A post that is still there."""
        return self.posts.get(post_id)

    def thread(self, post_id: str) -> Sequence[Post]:
        """The whole thread around a post, oldest first, deleted posts included."""
        return self.posts.thread(self.posts.get(post_id).thread)

    def timeline(self, most: int = 50, before: int | None = None) -> Sequence[Post]:
        """Public posts that start threads, newest first."""
        return self.posts.timeline(most, before)

    def said_by(self, handle: str) -> Sequence[Post]:
        """Everything somebody ever said, oldest first: what a fault test counts."""
        return self.posts.by(self.people.called(handle))

    def calls(self) -> Sequence[Call]:
        """Every writing call that programs made, oldest first."""
        return [
            Call(datetime.fromisoformat(row["at"]), row["operation"], row["key"], row["outcome"])
            for row in self.ground.rows("SELECT * FROM calls ORDER BY n")
        ]

    # --- the one way to say something ---------------------------------------------------------

    def say(
        self,
        author: Person,
        text: str,
        *,
        above: Post | None = None,
        recipient: Person | None = None,
        language: str = "",
        key: str = "",
        pictures: Sequence[Picture] = (),
    ) -> Post:
        """Write a post and tell whom it concerns. The same key of the same author is the same post.

        An agency may write in private only to people who said something to it.
        """
        _check_text(text)
        _check_pictures(pictures)
        with self.ground.writing():
            had = self.posts.with_key(author, key) if key else None
            if had is not None:
                return had
            if recipient is not None:
                above = self._exchange(author, recipient)
            at = self.now()
            post = self.posts.add(
                author,
                text,
                at,
                above=above,
                recipient=recipient,
                language=language,
                key=key,
                pictures=pictures,
            )
            self.log.said(post, at)
        return post

    def _exchange(self, author: Person, recipient: Person) -> Post | None:
        """The latest message between two people."""
        if author.n == recipient.n:
            raise Trouble(Fault.REFUSED, "Nobody can write to themselves.")
        earlier = self.posts.between(author, recipient)
        if author.is_agency and not self.log.heard_from(author, recipient):
            raise Trouble(Fault.REFUSED, "An agency can write to people who wrote to it.")
        return earlier[-1] if earlier else None

    def _own(self, author: Person, post_id: str) -> Post:
        post = self.posts.get(post_id)
        if post.author.n != author.n:
            raise Trouble(Fault.REFUSED, "That was said by somebody else.")
        return post

    def _visible(self, post_id: str, handle: str) -> Post:
        post, person = self.posts.get(post_id), self.people.called(handle)
        if post.recipient and person.n not in (post.author.n, post.recipient.n):
            raise Trouble(Fault.REFUSED, "There is no such post.")
        return post

    def _gone(self, post: Post) -> None:
        at = self.now()
        self.posts.remove(post, at)
        self.log.deleted(post, at)


def _check_text(text: str) -> None:
    if not text.strip():
        raise Trouble(Fault.REFUSED, "There is no text.")
    if len(text) > MOST_CHARACTERS:
        raise Trouble(Fault.REFUSED, f"A post has at most {MOST_CHARACTERS} characters.")
    if any("\ud800" <= c <= "\udfff" or c == "\0" for c in text):
        raise Trouble(Fault.REFUSED, "The text holds characters that cannot be kept.")


def _check_pictures(pictures: Sequence[Picture]) -> None:
    if len(pictures) > MOST_IMAGES:
        raise Trouble(Fault.REFUSED, f"A post has at most {MOST_IMAGES} images.")
    for picture in pictures:
        if picture.mime not in IMAGE_MIMES:
            raise Trouble(Fault.REFUSED, "Images are JPEG, PNG or WebP.")
        if not picture.alt.strip() or len(picture.alt) > MOST_ALT:
            raise Trouble(Fault.REFUSED, f"An image needs a description, up to {MOST_ALT} letters.")
