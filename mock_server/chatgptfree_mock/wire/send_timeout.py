"""
Connections whose client takes nothing: closed after some seconds, as nginx does (`send_timeout`, 60 seconds).

aiohttp waits for ever for a client that asks and does not read, and a client may ask a thousand times in a row.  The
watch looks at what waits in the buffer of each connection: where that has not shrunk for the whole time, the
connection is aborted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final
from weakref import WeakSet

WRITE_SECONDS: Final = 60.0
"""Seconds that a client may take nothing, unless another number is given."""
_LOOKS: Final = 6
"""So often each connection is looked at within that time."""


class UnreadWatch:
    """Aborts connections whose client has taken nothing for *seconds*."""

    def __init__(self, seconds: float = WRITE_SECONDS) -> None:
        self.seconds = seconds
        self._waiting: dict[asyncio.Transport, tuple[int, float]] = {}
        """What waits in each buffer, and since when it has not shrunk."""
        self._aborted: WeakSet[asyncio.Transport] = WeakSet()

    @property
    def pause(self) -> float:
        """Return the seconds between two looks."""
        return self.seconds / _LOOKS

    def has_aborted(self, transport: asyncio.BaseTransport | None) -> bool:
        """Return whether it was this watch that ended a connection."""
        return transport in self._aborted

    def look(self, transports: Iterable[asyncio.Transport], now: float) -> None:
        """Look at the *transports*, and at those that waited the last time; *now* is in seconds that only grow."""
        before, self._waiting = self._waiting, {}
        for transport in {*before, *transports}:
            size = transport.get_write_buffer_size()
            if not size:
                continue
            last, since = before.get(transport, (size, now))
            since = now if size < last else since
            if now - since < self.seconds:
                self._waiting[transport] = size, since
            else:
                self._aborted.add(transport)
                transport.abort()
