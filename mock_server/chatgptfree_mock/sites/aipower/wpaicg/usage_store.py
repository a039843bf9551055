"""
The data that the plugin stores between messages: used tokens and known conversations.

The oldest entries are dropped when there are too many, so that memory stays bounded.
"""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.contract.store import Key, Store, counted

CAPACITY: Final = 10_000
_CALLS: Final = ("calls",)
_LAST_LOG: Final = ("last log",)


class UsageStore:
    """The tables of one site."""

    def __init__(self, database: Store) -> None:
        self._used = database.table("tokens used", int, capacity=CAPACITY)
        self._logs = database.table("logs", int, capacity=CAPACITY)
        self._chats = database.table("chats", bool, capacity=CAPACITY)
        self._counters = database.table("counters", int, capacity=2)

    def next_call(self) -> int:
        """Count a call of the model's API."""
        return counted(self._counters, _CALLS)

    def used(self, key: Key) -> int:
        """Return the number of tokens counted under *key*."""
        return self._used.get(key) or 0

    def count(self, key: Key, tokens: int) -> None:
        """Add *tokens* to the count under *key*."""
        counted(self._used, key, tokens)

    def log(self, key: Key) -> int | str:
        """
        Log a message of the conversation *key* and return its row.

        The row of a new conversation is a number, that of a known one a text of digits, as the database returns it.
        """
        known = self._logs.get(key)
        if known is not None:
            return str(known)
        row = counted(self._counters, _LAST_LOG)
        kept = self._logs.update(key, lambda other: row if other is None else other)
        return row if kept == row else str(kept)

    def remember(self, chat: str) -> None:
        """Store the page's number of an answer, so that feedback can refer to it later."""
        if chat:
            self._chats.put((chat,), True)

    def remembers(self, chat: str) -> bool:
        """Return whether an answer with that number is in the log."""
        return self._chats.get((chat,)) is not None
