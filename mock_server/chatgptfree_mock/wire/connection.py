"""
The line to one client: the socket under an aiohttp request, for who writes HTTP by hand.

It knows when the client has gone and when it takes no more bytes, and it can do to a connection what aiohttp won't:
close it in the middle, reset it, leave it open.  It knows nothing of what is written.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

if sys.platform != "win32":
    import fcntl
    import termios

_PATIENCE = 5.0
"""Seconds that a reset waits for a client that does not read."""


class Connection:
    """
    The way of one answer to its client.

    While it is watched, *changed* is called whenever the client takes bytes again or has gone.
    """

    def __init__(self, request: web.BaseRequest) -> None:
        self._transport = request.transport
        self._protocol = request.protocol
        self._watching = False
        self.http11 = request.version >= HttpVersion11
        self.keep_alive = request.keep_alive
        self.head_only = request.method == "HEAD"

    @property
    def gone(self) -> bool:
        """Whether nothing can be written any more."""
        return self._transport is None or self._transport.is_closing()

    @property
    def full(self) -> bool:
        """Whether the client has to read before more should be written."""
        if self._transport is None:
            return False
        waiting = self._transport.get_write_buffer_size()
        return waiting > 0 and waiting > self._transport.get_write_buffer_limits()[1]

    @property
    def ready(self) -> bool:
        """Whether more should be written now: the client is there, and it is not `full`."""
        transport = self._transport
        return transport is not None and not transport.is_closing() and not self.full

    def write(self, data: bytes) -> None:
        """Hand *data* to the socket; what it does not take at once waits in the buffer."""
        if self._transport is not None:
            self._transport.write(data)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call *changed* from now on; see `release`."""
        if self._transport is not None and not self.gone:
            self._watching = True
            self._transport.set_protocol(_Watch(self._protocol, changed))

    async def taken(self, changed: asyncio.Event) -> None:
        """
        Return once the kernel has taken all that was written; *changed* is what a `watch` sets.

        Raises:
            ConnectionResetError: the client has gone.
        """
        if self._transport is not None:
            # From here on the transport tells when its buffer is empty, and not when there is room in it again.
            self._transport.set_write_buffer_limits(high=0)
        while not self.gone and self.full:
            changed.clear()
            await changed.wait()
        if self.gone:
            raise ConnectionResetError("the client has hung up")

    def release(self) -> None:
        """Watch no more."""
        if self._watching and self._transport is not None:
            self._watching = False
            self._transport.set_write_buffer_limits()
            self._transport.set_protocol(self._protocol)

    def close(self) -> None:
        """Close the connection once everything is sent, whatever was promised."""
        if self._transport is not None:
            self._transport.close()

    async def reset(self) -> None:
        """Reset the connection once the client has everything that was written."""
        if self._transport is None:
            return
        await self._delivered()
        sock = self._transport.get_extra_info("socket")
        if sock is not None and not self.gone and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def _delivered(self) -> None:
        # A reset throws away what the kernel has not handed over, and no event tells when it has: it must be asked.
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while not self.gone and self._under_way() and loop.time() < until:  # noqa: ASYNC110 -- see above
            await asyncio.sleep(0.001)

    def _under_way(self) -> int:
        if self._transport is None:
            return 0
        waiting = self._transport.get_write_buffer_size()
        sock = self._transport.get_extra_info("socket")
        if sys.platform == "win32" or sock is None:
            return waiting
        try:
            queued = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4)
        except OSError:  # not every kernel tells
            return waiting
        return waiting + int.from_bytes(queued, sys.byteorder)


class AlreadySent(web.StreamResponse):
    """A response that is out already; aiohttp has nothing left to send.  One may stand for many that are alike."""

    def __init__(self, status: int, reason: str, *, keep_alive: bool) -> None:
        super().__init__(status=status, reason=" ".join(reason.split()))
        self._may_keep = keep_alive

    @property
    def prepared(self) -> bool:
        """Return True: the head is out."""
        return True

    @property
    def keep_alive(self) -> bool:
        """Tell whether the connection may be used again."""
        return self._may_keep

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send nothing."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Send nothing."""


class _Watch(asyncio.Protocol):
    """Stands before aiohttp's protocol, hands everything on and tells of changes."""

    def __init__(self, behind: asyncio.Protocol, changed: Callable[[], None]) -> None:
        self._behind, self._changed = behind, changed

    def data_received(self, data: bytes) -> None:
        self._behind.data_received(data)

    def eof_received(self) -> bool | None:
        return self._behind.eof_received()

    def pause_writing(self) -> None:
        self._behind.pause_writing()

    def resume_writing(self) -> None:
        self._behind.resume_writing()
        self._changed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._behind.connection_lost(exc)
        self._changed()
