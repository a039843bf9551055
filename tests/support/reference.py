"""The reference client as callables for the crash test: ``crashtest --callable tests.support.reference:ask``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from chatgptfree import ChatClient, Timeout, blocking
from chatgptfree.provider import ChatgptFree


async def ask(url: str, message: str, bot: str | None = None, timeout: float = 5) -> AsyncIterator[str]:  # noqa: ASYNC109 - the crash test hands it in; it is the client's own setting
    """Stream one answer with the asynchronous client."""
    async with (
        ChatClient(url, timeout=Timeout(connect=timeout, idle=timeout)) as chat,
        chat.stream(message, bot=bot) as stream,
    ):
        async for delta in stream:
            yield delta.text


def ask_blocking(url: str, message: str, bot: str | None = None, timeout: float = 5) -> Iterator[str]:
    """Stream one answer with the blocking client."""
    with (
        blocking.ChatClient(url, timeout=Timeout(connect=timeout, idle=timeout)) as chat,
        chat.stream(message, bot=bot) as stream,
    ):
        for delta in stream:
            yield delta.text


async def ask_provider(url: str, message: str, bot: str | None = None, timeout: float = 5) -> AsyncIterator[str]:  # noqa: ASYNC109 - as above
    """Stream one answer through the classic provider API."""
    messages = [{"role": "user", "content": message}]
    pieces = ChatgptFree.create_async_generator(bot or "", messages, url=url, timeout=timeout)
    async for piece in pieces:
        yield piece
