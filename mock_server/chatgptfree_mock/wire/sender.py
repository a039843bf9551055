"""
Sending a performance over an aiohttp server's connection, each byte when it is due.

`await perform(request, performance, clock)` writes head, HTTP chunk frames and end by itself, past aiohttp's response,
and returns `Sent`: what was really sent, when, and how it ended.  The handler then returns `delivered(sent)`, which
tells aiohttp that the answer is out and whether the connection may be used again.

Deadlines are absolute, so lateness never adds up; what is due together is written together, and the client still sees
each HTTP chunk.  A client that goes away ends the performance at once (`End.CLIENT_CLOSED`) and raises nothing; a
stalled answer lasts until the client goes or the handler is cancelled (give `AppRunner` a short `shutdown_timeout`).
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

_PIECES_AT_ONCE = 4096
_BYTES_AT_ONCE = 256 * 1024
_EARLY = 0.001
"""Milliseconds that a timer may come before its time, by rounding."""


class SendResult(Struct, frozen=True, kw_only=True, gc=False):
    """What was handed to the socket."""

    performance: Schedule
    head_ms: float | None
    """When the head went out; None: it did not."""
    marks: tuple[tuple[float, int], ...]
    """Each write: when, and how many pieces were out after it."""
    end: End
    ms: float
    """How long it all took."""
    keep_alive: bool
    framing: Framing
    """How the end of the body was shown to this client."""

    @property
    def size(self) -> int:
        """Return how many bytes of the body went out."""
        return sum(self.performance.sizes[: self.pieces])

    @property
    def pieces(self) -> int:
        """Return how many pieces went out."""
        return self.marks[-1][1] if self.marks else 0

    @property
    def body(self) -> bytes:
        """Return the bytes of the body that went out."""
        performance, pieces = self.performance, self.pieces
        whole = pieces == len(performance.sizes)
        return performance.body if whole else performance.body[: sum(performance.sizes[:pieces])]

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Return when each piece went out, in milliseconds since the request, and its size."""
        if len(self.marks) == 1:
            ms, until = self.marks[0]
            return tuple([(round(ms), size) for size in self.performance.sizes[:until]])
        found: list[Chunk] = []
        for ms, until in self.marks:
            found += [(round(ms), size) for size in self.performance.sizes[len(found) : until]]
        return tuple(found)


def delivered(sent: SendResult) -> web.StreamResponse:
    """Return the response of a handler whose performance is over."""
    return _already_sent(sent.performance.status, sent.performance.reason, keep_alive=sent.keep_alive)


_already_sent = lru_cache(maxsize=64)(AlreadySent)


async def perform(request: web.BaseRequest, performance: Schedule, clock: Clock) -> SendResult:
    """Send *performance* as the answer to *request*."""
    line = Connection(request)
    if _fits_in_one_write(line, performance):
        return _send_at_once(line, performance)
    return await _Sending(line, performance, clock).run()


def _fits_in_one_write(line: Connection, performance: Schedule) -> bool:
    if not performance.at_once or line.head_only or performance.framing is Framing.NONE:
        return False
    small = len(performance.body) <= _BYTES_AT_ONCE and len(performance.sizes) <= _PIECES_AT_ONCE
    return small and line.ready


def _send_at_once(line: Connection, performance: Schedule) -> SendResult:
    """Send what needs no timer: most pages, and buffered answers at full speed."""
    line.write(performance.whole(http11=line.http11, keep_alive=line.keep_alive))
    pieces = len(performance.sizes)
    return SendResult(
        performance=performance,
        head_ms=0.0,
        marks=((0.0, pieces),) if pieces else (),
        end=End.COMPLETE,
        ms=0.0,
        keep_alive=line.keep_alive and performance.keeps(http11=line.http11),
        framing=performance.framing_for(http11=line.http11),
    )


class _Sending:
    """One performance under way."""

    def __init__(self, line: Connection, performance: Schedule, clock: Clock) -> None:
        self._line, self._performance, self._clock = line, performance, clock
        bodiless = line.head_only or performance.framing is Framing.NONE
        self._framing = Framing.NONE if bodiless else performance.framing_for(http11=line.http11)
        self._pieces = 0 if bodiless else len(performance.sizes)
        self._start = clock.monotonic()
        self._next = 0
        self._offset = 0
        self._head_ms: float | None = None
        self._marks: list[tuple[float, int]] = []
        self._ended = False
        self._upcoming = self._upcoming_due()
        """When something is due next, in milliseconds since the request."""
        self._timer: Timer | None = None
        self._waiting: asyncio.Future[None] | None = None

    async def run(self) -> SendResult:
        """Send everything; return when the answer has ended or the client has gone."""
        self._advance()
        if not self._ended and not self._line.gone:
            await self._watch()
        end = await self._finish() if self._ended else End.CLIENT_CLOSED
        return SendResult(
            performance=self._performance,
            head_ms=self._head_ms,
            marks=tuple(self._marks),
            end=end,
            ms=self._now(),
            keep_alive=end is End.COMPLETE
            and self._line.keep_alive
            and self._performance.keeps(http11=self._line.http11),
            framing=self._framing,
        )

    def _now(self) -> float:
        return (self._clock.monotonic() - self._start) * 1000

    async def _watch(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        self._line.watch(self._line_changed)
        try:
            await self._waiting
        finally:
            self._line.release()
            if self._timer is not None:
                self._timer.cancel()

    def _line_changed(self) -> None:
        # What an earlier answer has left in the buffer may drain while a timer runs, and there must not be two.
        if self._timer is not None:
            self._timer.cancel()
        self._advance()

    def _advance(self) -> None:
        """Write what is due, then arrange for the rest, as often as the clock or the line calls."""
        line = self._line
        while line.ready and not self._ended:
            now = self._now() + _EARLY
            if self._upcoming <= now:
                line.write(self._due(now))
            if self._upcoming > now and line.ready:
                # Not while the client takes nothing: the line calls when it does again.
                self._timer = self._clock.call_at(self._start + self._upcoming / 1000, self._advance)
                return
        if self._ended or line.gone:
            self._wake()

    def _due(self, now: float) -> bytes:
        """Take what is due by *now*, up to a limit, and note that the end was reached."""
        performance = self._performance
        parts: list[bytes] = []
        if self._head_ms is None and performance.head_due is not None and performance.head_due <= now:
            parts.append(self._head())
            self._head_ms = now
        if self._head_ms is not None and self._next < self._pieces and performance.dues[self._next] <= now:
            parts.append(self._take(now))
        if self._next == self._pieces and performance.finish_due <= now and self._headed():
            self._ended = True
            if performance.finish is End.COMPLETE and not self._line.head_only:
                parts.append(performance.last(framing=self._framing))
        self._upcoming = self._upcoming_due()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _head(self) -> bytes:
        line = self._line
        return self._performance.head(http11=line.http11, keep_alive=line.keep_alive, bodiless=line.head_only)

    def _headed(self) -> bool:
        return self._head_ms is not None or self._performance.head_due is None

    def _take(self, now: float) -> bytes:
        performance, start = self._performance, self._next
        stop, size = start + 1, performance.sizes[start]
        if stop < self._pieces and performance.dues[stop] <= now:
            stop = bisect_right(performance.dues, now, start, min(self._pieces, start + _PIECES_AT_ONCE))
            ends = list(accumulate(performance.sizes[start:stop]))
            if ends[-1] > _BYTES_AT_ONCE:
                stop = start + max(1, bisect_right(ends, _BYTES_AT_ONCE))
            size = ends[stop - start - 1]
        data = performance.frames(start, stop, self._offset, framing=self._framing)
        self._next, self._offset = stop, self._offset + size
        self._marks.append((now, stop))
        return data

    def _upcoming_due(self) -> float:
        performance = self._performance
        if self._next < self._pieces and self._headed():
            return performance.dues[self._next]
        return performance.finish_due if self._headed() else performance.head_due or 0.0

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _finish(self) -> End:
        """End the answer the way it must end; a stalled one waits for the client to go."""
        match self._performance.finish:
            case End.RESET:
                await self._line.reset()
            case End.TRUNCATED:
                self._line.close()
            case End.STALLED | End.CLIENT_CLOSED:
                while not self._line.gone:
                    await self._watch()
            case End.COMPLETE:
                pass
        return self._performance.finish
