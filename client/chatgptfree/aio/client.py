"""The client for asyncio: one site, its page remembered, its connections kept, any number of calls at once."""

from __future__ import annotations

import asyncio
import copy
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from chatgptfree.aio.error_translation import out_of_time
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

    *url* is the page with the chat, or the site if that is its front page; it may have a path (a WordPress in a
    folder).  Where to ask, and how, is read off the page.

    *proxy* is used for every request.  *cookies*, *headers* and the user info of *url* (``https://user:password@…``)
    are sent with each request to the site: the same host, also with or without ``www.``, also where http became https.
    On another port of that host cookies are sent, headers and user info are not.  A page that redirects to another
    site is followed without any of them, and the reply has the warning ``other-site``.  A message goes to another site
    only if its host is among *allow_hosts*, and without them.

    *session* is an aiohttp session of your own, which stays open.  *timeout* limits connecting, silence and the whole
    call; *limits* the size of pages, events and replies; `Timeout` and `Limits` say what they are by default.  *bot*
    is the id or the name of the bot to ask where a call names none; without it that is the first one on the page.

    Every failure is a `ChatError`, with all text that came before as `partial`.  What can't be proven to be a
    failure is among the `warnings` of the reply.  Calls may run at the same time; they share cookies and what is
    known of the page, and nothing with other clients.  A client belongs to the event loop in which it is first used.

    Raises:
        ValueError: *url* or *proxy* is no http or https address, or one of *allow_hosts* or *cookies* can't be used.
        TypeError: an argument is of another type.
    """

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
        self._memory = SessionState(self._transport.site, limits or Limits())
        self._renewing = asyncio.Lock()
        self._attempts = 0
        self._failure: ChatError | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    def _forget_connections(self) -> None:
        """
        Give up all connections without closing them, and keep what is known of the page.

        For `chatgptfree.blocking` in a process that was forked: what it has copies of belongs to the parent.
        """
        self._transport.forget_connections()
        self._renewing = asyncio.Lock()

    def stream(self, message: Ask, *, bot: str | None = None) -> ReplyStream:
        """
        Ask, and return the answer piece by piece: ``async for delta in chat.stream(…)``.

        *message* is a text, or turns as `Message` or ``{"role": …, "content": …}``, the last of which is to be
        answered.  Leaving the loop early closes the connection.

        Raises:
            ChatError: while it is read, if the answer is not whole.
            RefusedError, TypeError, ValueError: at once, if *message* is empty or none.
        """
        return self._stream(message, bot, ConversationState(conversation_id=_new_id()))

    async def ask(self, message: Ask, *, bot: str | None = None) -> Reply:
        """
        Ask, and return the whole answer.

        Raises:
            ChatError: there is none, or it is not whole; what came is in `partial`.
        """
        return await read_all(self.stream(message, bot=bot))

    def conversation(self, *, bot: str | None = None) -> Conversation:
        """Begin a conversation whose turns know of each other."""
        return Conversation(self._stream, bot)

    async def bots(self) -> list[Bot]:
        """
        Return the bots on the page, in its order.

        Raises:
            ChatError: there is no page, or no chat on it.
        """
        if self._memory.page is None:
            return list((await self.page()).bots)
        return list(self._memory.page.bots)

    async def page(self) -> ChatPage:
        """
        Fetch the page, and return all that it says about its chats.

        Raises:
            ChatError: there is no page, or no chat on it.
        """
        try:
            async with within(self._timeout.total):
                event = await self._renew(Refresh(seen=self._memory.version, bot=self._bot))
        except TimeoutError:
            raise out_of_time(self._timeout, "total", url=self._transport.site.url) from None
        if isinstance(event, Failed):
            raise event.error
        if self._memory.page is None:
            raise RuntimeError("a refresh without a page")
        return self._memory.page

    def _stream(self, message: Ask, bot: str | None, talk: ConversationState) -> ReplyStream:
        question, chosen = Question.of(message), _checked(bot) or self._bot

        def start() -> ChatCall:
            return ChatCall(
                question,
                memory=self._memory,
                talk=talk,
                identity=self._identity,
                bot=chosen,
                new_id=_new_id,
                stamp=int(time.time() * 1000),
            )

        return ReplyStream(start, self._transport, self._renew, self._timeout)

    async def _renew(self, command: Refresh) -> Event:
        """Bring the memory up to date: one attempt at a time, whose outcome all who waited for it share."""
        attempts = self._attempts
        async with self._renewing:
            if self._memory.version != command.seen:
                return Refreshed()
            if self._failure is not None and self._attempts != attempts:
                return Failed(copy.copy(self._failure))
            self._failure = None
            try:
                await self._carry_out(command)
            except ChatError as error:
                self._failure = copy.copy(error)  # without the frames that hold the page
            self._attempts += 1
            return Refreshed() if self._failure is None else Failed(copy.copy(self._failure))

    async def _carry_out(self, command: Refresh) -> None:
        steps = refresh(self._memory, command, _new_id)
        event = None
        while True:
            try:
                fetch = steps.send(event) if event is not None else next(steps)
            except StopIteration:
                return
            event, _ = await carry_out(fetch, self._transport)


class Conversation:
    """
    Turns that know of each other: ``talk = chat.conversation()``.

    The context is kept as the site's generation wants it, in a field of the request or under ids by which the
    site remembers.  A turn that failed is not part of it.  One turn at a time.

    `bot` is the id or the name of the bot that the next turn asks, and may be set to another one, which is told
    what was said before; None is the client's.
    """

    def __init__(self, stream: Callable[[Ask, str | None, ConversationState], ReplyStream], bot: str | None) -> None:
        self.bot = bot
        self._stream = stream
        self._talk = ConversationState(conversation_id=_new_id())

    @property
    def history(self) -> tuple[Message, ...]:
        """Return the turns so far."""
        return tuple(self._talk.history)

    def stream(self, message: Ask) -> ReplyStream:
        """Ask the next question, and return the answer piece by piece, as `ChatClient.stream` does."""
        return self._stream(message, self.bot, self._talk)

    async def ask(self, message: Ask) -> Reply:
        """Ask the next question, and return the whole answer, as `ChatClient.ask` does."""
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
    return bot


def _new_id() -> str:
    return str(uuid.uuid4())
