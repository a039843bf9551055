"""
Control of live answers from a test: on the server's own loop, on another one, or without a loop.

Each call starts at once, in order; its result can be awaited (``await site.reply.push("Hel")``) or waited for
(``site.reply.push("Hel").result()``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.server.live import LiveReply, check_pushed

T = TypeVar("T")


class PendingCall(Generic[T]):
    """
    A call that the server is carrying out; await it, or wait for it with `result`.

    Args:
        future: the result of the call, from the server's event loop.
    """

    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def __await__(self) -> Generator[Any, None, T]:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise ServingError("only asyncio can await this; in trio wait with to_thread.run_sync(….result)") from None
        return asyncio.wrap_future(self._future, loop=loop).__await__()

    def result(self, timeout: float | None = None) -> T:
        """
        Wait for the result, in code without ``async``; never call it on the server's own event loop.

        Args:
            timeout: in seconds; None (default) for no limit.

        Raises:
            TimeoutError: there was no result within *timeout*; the call is cancelled, so that what was meant for one
                client does not reach another.
        """
        try:
            return self._future.result(timeout)
        finally:
            self._future.cancel()


class LiveHandle:
    """
    Pushes the live answers of one site, in the order of their requests.

    Each method returns a `PendingCall`: await it, or call its `result`, which also raise the errors that are listed.
    Calls act on the latest answer; before the first, and after one that was ended here, they wait for the next request.

    Args:
        live: the answers of the site.
        loop: returns the event loop that the server runs on.
    """

    def __init__(self, live: LiveReply, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        self._live, self._loop = live, loop
        self._one_by_one = asyncio.Lock()

    def asked(self) -> PendingCall[SiteRequest]:
        """Wait for the next request to the chat, without limit, and return it; the calls that follow answer it."""

        async def site_request() -> SiteRequest:
            return (await self._live.asked()).site_request

        return self._in_order(site_request)

    def push(self, what: str | bytes) -> PendingCall[None]:
        """
        Send *what* as one HTTP chunk: a text framed as the plugin's release does it, or bytes unchanged.

        Raises:
            ConnectionResetError: the client has left, or the answer has ended; what follows is for the next client.
            TypeError: *what* is neither a text nor bytes; raised at once.
        """
        check_pushed(what)
        return self._in_order(lambda: self._live.push(what))

    def end(self) -> PendingCall[None]:
        """
        End the answer as a complete one, with the closing events of the release unless only bytes were pushed.

        Raises:
            ConnectionResetError: the client has left; what follows is for the next client.
        """
        return self._in_order(self._live.end)

    def truncate(self) -> PendingCall[None]:
        """
        Close the connection without the last chunk.

        Raises:
            ConnectionResetError: the client has left; what follows is for the next client.
        """
        return self._in_order(self._live.truncate)

    def reset(self) -> PendingCall[None]:
        """
        Reset the connection; the client still gets what was pushed.

        Raises:
            ConnectionResetError: the client has left; what follows is for the next client.
        """
        return self._in_order(self._live.reset)

    def gone(self) -> PendingCall[None]:
        """Wait until the client has closed the connection, or its answer has ended."""
        return self._start(self._live.gone)

    def _in_order(self, work: Callable[[], Coroutine[Any, Any, T]]) -> PendingCall[T]:
        async def ordered() -> T:
            async with self._one_by_one:
                return await work()

        return self._start(ordered)

    def _start(self, work: Callable[[], Coroutine[Any, Any, T]]) -> PendingCall[T]:
        loop = self._loop()
        return PendingCall(asyncio.run_coroutine_threadsafe(work(), loop))
