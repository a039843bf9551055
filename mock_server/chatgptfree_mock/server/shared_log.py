"""
A log of changes that processes share: each applies all of them in the same order, so that all have the same state.

It is a separate SQLite file, since a process holds its write lock while it makes a change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from chatgptfree_mock.server.store import connect

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY, data TEXT NOT NULL)"

SharedChange = dict[str, Any]
T = TypeVar("T")


class SharedLog:
    """The changes in *file*, and the number of the last one that this process has applied."""

    def __init__(self, file: Path) -> None:
        self._connection = connect(file)
        self._connection.execute(_SCHEMA)
        self._seen = 0

    def close(self) -> None:
        """Close the file in this process."""
        self._connection.close()

    def catch_up(self, apply: Callable[[SharedChange], object]) -> None:
        """Call *apply* with each change that this process has not applied yet."""
        query = "SELECT number, data FROM changes WHERE number > ? ORDER BY number"
        for number, data in self._connection.execute(query, (self._seen,)).fetchall():
            self._seen = number
            apply(json.loads(data))

    def make(self, change: SharedChange, apply: Callable[[SharedChange], T]) -> T:
        """
        Apply a *change* after all earlier ones, store it for the other processes, and return the result.

        Raises:
            Exception: whatever *apply* raises; then the change is not stored.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self.catch_up(apply)
            done = apply(change)
            made = self._connection.execute("INSERT INTO changes (data) VALUES (?)", (json.dumps(change),))
            self._seen = made.lastrowid or self._seen
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return done
