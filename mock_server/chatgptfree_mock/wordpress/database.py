"""
What WordPress and the plugin keep in the database: named tables of values, each bounded so that memory is as well.

A real site's PHP processes share one database, so whoever runs several processes for one site hands one in that they
share.  `Memory` is the one for a single process: no copies, no encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

V = TypeVar("V")
Key = tuple[str, ...]


class Table(Protocol[V]):
    """Values by key, in the order in which they were last set; the one set longest ago goes when there are too many."""

    def get(self, key: Key) -> V | None:
        """Return what is kept under *key*."""
        ...

    def update(self, key: Key, change: Callable[[V | None], V], *, in_place: bool = False) -> V:
        """
        Set what *change* makes of the value under *key*, and return it; nobody else changes it meanwhile.

        It becomes the latest of its table, unless it is there already and is changed *in_place*.
        """
        ...

    def pop(self, key: Key) -> V | None:
        """Forget what is kept under *key* and return it; of several who ask, one gets it."""
        ...

    def oldest(self) -> tuple[Key, V] | None:
        """Return what was set longest ago."""
        ...

    def under(self, start: Key) -> Iterator[tuple[Key, V]]:
        """Yield what is kept under keys that begin with *start*, the latest first."""
        ...


class Database(Protocol):
    """All tables of one site."""

    def table(self, name: str, kind: type[V], *, most: int) -> Table[V]:
        """Return the table of that *name*, which holds at most so many values of a *kind*."""
        ...


class Memory:
    """A database in this process' memory, empty at first."""

    def table(self, _name: str, _kind: type[V], *, most: int) -> Table[V]:
        """Return a new table; each is asked for once."""
        return _Kept(most)


class _Kept(Table[V]):
    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, V] = {}

    def get(self, key: Key) -> V | None:
        return self._values.get(key)

    def update(self, key: Key, change: Callable[[V | None], V], *, in_place: bool = False) -> V:
        value = change(self._values.get(key))
        if not in_place:
            self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]
        return value

    def pop(self, key: Key) -> V | None:
        return self._values.pop(key, None)

    def oldest(self) -> tuple[Key, V] | None:
        return next(iter(self._values.items()), None)

    def under(self, start: Key) -> Iterator[tuple[Key, V]]:
        for key, value in reversed(list(self._values.items())):
            if key[: len(start)] == start:
                yield key, value


def counted(table: Table[int], key: Key, more: int = 1) -> int:
    """Add *more* to the number under *key* and return the sum."""
    return table.update(key, lambda number: (number or 0) + more)
