"""What was said on the practice network, as it stands in its file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbox.networks.practice.faults import Fault, Trouble
from callbox.networks.practice.ground import Ground
from callbox.networks.practice.people import People, Person

# As a person reads them; a sub-query per row is fine for a network of this size.
_SELECT = """
SELECT p.*,
  a.handle AS a_handle, a.name AS a_name, a.token IS NOT NULL AS a_agency,
  r.handle AS r_handle, r.name AS r_name, r.token IS NOT NULL AS r_agency,
  (SELECT count(*) FROM likes l WHERE l.post = p.n) AS likes,
  (SELECT count(*) FROM posts c WHERE c.root = p.n AND c.deleted_at IS NULL) AS replies,
  (SELECT json_group_array(i.alt) FROM (SELECT alt FROM images WHERE post = p.n ORDER BY place) i)
    AS alts
FROM posts p JOIN people a ON a.n = p.author LEFT JOIN people r ON r.n = p.recipient
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image with its description."""

    mime: str
    alt: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Post:
    """One thing said. `root` and `parent` are numbers; both None at the start of a thread.
    `replies` counts a whole thread and is only meaningful for its first post."""

    n: int
    author: Person
    recipient: Person | None
    root: int | None
    parent: int | None
    text: str
    language: str
    at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    hidden_at: datetime | None
    key: str
    likes: int
    replies: int
    alts: tuple[str, ...]

    @property
    def id(self) -> str:
        return id_of(self.n)

    @property
    def thread(self) -> int:
        """The number of the thread's first post; its own when it is the first."""
        return self.root or self.n

    @property
    def gone(self) -> bool:
        return self.deleted_at is not None

    @property
    def path(self) -> str:
        """Where the post can be read, on the site that shows this network."""
        page = f"private/{self.thread}" if self.recipient else f"thread/{self.thread}"
        return f"/practice/{page}/#{self.id}"

    def as_json(self, *, key: bool = False) -> Mapping[str, Any]:
        """The post as programs get it; the idempotency key is for its own author's only."""
        body: dict[str, Any] = {
            "id": self.id,
            "author": self.author.as_json(),
            "to": self.recipient.as_json() if self.recipient else None,
            "root": id_of(self.root) if self.root else None,
            "parent": id_of(self.parent) if self.parent else None,
            "text": self.text,
            "language": self.language,
            "at": self.at.isoformat(),
            "edited_at": self.edited_at.isoformat() if self.edited_at else None,
            "path": self.path,
            "images": [
                {"path": f"/practice/image/{self.n}/{place}/", "alt": alt}
                for place, alt in enumerate(self.alts)
            ],
        }
        if key:
            body["key"] = self.key
        return body


def id_of(n: int) -> str:
    """A post's id in the form that the network shows."""
    return f"p{n}"


def number_of(post_id: str) -> int:
    """The number in a post's id. Raises Trouble(REFUSED)."""
    digits = post_id[1:]
    if post_id[:1] != "p" or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise Trouble(Fault.REFUSED, "There is no such post.")
    return int(digits)


class Posts:
    """Reads posts, and writes their rows inside a transaction of the caller's."""

    def __init__(self, ground: Ground, people: People) -> None:
        self._ground = ground
        self.people = people

    # --- reading ------------------------------------------------------------------------------

    def find(self, n: int) -> Post | None:
        """The post with this number, deleted ones included."""
        row = self._ground.row(_SELECT + "WHERE p.n = ?", (n,))
        return _post(row) if row else None

    def get(self, post_id: str) -> Post:
        """A post that is still there. Raises Trouble(REFUSED)."""
        post = self.find(number_of(post_id))
        if post is None or post.gone:
            raise Trouble(Fault.REFUSED, "There is no such post.")
        return post

    def with_key(self, author: Person, key: str) -> Post | None:
        """What an author's program said under an idempotency key."""
        row = self._ground.row(_SELECT + "WHERE p.key = ? AND p.author = ?", (key, author.n))
        return _post(row) if row else None

    def thread(self, n: int) -> Sequence[Post]:
        """A whole thread or private exchange, oldest first, deleted posts included."""
        return self._posts("WHERE p.n = ? OR p.root = ? ORDER BY p.n", (n, n))

    def timeline(self, most: int, before: int | None = None) -> Sequence[Post]:
        """The public posts that start threads, newest first."""
        return self._posts(
            "WHERE p.root IS NULL AND p.recipient IS NULL AND p.deleted_at IS NULL"
            " AND p.n < ? ORDER BY p.n DESC LIMIT ?",
            (before or 1 << 60, most),
        )

    def by(self, author: Person) -> Sequence[Post]:
        """Everything an author ever said, oldest first: deleted, private, all of it."""
        return self._posts("WHERE p.author = ? ORDER BY p.n", (author.n,))

    def private_starts(self, person: Person) -> Sequence[Post]:
        """The first message of each private exchange of a person, newest exchange first."""
        return self._posts(
            "WHERE p.recipient IS NOT NULL AND p.root IS NULL AND (p.author = ? OR p.recipient = ?)"
            " ORDER BY p.n DESC",
            (person.n, person.n),
        )

    def between(self, one: Person, other: Person) -> Sequence[Post]:
        """The private messages of two people, oldest first."""
        return self._posts(
            "WHERE (p.author = ? AND p.recipient = ?) OR (p.author = ? AND p.recipient = ?)"
            " ORDER BY p.n",
            (one.n, other.n, other.n, one.n),
        )

    def picture(self, n: int, place: int) -> Picture | None:
        """An image of a post that is still there."""
        row = self._ground.row(
            "SELECT i.* FROM images i JOIN posts p ON p.n = i.post"
            " WHERE i.post = ? AND i.place = ? AND p.deleted_at IS NULL",
            (n, place),
        )
        return Picture(row["mime"], row["alt"], row["bytes"]) if row else None

    def _posts(self, where: str, args: Sequence[Any]) -> Sequence[Post]:
        return [_post(row) for row in self._ground.rows(_SELECT + where, args)]

    # --- writing ------------------------------------------------------------------------------

    def add(
        self,
        author: Person,
        text: str,
        at: datetime,
        *,
        above: Post | None = None,
        recipient: Person | None = None,
        language: str = "",
        key: str = "",
        pictures: Sequence[Picture] = (),
    ) -> Post:
        """Write a post below `above`, to `recipient` alone when there is one."""
        n = self._ground.write(
            "INSERT INTO posts (author, recipient, root, parent, text, language, at, key)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                author.n,
                recipient.n if recipient else None,
                above.thread if above else None,
                above.n if above else None,
                text,
                language,
                at.isoformat(),
                key or None,
            ),
        )
        for place, picture in enumerate(pictures):
            self._ground.write(
                "INSERT INTO images (post, place, mime, alt, bytes) VALUES (?, ?, ?, ?, ?)",
                (n, place, picture.mime, picture.alt, picture.content),
            )
        return self._again(n)

    def change(self, post: Post, text: str, at: datetime) -> Post:
        """Give a post a new text."""
        self._ground.write(
            "UPDATE posts SET text = ?, edited_at = ? WHERE n = ?", (text, at.isoformat(), post.n)
        )
        return self._again(post.n)

    def remove(self, post: Post, at: datetime) -> None:
        """Delete a post. Its row stays, so that it can be counted."""
        self._ground.write("UPDATE posts SET deleted_at = ? WHERE n = ?", (at.isoformat(), post.n))

    def veil(self, post: Post, at: datetime | None) -> None:
        """Hide a post, or show it again (`at` None)."""
        moment = at.isoformat() if at else None
        self._ground.write("UPDATE posts SET hidden_at = ? WHERE n = ?", (moment, post.n))

    def like(self, post: Post, person: Person) -> bool:
        """Mark a post as liked. False when it was already."""
        had = self.liked(post, person)
        self._ground.write(
            "INSERT INTO likes (post, person) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (post.n, person.n),
        )
        return not had

    def liked(self, post: Post, person: Person) -> bool:
        """Whether a person has liked a post."""
        sql = "SELECT 1 FROM likes WHERE post = ? AND person = ?"
        return self._ground.row(sql, (post.n, person.n)) is not None

    def _again(self, n: int) -> Post:
        post = self.find(n)
        if post is None:
            raise LookupError(f"post {n} was written and is not there")
        return post


def _post(row: Any) -> Post:
    author = Person(row["author"], row["a_handle"], row["a_name"], bool(row["a_agency"]))
    recipient = None
    if row["recipient"] is not None:
        recipient = Person(row["recipient"], row["r_handle"], row["r_name"], bool(row["r_agency"]))
    return Post(
        n=row["n"],
        author=author,
        recipient=recipient,
        root=row["root"],
        parent=row["parent"],
        text=row["text"],
        language=row["language"],
        at=datetime.fromisoformat(row["at"]),
        edited_at=_moment(row["edited_at"]),
        deleted_at=_moment(row["deleted_at"]),
        hidden_at=_moment(row["hidden_at"]),
        key=row["key"] or "",
        likes=row["likes"],
        replies=row["replies"],
        alts=tuple(json.loads(row["alts"])),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
