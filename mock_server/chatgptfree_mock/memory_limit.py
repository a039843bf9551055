"""
One memory limit, in bytes, for all journals, runs of scenarios and database tables of a server.

Owners register what they keep, with its size and a function that drops it; the oldest is dropped first.  Sizes are
estimates, which is enough to keep a server that runs for weeks from growing.  Use it from one event loop only.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from chatgptfree_mock.server_log import SERVER_LOG

MEMORY: Final = 256 * 1024 * 1024
"""The default limit, in bytes."""


class MemoryLimit:
    """Keeps what is registered within *limit* bytes by dropping the oldest."""

    def __init__(self, limit: int = MEMORY) -> None:
        self.limit = limit
        self.used = 0
        self.dropped: Counter[str] = Counter()
        """The number of dropped things, by kind."""
        self._held: OrderedDict[Hashable, tuple[int, str, Callable[[Hashable], object]]] = OrderedDict()

    def hold(self, key: Hashable, kind: str, size: int, drop: Callable[[Hashable], object]) -> None:
        """
        Register a thing under *key* as the latest.

        *kind*: its plural for messages, such as `exchanges`.  *size*: its bytes.  *drop*: called with *key* when it
        is dropped.
        """
        before = self._held.pop(key, None)
        self._held[key] = size, kind, drop
        self.used += size if before is None else size - before[0]
        if self.used > self.limit:
            self._make_room()

    def grow(self, key: Hashable, by: int) -> None:
        """Add *by* bytes to the size of *key*, which keeps its age; no-op if it was dropped."""
        if key in self._held:
            size, kind, drop = self._held[key]
            self._held[key] = size + by, kind, drop
            self.used += by
            if self.used > self.limit:
                self._make_room()

    def touch(self, key: Hashable) -> None:
        """Make *key* the latest; no-op if it was dropped."""
        if key in self._held:
            self._held[key] = self._held.pop(key)

    def release(self, key: Hashable) -> None:
        """Remove *key*, which its owner has dropped itself."""
        self.used -= self._held.pop(key, (0,))[0]

    def sentence(self) -> str:
        """Return a sentence that counts what was dropped; empty if nothing was."""
        if not self.dropped:
            return ""
        counted = ", ".join(f"{number} {kind}" for kind, number in sorted(self.dropped.items()))
        return f"dropped to stay within {in_words(self.limit)}: {counted}"

    def _make_room(self) -> None:
        while self.used > self.limit and self._held:
            key, (size, kind, drop) = self._held.popitem(last=False)
            self.used -= size
            if not self.dropped:
                SERVER_LOG.warning(
                    "the journals, runs and conversations have reached %s: from now on the oldest are dropped",
                    in_words(self.limit),
                )
            self.dropped[kind] += 1
            drop(key)


def in_words(size: int) -> str:
    """Return *size*, in bytes, as people write it: whole KiB in MiB, others in bytes."""
    return f"{size / 2**20:g} MiB" if size % 2**10 == 0 else f"{size:,} bytes"
