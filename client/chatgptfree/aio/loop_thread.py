"""
An event loop on a thread of its own, on which the client without ``async`` runs the one with it.

A test may freeze the clocks around it, and a program may fork beside it: the loop's time is one that nobody stops, and
in a forked process, where its thread does not exist, it is given up without touching what the parent still uses.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, Final, TypeVar

from chatgptfree.aio.real_time import now
from chatgptfree.errors import ChatConnectionError

_T = TypeVar("_T")

_GIVEN_UP: Final[list[LoopThread]] = []
"""Loops of a parent process; closing one here would change what the parent waits for, so they are kept."""


class _Loop(asyncio.SelectorEventLoop):
    def time(self) -> float:
        return now()


class LoopThread:
    """An event loop that runs on a thread of its own, from the first work that it gets until it is stopped."""

    def __init__(self) -> None:
        self.ended = False
        """Whether nothing runs here any more."""
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wait_for(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run *work* on the loop and return what it returns; Ctrl-C here cancels it there."""
        with self._starting:
            if self.ended:
                work.close()
                raise RuntimeError("the client is closed")
            if self._thread is None:
                self._start()
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise ChatConnectionError("the client was closed in the meantime") from None
        except BaseException:
            future.cancel()
            raise

    def end_with(self, work: Coroutine[Any, Any, None]) -> None:
        """Run *work*, then end the loop and its thread; without any work before, there is nothing to end."""
        with self._starting:
            if self._thread is None:
                self.ended = True
                work.close()
                return
        if threading.current_thread() is not self._thread:
            try:
                self.wait_for(work)
            finally:
                self.stop()
            return
        # The garbage collector may find a forgotten client here as well, and a thread can't wait for itself.
        self.ended = True
        self._loop.create_task(work).add_done_callback(lambda _: self._loop.stop())

    def stop(self) -> None:
        """End the loop and its thread; again is harmless."""
        with self._starting:
            if self.ended:
                return
            self.ended = True
            if self._thread is None:
                return
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def give_up(self) -> None:
        """
        Leave the loop alone, in a process that was forked and has no such thread.

        The two processes share one epoll instance, from which closing a socket here would take the parent's.  So its
        descriptor is replaced by one that leads nowhere.
        """
        if self.ended or self._thread is None:
            self.ended = True
            return
        self.ended = True
        _GIVEN_UP.append(self)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        try:
            os.dup2(nowhere, self._selector.fileno())
        except (AttributeError, OSError):
            return  # nothing is shared by this kind of selector
        finally:
            os.close(nowhere)

    def _start(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._loop = _Loop(self._selector)
        self._thread = threading.Thread(target=self._run, name="chatgptfree", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(_cancel_all())
        finally:
            self._loop.close()


async def _cancel_all() -> None:
    """Cancel what still runs on this loop: other threads may wait for it, and would wait for ever."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
