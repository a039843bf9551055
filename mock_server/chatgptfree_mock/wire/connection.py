"""
The connection under an aiohttp request, for code that writes raw HTTP.

It reports when the client leaves or stops reading, and it can do what aiohttp cannot: close a connection in the middle
of a response, reset it, leave it open.  It does not inspect the bytes.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

from chatgptfree_mock.wire.passing_protocol import PassingProtocol

T = TypeVar("T")

_RESET_TIMEOUT = 5.0
"""Seconds that a reset waits for a client that does not read."""


class Connection:
    """The connection on which one response is sent."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._transport = request.transport
        self._protocol = request.protocol
        self._watching = False
        self.http11 = request.version >= HttpVersion11
        self.keep_alive = request.keep_alive
        self.head_only = request.method == "HEAD"

    @property
    def gone(self) -> bool:
        """Return whether the connection is closed or closing, so that nothing more can be written."""
        return self._transport is None or self._transport.is_closing()

    @property
    def full(self) -> bool:
        """Return whether the client must read before more is written."""
        if self._transport is None:
            return False
        waiting = self._transport.get_write_buffer_size()
        return waiting > 0 and waiting > self._transport.get_write_buffer_limits()[1]

    @property
    def ready(self) -> bool:
        """Return whether more can be written now: the connection is open and not `full`."""
        transport = self._transport
        return transport is not None and not transport.is_closing() and not self.full

    def write(self, data: bytes) -> None:
        """Write *data* to the socket; bytes that it does not accept at once are buffered."""
        if self._transport is not None:
            self._transport.write(data)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call *changed* whenever the client reads again or leaves, until `release`."""
        if self._transport is not None and not self.gone:
            self._watching = True
            self._transport.set_protocol(_ClientWatch(self._protocol, changed))

    async def drain(self, changed: asyncio.Event) -> None:
        """
        Return once the kernel has accepted all written bytes; *changed* is set by the callback of `watch`.

        Raises:
            ConnectionResetError: the client has left.
        """
        if self._transport is not None:
            # The callback shall come when the buffer is empty, not already when there is room in it.
            self._transport.set_write_buffer_limits(high=0)
        while not self.gone and self.full:
            changed.clear()
            await changed.wait()
        if self.gone:
            raise ConnectionResetError("the client has closed the connection")

    def release(self) -> None:
        """End a `watch`."""
        if self._watching and self._transport is not None:
            self._watching = False
            self._transport.set_write_buffer_limits()
            self._transport.set_protocol(self._protocol)

    def close(self) -> None:
        """Close the connection once all written bytes are sent."""
        if self._transport is not None:
            self._transport.close()

    async def reset(self) -> None:
        """Reset the connection once the client's kernel has all written bytes."""
        if self._transport is None:
            return
        await self._flushed()
        sock = self._transport.get_extra_info("socket")
        if sock is not None and not self.gone and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def _flushed(self) -> None:
        # A reset discards bytes that the kernel has not delivered; no event reports their delivery, so it is polled.
        loop = asyncio.get_running_loop()
        until = loop.time() + _RESET_TIMEOUT
        while not self.gone and self._undelivered() and loop.time() < until:  # noqa: ASYNC110 -- see above
            await asyncio.sleep(0.001)

    def _undelivered(self) -> int:
        """Return the number of bytes that the client's kernel has not acknowledged, if ours counts them (tcp(7))."""
        if self._transport is None:
            return 0
        waiting = self._transport.get_write_buffer_size()
        sock = self._transport.get_extra_info("socket")
        try:
            queued = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4) if sock is not None else b""
        except OSError:  # not every kernel has this call
            return waiting
        return waiting + int.from_bytes(queued, sys.byteorder)


async def while_connected(request: web.BaseRequest, work: Coroutine[Any, Any, T]) -> T:
    """
    Return the result of *work*, or cancel it when the client of *request* leaves; aiohttp would let it continue.

    Raises:
        ConnectionResetError: the client has left.
    """
    task, connection = asyncio.ensure_future(work), Connection(request)

    def changed() -> None:
        if connection.gone:
            task.cancel()

    connection.watch(changed)
    changed()
    try:
        return await task
    except asyncio.CancelledError:
        if connection.gone:
            raise ConnectionResetError("the client has left") from None
        raise
    finally:
        task.cancel()
        connection.release()


class AlreadySent(web.StreamResponse):
    """
    A response that has been sent, so that aiohttp has nothing left to send.

    *status*, *reason*: as sent, for logs.  *keep_alive*: whether the connection may be used again.
    """

    def __init__(self, status: int, reason: str, *, keep_alive: bool) -> None:
        super().__init__(status=status, reason=" ".join(reason.split()))
        self._may_keep = keep_alive

    @property
    def prepared(self) -> bool:
        """Return True: the head is sent."""
        return True

    @property
    def keep_alive(self) -> bool:
        """Return whether the connection may be used again."""
        return self._may_keep

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send nothing."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Send nothing."""


class _ClientWatch(PassingProtocol):
    """Reports that the client reads again or has left."""

    def __init__(self, inner: asyncio.Protocol, changed: Callable[[], None]) -> None:
        super().__init__(inner)
        self._changed = changed

    def resume_writing(self) -> None:
        super().resume_writing()
        self._changed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._changed()
