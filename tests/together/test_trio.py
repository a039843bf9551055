"""In trio, what needs asyncio is refused in a sentence; a site on a thread serves it all the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest
import trio

from chatgptfree import ChatClient, blocking
from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.serving import MockServer, MockSite

REFUSED = "ChatClient runs on asyncio, and no task of asyncio is running here; in trio call chatgptfree.blocking"


async def enter(url: str) -> None:
    async with ChatClient(url):
        pass


async def ask(url: str) -> None:
    await ChatClient(url).ask("Hi")


async def stream(url: str) -> None:
    async for _ in ChatClient(url).conversation().stream("Hi"):
        pass


async def bots(url: str) -> None:
    await ChatClient(url).bots()


@pytest.mark.parametrize("call", [enter, ask, stream, bots])
def test_the_client_is_refused_in_a_sentence(call: Callable[[str], Awaitable[None]]) -> None:
    with pytest.raises(RuntimeError, match=REFUSED):
        trio.run(call, "http://127.0.0.1:9")
    with pytest.raises(RuntimeError, match=REFUSED):
        anyio.run(call, "http://127.0.0.1:9", backend="trio")


@pytest.mark.parametrize("kind", [MockSite, MockServer])
def test_a_server_on_the_loop_is_refused(kind: Callable[[], Any]) -> None:
    async def enter() -> None:
        async with kind():
            pass

    with pytest.raises(ServingError, match="the mock server runs on asyncio, which does not run here; in trio enter"):
        trio.run(enter)


def test_a_site_beside_the_loop_serves_trio() -> None:
    async def visit(url: str) -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(url)).status_code

    async def blocking_client(url: str) -> str:
        return await trio.to_thread.run_sync(ask_blocking, url)

    def ask_blocking(url: str) -> str:
        with blocking.ChatClient(url) as chat:
            return chat.ask("Hi").text

    with MockSite(reply="Hello") as site:
        assert trio.run(visit, site.url) == 200
        assert trio.run(blocking_client, site.url) == "Hello"


def test_answers_pushed_by_hand_are_not_awaited_in_trio() -> None:
    with MockSite() as site:

        async def push() -> None:
            await site.reply.gone()

        with pytest.raises(ServingError, match="only asyncio can await this; in trio wait"):
            trio.run(push)
