"""
Time as an argument: the running clock, and one that a test turns by hand.

Two times are told apart.  `time` is the wall clock in Unix seconds, from which WordPress makes its nonces.
`monotonic` and `wait_until` are the loop's, by which pieces of an answer fall due; deadlines are absolute, so lateness
never adds up.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from itertools import count
from typing import Protocol


class Clock(Protocol):
    """What the mock asks of time."""

    def time(self) -> float:
        """Return Unix seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...

    async def wait_until(self, deadline: float) -> None:
        """Return once `monotonic` has reached *deadline*; at once if it has already."""
        ...


def _set(due: asyncio.Future[None]) -> None:
    if not due.done():
        due.set_result(None)


class SystemClock:
    """The machine's clock; its wall time can be shifted by `turn`, its pace can't."""

    def __init__(self) -> None:
        self._shift = 0.0

    def time(self) -> float:
        """Return Unix seconds, shifted by what was turned."""
        return time.time() + self._shift

    def monotonic(self) -> float:
        """Return the running loop's time."""
        return asyncio.get_running_loop().time()

    async def wait_until(self, deadline: float) -> None:
        """Wait on the loop's own timer."""
        loop = asyncio.get_running_loop()
        if deadline <= loop.time():
            return
        due: asyncio.Future[None] = loop.create_future()
        handle = loop.call_at(deadline, _set, due)
        try:
            await due
        finally:
            handle.cancel()

    def turn(self, seconds: float) -> None:
        """Shift the wall clock; nonces age at once."""
        self._shift += seconds


class ManualClock:
    """A clock that stands still until it is turned; turning it wakes whoever waits."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._start = now
        self._elapsed = 0.0
        self._order = count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    def time(self) -> float:
        """Return Unix seconds as of the last turn."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Return the seconds turned so far."""
        return self._elapsed

    async def wait_until(self, deadline: float) -> None:
        """Wait until the clock was turned that far."""
        if deadline <= self._elapsed:
            return
        due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (deadline, next(self._order), due))
        await due

    def turn(self, seconds: float) -> None:
        """Let *seconds* pass; must be called in the loop that waits."""
        self._elapsed += seconds
        while self._waiting and self._waiting[0][0] <= self._elapsed:
            _, _, due = heapq.heappop(self._waiting)
            _set(due)

    @property
    def next_deadline(self) -> float | None:
        """Return when the next waiter is due, or None if nobody waits."""
        self._waiting = [entry for entry in self._waiting if not entry[2].done()]
        heapq.heapify(self._waiting)
        return self._waiting[0][0] if self._waiting else None
