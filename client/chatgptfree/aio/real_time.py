"""
A clock that a test can't freeze.

freezegun replaces `time.monotonic`, the clock of event loops, so that no timer of a loop ever expires.  `now` reads a
clock that freezegun does not replace, and `until` limits a wait by that clock.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import AbstractAsyncContextManager, suppress
from types import BuiltinFunctionType, TracebackType
from typing import Any


def _clock() -> tuple[Any, ...]:
    if hasattr(time, "clock_gettime"):
        return time.clock_gettime, time.CLOCK_MONOTONIC
    return (time.monotonic,)  # Windows


def now(_read: tuple[Any, ...] = _clock()) -> float:
    """Return the seconds of a monotonic clock that is never frozen."""
    read, *clock = _read
    seconds: float = read(*clock)
    return seconds


def until(deadline: float | None) -> AbstractAsyncContextManager[Any]:
    """
    Cancel the block and raise `TimeoutError` when `now` reaches *deadline* (seconds of `now`; None for no limit).

    Unless time is frozen this is `asyncio.timeout`.
    """
    if deadline is None:
        return asyncio.timeout(None)
    seconds = max(0.0, deadline - now())
    return asyncio.timeout(seconds) if isinstance(time.monotonic, BuiltinFunctionType) else _Alarm(seconds)


def within(seconds: float | None) -> AbstractAsyncContextManager[Any]:
    """Do what `until` does, *seconds* from now; None for no limit."""
    return until(None if seconds is None else now() + seconds)


class _Alarm:
    """`asyncio.timeout` measured by a thread, because the clock of the loop is frozen."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout = asyncio.timeout(None)
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        self._timer.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        await self._timeout.__aexit__(kind, error, traceback)

    def _ring(self) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._expire)

    def _expire(self) -> None:
        with suppress(RuntimeError):  # the block has ended in the meantime
            self._timeout.reschedule(self._loop.time())
