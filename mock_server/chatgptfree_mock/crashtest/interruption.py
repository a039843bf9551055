"""
Ctrl-C, SIGTERM and SIGHUP: the first of them stops the run in order, the others are taken note of.

What a signal must not do is cut short how the clients are ended, or how the reports are written.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Final, Self

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """
    Turn the first of `SIGNALS` into a `KeyboardInterrupt` while this context is entered, and none after `finish`.

    The signal is passed on as SIGINT to the processes that `workers` returns.  A signal that is ignored when the
    context is entered (`nohup`) stays ignored.  Outside of the main thread, where Python allows no handlers, it does
    nothing.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        """The first signal that came."""
        self.workers: Callable[[], Iterable[int]] = tuple
        self._before: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}
        self._over = False

    @property
    def exit_code(self) -> int | None:
        """Return what a shell reports for a program that the signal ends: 130, 143, 129; None if none came."""
        return None if self.number is None else 128 + self.number

    def finish(self) -> None:
        """Interrupt nothing from now on, and only take note."""
        self._over = True

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _came(self, number: int, frame: FrameType | None) -> None:
        first = self.number is None
        self.number = self.number or number
        for worker in self.workers():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGINT)
        if first and not self._over:
            raise KeyboardInterrupt
