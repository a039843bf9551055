"""
A database that processes share: one SQLite file, for the workers that serve one site together.

Values are stored as JSON; a change holds the file's write lock, so that no count and no message of another process is
lost.  The file exists as long as its folder; nothing is synced to the disk.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from chatgptfree_mock.contract.store import Key, Table

if TYPE_CHECKING:
    import sqlite3

V = TypeVar("V")
_PATIENCE: Final = 30.0
"""Seconds to wait for the write of another process, which takes well under a millisecond."""
_SWEEP: Final = 64
"""The number of writes after which a table is cut back to its limit."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS kept (
    number INTEGER PRIMARY KEY, place TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (place, key)
);
CREATE INDEX IF NOT EXISTS numbers ON kept (place, number);
"""
_SET: Final = "REPLACE INTO kept (place, key, value) VALUES (:place, :key, :value)"
_CHANGE: Final = (
    "INSERT INTO kept (place, key, value) VALUES (:place, :key, :value) "
    "ON CONFLICT (place, key) DO UPDATE SET value = excluded.value"
)
_CUT_BACK: Final = (
    "DELETE FROM kept WHERE place = :place AND number <= "
    "(SELECT number FROM kept WHERE place = :place ORDER BY number DESC LIMIT 1 OFFSET :capacity)"
)


def connect(file: Path) -> sqlite3.Connection:
    """Open a database that several processes share; each waits up to half a minute for another's transaction."""
    import sqlite3  # one process alone needs no database

    connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    # SQLite does not wait for another process while it changes the mode; it reports a locked database.
    with file.with_name(f"{file.name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


class SharedFile:
    """The databases of all sites that processes serve together; each process opens the *file* for itself."""

    def __init__(self, file: Path) -> None:
        self._connection = connect(file)
        with _writing(self._connection):
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._connection.execute(statement)

    def site(self, name: str) -> SharedDatabase:
        """Return the database of the site of that *name*."""
        return SharedDatabase(self._connection, name)

    def close(self) -> None:
        """Close the file in this process."""
        self._connection.close()


class SharedDatabase:
    """The tables of one site in a `SharedFile`."""

    def __init__(self, connection: sqlite3.Connection, site: str) -> None:
        self._connection, self._site = connection, site

    def table(self, name: str, kind: type[V], *, capacity: int) -> Table[V]:
        """Return the table of that *name*, as all processes see it."""
        return _Shared(self._connection, f"{self._site} {name}", kind, capacity)


class _Shared(Table[V]):
    def __init__(self, connection: sqlite3.Connection, place: str, kind: type[V], capacity: int) -> None:
        self._connection, self._place, self._kind, self._capacity = connection, place, kind, capacity

    def get(self, key: Key) -> V | None:
        row = self._row("SELECT value FROM kept WHERE place = ? AND key = ?", json.dumps(key))
        return None if row is None else self._value(row[0])

    def put(self, key: Key, value: V) -> None:
        with _writing(self._connection):
            self._write(_SET, key, value)

    def update(self, key: Key, change: Callable[[V | None], V], *, in_place: bool = False) -> V:
        with _writing(self._connection):
            value = change(self.get(key))
            self._write(_CHANGE if in_place else _SET, key, value)
        return value

    def _write(self, statement: str, key: Key, value: V) -> None:
        fields = json.dumps(msgspec.to_builtins(value))
        written = self._connection.execute(statement, {"place": self._place, "key": json.dumps(key), "value": fields})
        if (written.lastrowid or 0) % _SWEEP == 0:
            self._sweep()

    def pop(self, key: Key) -> V | None:
        row = self._row("DELETE FROM kept WHERE place = ? AND key = ? RETURNING value", json.dumps(key))
        return None if row is None else self._value(row[0])

    def oldest(self) -> tuple[Key, V] | None:
        row = self._row("SELECT key, value FROM kept WHERE place = ? ORDER BY number LIMIT 1")
        return None if row is None else (tuple(json.loads(row[0])), self._value(row[1]))

    def under(self, start: Key) -> Iterator[tuple[Key, V]]:
        begins = json.dumps(start)[:-1] + (", " if start else "")
        query = "SELECT key, value FROM kept WHERE place = ? AND substr(key, 1, ?) = ? ORDER BY number DESC"
        for key, value in self._connection.execute(query, (self._place, len(begins), begins)).fetchall():
            yield tuple(json.loads(key)), self._value(value)

    def _row(self, query: str, *more: str) -> Any:
        # All rows are fetched, since an unfinished query would hold its lock.
        rows = self._connection.execute(query, (self._place, *more)).fetchall()
        return rows[0] if rows else None

    def _value(self, fields: str) -> V:
        return msgspec.convert(json.loads(fields), self._kind)

    def _sweep(self) -> None:
        self._connection.execute(_CUT_BACK, {"place": self._place, "capacity": self._capacity})


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock from the start, so that values read inside the block cannot change before the write."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
