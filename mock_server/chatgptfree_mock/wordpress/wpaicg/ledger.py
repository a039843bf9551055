"""
What the plugin writes down between two messages: tokens used, and which conversations it knows.

The oldest entries are forgotten when there are too many, so that memory stays bounded whoever comes.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")
CAPACITY = 10_000


class Recent(Generic[V]):
    """A mapping that forgets what was least recently set."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[tuple[str, ...], V] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> V | None:
        """Return what is known under *key*."""
        return self._entries.get(key)

    def set(self, key: tuple[str, ...], value: V) -> None:
        """Remember *value*."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)


class Ledger:
    """The tables of one site."""

    def __init__(self) -> None:
        self._used: Recent[int] = Recent()
        self._logs: Recent[int] = Recent()
        self._last_log = 0
        self._calls = 0

    def next_call(self) -> int:
        """Count a call of the model's API."""
        self._calls += 1
        return self._calls

    def used(self, key: tuple[str, ...]) -> int:
        """Return how many tokens were counted under *key*."""
        return self._used.get(key) or 0

    def count(self, key: tuple[str, ...], tokens: int) -> None:
        """Add *tokens* to what was used under *key*."""
        self._used.set(key, self.used(key) + tokens)

    def log(self, key: tuple[str, ...]) -> int | str:
        """
        Write a turn of the conversation *key* down and return its row.

        The row of a new conversation is a number; that of a known one comes out of the database, as digits.
        """
        known = self._logs.get(key)
        if known is not None:
            return str(known)
        self._last_log += 1
        self._logs.set(key, self._last_log)
        return self._last_log
