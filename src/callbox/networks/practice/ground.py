"""The practice network's one file: its tables, its transactions, nothing else."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from callbox.networks.practice.faults import Fault, Trouble

_VERSION = 1
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS people (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  handle TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL,
  token TEXT UNIQUE,            -- only agencies have one: it is what their programs log in with
  at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS posts (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  author INTEGER NOT NULL REFERENCES people,
  recipient INTEGER REFERENCES people,   -- set: a private message
  root INTEGER REFERENCES posts,
  parent INTEGER REFERENCES posts,
  text TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,
  edited_at TEXT,
  deleted_at TEXT,
  hidden_at TEXT,
  key TEXT,                              -- the idempotency key its author's program gave
  UNIQUE (author, key)
) STRICT;
CREATE INDEX IF NOT EXISTS posts_by_root ON posts (root);
CREATE INDEX IF NOT EXISTS posts_by_author ON posts (author, n);
CREATE TABLE IF NOT EXISTS images (
  post INTEGER NOT NULL REFERENCES posts,
  place INTEGER NOT NULL,
  mime TEXT NOT NULL,
  alt TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (post, place)
) STRICT;
CREATE TABLE IF NOT EXISTS likes (
  post INTEGER NOT NULL REFERENCES posts,
  person INTEGER NOT NULL REFERENCES people,
  PRIMARY KEY (post, person)
) STRICT;
CREATE TABLE IF NOT EXISTS told (         -- which agency was told of which post, and why
  post INTEGER NOT NULL REFERENCES posts,
  agency INTEGER NOT NULL REFERENCES people,
  because TEXT NOT NULL,
  PRIMARY KEY (post, agency)
) STRICT;
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  agency INTEGER NOT NULL REFERENCES people,
  at TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_by_agency ON events (agency, seq);
CREATE TABLE IF NOT EXISTS forgotten (    -- up to which event an agency's log was emptied
  agency INTEGER PRIMARY KEY REFERENCES people,
  seq INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS faults (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  operation TEXT NOT NULL,
  fault TEXT NOT NULL,
  times INTEGER,
  seconds REAL NOT NULL,
  until TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS calls (        -- every writing call of a program, whatever came of it
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  operation TEXT NOT NULL,
  key TEXT NOT NULL,
  outcome TEXT NOT NULL
) STRICT;
PRAGMA user_version = 1;
COMMIT;
"""


class Ground:
    """A connection to the file. One thread at a time; `close` it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self._db = sqlite3.connect(
                self.path, timeout=5.0, isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            self._settle()
        except sqlite3.Error as error:
            raise Trouble(
                Fault.UNAVAILABLE, f"The network's file cannot be used: {error}"
            ) from None

    def close(self) -> None:
        """Let go of the file. Closing twice is closing once."""
        self._db.close()

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query. Raises Trouble(UNAVAILABLE) when the file cannot be used."""
        try:
            return self._db.execute(sql, args).fetchall()
        except sqlite3.Error as error:
            raise Trouble(
                Fault.UNAVAILABLE, f"The network's file cannot be used: {error}"
            ) from None

    def row(self, sql: str, args: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found = self.rows(sql, args)
        return found[0] if found else None

    def write(self, sql: str, args: Sequence[Any] = ()) -> int:
        """One statement inside `writing`; gives the new row's number."""
        return int(self._db.execute(sql, args).lastrowid or 0)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction, one writer at a time. Trouble(UNAVAILABLE) is raised where certainly
        nothing was kept, Trouble(LOST_AFTER) where the commit itself failed."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise Trouble(Fault.UNAVAILABLE, f"The network is busy: {error}") from None
        try:
            yield
        except BaseException as error:
            self._undo()
            if isinstance(error, sqlite3.Error):
                raise Trouble(Fault.UNAVAILABLE, f"Nothing was kept: {error}") from None
            raise
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise Trouble(Fault.LOST_AFTER, f"No answer came: {error}") from None

    def changed(self) -> int:
        """A number that differs after any *other* connection has committed. Costs no query."""
        row = self.row("PRAGMA data_version")
        return int(row[0]) if row else 0

    def _undo(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _settle(self) -> None:
        """Make the tables on first use. Several processes may do so at once."""
        if self._db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self._db.execute("PRAGMA journal_mode = wal")
        self._db.execute("PRAGMA synchronous = normal")  # survives a killed process, which we test
        self._db.execute("PRAGMA foreign_keys = on")
        if self._db.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
            self._db.executescript(_SCHEMA)
