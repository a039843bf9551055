"""
How much a server may remember: one number of bytes for all journals, runs of scenarios and tables of its sites.

Whatever is remembered is held here with its size and with what makes its owner forget it; what was held longest ago
goes first.  Sizes are estimates, which is enough to keep a server that runs for weeks from growing.  All of it belongs
to one event loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Final

from chatgptfree_mock.server_log import SERVER_LOG

MEMORY: Final = 256 * 1024 * 1024
"""Bytes, unless another number is given."""


class MemoryLimit:
    """At most *limit* bytes of things that are held, oldest first."""

    def __init__(self, limit: int = MEMORY) -> None:
        self.limit = limit
        self.used = 0
        self.forgotten: Counter[str] = Counter()
        """How many things of each kind went to make room."""
        self._held: dict[Hashable, tuple[int, str, Callable[[], object]]] = {}

    def hold(self, key: Hashable, kind: str, size: int, forget: Callable[[], object]) -> None:
        """Hold something of *size* bytes under *key* as the latest; *forget* is called when it has to go."""
        self.release(key)
        self._held[key] = size, kind, forget
        self.used += size
        self._make_room()

    def resize(self, key: Hashable, size: int) -> None:
        """Give what is held under *key* another size, in its old place; nothing happens if it has gone."""
        if key in self._held:
            before, kind, forget = self._held[key]
            self._held[key] = size, kind, forget
            self.used += size - before
            self._make_room()

    def touch(self, key: Hashable) -> None:
        """Make what is held under *key* the latest; nothing happens if it has gone."""
        if key in self._held:
            self._held[key] = self._held.pop(key)

    def release(self, key: Hashable) -> None:
        """Hold *key* no longer, as its owner has forgotten it."""
        self.used -= self._held.pop(key, (0,))[0]

    def sentence(self) -> str:
        """Return what was forgotten and why, in words; empty if nothing was."""
        if not self.forgotten:
            return ""
        counted = ", ".join(f"{number} {kind}" for kind, number in sorted(self.forgotten.items()))
        return f"forgotten to stay within {in_words(self.limit)}: {counted}"

    def _make_room(self) -> None:
        while self.used > self.limit and self._held:
            size, kind, forget = self._held.pop(next(iter(self._held)))
            self.used -= size
            if not self.forgotten:
                SERVER_LOG.warning(
                    "the journals, runs and conversations have reached %s: from now on the oldest are forgotten",
                    in_words(self.limit),
                )
            self.forgotten[kind] += 1
            forget()


def in_words(size: int) -> str:
    """Return a number of bytes as people write it."""
    return f"{size / 2**20:g} MiB" if size % 2**10 == 0 else f"{size:,} bytes"
