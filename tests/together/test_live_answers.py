"""A test pushes an answer piece by piece and sees what the client makes of each, without sleeping."""

from __future__ import annotations

import asyncio

import pytest

from chatgptfree import ChatClient, InterruptedStreamError
from chatgptfree_mock.serving import MockSite

RELEASES = ["1.8.79", "1.8.93", "2.3.41", "2.4.71"]


@pytest.mark.parametrize("plugin", RELEASES)
@pytest.mark.asyncio
async def test_each_piece_is_delivered_before_the_next_is_sent(plugin: str) -> None:
    async with MockSite(plugin=plugin) as site, ChatClient(site.url) as chat:
        reply = site.reply
        stream = chat.stream("Hello")
        first = asyncio.ensure_future(anext(stream))
        await reply.asked()
        await reply.push("Hel")
        assert (await first).text == "Hel"
        await reply.push("lo 👋")
        assert (await anext(stream)).text == "lo 👋"
        await reply.end()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        assert stream.reply.text == "Hello 👋"


@pytest.mark.parametrize("plugin", RELEASES)
@pytest.mark.asyncio
async def test_a_reset_keeps_what_came(plugin: str) -> None:
    async with MockSite(plugin=plugin) as site, ChatClient(site.url) as chat:
        reply = site.reply
        stream = chat.stream("Hello")
        first = asyncio.ensure_future(anext(stream))
        await reply.push("Hel")
        await first
        await reply.reset()
        with pytest.raises(InterruptedStreamError) as caught:
            await anext(stream)
        assert caught.value.partial == "Hel"


@pytest.mark.parametrize("plugin", RELEASES)
@pytest.mark.asyncio
async def test_leaving_early_closes_the_connection_at_once(plugin: str) -> None:
    async with MockSite(plugin=plugin) as site, ChatClient(site.url) as chat:
        reply = site.reply
        stream = chat.stream("Hello")
        first = asyncio.ensure_future(anext(stream))
        await reply.push("Hel")
        await first
        await stream.aclose()
        await reply.gone()
    assert site.journal[-1].end == "client-closed"
