"""Types of the public client, for mypy only: nothing here is ever run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

from chatgptfree import (
    Bot,
    ChatClient,
    ChatError,
    Delta,
    Limits,
    Message,
    RateLimitedError,
    Reply,
    ReplyWarning,
    ServerSentEvent,
    Timeout,
    __version__,
    blocking,
    decode_events,
)
from chatgptfree.errors import Kind
from chatgptfree.messages import Generation


async def with_async() -> None:
    async with ChatClient("http://h", timeout=Timeout(total=1), limits=Limits(page=1), bot="0") as chat:
        assert_type(chat, ChatClient)
        async for delta in chat.stream("Hello"):
            assert_type(delta, Delta)
            assert_type(delta.text, str)
        stream = chat.stream([Message(role="user", content="Hello"), {"role": "user", "content": "Hello"}])
        assert_type(stream.reply, Reply)
        reply = await chat.ask("Hello", bot="gpt-5-nano")
        assert_type(reply.text, str)
        assert_type(reply.finish, str | None)
        assert_type(reply.warnings, tuple[ReplyWarning, ...])
        assert_type(reply.generation, Generation | None)
        assert_type(reply.citations, tuple[dict[str, Any], ...])
        assert_type(await chat.bots(), list[Bot])
        talk = chat.conversation(bot="0")
        assert_type(await talk.ask("Hello"), Reply)
        assert_type(talk.history, tuple[Message, ...])
        await chat.ask(3)  # type: ignore[arg-type]  # no message


def without_async() -> None:
    with blocking.ChatClient("http://h") as chat:
        assert_type(chat, blocking.ChatClient)
        for delta in chat.stream("Hello"):
            assert_type(delta, Delta)
        assert_type(chat.ask("Hello"), Reply)
        assert_type(chat.bots(), list[Bot])
        assert_type(chat.conversation().ask("Hello"), Reply)


def errors(error: ChatError) -> None:
    assert_type(error.kind, Kind)
    assert_type(error.retryable, bool)
    assert_type(error.status, int | None)
    assert_type(error.partial, str)
    if isinstance(error, RateLimitedError):
        assert_type(error.retry_after, float | None)


def events() -> None:
    assert_type(decode_events([b"data: x\n\n"]), Iterator[ServerSentEvent])
    assert_type(__version__, str)
