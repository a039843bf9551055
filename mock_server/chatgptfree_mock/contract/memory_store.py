"""
A store in the memory of this process: no copies, no encoding.

The values of all stores of a server count against one limit; when it is reached the oldest are dropped.
"""

from __future__ import annotations

import dataclasses
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from typing import Final, Protocol, TypeVar, cast

from msgspec import Struct
from msgspec.structs import astuple

from chatgptfree_mock.contract.store import Key, Table

V = TypeVar("V")
_ENTRY_BYTES: Final = 512
"""The approximate memory of a table's entry in bytes, without its text."""
_SMALL: Final = 16
"""The capacity of the largest table that does not count against the limit."""
_TEXT: Final = (str, bytes)


class UsageLimit(Protocol):
    """A common limit on the memory of many stores; see `memory_limit.MemoryLimit`."""

    def hold(self, key: Hashable, kind: str, size: int, drop: Callable[[Hashable], object]) -> None:
        """Count *size* bytes under *key*; *drop* is called with *key* when they have to be dropped."""
        ...

    def release(self, key: Hashable) -> None:
        """Stop counting the bytes under *key*."""
        ...


class MemoryStore:
    """A store that is empty at first; its values count against *limit*."""

    def __init__(self, limit: UsageLimit | None = None) -> None:
        self._limit = limit

    def table(self, name: str, _kind: type[V], *, capacity: int) -> Table[V]:
        """Return a new table for at most *capacity* values; call it once for each name."""
        # A small table holds the state of the site itself: it needs little memory, and must not be dropped.
        if self._limit is None or capacity <= _SMALL:
            return _MemoryTable(capacity)
        return _LimitedTable(capacity, name, self._limit)


class _MemoryTable(Table[V]):
    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Key, V] = OrderedDict()

    def get(self, key: Key) -> V | None:
        return self._values.get(key)

    def put(self, key: Key, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        self._changed(key, value)

    def update(self, key: Key, change: Callable[[V | None], V], *, in_place: bool = False) -> V:
        value = change(self._values.get(key))
        if in_place and key in self._values:
            self._values[key] = value
            self._changed(key, value)
        else:
            self.put(key, value)
        return value

    def _changed(self, _key: Key, _value: V) -> None:
        if len(self._values) > self._capacity:
            self.pop(next(iter(self._values)))

    def pop(self, key: Key) -> V | None:
        return self._values.pop(key, None)

    def oldest(self) -> tuple[Key, V] | None:
        return next(iter(self._values.items()), None)

    def under(self, start: Key) -> Iterator[tuple[Key, V]]:
        for key, value in reversed(list(self._values.items())):
            if key[: len(start)] == start:
                yield key, value


class _LimitedTable(_MemoryTable[V]):
    """A table whose values count against a limit, until they are removed or the table is deleted."""

    def __init__(self, capacity: int, name: str, limit: UsageLimit) -> None:
        super().__init__(capacity)
        self._name, self._limit = name, limit
        self._place = object()
        # One function for all values, since one more object for each would slow the garbage collector down.
        self._drop = partial(_drop_value, self._values)
        weakref.finalize(self, _release_all, self._place, self._values, limit)

    def _changed(self, key: Key, value: V) -> None:
        super()._changed(key, value)
        self._limit.hold((self._place, key), self._name, _ENTRY_BYTES + text_in(value), self._drop)

    def pop(self, key: Key) -> V | None:
        self._limit.release((self._place, key))
        return super().pop(key)


def _drop_value(values: dict[Key, V], held: Hashable) -> None:
    """Drop the value that a table has under the second part of *held*."""
    _, key = cast("tuple[object, Key]", held)
    values.pop(key, None)


def _release_all(place: object, values: Iterable[Key], limit: UsageLimit) -> None:
    for key in values:
        limit.release((place, key))


def text_in(value: object) -> int:
    """Return the number of characters and bytes in *value* and all its parts."""
    if isinstance(value, _TEXT):
        return len(value)
    if isinstance(value, Struct):
        return sum([text_in(each) for each in astuple(value)])
    if isinstance(value, list | tuple):
        return sum(map(text_in, value))
    if isinstance(value, dict):
        return sum(map(text_in, value.values()))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return sum(text_in(getattr(value, field.name)) for field in dataclasses.fields(value))
    return 0
