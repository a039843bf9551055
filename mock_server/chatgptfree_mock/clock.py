"""
Clocks: the machine's, and one that a test turns by hand.

There are two kinds of time.  `time` is the wall clock in Unix seconds, from which WordPress makes its nonces.
`monotonic` and `call_at` measure the time by which chunks are sent; deadlines are absolute, so delays never add up.
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

_READ_REAL: Final = partial(time.clock_gettime, time.CLOCK_MONOTONIC)
"""The machine's own clock.  freezegun replaces `time.monotonic` by name in every module, but not inside a partial."""

_LAST: Final = 253_402_300_800.0
"""The first second of the year 10000, which `datetime` cannot represent."""


class Timer(Protocol):
    """A call that a clock will make."""

    def cancel(self) -> None:
        """Cancel the call; no-op once it was made."""
        ...


class Clock(Protocol):
    """The interface of a clock."""

    def time(self) -> float:
        """Return Unix seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back, from an arbitrary start."""
        ...

    def call_at(self, deadline: float, call: Callable[[], None]) -> Timer:
        """Call *call* in the event loop once `monotonic` has reached *deadline*, in seconds."""
        ...


def bind_to_real_time(loop: asyncio.AbstractEventLoop) -> None:
    """
    Make *loop* use the machine's clock, also in a test that freezes time.

    freezegun replaces `time.monotonic`, so that no chunk would ever be due.  Loops with a clock of their own (uvloop's)
    are left as they are.
    """
    with suppress(AttributeError):
        loop.time = _READ_REAL  # type: ignore[method-assign]


def _check(now: float, seconds: float) -> None:
    if not 0 <= now + seconds < _LAST:
        raise ClockError(f"a clock at {now:.0f} can't be turned by {seconds:g} seconds: it ends with the year 9999")


class SystemClock:
    """The machine's clock; `turn` shifts its wall time, never `monotonic`."""

    def __init__(self) -> None:
        self._shift = 0.0

    def time(self) -> float:
        """Return Unix seconds, shifted by all calls of `turn`."""
        return time.time() + self._shift

    def monotonic(self) -> float:
        """Return the machine's own monotonic clock."""
        return _READ_REAL()

    def call_at(self, deadline: float, call: Callable[[], None]) -> Timer:
        """Call *call* at *deadline*, in seconds of `monotonic`, by a timer of the running loop."""
        return asyncio.get_running_loop().call_later(max(0.0, deadline - _READ_REAL()), call)

    def turn(self, seconds: float) -> None:
        """
        Shift the wall clock by *seconds*; nonces age at once.

        Raises:
            ClockError: the clock would leave the years that `datetime` can represent.
        """
        _check(self.time(), seconds)
        self._shift += seconds


class _ManualTimer:
    """A call that a `ManualClock` makes once it has been turned far enough."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self._call = None

    def fire(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class ManualClock:
    """A clock that moves only when `turn` is called; *now* is its start in Unix seconds, by default 1,800,000,000."""

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

    def call_at(self, deadline: float, call: Callable[[], None]) -> Timer:
        """Call *call* as soon as the clock is turned to *deadline*."""
        timer = _ManualTimer(call)
        heapq.heappush(self._waiting, (deadline, next(self._order), timer))
        return timer

    def turn(self, seconds: float) -> None:
        """
        Let *seconds* pass and make each call at its own time; call this in the event loop of the timers.

        Raises:
            ClockError: the clock would leave the years that `datetime` can represent.
        """
        _check(self.time(), seconds)
        until = self._elapsed + seconds
        while self._waiting and self._waiting[0][0] <= until:
            deadline, _, timer = heapq.heappop(self._waiting)
            self._elapsed = max(self._elapsed, deadline)
            timer.fire()
        self._elapsed = until
