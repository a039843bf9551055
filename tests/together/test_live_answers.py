"""A test pushes an answer piece by piece and sees what the client makes of each, without sleeping."""

from __future__ import annotations

import asyncio

import pytest

from chatgptfree import ChatClient, InterruptedStreamError, RefusedError
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


@pytest.mark.parametrize(("plugin", "preamble"), [("2.3.92", False), ("2.3.93", True)])
@pytest.mark.asyncio
async def test_what_is_pushed_is_framed_as_the_release_frames_it(plugin: str, preamble: bool) -> None:
    async with MockSite(plugin=plugin) as site, ChatClient(site.url) as chat:
        reply = site.reply
        asking = asyncio.ensure_future(chat.ask("Hello"))
        await reply.push("Hel")
        await reply.end()
        assert (await asking).text == "Hel"
        assert site.journal[-1].response_body.startswith(b":" if preamble else b"event: message_start\n")


@pytest.mark.parametrize("plugin", ["1.8.93", "2.3.41"])
@pytest.mark.asyncio
async def test_an_answer_in_one_piece_is_pushed_as_it_is(plugin: str) -> None:
    settings = {"plugin": plugin, "bots": [{"stream": False}]}
    texts = {"1.8.93": '{"status":"success","data":"Hello"}', "2.3.41": '{"success":true,"data":{"reply":"Hello"}}'}
    async with MockSite(settings=settings) as site, ChatClient(site.url) as chat:
        reply = site.reply
        asking = asyncio.ensure_future(chat.ask("Hello"))
        await reply.push(texts[plugin][:20])
        await reply.push(texts[plugin][20:])
        await reply.end()
        assert (await asking).text == "Hello"


@pytest.mark.asyncio
async def test_a_message_that_moderation_flags_needs_no_push() -> None:
    async with MockSite(settings={"moderation": {}}) as site, ChatClient(site.url) as chat:
        _ = site.reply  # from now on answers are live
        with pytest.raises(RefusedError):
            await chat.ask("flag-me")
