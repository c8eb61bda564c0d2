"""Who is on the practice network: residents, and agencies whose programs log in with a token."""

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbox.networks.practice.faults import Fault, Trouble
from callbox.networks.practice.ground import Ground

LONGEST_HANDLE = 40


@dataclass(frozen=True, slots=True)
class Person:
    """A resident or an agency. `id` never changes; the handle is what people type after @."""

    n: int
    handle: str
    name: str
    is_agency: bool

    @property
    def id(self) -> str:
        return f"u{self.n}"

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "handle": self.handle, "name": self.name}


def tidy_handle(typed: str) -> str:
    """A handle from what somebody typed: letters, digits and low lines. Raises Trouble(REFUSED)."""
    text = unicodedata.normalize("NFKC", typed).strip().lstrip("@").strip()
    handle = "".join(c if c.isalnum() else "_" for c in text)[:LONGEST_HANDLE].strip("_")
    if not handle:
        raise Trouble(Fault.REFUSED, "Please give a name with at least one letter.")
    return handle


class People:
    """Finds and adds people."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def join(self, handle: str, name: str, at: datetime) -> Person:
        """The person with this handle, made when there is none."""
        handle = tidy_handle(handle)
        with self._ground.writing():
            self._add(handle, name or handle, None, at)
        return self.called(handle)

    def join_agency(self, handle: str, name: str, token: str, at: datetime) -> str:
        """The token of the agency with this handle, made when there is none.

        `token` sets it ("" keeps what is there, or makes one up). A resident of that name becomes
        the agency.
        """
        handle = tidy_handle(handle)
        with self._ground.writing():
            self._add(handle, name or handle, None, at)
            self._ground.write(
                "UPDATE people SET token = coalesce(nullif(?, ''), token, ?) WHERE handle = ?",
                (token, secrets.token_urlsafe(24), handle),
            )
        row = self._ground.row("SELECT token FROM people WHERE handle = ?", (handle,))
        return str(row["token"]) if row else ""

    def revoke(self, handle: str) -> str:
        """Make an agency's token worthless. The new one is in the answer, for reconnecting."""
        token = secrets.token_urlsafe(24)
        with self._ground.writing():
            self._ground.write(
                "UPDATE people SET token = ? WHERE handle = ? AND token IS NOT NULL",
                (token, self.called(handle).handle),
            )
        return token

    def called(self, handle: str) -> Person:
        """The person with this handle. Raises Trouble(REFUSED)."""
        row = self._ground.row("SELECT * FROM people WHERE handle = ?", (handle.lstrip("@"),))
        if row is None:
            raise Trouble(Fault.REFUSED, f"Nobody is called @{handle} here.")
        return self._person(row)

    def with_token(self, token: str) -> Person:
        """The agency that a token belongs to. Raises Trouble(AUTH_DEAD)."""
        row = self._ground.row("SELECT * FROM people WHERE token = ?", (token,))
        if row is None or not token:
            raise Trouble(Fault.AUTH_DEAD, "This login was revoked.")
        return self._person(row)

    def with_id(self, person_id: str) -> Person:
        """The person with this id. Raises Trouble(REFUSED)."""
        row = self._ground.row("SELECT * FROM people WHERE 'u' || n = ?", (person_id,))
        if row is None:
            raise Trouble(Fault.REFUSED, "Nobody is there.")
        return self._person(row)

    def residents(self) -> Sequence[Person]:
        """Everybody who is not an agency, by name."""
        rows = self._ground.rows("SELECT * FROM people WHERE token IS NULL ORDER BY name, n")
        return [self._person(row) for row in rows]

    def agencies(self) -> Sequence[Person]:
        """Every agency, the eldest first."""
        rows = self._ground.rows("SELECT * FROM people WHERE token IS NOT NULL ORDER BY n")
        return [self._person(row) for row in rows]

    def _add(self, handle: str, name: str, token: str | None, at: datetime) -> None:
        self._ground.write(
            "INSERT INTO people (handle, name, token, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (handle) DO NOTHING",
            (handle, name[:80], token, at.isoformat()),
        )

    @staticmethod
    def _person(row: Any) -> Person:
        return Person(row["n"], row["handle"], row["name"], row["token"] is not None)
