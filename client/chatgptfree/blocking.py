"""
The client without ``async``: the same methods, the same errors.

It runs the asyncio client on a thread and an event loop of its own, so it works in threads, in notebooks and
inside a running loop (which it then blocks, as any call that is not awaited does).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from weakref import WeakSet

from chatgptfree import aio
from chatgptfree.aio.loop_thread import LoopThread
from chatgptfree.core.page.chat_page import ChatPage
from chatgptfree.core.session.question import Ask
from chatgptfree.messages import Bot, Delta, Limits, Message, Reply, Timeout

_T = TypeVar("_T")

_CLIENTS: Final[WeakSet[ChatClient]] = WeakSet()
"""All clients of this process, which a fork must tell that their threads are gone."""


class ChatClient:
    """
    `chatgptfree.ChatClient` without ``async``, with the same arguments and methods, but no *session*.

    An aiohttp session belongs to the event loop in which it was made, and this client has a loop of its own.

        with ChatClient("https://chatgptfree.ai") as chat:
            for delta in chat.stream("Hello"):
                print(delta.text, end="")
            reply = chat.ask("Hello", bot="gpt-5-nano")

    One client may be used by several threads at a time.  A client that is forgotten is closed all the same.  In a
    process that was forked it goes on with connections of its own; an answer that was coming in stays with the parent.
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
        allow_hosts: Iterable[str] = (),
    ) -> None:
        self._client = aio.ChatClient(
            url,
            proxy=proxy,
            cookies=cookies,
            headers=headers,
            timeout=timeout,
            limits=limits,
            bot=bot,
            allow_hosts=allow_hosts,
        )
        self.url = url
        self._thread = LoopThread()
        self._closing = weakref.finalize(self, _close, self._thread, self._client)
        _CLIENTS.add(self)

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
        return ReplyStream(self._client.stream(message, bot=bot), self)

    def ask(self, message: Ask, *, bot: str | None = None) -> Reply:
        """
        Ask, and return the whole answer.

        Raises:
            ChatError: there is none, or it is not whole; what came is in `partial`.
        """
        return self._wait_for(self._client.ask(message, bot=bot))

    def conversation(self, *, bot: str | None = None) -> Conversation:
        """Begin a conversation whose turns know of each other."""
        return Conversation(self._client.conversation(bot=bot), self)

    def bots(self) -> list[Bot]:
        """Return the bots on the page, in its order."""
        return self._wait_for(self._client.bots())

    def page(self) -> ChatPage:
        """Fetch the page, and return all that it says about its chats."""
        return self._wait_for(self._client.page())

    def _wait_for(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self._thread.wait_for(work)

    def _after_fork(self) -> None:
        """Begin anew in a forked process, with what is known of the page."""
        open_still = self._closing.detach() is not None
        self._thread.give_up()
        self._client._forget_connections()  # noqa: SLF001 - this is the same client
        if open_still:
            self._thread = LoopThread()
            self._closing = weakref.finalize(self, _close, self._thread, self._client)


class ReplyStream(Iterator[Delta]):
    """The pieces of one answer, in order; let go of early, it closes its connection."""

    def __init__(self, stream: aio.ReplyStream, client: ChatClient) -> None:
        self._stream = stream
        self._thread = client._thread  # noqa: SLF001 - it stays with this loop
        self._process = os.getpid()
        self._client = client  # or a client made for one call would be closed before its stream is read

    @property
    def reply(self) -> Reply:
        """Return the whole answer, once the loop has come to its end."""
        return self._stream.reply

    def __next__(self) -> Delta:
        if self._process != os.getpid():
            raise RuntimeError("the answer belongs to the process in which it was asked for; ask again in this one")
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

    def __init__(self, talk: aio.Conversation, client: ChatClient) -> None:
        self._talk = talk
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
        return ReplyStream(self._talk.stream(message), self._client)

    def ask(self, message: Ask) -> Reply:
        """Ask the next question, and return the whole answer."""
        return self._client._wait_for(self._talk.ask(message))  # noqa: SLF001 - this is its own


async def _next(stream: aio.ReplyStream) -> Delta | None:
    """Return the next piece, or None at the end: a StopIteration does not pass through a future."""
    async for delta in stream:
        return delta
    return None


def _close(thread: LoopThread, client: aio.ChatClient) -> None:
    thread.end_with(client.close())


def _after_fork() -> None:
    for client in list(_CLIENTS):
        client._after_fork()  # noqa: SLF001 - a client of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
