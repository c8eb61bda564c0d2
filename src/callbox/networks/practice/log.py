"""What the server tells agencies: an event log with a sequence that only grows.

Events are written in the transaction of the deed they tell of, under SQLite's single writer, so a
reader that has seen number n will never find a smaller one later.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbox.networks.practice.ground import Ground
from callbox.networks.practice.people import Person
from callbox.networks.practice.posts import Post, Posts

# A name after @, as people type it: letters, digits and low lines, dots and dashes inside.
_MENTION = re.compile(r"(?<![\w@/])@(\w(?:[\w.-]{0,38}\w)?)")


def mentioned(text: str) -> frozenset[str]:
    """The handles that a text names, in lower case."""
    return frozenset(found.lower() for found in _MENTION.findall(text))


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as an agency's program gets it: `body` is JSON text."""

    seq: int
    body: str


class Log:
    """Writes and reads the event log."""

    def __init__(self, ground: Ground, posts: Posts) -> None:
        self._ground = ground
        self._posts = posts

    def said(self, post: Post, at: datetime) -> None:
        """Tell of a new or an edited post: the agencies newly addressed, then its own author."""
        for agency, because in self._addressed(post):
            if self._told(post, agency.n) is None:
                self._note(post, agency.n, because)
                self._tell(agency.n, because, at, {"post": post.as_json()})
        if post.author.is_agency and self._told(post, post.author.n) is None:
            self._note(post, post.author.n, "own")
            self._tell(post.author.n, "own", at, {"post": post.as_json(key=True)})

    def edited(self, post: Post, at: datetime) -> None:
        """Tell whoever heard of a post that its text changed, and whoever it names only now."""
        for agency, because in self._heard(post):
            body = {"because": because, "post": post.as_json(key=because == "own")}
            self._tell(agency, "edit", at, body)
        self.said(post, at)

    def deleted(self, post: Post, at: datetime) -> None:
        """Tell whoever heard of a post that it is gone."""
        for agency, _ in self._heard(post):
            self._tell(agency, "delete", at, {"post_id": post.id})

    def hidden(self, post: Post, hidden: bool, at: datetime) -> None:
        """Tell whoever heard of a post that it was hidden or shown again."""
        for agency, _ in self._heard(post):
            self._tell(agency, "hide" if hidden else "show", at, {"post_id": post.id})

    def liked(self, post: Post, at: datetime) -> None:
        """Tell an agency that somebody liked what it said. Who it was is nobody's business."""
        if post.author.is_agency:
            self._tell(post.author.n, "like", at, {"post_id": post.id})

    def heard_from(self, agency: Person, author: Person) -> bool:
        """Whether somebody ever said something to an agency."""
        row = self._ground.row(
            "SELECT 1 FROM told t JOIN posts p ON p.n = t.post WHERE t.agency = ? AND p.author = ?",
            (agency.n, author.n),
        )
        return row is not None

    def after(self, agency: int, seq: int, most: int) -> Sequence[Happened]:
        """Up to `most` events of an agency after number `seq`, oldest first."""
        rows = self._ground.rows(
            "SELECT seq, body FROM events WHERE agency = ? AND seq > ? ORDER BY seq LIMIT ?",
            (agency, seq, most),
        )
        return [Happened(row["seq"], row["body"]) for row in rows]

    def last(self, agency: int) -> int:
        """The number of an agency's newest event; 0 when there is none."""
        row = self._ground.row("SELECT max(seq) AS seq FROM events WHERE agency = ?", (agency,))
        return int(row["seq"] or 0) if row else 0

    def forget(self, agency: int, seq: int) -> None:
        """Drop an agency's events up to `seq`, as networks do after a while."""
        with self._ground.writing():
            self._ground.write("DELETE FROM events WHERE agency = ? AND seq <= ?", (agency, seq))
            self._ground.write(
                "INSERT INTO forgotten (agency, seq) VALUES (?, ?)"
                " ON CONFLICT (agency) DO UPDATE SET seq = max(seq, excluded.seq)",
                (agency, seq),
            )

    def forgotten(self, agency: int) -> int:
        """Up to which number an agency's events were dropped; 0 when none were."""
        row = self._ground.row("SELECT seq FROM forgotten WHERE agency = ?", (agency,))
        return int(row["seq"]) if row else 0

    def _addressed(self, post: Post) -> Sequence[tuple[Person, str]]:
        """The agencies that a post is meant for, with the reason; never its own author."""
        if post.recipient is not None:
            found = [(post.recipient, "direct")] if post.recipient.is_agency else []
        else:
            parent = self._posts.find(post.parent) if post.parent else None
            above = parent.author.n if parent else None
            names = mentioned(post.text)
            found = [
                (agency, "reply" if agency.n == above else "mention")
                for agency in self._posts.people.agencies()
                if agency.n == above or agency.handle.lower() in names
            ]
        return [(agency, because) for agency, because in found if agency.n != post.author.n]

    def _heard(self, post: Post) -> Sequence[tuple[int, str]]:
        rows = self._ground.rows(
            "SELECT agency, because FROM told WHERE post = ? ORDER BY agency", (post.n,)
        )
        return [(row["agency"], row["because"]) for row in rows]

    def _told(self, post: Post, agency: int) -> str | None:
        row = self._ground.row(
            "SELECT because FROM told WHERE post = ? AND agency = ?", (post.n, agency)
        )
        return str(row["because"]) if row else None

    def _note(self, post: Post, agency: int, because: str) -> None:
        self._ground.write(
            "INSERT INTO told (post, agency, because) VALUES (?, ?, ?)", (post.n, agency, because)
        )

    def _tell(self, agency: int, kind: str, at: datetime, body: Mapping[str, Any]) -> None:
        text = json.dumps({"type": kind, "at": at.isoformat(), **body}, ensure_ascii=False)
        self._ground.write(
            "INSERT INTO events (agency, at, body) VALUES (?, ?, ?)", (agency, at.isoformat(), text)
        )
