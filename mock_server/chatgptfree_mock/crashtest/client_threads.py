"""Threads on which clients run, each thread with one client after the other."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from chatgptfree_mock.crashtest import leftover_processes
from chatgptfree_mock.crashtest.client_slots import StoppedError

T = TypeVar("T")
_LOOK: Final = 0.1
_LEAVING: Final = 2.0
"""Seconds that the threads get to end after `ClientThreads.stop`."""


class ClientThreads(Generic[T]):
    """
    Threads that take tasks from queues, until these are empty, a task raises an error, or `stop` is called.

    *mark*: the prefix of the marks of all clients, by which `stop` ends them.  *lock* is for the results of the tasks.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        """Set by `stop`, and by an error: a client that was ended then has no result."""
        self._threads: list[threading.Thread] = []
        self._error: BaseException | None = None

    def run(
        self,
        work: Callable[[deque[T]], None],
        queues: Sequence[deque[T]],
        meanwhile: Callable[[], object] = tuple,
    ) -> None:
        """
        Call *work* on a thread for each of *queues*, and wait for all.

        It gets the queue, whose tasks it takes in the context `taken_from`.  A queue that is there several times has
        several threads.  An error in that context ends the others after their tasks, and is raised here.  While they
        run, *meanwhile* is called once.
        """
        self._threads = [threading.Thread(target=work, args=(queue,), daemon=True) for queue in queues]
        for thread in self._threads:
            thread.start()
        meanwhile()
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_LOOK)
        if self._error is not None:
            raise self._error

    @contextmanager
    def taken_from(self, queue: deque[T]) -> Iterator[Iterator[T]]:
        """Return a context with the tasks of *queue*, until it is empty or everything is stopped."""
        try:
            yield self._tasks(queue)
        except StoppedError:
            return
        except BaseException as exc:  # noqa: BLE001 - it is raised again where the threads are awaited
            self._error = self._error or exc
            self.stopped.set()

    def stop(self) -> None:
        """End the clients that run, and give the threads a moment to end."""
        with self.lock:
            self.stopped.set()
        leftover_processes.end(self._mark)
        until = time.monotonic() + _LEAVING
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - time.monotonic()))

    def _tasks(self, queue: deque[T]) -> Iterator[T]:
        while not self.stopped.is_set():
            with self.lock:
                if not queue:
                    return
                task = queue.popleft()
            yield task
