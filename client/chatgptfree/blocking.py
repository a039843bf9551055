"""
The client without ``async``: the same methods, the same errors.

It runs the asyncio client on a thread and an event loop of its own, so it works in threads, in notebooks and
inside a running loop (which it then blocks, as any call that is not awaited does).
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from chatgptfree import aio
from chatgptfree.core.page import ChatPage
from chatgptfree.core.question import Ask
from chatgptfree.errors import ChatConnectionError
from chatgptfree.messages import Bot, Delta, Limits, Message, Reply, Timeout

if TYPE_CHECKING:
    import aiohttp

_T = TypeVar("_T")


class _LoopThread:
    """An event loop that runs on a thread of its own until it is stopped."""

    def __init__(self) -> None:
        self.ended = False
        """Whether nothing runs here any more."""
        self._starting = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="chatgptfree", daemon=True)
        self._thread.start()

    def wait_for(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run *work* on the loop and return what it returns; Ctrl-C here cancels it there."""
        with self._starting:
            if self.ended:
                work.close()
                raise RuntimeError("the client is closed")
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise ChatConnectionError("the client was closed in the meantime") from None
        except BaseException:
            future.cancel()
            raise

    def end_with(self, work: Coroutine[Any, Any, None]) -> None:
        """Run *work*, then end the loop and its thread."""
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
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

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


class ChatClient:
    """
    `chatgptfree.ChatClient` without ``async``, with the same arguments and methods.

        with ChatClient("https://chatgptfree.ai") as chat:
            for delta in chat.stream("Hello"):
                print(delta.text, end="")
            reply = chat.ask("Hello", bot="gpt-5-nano")

    One client may be used by several threads at a time.  A client that is forgotten is closed all the same.
    """

    def __init__(
        self,
        url: str = aio.DEFAULT_URL,
        *,
        proxy: str | None = None,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout | None = None,
        limits: Limits | None = None,
        bot: str | None = None,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self._client = aio.ChatClient(
            url,
            proxy=proxy,
            cookies=cookies,
            headers=headers,
            timeout=timeout,
            limits=limits,
            bot=bot,
            session=session,
        )
        self.url = url
        self._thread = _LoopThread()
        self._closing = weakref.finalize(self, _close, self._thread, self._client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections and end the thread."""
        self._closing()

    def stream(self, message: Ask, *, bot: str | None = None) -> ReplyStream:
        """Ask, and return the answer piece by piece: ``for delta in chat.stream(…)``."""
        return ReplyStream(self._client.stream(message, bot=bot), self._thread, self)

    def ask(self, message: Ask, *, bot: str | None = None) -> Reply:
        """
        Ask, and return the whole answer.

        Raises:
            ChatError: there is none, or it is not whole; what came is in `partial`.
        """
        return self._thread.wait_for(self._client.ask(message, bot=bot))

    def conversation(self, *, bot: str | None = None) -> Conversation:
        """Begin a conversation whose turns know of each other."""
        return Conversation(self._client.conversation(bot=bot), self._thread, self)

    def bots(self) -> list[Bot]:
        """Return the bots on the page, in its order."""
        return self._thread.wait_for(self._client.bots())

    def page(self) -> ChatPage:
        """Fetch the page, and return all that it says about its chats."""
        return self._thread.wait_for(self._client.page())


class ReplyStream(Iterator[Delta]):
    """The pieces of one answer, in order; let go of early, it closes its connection."""

    def __init__(self, stream: aio.ReplyStream, thread: _LoopThread, client: ChatClient) -> None:
        self._stream = stream
        self._thread = thread
        self._client = client  # or a client made for one call would be closed before its stream is read

    @property
    def reply(self) -> Reply:
        """Return the whole answer, once the loop has come to its end."""
        return self._stream.reply

    def __next__(self) -> Delta:
        delta = self._thread.wait_for(_next(self._stream))
        if delta is None:
            raise StopIteration
        return delta

    def close(self) -> None:
        """Close the connection if the answer is still coming; nothing comes any more."""
        if not self._thread.ended:  # which has closed everything
            self._thread.wait_for(self._stream.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Conversation:
    """Turns that know of each other, as `chatgptfree.aio.Conversation`."""

    def __init__(self, talk: aio.Conversation, thread: _LoopThread, client: ChatClient) -> None:
        self._talk = talk
        self._thread = thread
        self._client = client

    @property
    def bot(self) -> str | None:
        """The bot that the next turn asks."""
        return self._talk.bot

    @bot.setter
    def bot(self, bot: str | None) -> None:
        self._talk.bot = bot

    @property
    def history(self) -> tuple[Message, ...]:
        """Return the turns so far."""
        return self._talk.history

    def stream(self, message: Ask) -> ReplyStream:
        """Ask the next question, and return the answer piece by piece."""
        return ReplyStream(self._talk.stream(message), self._thread, self._client)

    def ask(self, message: Ask) -> Reply:
        """Ask the next question, and return the whole answer."""
        return self._thread.wait_for(self._talk.ask(message))


async def _next(stream: aio.ReplyStream) -> Delta | None:
    """Return the next piece, or None at the end: a StopIteration does not pass through a future."""
    async for delta in stream:
        return delta
    return None


def _close(thread: _LoopThread, client: aio.ChatClient) -> None:
    thread.end_with(client.close())
