"""
The client without ``async``: the same methods, the same errors.

It runs the asyncio client on its own thread and event loop, so it works in threads, in notebooks and inside a running
loop (which it then blocks, as any blocking call does).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from typing import Any, Final, Self, TypeVar
from weakref import WeakSet

from chatgptfree import aio
from chatgptfree.aio.loop_thread import LoopThread
from chatgptfree.core.page.chat_page import ChatPage
from chatgptfree.core.session.question import Ask
from chatgptfree.keyword_arguments import suggest_keywords
from chatgptfree.messages import Bot, Delta, Limits, Message, Reply, Timeout

_T = TypeVar("_T")

_CLIENTS: Final[WeakSet[ChatClient]] = WeakSet()
"""All clients of this process: after a fork their threads are gone, and they have to start new ones."""


class ChatClient:
    """
    `chatgptfree.ChatClient` without ``async``.

        with ChatClient("https://chatgptfree.ai") as chat:
            for delta in chat.stream("Hello"):
                print(delta.text, end="")
            reply = chat.ask("Hello", bot="gpt-5-nano")

    Several threads may use one client at the same time.  A client that is garbage-collected is closed.  After a fork
    the client in the child opens connections of its own; a stream that was being read stays with the parent.

    Args:
        url: an http or https address, which may have a path and user info; default https://chatgptfree.ai.
        proxy: an http or https address, for every request; None (default) for none.
        cookies: names and values, sent to the site only.
        headers: names and values, sent to the site only.
        timeout: limits in seconds; default `Timeout()`.
        limits: sizes in bytes; default `Limits()`.
        bot: id or name of the bot to ask; default the first one on the page.
        allow_hosts: hosts besides the site's own to which messages may be sent.

    Raises:
        ValueError, TypeError: as `chatgptfree.ChatClient`.
    """

    @suggest_keywords
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

    def __repr__(self) -> str:
        return repr(self._client).replace("<", "<blocking ", 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections and end the thread; calling it again has no effect."""
        self._closing()

    def stream(self, message: Ask, *, bot: str | None = None) -> ReplyStream:
        """
        Ask, and return the answer as it arrives: ``for delta in chat.stream(…)``.

        Args:
            message: a text, or turns as for `chatgptfree.ChatClient.stream`.
            bot: id or name of the bot; default the client's.

        Raises:
            ChatError: while the stream is read, if the answer is not whole.
            RefusedError, TypeError, ValueError: at once, if *message* is empty or has a wrong type.
        """
        return ReplyStream(self._client.stream(message, bot=bot), self)

    def ask(self, message: Ask, *, bot: str | None = None) -> Reply:
        """
        Ask, and return the whole answer.

        Args:
            message: a text, or turns as for `chatgptfree.ChatClient.stream`.
            bot: id or name of the bot; default the client's.

        Raises:
            ChatError: the answer is missing or not whole; its `partial` is the text received before.
            RefusedError, TypeError, ValueError: *message* is empty or has a wrong type.
        """
        return self._wait_for(self._client.ask(message, bot=bot))

    def conversation(self, *, bot: str | None = None) -> Conversation:
        """Start a conversation with *bot* (id or name; default the client's)."""
        return Conversation(self._client.conversation(bot=bot), self)

    def bots(self) -> list[Bot]:
        """
        Return the bots on the page, in document order; the page is fetched unless it is known already.

        Raises:
            ChatError: the page can't be fetched, or has no chat on it.
        """
        return self._wait_for(self._client.bots())

    def page(self) -> ChatPage:
        """
        Fetch the page, and return what is on it: its chats, the plugin's release, what is missing.

        Raises:
            ChatError: the page can't be fetched, or has no chat on it.
        """
        return self._wait_for(self._client.page())

    def _wait_for(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self._thread.wait_for(work)

    def _after_fork(self) -> None:
        """Start over in a forked process, keeping what is known of the page."""
        was_open = self._closing.detach() is not None
        self._thread.give_up()
        self._client._forget_connections()  # noqa: SLF001 - this is the same client
        if was_open:
            self._thread = LoopThread()
            self._closing = weakref.finalize(self, _close, self._thread, self._client)


class ReplyStream(Iterator[Delta]):
    """
    The deltas of one answer, in order; `ChatClient.stream` returns it.

    If it is closed, or dropped before the end, the connection is closed.

    Args:
        stream: the `aio.ReplyStream` that this one reads.
        client: the client that asked.
    """

    def __init__(self, stream: aio.ReplyStream, client: ChatClient) -> None:
        self._stream = stream
        self._thread = client._thread  # noqa: SLF001 - the stream belongs to this loop, also after a fork
        self._process = os.getpid()
        self._client = client  # keeps a client made for one call open until its stream is read

    def __repr__(self) -> str:
        return repr(self._stream)

    @property
    def reply(self) -> Reply:
        """
        The whole answer, once the stream has been read to its end.

        Raises:
            RuntimeError: the stream has not been read to its end.
        """
        return self._stream.reply

    def __next__(self) -> Delta:
        if self._process != os.getpid():
            raise RuntimeError("the answer belongs to the process in which it was asked for; ask again in this one")
        delta = self._thread.wait_for(_next(self._stream))
        if delta is None:
            raise StopIteration
        return delta

    def close(self) -> None:
        """Stop: close the connection if the answer is still arriving; no further delta follows."""
        if not self._thread.ended:  # a thread that has ended has closed everything
            self._thread.wait_for(self._stream.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class Conversation:
    """
    A conversation without ``async``; `ChatClient.conversation` returns it.

    Args:
        conversation: the `aio.Conversation` that this one continues.
        client: the client that asks.
    """

    def __init__(self, conversation: aio.Conversation, client: ChatClient) -> None:
        self._conversation = conversation
        self._client = client

    def __repr__(self) -> str:
        return repr(self._conversation)

    @property
    def bot(self) -> str | None:
        """Id or name of the bot that answers the next turn; None for the client's."""
        return self._conversation.bot

    @bot.setter
    def bot(self, bot: str | None) -> None:
        self._conversation.bot = bot

    @property
    def history(self) -> tuple[Message, ...]:
        """The turns so far, questions and answers, oldest first."""
        return self._conversation.history

    def stream(self, message: Ask) -> ReplyStream:
        """
        Ask the next question, and return the answer as it arrives, as `ChatClient.stream` does.

        Args:
            message: a text, or turns, which follow those of the history.

        Raises:
            ChatError: while the stream is read, if the answer is not whole.
            RefusedError, TypeError, ValueError: at once, if *message* is empty or has a wrong type.
        """
        return ReplyStream(self._conversation.stream(message), self._client)

    def ask(self, message: Ask) -> Reply:
        """
        Ask the next question, and return the whole answer, as `ChatClient.ask` does.

        Args:
            message: a text, or turns, which follow those of the history.

        Raises:
            ChatError: the answer is missing or not whole; its `partial` is the text received before.
            RefusedError, TypeError, ValueError: *message* is empty or has a wrong type.
        """
        return self._client._wait_for(self._conversation.ask(message))  # noqa: SLF001 - made by this client


async def _next(stream: aio.ReplyStream) -> Delta | None:
    """Return the next delta, or None at the end: a future can't raise StopIteration."""
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
