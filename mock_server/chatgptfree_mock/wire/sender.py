"""
Sending a schedule over an aiohttp server's connection, each chunk when it is due.

`await send(request, schedule, clock)` writes head, HTTP chunk frames and end without aiohttp's response classes, and
returns the bytes sent, their times, and how the response ended.  The handler then returns `sent_response(result)`:
aiohttp learns from it that the response is sent and whether the connection may be reused.

Times are absolute, so delays never add up.  Chunks that are due together are written together; the client still gets
each.  A client that leaves ends the sending at once (`End.CLIENT_CLOSED`) and raises nothing.  A stalled response lasts
until the client leaves or the handler is cancelled, so give `AppRunner` a short `shutdown_timeout`.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate

from aiohttp import web
from msgspec import Struct

from chatgptfree_mock.clock import Clock, Timer
from chatgptfree_mock.replay.schedule import Framing, Schedule
from chatgptfree_mock.tape.model import Chunk, End
from chatgptfree_mock.wire.connection import AlreadySent, Connection

_CHUNKS_AT_ONCE = 4096
_BYTES_AT_ONCE = 256 * 1024
_TOLERANCE = 0.001
"""Milliseconds by which a timer may be early, by rounding."""


class SendResult(Struct, frozen=True, kw_only=True, gc=False):
    """The bytes handed to the socket.  Times are in milliseconds since the request."""

    schedule: Schedule
    head_ms: float | None
    """When the head was sent; None: it was not."""
    writes: tuple[tuple[float, int], ...]
    """For each write: its time, and the number of chunks sent by then."""
    size: int
    """The number of bytes of the body that were sent."""
    end: End
    ms: float
    """When the response ended."""
    keep_alive: bool
    framing: Framing
    """How the body ended for this client."""

    @property
    def body(self) -> bytes:
        """Return the bytes of the body that were sent."""
        return self.schedule.body[: self.size]

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Return for each chunk when it was sent, and its size in bytes."""
        found: list[Chunk] = []
        for ms, count in self.writes:
            found += [(round(ms), size) for size in self.schedule.sizes[len(found) : count]]
        return tuple(found)


def sent_response(result: SendResult) -> web.StreamResponse:
    """Return the response for aiohttp after a schedule has been sent."""
    return _already_sent(result.schedule.status, result.schedule.reason, keep_alive=result.keep_alive)


# Equal responses share one object: building aiohttp's response takes as long as sending a small body.
_already_sent = lru_cache(maxsize=64)(AlreadySent)


async def send(request: web.BaseRequest, schedule: Schedule, clock: Clock) -> SendResult:
    """Send *schedule* as the response to *request*, by the time of *clock*."""
    return await _Sending(Connection(request), schedule, clock).run()


class _Sending:
    """One schedule while it is sent."""

    def __init__(self, connection: Connection, schedule: Schedule, clock: Clock) -> None:
        self._connection, self._schedule, self._clock = connection, schedule, clock
        bodiless = connection.head_only or schedule.framing is Framing.NONE
        self._framing = Framing.NONE if bodiless else schedule.framing_for(http11=connection.http11)
        self._count = 0 if bodiless else len(schedule.sizes)
        self._end, self._end_time = schedule.end, schedule.end_time
        if bodiless and schedule.head_time is not None and schedule.end in (End.COMPLETE, End.TRUNCATED):
            # Such a response is whole with its head: nothing is left to wait for or to cut.
            self._end, self._end_time = End.COMPLETE, schedule.head_time
        self._start = clock.monotonic()
        self._next = 0
        """The index of the chunk to be sent next."""
        self._offset = 0
        """The offset of that chunk in the body."""
        self._head_is_out = schedule.head_time is None
        self._head_ms: float | None = None
        self._writes: list[tuple[float, int]] = []
        self._ended = False
        self._next_due = self._find_next_due()
        self._timer: Timer | None = None
        self._waiting: asyncio.Future[None] | None = None

    async def run(self) -> SendResult:
        """Send everything; return when the response has ended or the client has left."""
        self._advance()
        if not self._ended and not self._connection.gone:
            await self._watch()
        end = self._end if self._ended else End.CLIENT_CLOSED
        if self._ended and end is not End.COMPLETE:
            await self._finish()
        keeps = self._connection.keep_alive and self._schedule.keeps(http11=self._connection.http11)
        return SendResult(
            schedule=self._schedule,
            head_ms=self._head_ms,
            writes=tuple(self._writes),
            size=self._offset,
            end=end,
            ms=self._now(),
            keep_alive=end is End.COMPLETE and keeps,
            framing=self._framing,
        )

    def _now(self) -> float:
        return (self._clock.monotonic() - self._start) * 1000

    async def _watch(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        self._connection.watch(self._on_change)
        try:
            await self._waiting
        finally:
            self._connection.release()
            if self._timer is not None:
                self._timer.cancel()

    def _on_change(self) -> None:
        # An earlier response may drain from the buffer while a timer runs, and there must not be two timers.
        if self._timer is not None:
            self._timer.cancel()
        self._advance()

    def _advance(self) -> None:
        """Write the chunks that are due, then wait for the clock or the connection to call again."""
        connection = self._connection
        while not self._ended and connection.ready:
            now = self._now() + _TOLERANCE
            if self._next_due <= now:
                connection.write(self._take_due(now))
            if self._next_due > now and connection.ready:
                # Not while the client does not read: the connection calls when it reads again.
                self._timer = self._clock.call_at(self._start + self._next_due / 1000, self._advance)
                return
        if self._ended or connection.gone:
            self._wake()

    def _take_due(self, now: float) -> bytes:
        """Return the bytes that are due by *now*, up to a limit, and record whether that is the end."""
        schedule = self._schedule
        parts: list[bytes] = []
        if not self._head_is_out and schedule.head_time is not None and schedule.head_time <= now:
            parts.append(self._head())
            self._head_is_out, self._head_ms = True, now
        if self._head_is_out and self._next < self._count and schedule.send_times[self._next] <= now:
            parts += self._take_chunks(now)
        if self._head_is_out and self._next == self._count and self._end_time <= now:
            self._ended = True
            if self._end is End.COMPLETE and not self._connection.head_only:
                parts.append(schedule.last(framing=self._framing))
        else:
            self._next_due = self._find_next_due()
        return b"".join(parts)

    def _head(self) -> bytes:
        connection = self._connection
        return self._schedule.head(
            http11=connection.http11, keep_alive=connection.keep_alive, bodiless=connection.head_only
        )

    def _take_chunks(self, now: float) -> list[bytes]:
        schedule, start = self._schedule, self._next
        stop = bisect_right(schedule.send_times, now, start, min(self._count, start + _CHUNKS_AT_ONCE))
        sizes = schedule.sizes[start:stop]
        size = sum(sizes)
        if size > _BYTES_AT_ONCE:
            ends = list(accumulate(sizes))
            count = max(1, bisect_right(ends, _BYTES_AT_ONCE))
            stop, size = start + count, ends[count - 1]
        frames = schedule.frames(start, stop, self._offset, framing=self._framing)
        self._next, self._offset = stop, self._offset + size
        self._writes.append((now, stop))
        return frames

    def _find_next_due(self) -> float:
        """Return when the next bytes are due, in milliseconds since the request."""
        schedule = self._schedule
        if not self._head_is_out:
            return schedule.head_time or 0.0
        return schedule.send_times[self._next] if self._next < self._count else self._end_time

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _finish(self) -> None:
        """End a response that is not complete, in the scheduled way; a stalled one waits for the client to leave."""
        match self._end:
            case End.RESET:
                await self._connection.reset()
            case End.TRUNCATED:
                self._connection.close()
            case End.STALLED | End.CLIENT_CLOSED:
                while not self._connection.gone:
                    await self._watch()
            case End.COMPLETE:
                pass
