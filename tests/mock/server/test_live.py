"""Live answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from tests.support.raw_client import RawClient, fetch
from tests.support.stage import serving

from chatgptfree_mock.clock import Clock, ManualClock, SystemClock
from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.reply import TextFraming
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.journal import BODY
from chatgptfree_mock.server.live import LiveReply, converse
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import End, Response
from chatgptfree_mock.wire.sender import SendResult, sent_response

KEEP = 1_000_000
HEAD = Response(headers=(("Content-Type", "text/event-stream"),))
PACK = registry.load(DEFAULT_PACK)
WPAICG = PACK.frame_text(PACK.Settings(plugin="1.8.93"), HEAD)
AIPKIT = PACK.frame_text(PACK.Settings(plugin="2.4.71"), HEAD)


@asynccontextmanager
async def live_site(
    framing: TextFraming = WPAICG, *, clock: Clock | None = None
) -> AsyncIterator[tuple[str, LiveReply, asyncio.Queue[SendResult]]]:
    live, all_sent = LiveReply(), asyncio.Queue[SendResult]()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        visit = SiteRequest(method=request.method, path=request.path)
        sent = await converse(request, visit, HEAD, live, framing, clock or SystemClock(), keep=KEEP)
        all_sent.put_nowait(sent)
        return sent_response(sent)

    async with serving(answer) as url:
        yield url, live, all_sent


@pytest.mark.asyncio
async def test_each_push_reaches_the_client_before_the_next() -> None:
    async with live_site() as (url, live, _), RawClient(url) as client:
        client.writer.write(b"GET /chat HTTP/1.1\r\nHost: x\r\n\r\n")
        turn = await live.asked()
        assert turn.site_request.path == "/chat"
        for piece in (b"data: one\n\n", b"data: t"):
            await turn.push(piece)
            assert (await client.reader.readuntil(piece)).endswith(piece)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("framing", "pieces"),
    [
        pytest.param(
            WPAICG, [b'"role":"assistant"', b'"content":"He said \\"/\\""', b'"finish_reason":"stop"', b"data: [DONE]"],
            id="WPAICG",
        ),
        pytest.param(
            AIPKIT,
            [b":    ", b"event: message_start", b'data: {"delta":"He said \\"\\/\\""}', b"event: done"],
            id="AIPKit",
        ),
    ],
)  # fmt: skip
async def test_text_is_framed_as_the_generation_frames_it(framing: TextFraming, pieces: list[bytes]) -> None:
    async with live_site(framing) as (url, live, _):
        asking = asyncio.create_task(fetch(url))
        await live.push('He said "/"')
        await live.end()
        answer = await asking
    assert answer.end == "complete"
    assert [wanted in chunk for wanted, chunk in zip(pieces, answer.chunks, strict=True)] == [True] * len(pieces)


@pytest.mark.asyncio
async def test_bytes_are_sent_as_they_are_and_nothing_is_added() -> None:
    async with live_site() as (url, live, _):
        asking = asyncio.create_task(fetch(url))
        await live.push(b"data: x\n\n")
        await live.end()
        assert (await asking).chunks == [b"data: x\n\n"]


@pytest.mark.asyncio
async def test_an_answer_can_be_reset_or_truncated() -> None:
    async with live_site() as (url, live, all_sent):
        for stop, end in ((live.reset, End.RESET), (live.truncate, End.TRUNCATED)):
            asking = asyncio.create_task(fetch(url))
            await live.push(b"half")
            await stop()
            answer = await asking
            assert (answer.end, answer.body) == (end.value, b"half")
            assert (await all_sent.get()).end is end


@pytest.mark.asyncio
async def test_a_client_that_hangs_up_is_noticed() -> None:
    async with live_site() as (url, live, all_sent), RawClient(url) as client:
        asking = asyncio.create_task(client.get())
        turn = await live.asked()
        await turn.push(b"x")
        client.writer.transport.abort()
        await turn.gone()
        with pytest.raises(ConnectionResetError, match="the client has closed the connection"):
            await turn.push(b"y")
        await asking
        sent = await all_sent.get()
    assert (sent.end, sent.body) == (End.CLIENT_CLOSED, b"x")


@pytest.mark.asyncio
@pytest.mark.parametrize("move", ["push", "end", "truncate", "reset"])
async def test_what_is_meant_for_a_client_that_has_left_does_not_reach_the_next(move: str) -> None:
    async with live_site() as (url, live, _), RawClient(url) as client:
        leaving = asyncio.create_task(client.get())
        await live.asked()
        client.writer.transport.abort()
        await live.gone()
        await leaving
        following = asyncio.create_task(fetch(url))
        with pytest.raises(ConnectionResetError, match="the client has closed the connection"):
            await (live.push(b"for the first") if move == "push" else getattr(live, move)())
        await live.gone()
        await live.push(b"for the second")
        await live.end()
        assert (await following).body == b"for the second"


@pytest.mark.asyncio
async def test_the_client_of_an_answer_that_was_ended_is_gone() -> None:
    async with live_site() as (url, live, _):
        asking = asyncio.create_task(fetch(url))
        await live.push("whole")
        await live.end()
        await live.gone()
        await asking


@pytest.mark.parametrize("what", [None, 5, ["a"], bytearray(b"a")])
def test_only_texts_and_bytes_are_pushed(what: Any) -> None:
    with MockSite() as site, pytest.raises(TypeError, match="push takes a text or bytes, not "):
        site.reply.push(what)


@pytest.mark.asyncio
async def test_an_ended_answer_takes_no_more() -> None:
    async with live_site() as (url, live, _):
        asking = asyncio.create_task(fetch(url))
        turn = await live.asked()
        await turn.end()
        await asking
        with pytest.raises(ConnectionResetError):
            await turn.push("more")


@pytest.mark.asyncio
async def test_a_push_waits_for_a_client_that_does_not_read() -> None:
    async with live_site() as (url, live, _), RawClient(url) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads as well
        asking = asyncio.create_task(client.get())
        pushing = asyncio.create_task(live.push(bytes(20_000_000)))
        await asyncio.wait([pushing], timeout=0.05)
        assert not pushing.done()
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]  # the same
        await pushing
        await live.end()
        assert len((await asking).body) == 20_000_000


@pytest.mark.asyncio
async def test_two_requests_are_answered_independently() -> None:
    async with live_site() as (url, live, _):
        first, second = (asyncio.create_task(fetch(f"{url}/{name}")) for name in "ab")
        turns = {turn.site_request.path: turn for turn in (await live.asked(), await live.asked())}
        await turns["/b"].push(b"for b")
        await turns["/a"].push(b"for a")
        for turn in turns.values():
            await turn.end()
        assert ((await first).body, (await second).body) == (b"for a", b"for b")


@pytest.mark.asyncio
async def test_times_are_those_of_the_sites_clock() -> None:
    clock = ManualClock()
    async with live_site(clock=clock) as (url, live, all_sent):
        clock.turn(100)
        asking = asyncio.create_task(fetch(url))
        turn = await live.asked()
        for seconds in (2, 3):
            clock.turn(seconds)
            await turn.push(b"x")
        clock.turn(5)
        await turn.end()
        await asking
        sent = await all_sent.get()
    assert (sent.head_ms, sent.writes, sent.ms) == (2000, ((2000, 1), (5000, 2)), 10_000)


@pytest.mark.asyncio
async def test_an_endless_answer_keeps_no_more_than_its_first_bytes() -> None:
    async with live_site() as (url, live, all_sent), RawClient(url) as client:
        client.writer.write(b"GET /chat HTTP/1.1\r\nHost: x\r\n\r\n")
        turn = await live.asked()
        for number in range(12):
            await turn.push(b"%d" % (number % 10) * 300_000)
            await client.reader.readexactly(300_000)
        await turn.end()
        sent = await all_sent.get()
    assert (sent.size, len(sent.chunks)) == (3_600_000, 12)
    assert sent.body == b"0" * 300_000 + b"1" * 300_000 + b"2" * 300_000 + b"3" * 100_000


@pytest.mark.asyncio
async def test_the_journal_counts_what_it_does_not_keep_of_a_live_answer() -> None:
    async with MockSite(plugin="1.8.93") as site, RawClient(site.url) as client:
        site.reply  # noqa: B018 - from now on answers are live
        fields = {"_wpnonce": site.nonce, "action": "wpaicg_chat_shortcode_message", "message": "Hi", "bot_id": "0"}
        body = urlencode(fields).encode()
        head = f"POST /wp-admin/admin-ajax.php HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        client.writer.write(head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body)
        await site.reply.push(b"x" * 60_000)
        await client.reader.readuntil(b"\r\n\r\n")
        await site.reply.push(b"x" * 60_000)
        await client.reader.readexactly(2 * len(b"ea60\r\n%b\r\n" % (b"x" * 60_000)))
        await site.reply.end()
        assert await client.reader.readuntil(b"0\r\n\r\n") == b"0\r\n\r\n"
        exchange = site.journal[-1]
    assert (exchange.sent, exchange.response_body) == (120_000, b"x" * BODY)
