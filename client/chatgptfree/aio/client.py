"""The asyncio client: one site, whose page and connections it keeps, for any number of concurrent calls."""

from __future__ import annotations

import asyncio
import copy
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, Self

from chatgptfree.aio.error_translation import out_of_time
from chatgptfree.aio.event_loop import require_asyncio
from chatgptfree.aio.real_time import within
from chatgptfree.aio.stream import ReplyStream, carry_out
from chatgptfree.aio.transport import Transport
from chatgptfree.core.page.chat_page import ChatPage
from chatgptfree.core.session.commands import Event, Failed, Refresh, Refreshed
from chatgptfree.core.session.conversation import ChatCall
from chatgptfree.core.session.nonce_refresh import SessionState, refresh
from chatgptfree.core.session.question import Ask, Question
from chatgptfree.core.session.request_builder import ConversationState, Identity
from chatgptfree.errors import ChatError
from chatgptfree.keyword_arguments import suggest_keywords
from chatgptfree.messages import Bot, Limits, Message, Reply, Timeout

if TYPE_CHECKING:
    import aiohttp

DEFAULT_URL: Final = "https://chatgptfree.ai"


class ChatClient:
    """
    Ask a chatgptfree.ai-like site, whatever release of its plugin it runs.

        async with ChatClient("https://chatgptfree.ai") as chat:
            async for delta in chat.stream("Hello"):
                print(delta.text, end="")
            reply = await chat.ask("Hello", bot="gpt-5-nano")

    Every failure is a `ChatError` whose `partial` is the text received before it.  What can't be proven to be a
    failure is among the `warnings` of the reply.  Calls may run concurrently; they share cookies and what is known of
    the page, but nothing with other clients.  A client belongs to the event loop in which it is first used.

    *cookies*, *headers* and the user info of *url* are sent with each request to the site: the same host, with or
    without ``www.``, also after a redirect from http to https.  On another port of that host only cookies are sent.
    A page that redirects to another site is followed without any of them, and the reply has the warning
    ``other-site``.  A message is sent to another site only if its host is among *allow_hosts*, and without them.

    Args:
        url: the page with the chat, or the site if that is its front page; an http or https address, which may have a
            path (WordPress in a folder) and user info (``https://user:password@…``).  Default https://chatgptfree.ai.
        proxy: an http or https address, used for every request; None (default) for none.
        cookies: names and values; default none.
        headers: names and values, added to each request; default none.
        timeout: limits in seconds for connecting, silence and the whole call; default `Timeout()`.
        limits: limits in bytes for pages, events and replies; default `Limits()`.
        bot: id or name of the bot for calls that name none; None (default) for the first one on the page.
        allow_hosts: names of hosts besides the site's own to which messages may be sent; default none.
        session: an aiohttp session to use, which is left open; None (default) for one of the client's own.

    Raises:
        ValueError: *url* or *proxy* is not an http or https address, *allow_hosts* or *cookies* can't be used, or *bot*
            is empty.
        TypeError: an argument has the wrong type.
    """

    @suggest_keywords
    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        proxy: str | None = None,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout | None = None,
        limits: Limits | None = None,
        bot: str | None = None,
        allow_hosts: Iterable[str] = (),
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        if not isinstance(timeout, Timeout | None):
            raise TypeError(f"timeout is a Timeout, such as Timeout(total=60), not {timeout!r}")
        if not isinstance(limits, Limits | None):
            raise TypeError(f"limits is a Limits, such as Limits(reply=1_000_000), not {limits!r}")
        self.url = url
        self._bot = _checked(bot)
        self._timeout = timeout or Timeout()
        self._identity = Identity.made_of(_new_id)
        self._transport = Transport(
            url,
            proxy=proxy,
            cookies=cookies,
            headers=headers,
            timeout=self._timeout,
            session=session,
            allow_hosts=allow_hosts,
        )
        self._session_state = SessionState(self._transport.site, limits or Limits())
        self._renewing = asyncio.Lock()
        self._attempts = 0
        self._failure: ChatError | None = None

    def __repr__(self) -> str:
        bot = "" if self._bot is None else f" bot={self._bot!r}"
        return f"<ChatClient {self._transport.site.url}{bot}>"

    async def __aenter__(self) -> Self:
        require_asyncio()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; streams that are still being read break off."""
        await self._transport.close()

    def _forget_connections(self) -> None:
        """
        Give up all connections without closing them, and keep what is known of the page.

        For `chatgptfree.blocking` in a forked process, whose copies of the sockets belong to the parent.
        """
        self._transport.forget_connections()
        self._renewing = asyncio.Lock()

    def stream(self, message: Ask, *, bot: str | None = None) -> ReplyStream:
        """
        Ask, and return the answer as it arrives: ``async for delta in chat.stream(…)``.

        Leaving the loop early closes the connection.

        Args:
            message: a text, or turns as `Message` or ``{"role": …, "content": …}``, the last of which is answered.
            bot: id or name of the bot; default the client's.

        Raises:
            ChatError: while the stream is read, if the answer is not whole.
            RefusedError, TypeError, ValueError: at once, if *message* is empty or has a wrong type.
        """
        return self._stream(message, bot, ConversationState(conversation_id=_new_id()))

    async def ask(self, message: Ask, *, bot: str | None = None) -> Reply:
        """
        Ask, and return the whole answer.

        Args:
            message: a text, or turns as for `stream`.
            bot: id or name of the bot; default the client's.

        Raises:
            ChatError: the answer is missing or not whole; its `partial` is the text received before.
            RefusedError, TypeError, ValueError: *message* is empty or has a wrong type.
        """
        return await read_all(self.stream(message, bot=bot))

    def conversation(self, *, bot: str | None = None) -> Conversation:
        """
        Start a conversation with *bot* (id or name; default the client's).

        Raises:
            TypeError, ValueError: *bot* is not a text, or empty.
        """
        return Conversation(self._stream, _checked(bot))

    async def bots(self) -> list[Bot]:
        """
        Return the bots on the page, in document order; the page is fetched unless it is known already.

        Raises:
            ChatError: the page can't be fetched, or has no chat on it.
        """
        if self._session_state.page is None:
            return list((await self.page()).bots)
        return list(self._session_state.page.bots)

    async def page(self) -> ChatPage:
        """
        Fetch the page, and return what is on it: its chats, the plugin's release, what is missing.

        Raises:
            ChatError: the page can't be fetched, or has no chat on it.
            RuntimeError: asyncio does not run here, as in trio.
        """
        require_asyncio()
        try:
            async with within(self._timeout.total):
                event = await self._renew(Refresh(seen=self._session_state.version, bot=self._bot))
        except TimeoutError:
            raise out_of_time(self._timeout, "total", url=self._transport.site.url) from None
        if isinstance(event, Failed):
            raise event.error
        if self._session_state.page is None:
            raise RuntimeError("a refresh without a page")
        return self._session_state.page

    def _stream(self, message: Ask, bot: str | None, conversation: ConversationState) -> ReplyStream:
        question, chosen = Question.of(message), _checked(bot) or self._bot

        def start() -> ChatCall:
            return ChatCall(
                question,
                session_state=self._session_state,
                conversation=conversation,
                identity=self._identity,
                bot=chosen,
                new_id=_new_id,
                stamp=int(time.time() * 1000),
            )

        return ReplyStream(start, self._transport, self._renew, self._timeout)

    async def _renew(self, command: Refresh) -> Event:
        """Refresh what is known of the page: one attempt at a time, whose outcome all waiting calls share."""
        attempts = self._attempts
        async with self._renewing:
            if self._session_state.version != command.seen:
                return Refreshed()
            if self._failure is not None and self._attempts != attempts:
                return Failed(copy.copy(self._failure))
            self._failure = None
            try:
                await self._carry_out(command)
            except ChatError as error:
                self._failure = copy.copy(error)  # a traceback would keep the page in memory
            self._attempts += 1
            return Refreshed() if self._failure is None else Failed(copy.copy(self._failure))

    async def _carry_out(self, command: Refresh) -> None:
        steps = refresh(self._session_state, command, _new_id)
        event = None
        while True:
            try:
                fetch = steps.send(event) if event is not None else next(steps)
            except StopIteration:
                return
            event, _ = await carry_out(fetch, self._transport)


class Conversation:
    """
    A conversation, in which each turn is asked with the turns before it: ``conversation = chat.conversation()``.

    The context is kept as the site's generation requires: in a field of the request, or on the server under ids.  A
    turn that failed is not part of it.  Ask one turn at a time.

    Attributes:
        bot: id or name of the bot that answers the next turn, None for the client's.  It may be changed; the new bot
            is sent the turns so far.
    """

    def __init__(self, stream: Callable[[Ask, str | None, ConversationState], ReplyStream], bot: str | None) -> None:
        self.bot = bot
        self._stream = stream
        self._conversation = ConversationState(conversation_id=_new_id())

    def __repr__(self) -> str:
        return f"<Conversation bot={self.bot!r}, {len(self._conversation.history)} messages>"

    @property
    def history(self) -> tuple[Message, ...]:
        """The turns so far, questions and answers, oldest first."""
        return tuple(self._conversation.history)

    def stream(self, message: Ask) -> ReplyStream:
        """
        Ask the next question, and return the answer as it arrives, as `ChatClient.stream` does.

        Args:
            message: a text, or turns, which follow those of the history.

        Raises:
            ChatError: while the stream is read, if the answer is not whole.
            RefusedError, TypeError, ValueError: at once, if *message* is empty or has a wrong type.
        """
        return self._stream(message, self.bot, self._conversation)

    async def ask(self, message: Ask) -> Reply:
        """
        Ask the next question, and return the whole answer, as `ChatClient.ask` does.

        Args:
            message: a text, or turns, which follow those of the history.

        Raises:
            ChatError: the answer is missing or not whole; its `partial` is the text received before.
            RefusedError, TypeError, ValueError: *message* is empty or has a wrong type.
        """
        return await read_all(self.stream(message))


async def read_all(stream: ReplyStream) -> Reply:
    """Read *stream* to its end and return the reply."""
    async with stream:
        async for _ in stream:
            pass
    return stream.reply


def _checked(bot: str | None) -> str | None:
    if not isinstance(bot, str | None):
        raise TypeError(f"bot is the id or the name of a bot as text, not {bot!r}")
    if bot is not None and not bot.strip():
        raise ValueError("bot is empty; give the id or the name of a bot, or leave it out")
    return bot


def _new_id() -> str:
    return str(uuid.uuid4())
