"""
An event loop on its own thread, on which the blocking client runs the asyncio client.

Its clock runs on when a test freezes time.  In a forked process, where the thread does not exist, the loop is given
up without touching the descriptors that the parent still uses.
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
"""Loops of a parent process; closing one here would unregister sockets of the parent, so they are kept."""


class _Loop(asyncio.SelectorEventLoop):
    def time(self) -> float:
        return now()


class LoopThread:
    """An event loop that runs on its own thread, from the first coroutine until it is stopped."""

    def __init__(self) -> None:
        self.ended = False
        """Whether the loop was stopped or given up."""
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wait_for(self, work: Coroutine[Any, Any, _T]) -> _T:
        """
        Run *work* on the loop and return its result; Ctrl-C in the calling thread cancels it.

        Raises:
            RuntimeError: the loop has ended.
            ChatConnectionError: the loop was stopped meanwhile.
        """
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
        """Run *work*, then end the loop and its thread; if the loop never ran, only mark it as ended."""
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
        # The garbage collector may close a client on this very thread, and a thread can't wait for itself.
        self.ended = True
        self._loop.create_task(work).add_done_callback(lambda _: self._loop.stop())

    def stop(self) -> None:
        """End the loop and its thread; stopping again has no effect."""
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
        Abandon the loop in a forked process, which has no such thread.

        Both processes share one epoll instance, so closing a socket here would unregister it in the parent.  The
        descriptor of the instance is therefore replaced by one of the null device.
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
            return  # a selector without a descriptor, which shares nothing
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
    """Cancel what still runs on this loop; a thread waiting for it would otherwise wait for ever."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
