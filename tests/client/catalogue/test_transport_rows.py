"""The rows T of the catalogue of edge cases: what the network, servers and proxies do to a stream."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import zlib

import aiohttp
import pytest
from tests.support.asking import ask_site
from tests.support.raw_server import CLOSE, HANG, RESET, Answer, Stop
from tests.support.raw_site import (
    AJAX_PATH,
    DONE,
    LAST_CHUNK,
    STOP,
    aipkit_page,
    buffered,
    chunk,
    delta,
    document,
    response,
    site,
    stream_head,
    streamed,
)

from chatgptfree import ChatClient, ChatTimeoutError, Timeout, blocking

TEXT = "Žluťoučký kůň 👋🏽 日本語"


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [128 * 1024, 600 * 1024, 2 * 1024 * 1024])
async def test_t01_a_line_may_be_long(size: int) -> None:
    outcome = await ask_site(streamed("x" * size))
    assert (outcome.kind, len(outcome.text)) == ("right", size)


@pytest.mark.asyncio
@pytest.mark.parametrize("stop", [CLOSE, RESET], ids=["closed", "reset"])
async def test_t02_a_cut_body_keeps_its_text_and_is_an_error(stop: Stop) -> None:
    outcome = await ask_site([stream_head() + chunk(delta("Hel") + delta("lo")), stop])
    assert (outcome.kind, outcome.text) == ("interrupted", "Hello")
    whole = await ask_site([buffered("Hello")[:-20], stop])
    assert (whole.kind, whole.text) == ("interrupted", "")


@pytest.mark.asyncio
async def test_t03_an_end_without_an_end_mark_is_distinguished_from_a_whole_answer() -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    cut = await ask_site([head + delta("Hello").encode(), CLOSE])
    assert (cut.kind, cut.text) == ("interrupted", "Hello")
    stopped = await ask_site([head + (delta("Hello") + STOP).encode(), CLOSE])
    assert (stopped.kind, stopped.text) == ("right", "Hello")
    done = await ask_site([head + (delta("Hello") + STOP + DONE).encode(), CLOSE])
    assert (done.kind, done.text, done.warnings) == ("right", "Hello", set())


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
async def test_t05_t07_how_the_stream_is_cut_does_not_matter(size: int) -> None:
    body = (delta(TEXT) + STOP + DONE).replace("\n", "\r\n").encode()
    pieces = b"".join(chunk(body[at : at + size]) for at in range(0, len(body), size))
    assert (await ask_site([stream_head() + pieces + LAST_CHUNK])).text == TEXT


@pytest.mark.asyncio
async def test_t06_t10_a_stream_that_comes_all_at_once_is_read() -> None:
    body = (delta("Hel") + delta("lo") + STOP + DONE).encode()
    assert (await ask_site([stream_head() + chunk(body) + LAST_CHUNK])).pieces == ("Hel", "lo")
    assert (await ask_site(response(body, content_type="text/event-stream"))).pieces == ("Hel", "lo")


@pytest.mark.asyncio
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br"])
async def test_t08_a_coding_that_nobody_can_undo_is_named(coding: str) -> None:
    outcome = await ask_site(response(b"\x28\xb5\x2f\xfd", headers=[("Content-Encoding", coding)]))
    assert (outcome.kind, outcome.text) == ("protocol", "")
    assert coding.rpartition(" ")[2] in str(outcome.error)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("limits", "phase"), [(Timeout(idle=0.1), "idle"), (Timeout(idle=None, total=0.2), "total")], ids=["idle", "total"]
)
async def test_t11_silence_and_length_are_limited_apart(limits: Timeout, phase: str) -> None:
    outcome = await ask_site([stream_head() + chunk(delta("Hel")), HANG], timeout=limits)
    assert isinstance(outcome.error, ChatTimeoutError)
    assert (outcome.error.phase, outcome.error.partial, outcome.error.status) == (phase, "Hel", 200)
    assert (outcome.error.url or "").endswith(AJAX_PATH)


@pytest.mark.asyncio
async def test_t11_a_long_answer_is_not_cut_by_the_limit_on_silence() -> None:
    pause = threading.Event()
    asyncio.get_running_loop().call_later(0.3, pause.set)
    answer: Answer = [stream_head(), chunk(": keep-alive\n\n"), pause, chunk(delta("Hello") + STOP + DONE) + LAST_CHUNK]
    assert (await ask_site(answer, timeout=Timeout(idle=20))).text == "Hello"


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["524 A Timeout Occurred", "504 Gateway Time-out"])
async def test_t12_a_gateway_error_is_not_an_answer(status: str) -> None:
    outcome = await ask_site(response(document("<h1>A timeout occurred</h1>"), status=status))
    assert (outcome.kind, outcome.text) == ("upstream", "")
    assert outcome.error is not None
    assert outcome.error.retryable


@pytest.mark.asyncio
async def test_t14_the_connection_can_be_made_by_somebody_else() -> None:
    """A session of one's own brings its connector, whatever that does about fingerprints."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        outcome = await ask_site(streamed("Hello"), session=session)
    assert outcome.text == "Hello"
    assert {request.header("Connection") for request in outcome.requests} == {"close"}


@pytest.mark.asyncio
async def test_t15_headers_do_not_contradict_each_other() -> None:
    """Nothing is pretended: no platform hints, one user agent for all requests, no foreign Origin."""
    outcome = await ask_site(streamed("Hello"))
    for request in outcome.requests:
        assert not any(name.lower().startswith("sec-") for name, _ in request.headers)
        assert request.header("Origin") is None
    assert len({request.header("User-Agent") for request in outcome.requests}) == 1


LEAVE = """
import asyncio, sys
from chatgptfree import ChatClient

async def main():
    async with ChatClient(sys.argv[1]) as chat:
        async for piece in chat.stream("Hello"):
            break

asyncio.run(main())
"""


def test_t19_leaving_early_is_silent_and_closes() -> None:
    with site([stream_head() + chunk(delta("Hel")), HANG]) as server:
        command = [sys.executable, "-W", "error", "-c", LEAVE, server.url]
        left = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert server.hung_up.wait(10)
    assert (left.stdout, left.stderr, left.returncode) == ("", "", 0)


@pytest.mark.asyncio
async def test_t20_the_blocking_client_works_wherever_it_is_called() -> None:
    with site(buffered("Hello")) as server, blocking.ChatClient(server.url) as chat:
        assert chat.ask("Hello").text == "Hello"
        assert (await asyncio.to_thread(chat.ask, "Hello")).text == "Hello"
        async with ChatClient(server.url) as other:
            assert (await other.ask("Hello")).text == "Hello"
        assert (await asyncio.to_thread(lambda: asyncio.run(_in_another_loop(server.url)))) == "Hello"


async def _in_another_loop(url: str) -> str:
    with blocking.ChatClient(url) as chat:
        return chat.ask("Hello").text


@pytest.mark.asyncio
async def test_t08_t02_a_compressed_stream_that_is_cut_is_interrupted() -> None:
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(delta("Hel").encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
    outcome = await ask_site([stream_head(headers=["Content-Encoding: gzip"]) + chunk(packed) + LAST_CHUNK])
    assert (outcome.kind, outcome.text) == ("interrupted", "Hel")


@pytest.mark.asyncio
async def test_t02_a_cut_page_is_an_error() -> None:
    outcome = await ask_site(b"", pages=[[aipkit_page()[:-30], CLOSE]])
    assert (outcome.kind, outcome.counts) == ("connection", (1, 0))
