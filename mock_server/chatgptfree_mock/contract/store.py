"""
The state of a site: named tables of values, each with a limit.

A site gets a store from the server: one in memory, or one that several processes share.  Values are those that msgspec
can convert: numbers, texts, lists, dictionaries, structs, dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

V = TypeVar("V")
Key = tuple[str, ...]


class Table(Protocol[V]):
    """Values by key, ordered by when they were last set; if there are too many, the one set longest ago is dropped."""

    def get(self, key: Key) -> V | None:
        """Return the value under *key*, or None."""
        ...

    def put(self, key: Key, value: V) -> None:
        """Set the value under *key*, which becomes the latest of its table."""
        ...

    def update(self, key: Key, change: Callable[[V | None], V], *, in_place: bool = False) -> V:
        """
        Replace the value under *key* by the result of *change*, atomically, and return the new value.

        It becomes the latest of its table, unless the key exists and *in_place* is true.
        """
        ...

    def pop(self, key: Key) -> V | None:
        """Remove the value under *key* and return it, or None; only one of several callers gets it."""
        ...

    def oldest(self) -> tuple[Key, V] | None:
        """Return the entry that was set longest ago, or None."""
        ...

    def under(self, start: Key) -> Iterator[tuple[Key, V]]:
        """Yield the entries whose keys begin with *start*, the latest first."""
        ...


class Store(Protocol):
    """All tables of one site."""

    def table(self, name: str, kind: type[V], *, capacity: int) -> Table[V]:
        """Return the table *name* for at most *capacity* values of type *kind*; call it once for each name."""
        ...


def counted(table: Table[int], key: Key, more: int = 1) -> int:
    """Add *more* to the number under *key*, 0 at first, and return the sum."""
    return table.update(key, lambda number: (number or 0) + more)
