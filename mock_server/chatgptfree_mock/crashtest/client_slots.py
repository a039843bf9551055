"""The limit of clients that run at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StoppedError(Exception):
    """The run is stopped, so that no client starts any more."""


class ClientSlots:
    """
    Room for *limit* clients at once, and for none once *stopped* is set.

    There may be more threads than slots: what has no slot prepares a client or judges one.
    """

    def __init__(self, limit: int, stopped: threading.Event) -> None:
        self._free, self._stopped = threading.BoundedSemaphore(limit), stopped

    @contextmanager
    def one(self) -> Iterator[None]:
        """
        Return a context in which a client may run; it is entered when a slot is free.

        Raises:
            StoppedError: the run was stopped before.
        """
        with self._free:
            if self._stopped.is_set():
                raise StoppedError
            yield
