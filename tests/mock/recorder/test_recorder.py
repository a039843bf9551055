"""Recording a site of the test's own: what goes through, what is recorded, what is refused."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import threading
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from tests.support.handlers import ended, handlers
from tests.support.raw_client import RawClient, fetch
from tests.support.raw_upstream import How, Script, chunked, head, raw_upstream
from tests.support.recording import recording
from tests.support.stage import stage

from chatgptfree_mock.clock import ManualClock
from chatgptfree_mock.errors import CassetteError, ServingError
from chatgptfree_mock.recorder import captured_response, relay
from chatgptfree_mock.recorder.batch import Batch, Start, WriteOutcome
from chatgptfree_mock.recorder.cassette_process import CassetteProcess, ProcessLostError
from chatgptfree_mock.recorder.cassette_writer import CassetteWriter
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.recorder.upstream import UpstreamConnection, UpstreamError
from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.matching import Mismatch
from chatgptfree_mock.tape.model import Cassette, End, Interaction, Request, Response
from chatgptfree_mock.tape.origin import Origin
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.replay_options import REWRITE, RewriteScope
from chatgptfree_mock.tape.whole_file import write_text
from chatgptfree_mock.tape.yaml.writing import write

STREAM = head("Content-Type: text/event-stream", "X-b: 2", "Transfer-Encoding: chunked", "x-a: 1")
EVENTS = [b"data: one\n\n", b"data: t", b"wo\n\n"]
FRAMES = chunked(*EVENTS)
PLAIN = [head("Content-Type: text/plain", "Content-Length: 2"), b"ok"]


def only(path: Path) -> Interaction:
    (interaction,) = load(path).interactions
    return interaction


def the_answer(path: Path) -> Response:
    return only(path).response


def content(path: Path) -> str | None:
    """Return what is on the disk."""
    return path.read_text() if path.exists() else None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recorded.yaml"


@pytest.mark.asyncio
async def test_the_client_gets_each_byte_as_soon_as_the_proxy_has_it(path: Path) -> None:
    steps = [asyncio.Event() for _ in range(4)]
    script: Script = [steps[0], STREAM, steps[1], b"b\r\ndata:", steps[2], b" one\n\n\r\n", steps[3], b"0\r\n\r\n"]
    async with (
        raw_upstream(script, "keep") as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for step, wanted in zip(
            steps, [b"\r\n\r\n", b"5\r\ndata:\r\n", b"6\r\n one\n\n\r\n", b"0\r\n\r\n"], strict=True
        ):
            step.set()
            await client.reader.readuntil(wanted)
    assert [size for _, size in the_answer(path).chunks] == [11]


@pytest.mark.asyncio
async def test_chunks_are_written_down_with_their_times(path: Path) -> None:
    clock = ManualClock()
    steps = [asyncio.Event(), asyncio.Event()]
    script: Script = [STREAM, FRAMES[0], steps[0], FRAMES[1], steps[1], FRAMES[2], FRAMES[3]]
    async with (
        raw_upstream(script, "keep") as upstream,
        recording(upstream.url, path, clock=clock) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for step, frame in zip(steps, FRAMES, strict=False):
            await client.reader.readuntil(frame)
            clock.turn(0.25)
            step.set()
        await client.reader.readuntil(b"0\r\n\r\n")
    answer = the_answer(path)
    assert answer.chunks == ((0, 11), (250, 7), (500, 4))
    assert (answer.body, answer.end, answer.ended) == (b"".join(EVENTS), End.COMPLETE, 500)


ENDS: list[tuple[Script, How, str, End]] = [
    ([STREAM, *FRAMES], "keep", "complete", End.COMPLETE),
    ([STREAM, *FRAMES[:3]], "close", "truncated", End.TRUNCATED),
    ([STREAM, *FRAMES[:2], FRAMES[2][:5]], "close", "truncated", End.TRUNCATED),
    ([STREAM, *FRAMES[:3]], "reset", "reset", End.RESET),
    ([STREAM, FRAMES[0], b"zz\r\nrubbish"], "close", "garbled", End.TRUNCATED),
    ([], "reset", "reset", End.RESET),
    ([], "close", "truncated", End.TRUNCATED),
    ([b"HTTP/1.0 200 OK\r\n\r\n", b"to the end"], "close", "complete", End.COMPLETE),
    ([head("Content-Length: 99"), b"less"], "close", "truncated", End.TRUNCATED),
    (PLAIN, "keep", "complete", End.COMPLETE),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("script", "how", "seen", "end"),
    ENDS,
    ids=[
        "complete",
        "cut between chunks",
        "cut inside a chunk",
        "reset",
        "garbage in the framing",
        "reset without an answer",
        "closed without an answer",
        "up to the end of the connection",
        "less than announced",
        "a length",
    ],
)
async def test_each_end_reaches_the_client_and_the_file(
    script: Script, how: How, seen: str, end: End, path: Path
) -> None:
    async with raw_upstream(script, how) as upstream, recording(upstream.url, path) as running:
        answer = await fetch(running.url)
    assert (answer.end, the_answer(path).end) == (seen, end)
    if seen != "garbled":
        assert the_answer(path).body == answer.body


LONG_HEAD = [b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("script", "lost"),
    [
        ([b"NOT HTTP\r\n\r\nhello"], "has 17 bytes that are not HTTP: they were passed on, and are not recorded"),
        ([STREAM, FRAMES[0], b"zz\r\nrubbish"], "has 11 bytes that are not HTTP"),
        (LONG_HEAD, "has 300020 bytes that are not HTTP"),
        ([head(f"Content-Length: {2**20 + 1}"), b"x" * (2**20 + 1)], "is longer than 1 MiB: the rest was passed on"),
        (PLAIN, None),
    ],
    ids=["no head", "in the framing", "a head without an end", "a long body", "nothing lost"],
)
async def test_what_only_the_client_gets_is_named(
    script: Script, lost: str | None, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (relay, captured_response):
        monkeypatch.setattr(module, "BODY_LIMIT", 2**20)
    async with (
        raw_upstream(script, "close") as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = await client.reader.read()
    assert isinstance(script[-1], bytes)
    assert received.endswith(script[-1])  # the client got it all
    assert [lost in problem for problem in running.view.problems if lost] == [True] * (lost is not None)
    assert bool(running.view.problems) is (lost is not None)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("before", "last", "lost"),
    [
        (
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
            FRAMES[-1],
            "came after 103: that was neither passed on nor recorded",
        ),
        (
            b"",
            b"0\r\nDigest: a\r\nX-Cost: 5\r\n\r\n",
            "has trailers after its body (Digest, X-Cost): they were neither passed on nor recorded",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n", FRAMES[-1], None),
    ],
    ids=["early hints", "trailers", "100 Continue"],
)
async def test_what_neither_client_nor_recording_gets_is_named(
    before: bytes, last: bytes, lost: str | None, path: Path
) -> None:
    script: Script = [before + STREAM, *FRAMES[:-1], last]
    async with raw_upstream(script, "keep") as upstream, recording(upstream.url, path) as running:
        answer = await fetch(running.url)
    assert (answer.end, the_answer(path).body) == ("complete", b"".join(EVENTS))
    assert running.view.problems == ([] if lost is None else [f"the answer to GET {upstream.url}/ {lost}"])


@pytest.mark.asyncio
async def test_the_silence_before_the_end_is_written_down(path: Path) -> None:
    clock, go_on = ManualClock(), asyncio.Event()
    async with (
        raw_upstream([STREAM, FRAMES[0], go_on], "reset") as upstream,
        recording(upstream.url, path, clock=clock) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await client.reader.readuntil(FRAMES[0])
        clock.turn(7)
        go_on.set()
        with pytest.raises(ConnectionResetError):
            await client.reader.readuntil(FRAMES[1])
    assert (the_answer(path).chunks, the_answer(path).end, the_answer(path).ended) == (((0, 11),), End.RESET, 7000)


@pytest.mark.asyncio
async def test_a_client_that_hangs_up_is_written_down_and_the_site_is_left(path: Path) -> None:
    async with (
        raw_upstream([STREAM, *FRAMES[:2]], "hang") as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await client.reader.readuntil(FRAMES[1])
        client.writer.transport.abort()
        await upstream.left.wait()
    assert (the_answer(path).end, the_answer(path).body) == (End.CLIENT_CLOSED, EVENTS[0] + EVENTS[1])


@pytest.mark.parametrize("connects", [False, True], ids=["that is still being called", "that is connected"])
@pytest.mark.asyncio
async def test_a_client_that_hangs_up_before_the_site_is_asked_ends_the_exchange(
    path: Path, monkeypatch: pytest.MonkeyPatch, connects: bool
) -> None:
    """Nobody would get the answer; a site that gave none would hold the exchange open for ever."""
    connecting, connected = asyncio.Event(), asyncio.Event()
    connect = UpstreamConnection.connect

    async def slowly(upstream: UpstreamConnection) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connecting.set()
        try:
            await connected.wait()
        except asyncio.CancelledError:
            if not connects:
                raise
        return await connect(upstream)

    monkeypatch.setattr(UpstreamConnection, "connect", slowly)
    async with (
        raw_upstream([], "hang") as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await connecting.wait()
        asking = handlers()
        client.writer.transport.abort()
        assert await ended(asking)
    assert running.view.lines[1:] == [
        "no answer client-closed" if connects else "the client left before the site was asked"
    ]


@pytest.mark.asyncio
async def test_a_stalled_stream_is_on_the_disk_while_it_stalls_and_stays_stalled_when_the_client_gives_up(
    path: Path,
) -> None:
    clock = ManualClock()
    async with (
        raw_upstream([STREAM, FRAMES[0]], "hang") as upstream,
        recording(upstream.url, path, clock=clock, stall_after=10) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await client.reader.readuntil(FRAMES[0])
        clock.turn(11)
        await running.cassette.save()
        assert the_answer(path).end is End.STALLED
        client.writer.transport.abort()
        await upstream.left.wait()
    assert (the_answer(path).end, the_answer(path).body) == (End.STALLED, EVENTS[0])


@pytest.mark.asyncio
async def test_a_stream_that_continues_after_a_stall_is_recorded_once(path: Path) -> None:
    clock, go_on = ManualClock(), asyncio.Event()
    async with (
        raw_upstream([STREAM, FRAMES[0], go_on, *FRAMES[1:]], "keep") as upstream,
        recording(upstream.url, path, clock=clock, stall_after=10) as running,
        RawClient(running.url) as client,
    ):
        asking = asyncio.create_task(client.get())
        while not running.view.captured or not running.view.captured[0].chunks:  # noqa: ASYNC110 -- nothing sets an event
            await asyncio.sleep(0)
        clock.turn(11)
        await running.cassette.save()
        go_on.set()
        assert (await asking).end == "complete"
    assert (the_answer(path).end, the_answer(path).chunks) == (End.COMPLETE, ((0, 11), (11_000, 7), (11_000, 4)))


@pytest.mark.asyncio
async def test_what_is_under_way_when_the_recorder_ends_is_on_the_disk(path: Path) -> None:
    async with raw_upstream([STREAM, FRAMES[0]], "hang") as upstream:
        async with recording(upstream.url, path) as running:
            client = await RawClient(running.url).__aenter__()
            client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await client.reader.readuntil(FRAMES[0])
        await client.__aexit__()
    assert (the_answer(path).end, the_answer(path).body) == (End.CLIENT_CLOSED, EVENTS[0])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("script", "how"),
    [
        pytest.param(
            [STREAM, (5, FRAMES[0]), (15, FRAMES[1]), (25, FRAMES[2]), (30, FRAMES[3])], "keep", id="complete"
        ),
        pytest.param([STREAM, (5, FRAMES[0]), (15, FRAMES[1])], "close", id="truncated"),
        pytest.param([STREAM, (5, FRAMES[0]), (15, FRAMES[1])], "reset", id="reset"),
        pytest.param([STREAM, (5, FRAMES[0])], "hang", id="stalled"),
        pytest.param([], "reset", id="no answer at all"),
        pytest.param(PLAIN, "keep", id="a length"),
        pytest.param([head("Content-Length: 99"), b"less"], "close", id="less than announced"),
        pytest.param([head("Content-Type: text/plain", "Connection: close"), b"to the end"], "close", id="no length"),
        pytest.param([head(status="304 Not Modified")], "keep", id="no body"),
    ],
)
async def test_a_replay_recorded_again_gives_the_same_file(script: Script, how: How, tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    async with raw_upstream(script, how) as upstream:
        await record_once(upstream.url, first)
    async with stage(the_answer(first)) as replaying:
        await record_once(replaying.url, second)
    assert without_times(second) == without_times(first)


async def record_once(site: str, path: Path) -> None:
    """Record one request; a client whose stream stalls gives up when the recorder has noticed."""
    async with recording(site, path, stall_after=0.2) as running, RawClient(running.url) as client:
        asking = asyncio.create_task(client.get())
        while not asking.done() and not any(captured.stalled for captured in running.view.captured):
            await asyncio.wait([asking], timeout=0.02)
        client.writer.transport.abort()
        await asking


def without_times(path: Path) -> tuple[object, ...]:
    answer = the_answer(path)
    sizes = [size for _, size in answer.chunks]
    timed = answer.ended is not None
    return (answer.status, answer.reason, answer.headers, answer.body, sizes, answer.end, timed)


@pytest.mark.asyncio
async def test_the_conversation_stays_inside_the_proxy(path: Path) -> None:
    async with raw_upstream([], "keep") as upstream, recording(upstream.url, path) as running:
        escaped = upstream.url.replace("/", r"\/")
        page = f'<a href="{upstream.url}/x"></a><div data-config=\'{{"ajaxUrl":"{escaped}\\/wp-admin"}}\'>'.encode()
        upstream.script = [
            head(
                "Content-Type: text/html; charset=UTF-8",
                f"Content-Length: {len(page)}",
                f"Link: <{upstream.url}/wp-json/>",
                "Set-Cookie: a=b; Domain=chat.example; Secure",
            ),
            page[:40],
            page[40:],
        ]
        upstream.how = "close"
        host = running.url.removeprefix("http://")
        form = f"url=http%3A%2F%2F{host.replace(':', '%3A')}%2Fchat%2F"
        async with RawClient(running.url) as client:
            request = (
                f"POST /ajax HTTP/1.1\r\nHost: {host}\r\nOrigin: {running.url}\r\nContent-Length: {len(form)}\r\n\r\n"
            )
            answer = await client.ask(request.encode() + form.encode())
    proxied = running.url.replace("/", r"\/")
    assert answer.body == page.replace(upstream.url.encode(), running.url.encode()).replace(
        escaped.encode(), proxied.encode()
    )
    assert answer.header("Link") == f"<{running.url}/wp-json/>"
    assert answer.header("Set-Cookie") == "a=b"
    forwarded = upstream.requests[0]
    assert f"Origin: {upstream.url}\r\n".encode() in forwarded
    assert f"Host: {upstream.url.removeprefix('http://')}\r\n".encode() in forwarded
    assert forwarded.endswith(
        f"url=http%3A%2F%2F{upstream.url.removeprefix('http://').replace(':', '%3A')}%2Fchat%2F".encode()
    )
    assert the_answer(path).body == page


@pytest.mark.asyncio
async def test_a_compressed_answer_is_recorded_and_shown_decoded(path: Path) -> None:
    packed = gzip.compress(b"hello " * 50)
    script = [head("Content-Type: text/plain", "Content-Encoding: gzip", f"Content-Length: {len(packed)}"), packed]
    async with raw_upstream(script) as upstream, recording(upstream.url, path) as running:
        answer = await fetch(running.url)
    assert (answer.body, answer.header("Content-Encoding")) == (b"hello " * 50, None)
    assert the_answer(path).body == b"hello " * 50
    assert b"Accept-Encoding: identity" in upstream.requests[0]


TEXT = b"data: hello\n\n" * 50
RAW_DEFLATE = zlib.compress(TEXT, wbits=-15)
CODED = [
    pytest.param("gzip", gzip.compress(TEXT[:130]) + gzip.compress(TEXT[130:]), End.COMPLETE, id="two gzip members"),
    pytest.param("x-gzip", gzip.compress(TEXT), End.COMPLETE, id="x-gzip"),
    pytest.param("deflate", zlib.compress(TEXT), End.COMPLETE, id="deflate"),
    pytest.param("deflate", RAW_DEFLATE, End.COMPLETE, id="deflate without zlib's header"),
    pytest.param("br", encode_body(TEXT, ["br"]), End.COMPLETE, id="br"),
    pytest.param("zstd", encode_body(TEXT, ["zstd"]), End.COMPLETE, id="zstd"),
    pytest.param("gzip, br", encode_body(TEXT, ["gzip", "br"]), End.COMPLETE, id="two codings"),
    pytest.param("gzip", gzip.compress(TEXT)[:-12], End.TRUNCATED, id="gzip that breaks off"),
    pytest.param("gzip", gzip.compress(TEXT)[:-8] + bytes(8), End.TRUNCATED, id="a wrong checksum"),
    pytest.param("gzip", TEXT, End.COMPLETE, id="a coding that the bytes do not have"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(("coding", "body", "end"), CODED)
async def test_a_coding_that_nobody_asked_for_is_undone_whole(
    path: Path, coding: str, body: bytes, end: End, size: int
) -> None:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    script = [head("Content-Type: text/event-stream", f"Content-Encoding: {coding}", f"Content-Length: {len(body)}")]
    async with raw_upstream([*script, *pieces]) as upstream, recording(upstream.url, path) as running:
        answer = await fetch(running.url)
    recorded = the_answer(path)
    assert recorded.end is end
    if end is End.COMPLETE:
        assert recorded.body == TEXT
    else:
        assert recorded.body
        assert TEXT.startswith(recorded.body)
    assert answer.body == recorded.body
    assert (answer.end == "complete") is (end is End.COMPLETE)
    assert recorded.header("Content-Encoding") == "" == (answer.header("Content-Encoding") or "")
    wrong = (
        f"has `Content-Encoding: {coding}`, but its body is not coded so: it was passed on and recorded without that"
    )
    assert [wrong in problem for problem in running.view.problems] == [True] * (body == TEXT)


@pytest.mark.asyncio
@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_request_body_beyond_the_limit_is_refused_and_not_passed_on(path: Path, framing: str) -> None:
    body = b"x" * 2000
    sent = (
        b"Content-Length: 2000\r\n\r\n" + body
        if framing == "length"
        else b"Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + body + b"\r\n0\r\n\r\n"
    )
    async with (
        raw_upstream(PLAIN) as upstream,
        recording(upstream.url, path, request_limit=1999) as running,
        RawClient(running.url) as client,
    ):
        answer = await client.ask(b"POST / HTTP/1.1\r\nHost: x\r\n" + sent)
    assert answer.status == 413
    assert b"larger than 1999 bytes; raise --request-limit" in answer.body
    assert upstream.requests == []
    assert content(path) is None
    assert any("1999" in problem for problem in running.view.problems)


@pytest.mark.asyncio
async def test_no_request_waits_while_a_large_one_is_looked_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_text(path, write(Cassette()))
    loop, looked_up, other_is_done = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    in_time: list[bool] = []
    async with (
        raw_upstream(PLAIN) as upstream,
        recording(upstream.url, path, mode=Mode.NEW_EPISODES) as running,
        RawClient(running.url) as large,
        RawClient(running.url) as small,
    ):
        find = running.cassette.find

        def found(request: Request) -> Interaction | Mismatch:
            if request.body:
                loop.call_soon_threadsafe(looked_up.set)
                in_time.append(other_is_done.wait(300))
            return find(request)

        monkeypatch.setattr(type(running.cassette), "replays", True)
        monkeypatch.setattr(running.cassette, "find", found)
        body = b"a=b&" * 20_000
        sent = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        waiting = asyncio.create_task(large.ask(sent))
        await looked_up.wait()
        assert (await small.get("/small")).status == 200
        other_is_done.set()
        assert (await waiting).status == 200
    assert in_time == [True]


@pytest.mark.asyncio
async def test_it_forwards_to_the_one_site_and_nowhere_else(path: Path) -> None:
    async with (
        raw_upstream(PLAIN) as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        answer = await client.ask(b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        assert answer.status == 403
        assert b"forwards to nothing else" in answer.body
        assert (await client.ask(b"GET //elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n")).body == b"ok"
    assert [request.split(b"\r\n")[0] for request in upstream.requests] == [b"GET //elsewhere.example/ HTTP/1.1"]


@pytest.mark.asyncio
async def test_expect_100_continue_is_answered(path: Path) -> None:
    async with (
        raw_upstream(PLAIN) as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert (await client.ask(b"abc")).body == b"ok"
    assert only(path).request.body == b"abc"


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", REWRITE)
@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/event-stream", "text/javascript"])
async def test_addresses_in_data_are_left_unless_asked_for(mode: RewriteScope, kind: str, path: Path) -> None:
    async with (
        raw_upstream([], "keep") as upstream,
        recording(upstream.url, path, rewrite=mode) as running,
        RawClient(running.url) as client,
    ):
        body = f'data: {{"u":"{upstream.url}/p"}}\n\n'.encode()
        upstream.script = [
            head(f"Content-Type: {kind}", f"Location: {upstream.url}/x", f"Content-Length: {len(body)}"),
            *(body[at : at + 9] for at in range(0, len(body), 9)),
        ]
        answers = [await client.ask(f"GET / HTTP/1.1\r\nHost: {running.url[7:]}\r\n\r\n".encode()) for _ in range(2)]
    changed = body.replace(upstream.url.encode(), running.url.encode())
    acts = mode == "all" or (mode == "pages" and kind == "text/html")
    for answer in answers:
        assert answer.body == (changed if acts else body)
        assert answer.header("Location") == f"{upstream.url if mode == 'off' else running.url}/x"
    assert [each.response.body for each in load(path).interactions] == [body] * 2
    async with (
        recording(upstream.url, path, mode=Mode.NONE, rewrite=mode) as replaying,
        RawClient(replaying.url) as client,
    ):
        replayed = await client.ask(f"GET / HTTP/1.1\r\nHost: {replaying.url[7:]}\r\n\r\n".encode())
    assert replayed.body == (body.replace(upstream.url.encode(), replaying.url.encode()) if acts else body)
    past = mode == "pages" and not acts
    assert [("addresses of the site" in text, "`all`" in text) for text in running.view.problems] == [
        (True, True)
    ] * past


@pytest.mark.asyncio
async def test_a_redirect_to_another_site_is_reported(path: Path) -> None:
    script = [head("Location: https://www.elsewhere.example/", "Content-Length: 0", status="301 Moved Permanently")]
    async with raw_upstream(script) as upstream, recording(upstream.url, path) as running:
        await fetch(running.url)
    (problem,) = running.view.problems
    assert "redirects to https://www.elsewhere.example" in problem


@pytest.mark.asyncio
async def test_a_websocket_is_refused_and_reported(path: Path) -> None:
    upgrade = "Connection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AA==\r\n"
    async with raw_upstream(PLAIN) as upstream, recording(upstream.url, path) as running:
        async with RawClient(running.url) as client:
            answer = await client.get("/live", headers=upgrade)
        async with RawClient(running.url) as client:
            offer = await client.get("/", headers="Connection: Upgrade\r\nUpgrade: h2c\r\n")
    text = "GET /live asks for a websocket, which cannot be recorded: it is refused"
    assert (answer.status, answer.body.decode()) == (501, f"{text}\n")
    assert running.view.problems == [text]
    assert (offer.status, only(path).request.uri) == (200, f"{upstream.url}/")


@pytest.mark.asyncio
async def test_a_site_that_is_down_is_reported_and_nothing_is_recorded(path: Path) -> None:
    async with recording("http://127.0.0.1:9", path) as running:
        answer = await fetch(running.url)
    assert (answer.status, answer.body) == (502, b"http://127.0.0.1:9 can't be reached: connection refused\n")
    assert running.view.problems == ["http://127.0.0.1:9 can't be reached: connection refused"]
    assert content(path) is None


@pytest.mark.asyncio
async def test_a_site_that_refuses_tls_is_reported() -> None:
    async with raw_upstream([b"HTTP/1.1 400 Bad Request\r\n\r\n"], greets=True) as upstream:
        site = Origin.parse(upstream.url.replace("http:", "https:"))
        with pytest.raises(UpstreamError, match="refuses TLS"):
            await UpstreamConnection(site=site).connect()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("script", "how", "end"),
    [
        pytest.param([STREAM, *FRAMES], "keep", End.COMPLETE, id="complete"),
        pytest.param([STREAM, *FRAMES[:3]], "close", End.TRUNCATED, id="truncated"),
    ],
)
async def test_a_site_on_https_is_recorded(script: Script, how: How, end: End, path: Path) -> None:
    async with raw_upstream(script, how, tls=True) as upstream, recording(upstream.url, path, secure=False) as running:
        answer = await fetch(running.url)
    assert (answer.chunks, answer.end) == (EVENTS, end.value)
    assert (the_answer(path).body, the_answer(path).end) == (b"".join(EVENTS), end)
    assert only(path).request.uri.startswith("https://")


@pytest.mark.asyncio
async def test_an_untrusted_certificate_is_reported() -> None:
    async with raw_upstream(PLAIN, tls=True) as upstream:
        with pytest.raises(UpstreamError, match=r"has no valid certificate: self.signed certificate \(--insecure"):
            await UpstreamConnection(site=Origin.parse(upstream.url)).connect()


@pytest.mark.asyncio
async def test_secrets_never_reach_the_disk(path: Path) -> None:
    script = [head("Content-Type: text/plain", "Content-Length: 2", "Set-Cookie: session=very-secret-value-1"), b"ok"]
    async with raw_upstream(script) as upstream, recording(upstream.url, path) as running:
        answer = await fetch(running.url, headers="Cookie: wordpress_logged_in=very-secret-value-2\r\n")
        assert answer.header("Set-Cookie") == "session=very-secret-value-1"
    assert b"very-secret-value-2" in upstream.requests[0]
    assert "very-secret-value" not in str(content(path))
    assert any(line.startswith("cookies") for line in load(path).recording["redacted"])


@pytest.mark.asyncio
async def test_a_rule_can_be_turned_off(path: Path) -> None:
    script = [head("Content-Length: 2", "Set-Cookie: session=kept-on-purpose"), b"ok"]
    async with (
        raw_upstream(script) as upstream,
        recording(upstream.url, path, rules=Rules.make(keep=["cookies"])) as running,
    ):
        await fetch(running.url)
    assert "kept-on-purpose" in str(content(path))
    assert load(path).recording["kept"] == ["cookies"]


class TestModes:
    """VCR's record modes."""

    @pytest.mark.asyncio
    async def test_once_records_a_new_file_and_replays_an_old_one(self, path: Path) -> None:
        async with raw_upstream(PLAIN) as upstream:
            for _ in range(2):
                async with recording(upstream.url, path, mode=Mode.ONCE) as running:
                    assert (await fetch(f"{running.url}/a")).body == b"ok"
            assert len(upstream.requests) == 1
            async with recording(upstream.url, path, mode=Mode.ONCE) as running:
                refused = await fetch(f"{running.url}/b")
        assert refused.status == 404
        assert b"no recorded answer for GET /b" in refused.body
        assert len(load(path).interactions) == 1

    @pytest.mark.asyncio
    async def test_new_episodes_adds_what_is_new(self, path: Path) -> None:
        async with raw_upstream(PLAIN) as upstream:
            for target in ("a", "b", "a"):
                async with recording(upstream.url, path, mode=Mode.NEW_EPISODES) as running:
                    await fetch(f"{running.url}/{target}")
        assert [each.request.uri[-1] for each in load(path).interactions] == ["a", "b"]
        assert len(upstream.requests) == 2

    @pytest.mark.asyncio
    async def test_all_starts_over_when_the_first_exchange_has_ended(self, path: Path) -> None:
        async with raw_upstream(PLAIN) as upstream:
            for target in ("a", "b"):
                async with recording(upstream.url, path, mode=Mode.ALL) as running:
                    assert (content(path) is None) == (target == "a")
                    await fetch(f"{running.url}/{target}")
        assert only(path).request.uri.endswith("/b")

    @pytest.mark.asyncio
    async def test_none_needs_a_file(self, path: Path) -> None:
        with pytest.raises(CassetteError, match="there is no such file, and mode `none` records nothing"):
            async with recording("http://127.0.0.1:9", path, mode=Mode.NONE):
                pass

    @pytest.mark.asyncio
    async def test_a_replayed_page_leads_to_the_proxy(self, path: Path) -> None:
        async with raw_upstream([]) as upstream:
            page = f"<a href='{upstream.url}/x'>".encode()
            upstream.script = [head("Content-Type: text/html", f"Content-Length: {len(page)}"), page]
            async with recording(upstream.url, path) as running:
                await fetch(running.url)
            async with recording(upstream.url, path, mode=Mode.NONE) as running:
                assert (await fetch(running.url)).body == f"<a href='{running.url}/x'>".encode()


@pytest.mark.asyncio
async def test_two_recorders_never_write_to_one_file(path: Path) -> None:
    async with raw_upstream(PLAIN) as upstream, recording(upstream.url, path) as running:
        with pytest.raises(CassetteError, match="another recorder writes to it"):
            async with recording(upstream.url, path):
                pass
        await fetch(running.url)
    assert the_answer(path).body == b"ok"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.asyncio
async def test_a_busy_port_is_reported(path: Path) -> None:
    async with raw_upstream(PLAIN) as upstream, recording(upstream.url, path) as running:
        with pytest.raises(ServingError, match=r"port \d+ on .* is taken; choose another with --port, or 0"):
            async with recording(upstream.url, path.with_name("other.yaml"), port=int(running.url.rsplit(":", 1)[1])):
                pass


@pytest.mark.asyncio
async def test_a_folder_that_can_not_be_written_to_costs_nothing_that_was_there(path: Path) -> None:
    path = path.parent / "folder" / path.name
    moved = path.parent.with_name("moved")
    async with raw_upstream(PLAIN) as upstream:
        async with recording(upstream.url, path) as running:
            await fetch(f"{running.url}/first")
        before = content(path)
        async with recording(upstream.url, path, mode=Mode.NEW_EPISODES) as running:
            path.parent.rename(moved)
            path.parent.touch()
            await fetch(f"{running.url}/second")
            with pytest.raises(CassetteError, match="can't write"):
                await running.cassette.save()
            path.parent.unlink()
            moved.rename(path.parent)
            assert content(path) == before
    assert [each.request.uri.rsplit("/")[-1] for each in load(path).interactions] == ["first", "second"]
    assert any("can't write" in problem for problem in running.view.problems)


@pytest.mark.asyncio
async def test_a_process_that_is_killed_loses_no_exchange(path: Path) -> None:
    processes: list[CassetteProcess] = []

    def start(how: Start) -> CassetteProcess:
        processes.append(CassetteProcess(how))
        return processes[-1]

    async with raw_upstream(PLAIN) as upstream, recording(upstream.url, path, writing=start) as running:
        await fetch(f"{running.url}/first")
        await running.cassette.save()
        os.kill(processes[0].pid, signal.SIGKILL)
        await fetch(f"{running.url}/second")
        with suppress(CassetteError):
            await running.cassette.save()
    assert [each.request.uri.rsplit("/")[-1] for each in load(path).interactions] == ["first", "second"]
    assert any("the process that writes it has ended" in problem for problem in running.view.problems)
    assert len(processes) == 2


@pytest.mark.asyncio
async def test_an_exchange_that_kills_its_process_costs_no_other_one(path: Path) -> None:
    async with raw_upstream(PLAIN) as upstream, recording(upstream.url, path, writing=Mortal) as running:
        for name in ("first", "deadly", "second"):
            await fetch(f"{running.url}/{name}")
            with suppress(CassetteError):
                await running.cassette.save()
    assert [each.request.uri.rsplit("/")[-1] for each in load(path).interactions] == ["first", "second"]
    assert f"GET {upstream.url}/deadly is not recorded: {path}: it ended" in running.cassette.notices


class Mortal(CassetteWriter):
    """Dies over one exchange, whatever else is in its batch."""

    def write(self, batch: Batch) -> WriteOutcome:
        if any(each.request.uri.endswith("deadly") for each in batch.fresh.values()):
            raise ProcessLostError("it ended", file=str(self.path))
        return super().write(batch)


@pytest.mark.asyncio
async def test_a_process_redacts_splits_and_keeps_edits(path: Path) -> None:
    secret = "k3Jx9vQ2mZ7pLw5Rt8Yb"
    async with (
        raw_upstream(PLAIN) as upstream,
        recording(upstream.url, path, writing=CassetteProcess, limit=1200) as running,
    ):
        for number in range(4):
            await fetch(f"{running.url}/{number}", headers=f"Cookie: sess={secret}\r\n")
            await running.cassette.save()
            write_text(path, f"# edit {number}\n{content(path)}")
    assert len(running.cassette.files) > 1
    assert "# edit 3" in str(content(path))
    found = [each.request.uri[-1] for file in running.cassette.files for each in load(file).interactions]
    assert (found, running.cassette.count, running.cassette.unsaved) == (["0", "1", "2", "3"], 4, 0)
    assert all(secret not in file.read_text() for file in running.cassette.files)
    async with raw_upstream([]) as nobody, recording(nobody.url, path, mode=Mode.NONE) as replaying:
        for number in range(4):
            assert (await fetch(f"{replaying.url}/{number}")).body == b"ok"


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", Mode)
async def test_only_a_regular_file_is_recorded_to(path: Path, mode: Mode) -> None:
    os.mkfifo(path)
    for target in (path, Path(os.devnull)):
        with pytest.raises(CassetteError, match="not a regular file"):
            async with recording("http://127.0.0.1:9", target, mode=mode):
                pass


@pytest.mark.asyncio
async def test_links_in_a_circle_are_not_recorded_to(path: Path) -> None:
    os.symlink(path, path)
    with pytest.raises(CassetteError, match=r"can't be recorded to: .*[Tt]oo many levels of symbolic links"):
        async with recording("http://127.0.0.1:9", path):
            pass
    assert os.readlink(path) == str(path)


@pytest.mark.asyncio
async def test_a_link_to_a_file_under_recording_is_refused(path: Path) -> None:
    link = path.with_name("link.yaml")
    link.symlink_to(path.name)
    async with raw_upstream(PLAIN) as upstream, recording(upstream.url, path) as running:
        with pytest.raises(CassetteError, match="another recorder writes to it"):
            async with recording(upstream.url, link):
                pass
        await fetch(running.url)
    async with raw_upstream(PLAIN) as upstream, recording(upstream.url, link) as running:
        await fetch(f"{running.url}/by-the-link")
    assert link.is_symlink()
    assert only(path).request.uri.endswith("/by-the-link")


@pytest.mark.asyncio
async def test_what_a_later_exchange_proves_secret_is_redacted_in_the_earlier_ones(path: Path) -> None:
    body = b'track("k3Jx9vQ2mZ7pLw5Rt8Yb")'
    script = [head("Content-Type: text/plain", f"Content-Length: {len(body)}"), body]
    async with raw_upstream(script) as upstream, recording(upstream.url, path) as running:
        await fetch(f"{running.url}/first")
        await running.cassette.save()
        assert "k3Jx9vQ2mZ7pLw5Rt8Yb" in str(content(path))
        await fetch(f"{running.url}/second", headers="Cookie: sess=k3Jx9vQ2mZ7pLw5Rt8Yb\r\n")
    assert "k3Jx9vQ2mZ7pLw5Rt8Yb" not in str(content(path))
    assert len(load(path).interactions) == 2


@pytest.mark.asyncio
async def test_a_broken_file_is_not_recorded_over(path: Path) -> None:
    write_text(path, "interactions: {")
    with pytest.raises(CassetteError):
        async with recording("http://127.0.0.1:9", path, mode=Mode.NEW_EPISODES):
            pass
    assert content(path) == "interactions: {"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("site", "seen"),
    [
        (["Content-Length: 1234"], [b"Content-Length: 1234"]),
        (["Content-Length: 1234", "Content-Encoding: gzip"], [b"Content-Length: 1234", b"Content-Encoding: gzip"]),
        ([], []),
    ],
)
async def test_an_answer_to_head_announces_its_length(site: list[str], seen: list[bytes], path: Path) -> None:
    async with (
        raw_upstream([head("Content-Type: text/plain", *site)], "keep") as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        client.writer.write(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        received = await client.reader.readuntil(b"\r\n\r\n")
    assert received.split(b"\r\n")[1:-2] == [b"Content-Type: text/plain", *seen]
    assert the_answer(path).body == b""


@pytest.mark.asyncio
async def test_bytes_in_a_head_that_are_not_utf8_reach_the_client_as_they_are(path: Path) -> None:
    sent = b"HTTP/1.1 200 na\xefve\r\nX-Latin: caf\xe9\r\nX-Both: \xf0\x9f\x91\x8b\r\nContent-Length: 2\r\n\r\n"
    async with (
        raw_upstream([sent, b"ok"]) as upstream,
        recording(upstream.url, path) as running,
        RawClient(running.url) as client,
    ):
        answer = await client.get()
    assert answer.head.split(b"\r\n")[:3] == sent.split(b"\r\n")[:3]
    recorded = the_answer(path)
    assert (recorded.reason, recorded.header("X-Latin"), recorded.header("X-Both")) == ("naïve", "café", "👋")
