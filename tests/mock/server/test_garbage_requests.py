"""Requests that no client sends: the server answers like a web server, stays up, and its memory stays bounded."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from tests.support import tapes
from tests.support.raw_client import RawClient
from tests.support.raw_upstream import raw_upstream
from tests.support.recording import recording

from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer

AJAX = b"/wp-admin/admin-ajax.php"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
MULTIPART = b"Content-Type: multipart/form-data; boundary=B\r\n"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MockServer]:
    async with MockServer(ServerConfig(body_seconds=0.2, body_limit=1_000_000)) as running:
        yield running


def post(body: bytes, headers: bytes = FORM, path: bytes = AJAX) -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n%b" % (path, headers, len(body), body)


async def send(server: MockServer, data: bytes) -> int:
    """Send bytes and return the status of the answer; 0 if the connection was closed without one."""
    port = int(server.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        head = await reader.readline()
        return int(head.split()[1]) if head else 0
    except ConnectionError:
        return 0
    finally:
        writer.close()


async def is_up(server: MockServer) -> bool:
    async with aiohttp.ClientSession() as session, session.get(server.url + "/chat/") as response:
        return response.status == 200


@pytest.mark.parametrize(
    ("data", "statuses"),
    [
        pytest.param(b"\x00\xff\x16\x03junk\r\n\r\n", {400, 0}, id="binary junk"),
        pytest.param(b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {400, 505}, id="an HTTP of the future"),
        pytest.param(b"GET /chat/ HTTP/1.0\r\n\r\n", {200}, id="HTTP/1.0 without a host"),
        pytest.param(b"FOO /chat/ HTTP/1.1\r\nHost: x\r\n\r\n", {200, 400, 405}, id="a method of their own"),
        pytest.param(b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", {405}, id="TRACE"),
        pytest.param(b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405}, id="CONNECT"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405}, id="OPTIONS for the server"),
        pytest.param(b"DELETE " + AJAX + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="a wrong method for the chat"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 1_000_000, {400, 431}, id="a million header bytes"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 50_000 + b"\r\n", {400, 431, 0}, id="a host of headers"
        ),
        pytest.param(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400, 414}, id="an endless path"),
        pytest.param(b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="a path that climbs"),
        pytest.param(b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="the same, encoded"),
        pytest.param(b"GET /wp-content/../../x HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="climbing out of files"),
        pytest.param(b"GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="a NUL"),
        pytest.param(b"GET //////chat// HTTP/1.1\r\nHost: x\r\n\r\n", {200, 301, 404}, id="too many slashes"),
        pytest.param(b"GET http://other/chat/ HTTP/1.1\r\nHost: x\r\n\r\n", {200}, id="an absolute address"),
        pytest.param(b"GET ftp://other/ HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="another scheme"),
        pytest.param(b"GET /v/../../x/ HTTP/1.1\r\nHost: x\r\n\r\n", {404, 400}, id="no release"),
        pytest.param(b"GET /s/../../x/ HTTP/1.1\r\nHost: x\r\n\r\n", {404, 400}, id="no scenario"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n", {400}, id="a host of junk"),
        pytest.param(b'GET / HTTP/1.1\r\nHost: "><script>\r\n\r\n', {400}, id="a host of markup"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", {400}, id="half a host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", {200}, id="a host that is an address"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: an-old_name.example:80\r\n\r\n", {200}, id="a host with a port"),
        pytest.param(
            b"POST " + AJAX + b" HTTP/1.1\r\nHost: [x\r\nOrigin: http://[y\r\nContent-Length: 0\r\n\r\n",
            {400},
            id="half a host and half an Origin",
        ),
        pytest.param(b"GET /__mock__/../x HTTP/1.1\r\nHost: x\r\n\r\n", {404, 400}, id="no file of the console"),
        pytest.param(post(b"%ff%fe\x00&&&==&=%"), {400}, id="a broken form"),
        pytest.param(post(b"--B\r\nno header", MULTIPART), {400}, id="a broken multipart"),
        pytest.param(post(b"--B--\r\n" * 10_000, MULTIPART), {400}, id="a multipart of nothing"),
        pytest.param(post(b"a[" * 50_000 + b"=1"), {400}, id="nested fields"),
        pytest.param(post(b"&".join(b"a%d=1" % n for n in range(100_000))), {400}, id="a hundred thousand fields"),
        pytest.param(post(b"message=" + b"x" * 900_000), {400}, id="a giant field"),
        pytest.param(post(b"x" * 1_000_001), {413}, id="more than is taken"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", {413}, id="a giant promise"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", {400}, id="a negative length"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", {400}, id="a broken chunk"
        ),
        pytest.param(post(b"")[:-2] + b"Content-Encoding: gzip\r\n\r\n", {400}, id="gzip that is none"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf", {408}, id="half a request"),
        pytest.param(b'GET / HTTP/1.1\r\nHost: "><script>\r\n\r\n', {200, 301, 400}, id="a host that is markup"),
    ],
)
@pytest.mark.asyncio
async def test_garbage_gets_what_a_web_server_answers(server: MockServer, data: bytes, statuses: set[int]) -> None:
    assert await send(server, data) in statuses
    assert await is_up(server)


BROKEN = [
    pytest.param(b"0\r\nX: " + b"y" * 300_000 + b"\r\n\r\n", id="a trailer that is too long"),
    pytest.param(b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n", id="too many trailers"),
    pytest.param(b"3\r\na=b\r\nzz\r\n", id="a size that is not a number"),
    pytest.param(b"%b\r\n" % (b"f" * 40), id="a size that no chunk has"),
    pytest.param(b"3\r\na=bxx4\r\n", id="a chunk without an end"),
]


async def refused_in_the_middle(url: str, rest: bytes, path: bytes = AJAX, headers: bytes = FORM) -> bytes:
    """Send *rest* as a chunked body once the handler is called, and return all that is answered until the close."""
    async with RawClient(url) as client:
        client.writer.write(
            b"POST %b HTTP/1.1\r\nHost: localhost\r\n%bTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
            % (path, headers)
        )
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.writer.write(rest)
        return await asyncio.wait_for(client.reader.read(), 300)


@pytest.mark.parametrize("rest", BROKEN)
@pytest.mark.parametrize("api", [False, True], ids=["chat", "control API"])
@pytest.mark.asyncio
async def test_a_chunked_body_that_breaks_is_refused_at_once(
    caplog: pytest.LogCaptureFixture, rest: bytes, api: bool
) -> None:
    """The time for a body is an hour here: nobody waits for the rest of what cannot be read any more."""
    async with MockServer(ServerConfig(body_seconds=3600)) as server:
        token = b"Content-Type: application/json\r\nAuthorization: Bearer %b\r\n" % server.api_token.encode()
        where = (b"/__mock__/api/sites", token) if api else (AJAX, FORM)
        answer = await refused_in_the_middle(server.url, rest, *where)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"the body is cut off, or its framing is invalid" in answer
    assert not caplog.records


@pytest.mark.parametrize("rest", BROKEN)
@pytest.mark.asyncio
async def test_the_recorder_refuses_a_chunked_body_that_breaks_at_once(tmp_path: Path, rest: bytes) -> None:
    async with raw_upstream([]) as upstream, recording(upstream.url, tmp_path / "tape.yaml") as running:
        answer = await refused_in_the_middle(running.url, rest)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"its framing is invalid" in answer
    assert upstream.requests == []


@pytest.mark.parametrize("rest", BROKEN)
@pytest.mark.asyncio
async def test_a_crash_test_from_a_recording_refuses_a_chunked_body_that_breaks_at_once(
    tmp_path: Path, rest: bytes
) -> None:
    recording = load_played_recording([tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION)])
    with ReplayServer(recording) as server:
        replay = server.open(server.undisturbed(recording.answer))
        answer = await refused_in_the_middle(replay.url, rest, b"/v1/chat/completions")
        server.close(replay)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"the body is cut off, or its framing is invalid" in answer


@pytest.mark.asyncio
async def test_a_crash_test_from_a_recording_refuses_a_body_that_is_too_large(tmp_path: Path) -> None:
    recording = load_played_recording([tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION)])
    with ReplayServer(recording) as server:
        replay = server.open(server.undisturbed(recording.answer))
        async with RawClient(replay.url) as client:
            client.writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            # The server waits ten seconds for the rest of the body before it closes the connection.
            head = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), 300)
        server.close(replay)
    assert head.startswith(b"HTTP/1.1 413 ")


@pytest.mark.asyncio
async def test_a_request_that_never_ends_holds_nobody_up(server: MockServer) -> None:
    port = int(server.url.rpartition(":")[2])
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
    for _, writer in silent:
        writer.write(b"GET /chat/ HT")
    assert await is_up(server)
    for _, writer in silent:
        writer.close()


@pytest.mark.asyncio
async def test_the_journal_does_not_grow_with_what_is_thrown_at_it(server: MockServer) -> None:
    flood = post(b"action=x&message=" + b"x" * 900_000)
    await send(server, flood)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(120):
        await send(server, flood)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 60 * 1024, f"{grown} KiB"
    assert len(server.journal[-1].body) == 64 * 1024


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("line", "status"),
    [
        pytest.param(b"OPTIONS *", 404, id="no path"),
        pytest.param(b"GET /%5F%5Fmock__/api/sites", 401, id="the control API, percent-encoded"),
        pytest.param(b"GET http://127.0.0.1/__mock__/api/sites", 401, id="the control API, as for a proxy"),
        pytest.param(b"GET /chat/", 200, id="a site"),
    ],
)
async def test_requests_reach_the_mock_itself_or_a_site(server: MockServer, line: bytes, status: int) -> None:
    assert await send(server, line + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == status


@pytest.mark.asyncio
async def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(server: MockServer) -> None:
    waiting = b"POST /chat/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
    assert await send(server, waiting) == 100
