"""
Live answers from where a test runs: on the server's own loop, on another one, or in no loop at all.

Each call is under way at once and in order; what it returns can be awaited (``await site.reply.push("Hel")``) or waited
for (``site.reply.push("Hel").result()``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.server.live import LiveReply

T = TypeVar("T")


class PendingCall(Generic[T]):
    """Something that the server is doing."""

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
        Wait until it is done, in code without ``async``; never on the server's own loop.

        Raises:
            TimeoutError: it was not done within *timeout* seconds; then it is called off, so that what was meant for
                one client does not reach another.
        """
        try:
            return self._future.result(timeout)
        finally:
            self._future.cancel()


class LiveHandle:
    """The live answers of one site; see `live.LiveReply` for what each call does."""

    def __init__(self, live: LiveReply, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        self._live, self._loop = live, loop
        self._turns = asyncio.Lock()

    def asked(self) -> PendingCall[SiteRequest]:
        """Wait for a request that nobody has taken yet; from now on it is the one that is answered."""

        async def site_request() -> SiteRequest:
            return (await self._live.asked()).site_request

        return self._in_turn(site_request)

    def push(self, what: str | bytes) -> PendingCall[None]:
        """Send text as that generation of the plugin frames it, or bytes as they are, as one HTTP chunk."""
        return self._in_turn(lambda: self._live.push(what))

    def end(self) -> PendingCall[None]:
        """End the answer well."""
        return self._in_turn(self._live.end)

    def truncate(self) -> PendingCall[None]:
        """Close the connection without the last chunk."""
        return self._in_turn(self._live.truncate)

    def reset(self) -> PendingCall[None]:
        """Reset the connection."""
        return self._in_turn(self._live.reset)

    def gone(self) -> PendingCall[None]:
        """Wait until the client has hung up."""
        return self._start(self._live.gone)

    def _in_turn(self, work: Callable[[], Coroutine[Any, Any, T]]) -> PendingCall[T]:
        async def one_by_one() -> T:
            async with self._turns:
                return await work()

        return self._start(one_by_one)

    def _start(self, work: Callable[[], Coroutine[Any, Any, T]]) -> PendingCall[T]:
        loop = self._loop()
        return PendingCall(asyncio.run_coroutine_threadsafe(work(), loop))
