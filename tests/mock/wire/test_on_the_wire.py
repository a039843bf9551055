"""What a client finds on a real socket, for each way of cutting, breaking and framing an answer."""

from __future__ import annotations

import asyncio
import logging
import zlib

import pytest
from tests.support.raw_client import RawClient, fetch
from tests.support.stage import stage

from chatgptfree_mock.clock import ManualClock
from chatgptfree_mock.tape.model import End, Headers, Response

CHUNKED: Headers = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
BODY = "data: é\n\ndata: 👋\n\ndata: [DONE]\n\n".encode()
STREAM = Response(headers=CHUNKED, body=BODY, chunks=((2, 10), (4, 12), (6, 14)))
EVENTS = ["data: é\n\n".encode(), "data: 👋\n\n".encode(), b"data: [DONE]\n\n"]
SIZED = Response(headers=(("Content-Length", "36"),), body=BODY)


@pytest.mark.asyncio
@pytest.mark.parametrize("pace", ["recorded", "instant", "every:1ms"])
async def test_each_piece_is_an_http_chunk_of_its_own(pace: str) -> None:
    async with stage(STREAM, f"pace={pace}") as running:
        answer = await fetch(running.url)
    assert (answer.end, answer.chunks) == ("complete", EVENTS)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("words", "end", "body"),
    [
        pytest.param("fault=reset@chunk:2", "reset", BODY[:22], id="reset, with all that was sent before"),
        pytest.param("fault=reset@head", "reset", b"", id="reset before the head"),
        pytest.param("fault=truncate@chunk:2", "truncated", BODY[:22], id="closed without the last chunk"),
        pytest.param("fault=truncate@head", "truncated", b"", id="closed without an answer"),
        pytest.param("fault=drop-final-chunk", "truncated", BODY, id="all but the last chunk"),
        pytest.param("fault=end@event:1", "complete", BODY[:10], id="ended early"),
        pytest.param("fault=stall@event:1=2ms:reset", "reset", BODY[:10], id="stalled, then reset"),
        pytest.param("fault=garble-chunk@event:1", "garbled", BODY[:10], id="garbage in the framing"),
        pytest.param("fault=close-delimited", "complete", BODY, id="no length, no chunks"),
        pytest.param("fault=http-1.0", "complete", BODY, id="an answer of HTTP/1.0"),
        pytest.param("fault=wrong-length=+5", "truncated", BODY, id="fewer bytes than announced"),
        pytest.param("fault=wrong-length=-4", "complete", BODY[:-4], id="more bytes than announced"),
        pytest.param("fault=chunk-extensions", "complete", BODY, id="extensions in the chunk frames"),
        pytest.param("chunks=bytes pace=instant fault=drip@30=1ms", "complete", BODY, id="a slow drip"),
    ],
)
async def test_faults_act_on_the_wire(words: str, end: str, body: bytes) -> None:
    async with stage(STREAM, words) as running:
        answer = await fetch(running.url)
    assert (answer.end, answer.body) == (end, body)


@pytest.mark.asyncio
async def test_trailers_come_after_the_last_chunk() -> None:
    async with stage(STREAM, "fault=trailers") as running:
        assert (await fetch(running.url)).rest == b"X-Stream-Status: ok\r\n"


@pytest.mark.asyncio
async def test_bytes_after_the_end_are_there_and_the_connection_is_closed() -> None:
    async with stage(STREAM, "fault=extra-bytes=12") as running, RawClient(running.url) as client:
        assert (await client.get()).body == BODY
        assert await client.reader.read() == b"bytes after "


@pytest.mark.asyncio
async def test_a_gzip_stream_cut_in_a_block_is_complete_http() -> None:
    async with stage(STREAM, "fault=gzip-cut@70%") as running:
        answer = await fetch(running.url)
    assert (answer.end, answer.header("Content-Encoding")) == ("complete", "gzip")
    unpacker = zlib.decompressobj(wbits=31)
    assert BODY.startswith(unpacker.decompress(answer.body))
    assert not unpacker.eof


@pytest.mark.asyncio
async def test_a_status_line_can_be_garbled() -> None:
    async with stage(STREAM, "fault=garble-head") as running, RawClient(running.url) as client:
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await client.reader.readline() == b"HTP/1.1 200?? OK\r\n"


@pytest.mark.asyncio
async def test_pieces_fall_due_as_the_clock_is_turned() -> None:
    clock = ManualClock()
    slow = Response(headers=CHUNKED, body=b"abc", chunks=((60_000, 1), (120_000, 2)))
    async with stage(slow, clock=clock) as running:
        asking = asyncio.create_task(fetch(running.url))
        await running.asked.get()
        for seconds in (60, 59, 1):
            assert running.sent.empty()
            clock.turn(seconds)
        assert (await asking).chunks == [b"a", b"bc"]
        assert (await running.sent.get()).chunks == ((60_000, 1), (120_000, 2))


@pytest.mark.asyncio
async def test_a_stalled_answer_holds_the_connection_until_the_client_goes() -> None:
    async with stage(STREAM, "fault=stall@event:1") as running, RawClient(running.url) as client:
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await client.reader.readuntil(EVENTS[0])
        assert running.sent.empty()
        client.writer.transport.abort()
        assert (await running.sent.get()).end is End.STALLED


@pytest.mark.asyncio
@pytest.mark.parametrize("words", ["", "fault=delay-headers=60s", "chunks=bytes pace=every:1s"])
async def test_a_client_that_leaves_ends_the_response_at_once(words: str) -> None:
    long = Response(headers=CHUNKED, body=BODY, chunks=((2, 10), (60_000, 26)))
    async with stage(long, words) as running, RawClient(running.url) as client:
        asking = asyncio.create_task(client.get())
        await running.asked.get()
        client.writer.transport.abort()
        await asking
        sent = await running.sent.get()
    assert sent.end is End.CLIENT_CLOSED
    assert BODY.startswith(sent.body)


@pytest.mark.asyncio
async def test_a_client_that_reads_nothing_is_not_flooded_and_gets_all_in_the_end() -> None:
    big = Response(headers=CHUNKED, body=bytes(range(256)) * 40_000)
    async with stage(big, "chunks=every:50000 pace=instant") as running, RawClient(running.url) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads as well
        asking = asyncio.create_task(client.get())
        await running.asked.get()
        assert running.sent.empty()
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]  # the same
        answer = await asking
    assert answer.body == big.body
    assert {len(chunk) for chunk in answer.chunks[:-1]} == {50_000}


@pytest.mark.asyncio
async def test_a_reset_behind_a_big_body_loses_none_of_it() -> None:
    big = Response(headers=CHUNKED, body=bytes(8_000_000))
    async with stage(big, "chunks=every:65536 pace=instant fault=reset@100%") as running:
        answer = await fetch(running.url)
    assert (answer.end, len(answer.body)) == ("reset", 8_000_000)


@pytest.mark.asyncio
@pytest.mark.parametrize("response", [STREAM, SIZED], ids=["chunked", "with a length"])
async def test_a_connection_is_used_again(response: Response) -> None:
    async with stage(response) as running, RawClient(running.url) as client:
        for method in ("GET", "HEAD", "GET"):
            answer = await client.get(method=method)
            assert answer.end == "complete"
            assert answer.body == (b"" if method == "HEAD" else BODY)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "response"),
    [("HEAD", SIZED), ("HEAD", STREAM), ("GET", Response(status=204)), ("GET", Response(status=304))],
    ids=["HEAD with a length", "HEAD in chunks", "204", "304"],
)
async def test_a_response_without_a_body_cannot_be_truncated(method: str, response: Response) -> None:
    async with stage(response, "fault=truncate@50%") as running, RawClient(running.url) as client:
        for _ in range(2):
            answer = await client.get(method=method)
            assert (answer.end, answer.body) == ("complete", b"")
    assert [running.sent.get_nowait().end for _ in range(2)] == [End.COMPLETE, End.COMPLETE]


@pytest.mark.asyncio
async def test_an_answer_to_head_ends_with_its_head_and_not_when_the_recorded_stream_ended() -> None:
    slow = Response(headers=CHUNKED, body=b"ab", chunks=((10, 1), (3_600_000, 1)))
    async with stage(slow) as running, RawClient(running.url) as client:
        for _ in range(2):
            assert (await client.get(method="HEAD")).end == "complete"


@pytest.mark.asyncio
@pytest.mark.parametrize("headers", [(), CHUNKED], ids=["without framing", "recorded in chunks"])
async def test_205_has_no_content_but_an_end(headers: Headers) -> None:
    async with stage(Response(status=205, headers=headers, body=BODY)) as running, RawClient(running.url) as client:
        for _ in range(2):
            answer = await client.get()
            assert (answer.end, answer.body, answer.header("Content-Length")) == ("complete", b"", "0")


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [100, 102, 103])
async def test_an_interim_response_without_a_final_one_ends_the_connection(status: int) -> None:
    async with stage(Response(status=status)) as running, RawClient(running.url) as client:
        assert (await client.get()).header("Connection") == "close"
        assert await client.reader.read() == b""


@pytest.mark.asyncio
async def test_a_recorded_answer_to_head_announces_what_it_announced() -> None:
    async with stage(Response(headers=(("Content-Length", "4711"),))) as running, RawClient(running.url) as client:
        assert (await client.get(method="HEAD")).header("Content-Length") == "4711"
        assert (await client.get()).header("Content-Length") == "0"


@pytest.mark.asyncio
async def test_connection_close_is_answered_alike_and_ends_the_connection() -> None:
    async with stage(STREAM) as running, RawClient(running.url) as client:
        answer = await client.get(headers="Connection: close\r\n")
        assert answer.header("Connection") == "close"
        assert await client.reader.read() == b""


@pytest.mark.asyncio
async def test_a_client_of_http_1_0_reads_to_the_end_of_the_connection() -> None:
    async with stage(STREAM) as running:
        answer = await fetch(running.url, version="1.0")
    assert (answer.header("Transfer-Encoding"), answer.body) == (None, BODY)


@pytest.mark.asyncio
async def test_a_client_of_http_1_0_may_keep_a_connection_whose_answers_have_lengths() -> None:
    async with stage(SIZED) as running, RawClient(running.url) as client:
        for _ in range(2):
            answer = await client.get(version="1.0", headers="Connection: keep-alive\r\n")
            assert (answer.header("Connection"), answer.body) == ("keep-alive", BODY)


@pytest.mark.asyncio
async def test_requests_sent_together_are_answered_in_turn() -> None:
    async with stage(STREAM) as running, RawClient(running.url) as client:
        request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        first = await client.ask(request * 3)
        assert [first.body, (await client.ask(b"")).body, (await client.ask(b"")).body] == [BODY] * 3


@pytest.mark.asyncio
async def test_the_sent_bytes_are_reported() -> None:
    async with stage(STREAM, "pace=instant fault=truncate@chunk:2") as running:
        await fetch(running.url)
        sent = await running.sent.get()
    assert (sent.end, sent.body, [size for _, size in sent.chunks]) == (End.TRUNCATED, BODY[:22], [10, 12])
    assert not sent.keep_alive


@pytest.mark.asyncio
@pytest.mark.parametrize("words", ["chunks=bytes pace=instant", "chunks=bytes pace=every:1ms", "fault=reset@90%"])
async def test_clients_that_vanish_at_any_moment_leave_no_trace(words: str, caplog: pytest.LogCaptureFixture) -> None:
    async with stage(STREAM, words) as running:
        for turns in range(25):
            async with RawClient(running.url) as client:
                client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                for _ in range(turns):
                    await asyncio.sleep(0)
        assert (await fetch(running.url)).body in (BODY, BODY[: len(BODY) * 9 // 10])
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
