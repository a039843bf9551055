"""
Close connections whose client stops reading, as nginx does (`send_timeout`, 60 seconds by default).

aiohttp waits forever for a client that sends requests and does not read, and a client may send a thousand in a row.
This checks the write buffer of each connection at intervals and aborts connections whose buffer has not shrunk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final
from weakref import WeakSet

from aiohttp import web

WRITE_SECONDS: Final = 60.0
"""Seconds during which a client may read nothing, by default."""
_LOOKS: Final = 6
"""The number of checks of each connection within that time."""


class UnreadWatch:
    """Aborts connections whose client has read nothing for *seconds*."""

    def __init__(self, seconds: float = WRITE_SECONDS) -> None:
        self.seconds = seconds
        self._waiting: dict[asyncio.Transport, tuple[int, float]] = {}
        """For each connection: the bytes in its buffer, and the time since which that number has not decreased."""
        self._aborted: WeakSet[asyncio.Transport] = WeakSet()
        self._timers: dict[web.Server, asyncio.TimerHandle] = {}

    @property
    def pause(self) -> float:
        """Return the seconds between two calls of `look`."""
        return self.seconds / _LOOKS

    def has_aborted(self, transport: asyncio.BaseTransport | None) -> bool:
        """Return whether this watch ended the connection of *transport*."""
        return transport in self._aborted

    def watch(self, server: web.Server) -> None:
        """Check the connections of *server* after each pause, until `leave` is called with it."""
        self._timers[server] = asyncio.get_running_loop().call_later(self.pause, self._look_at, server)

    def leave(self, server: web.Server) -> None:
        """Check the connections of *server* no more; no-op if it is not watched."""
        timer = self._timers.pop(server, None)
        if timer is not None:
            timer.cancel()

    def _look_at(self, server: web.Server) -> None:
        self.watch(server)
        connections = [connection.transport for connection in server.connections]
        self.look(filter(None, connections), asyncio.get_running_loop().time())

    def look(self, transports: Iterable[asyncio.Transport], now: float) -> None:
        """Check *transports*, and those with unread bytes at the last check; *now*: seconds of a monotonic clock."""
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
