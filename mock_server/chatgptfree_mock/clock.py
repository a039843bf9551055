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
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Final, Protocol

from chatgptfree_mock.errors import ClockError

_READ_REAL: Final = (
    partial(time.clock_gettime, time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime") else partial(time.monotonic)
)
"""The machine's own clock.  freezegun replaces `time.monotonic` wherever it finds it by name, but not within this."""

_LAST: Final = 253_402_300_800.0
"""The year 10000, for which there are no dates any more."""


class Timer(Protocol):
    """A call that has not been made yet."""

    def cancel(self) -> None:
        """Take it back; nothing happens if it was made already."""
        ...


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

    def call_at(self, deadline: float, call: Callable[[], None]) -> Timer:
        """Arrange that the loop calls *call* once `monotonic` has reached *deadline*."""
        ...


def bind_to_real_time(loop: asyncio.AbstractEventLoop) -> None:
    """
    Let *loop* take its time from the machine's clock, also in a test that freezes time.

    By `time.monotonic`, which freezegun replaces, no piece of an answer would ever fall due.  Loops that do not use it
    (uvloop's) are left as they are.
    """
    with suppress(AttributeError):
        loop.time = _READ_REAL  # type: ignore[method-assign]


def _check(now: float, seconds: float) -> None:
    if not 0 <= now + seconds < _LAST:
        raise ClockError(f"a clock at {now:.0f} can't be turned by {seconds:g} seconds: it ends with the year 9999")


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

    def call_at(self, deadline: float, call: Callable[[], None]) -> Timer:
        """Use the loop's own timer."""
        return asyncio.get_running_loop().call_at(deadline, call)

    def turn(self, seconds: float) -> None:
        """
        Shift the wall clock; nonces age at once.

        Raises:
            ClockError: there are no dates that far away.
        """
        _check(self.time(), seconds)
        self._shift += seconds


class _ManualTimer:
    """A call that a `ManualClock` makes when it was turned far enough."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self._call = None

    def fire(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class ManualClock:
    """A clock that stands still until it is turned; turning it wakes whoever waits."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._start = now
        self._elapsed = 0.0
        self._order = count()
        self._waiting: list[tuple[float, int, _ManualTimer]] = []

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
        timer = self.call_at(deadline, lambda: _set(due))
        try:
            await due
        finally:
            timer.cancel()

    def call_at(self, deadline: float, call: Callable[[], None]) -> Timer:
        """Arrange the call for when the clock is turned that far."""
        timer = _ManualTimer(call)
        heapq.heappush(self._waiting, (deadline, next(self._order), timer))
        return timer

    def turn(self, seconds: float) -> None:
        """
        Let *seconds* pass, each call at its own time; must be called in the loop that waits.

        Raises:
            ClockError: there are no dates that far away.
        """
        _check(self.time(), seconds)
        until = self._elapsed + seconds
        while self._waiting and self._waiting[0][0] <= until:
            deadline, _, timer = heapq.heappop(self._waiting)
            self._elapsed = max(self._elapsed, deadline)
            timer.fire()
        self._elapsed = until
