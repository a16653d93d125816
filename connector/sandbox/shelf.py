"""A small durable shelf of JSON bodies in one file: the true books of a stand-in outlive its process."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.sandbox.body import Body, decode, encode

_TABLES = """
CREATE TABLE IF NOT EXISTS body (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, mark TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS body_mark ON body (kind, mark);
CREATE TABLE IF NOT EXISTS counter (kind TEXT PRIMARY KEY, last INTEGER NOT NULL);
"""


class Shelf:
    """Bodies by kind and id, each with an optional mark to find it by. Safe to use from several threads.

    A single call is durable when it returns; inside `transaction` everything becomes durable together or not at all.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)

    def get(self, kind: str, id: str) -> Body | None:  # noqa: A002
        """The body last put there, or None."""
        rows = self._bodies("SELECT body FROM body WHERE kind = ? AND id = ?", kind, id)
        return rows[0] if rows else None

    def put(self, kind: str, id: str, body: Body, *, mark: str = "") -> None:  # noqa: A002
        """Keep `body`, in place of an earlier one of the same kind and id."""
        self._write(
            "INSERT INTO body (kind, id, mark, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET mark = excluded.mark, body = excluded.body",
            kind,
            id,
            mark,
            encode(body),
        )

    def remove(self, kind: str, id: str) -> None:  # noqa: A002
        """Forget the body; nothing happens when there is none."""
        self._write("DELETE FROM body WHERE kind = ? AND id = ?", kind, id)

    def all(self, kind: str) -> list[Body]:
        """Every body of the kind, in the order in which they were first put."""
        return self._bodies("SELECT body FROM body WHERE kind = ? ORDER BY n", kind)

    def marked(self, kind: str, mark: str) -> list[Body]:
        """The bodies of the kind that were put with this mark, oldest first."""
        return self._bodies("SELECT body FROM body WHERE kind = ? AND mark = ? ORDER BY n", kind, mark)

    def next_number(self, kind: str) -> int:
        """1, 2, 3 ... for each kind, never the same twice."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO counter VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET last = last + 1", (kind,)
            )
            row = self._connection.execute("SELECT last FROM counter WHERE kind = ?", (kind,)).fetchone()
            return int(row[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All puts inside are kept together, or none when an exception leaves. One inside another may fail alone."""
        with self._lock:
            step = f"step{self._depth}"
            self._connection.execute(f"SAVEPOINT {step}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._connection.execute(f"ROLLBACK TO {step}" if self._depth else "ROLLBACK")
                raise
            self._depth -= 1
            self._connection.execute(f"RELEASE {step}" if self._depth else "COMMIT")

    def close(self) -> None:
        """Close the file; the shelf cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _write(self, statement: str, *values: str | bytes) -> None:
        with self._lock:
            self._connection.execute(statement, values)

    def _bodies(self, query: str, *values: str) -> list[Body]:
        with self._lock:
            return [decode(row[0]) for row in self._connection.execute(query, values).fetchall()]
