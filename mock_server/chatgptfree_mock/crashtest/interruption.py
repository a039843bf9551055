"""
Ctrl-C, SIGTERM and SIGHUP: the first one stops the run in order, further ones are ignored.

No signal interrupts the ending of clients or the writing of reports.  So a signal is only
taken note of, from the first moment of the program on, but for the parts of it that a `raising` context holds.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, Self

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """
    Take note of `SIGNALS` while this context is entered, and turn the first into a `KeyboardInterrupt` in `raising`.

    It may be entered again inside.  One that is ignored when the context is
    entered (`nohup`) stays ignored.  Outside of the main thread, where Python allows no handlers, it does nothing.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        """The first signal that came."""
        self._before: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}
        self._depth = 0
        self._raises = False

    @property
    def exit_code(self) -> int | None:
        """Return the exit code of a shell for a program that the signal ends: 130, 143, 129; None if none came."""
        return None if self.number is None else 128 + self.number

    @contextmanager
    def raising(self) -> Iterator[None]:
        """
        Return a context that the first signal ends, also if it came before.

        Raises:
            KeyboardInterrupt: a signal came.
        """
        self._raises = True
        try:
            self.check()
            yield
        finally:
            self._raises = False

    def check(self) -> None:
        """
        End what runs if a signal has come.

        Raises:
            KeyboardInterrupt: a signal came.
        """
        if self.number is not None:
            raise KeyboardInterrupt

    def __enter__(self) -> Self:
        self._depth += 1
        if self._depth == 1 and threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._depth -= 1
        if not self._depth:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def _came(self, number: int, frame: FrameType | None) -> None:
        first = self.number is None
        self.number = self.number or number
        if first and self._raises:
            raise KeyboardInterrupt
