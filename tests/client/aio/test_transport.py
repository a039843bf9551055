"""What the network does to a request, and what becomes of it: on real sockets, with a server that can send anything."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from tests.support.raw_server import CLOSE, HANG, RESET, Answer, RawRequest, RawServer, Stop
from tests.support.raw_site import LAST_CHUNK, chunk, response, stream_head

from chatgptfree.aio.error_translation import DroppedError
from chatgptfree.aio.response import BrokenBodyError
from chatgptfree.aio.transport import Transport
from chatgptfree.core.protocol.http import Request
from chatgptfree.errors import (
    ChallengeError,
    ChatConnectionError,
    ChatTimeoutError,
    ProtocolError,
    TooLargeError,
)
from chatgptfree.messages import Limits, Timeout

LIMIT = 1 << 20


def always(*steps: bytes | Stop | threading.Event) -> Callable[[RawRequest], Answer]:
    return lambda _: steps


@asynccontextmanager
async def transport(url: str, **arguments: Any) -> AsyncIterator[Transport]:
    options: dict[str, Any] = {"proxy": None, "cookies": None, "headers": None, "timeout": Timeout(), "session": None}
    made = Transport(url, **{**options, **arguments})
    try:
        yield made
    finally:
        await made.close()


def get(url: str) -> Request:
    return Request(method="GET", url=url, page=True)


def post(url: str) -> Request:
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    return Request(method="POST", url=url, headers=headers, body=b"message=Hello")


async def fetch(server: RawServer, request: Request | None = None, **arguments: Any) -> bytes:
    async with transport(server.url, **arguments) as made:
        _, body = await made.fetch(request or get(server.url), LIMIT)
        return body


async def pieces(server: RawServer, **arguments: Any) -> list[bytes | str]:
    """Read a body piece by piece; how it broke off, if it did, is the last entry."""
    got: list[bytes | str] = []
    async with transport(server.url, **arguments) as made:
        body = await made.open(get(server.url))
        try:
            while piece := await body.read():
                got.append(piece)
        except BrokenBodyError as error:
            got.append(f"broken: {error}")
        finally:
            body.close()
    return got


@pytest.mark.asyncio
async def test_a_response_is_read_whole() -> None:
    with RawServer(always(response("Hello"))) as server:
        assert await fetch(server) == b"Hello"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param("gzip", gzip.compress(b"Hello"), id="compressed once"),
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(b"Hello")), id="compressed twice"),
        pytest.param("identity", b"Hello", id="not compressed"),
    ],
)
async def test_compressed_bodies_are_undone(coding: str, body: bytes) -> None:
    with RawServer(always(response(body, headers=[("Content-Encoding", coding)]))) as server:
        assert await fetch(server) == b"Hello"
        assert server.requests[0].header("Accept-Encoding") == "gzip, deflate"


@pytest.mark.asyncio
async def test_a_coding_that_nobody_asked_for_is_named() -> None:
    with RawServer(always(response(b"\x1b\x00", headers=[("Content-Encoding", "br")]))) as server:
        with pytest.raises(ProtocolError, match="encoded as br"):
            await fetch(server, headers={"accept-encoding": "br"})
        assert server.requests[0].header("Accept-Encoding") == "gzip, deflate"


@pytest.mark.asyncio
async def test_a_coding_in_a_header_of_its_own_counts_too() -> None:
    twice = [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")]
    with RawServer(always(response(gzip.compress(gzip.compress(b"Hello")), headers=twice))) as server:
        assert await fetch(server) == b"Hello"


@pytest.mark.asyncio
async def test_the_limit_holds_after_decompression() -> None:
    bomb = gzip.compress(bytes(1 << 28))
    with (
        RawServer(always(response(bomb, headers=[("Content-Encoding", "gzip")]))) as server,
        pytest.raises(TooLargeError),
    ):
        await fetch(server)


@pytest.mark.asyncio
async def test_what_came_before_a_break_is_not_lost() -> None:
    """Even if aiohttp knows of the break before anybody has read what came."""
    with RawServer(always(stream_head() + chunk("Hel") + chunk("lo") + b"ff\r\nhalf", CLOSE)) as server:
        async with transport(server.url) as made:
            body = await made.open(get(server.url))
            await asyncio.to_thread(server.closed.wait, 10)
            for _ in range(20):
                await asyncio.sleep(0)
            assert await body.read() == b"Hellohalf"
            with pytest.raises(BrokenBodyError):
                await body.read()
            body.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("steps", "text"),
    [
        pytest.param([stream_head(), chunk("Hello"), CLOSE], b"Hello", id="no last chunk"),
        pytest.param([stream_head(), chunk("Hello"), RESET], b"Hello", id="reset"),
        pytest.param([response("Hello, world")[:-7], CLOSE], b"Hello", id="shorter than its length"),
        pytest.param(
            [response(gzip.compress(b"Hello" * 50)[:-8], headers=[("Content-Encoding", "gzip")])],
            b"Hello" * 50,
            id="compressed, without its end",
        ),
    ],
)
async def test_a_body_that_ends_too_early_is_broken(steps: Answer, text: bytes) -> None:
    with RawServer(lambda _: steps) as server:
        *read, end = await pieces(server)
    assert b"".join(piece for piece in read if isinstance(piece, bytes)) == text
    assert isinstance(end, str)
    assert "<" not in end, "a name of one of aiohttp's classes is no word for people"


@pytest.mark.asyncio
async def test_garbage_between_the_chunks_breaks_the_body() -> None:
    """And does not leave it waiting for ever, as aiohttp alone would."""
    go_on = threading.Event()
    with RawServer(always(stream_head() + chunk("Hello"), go_on, b"zz\r\n", HANG)) as server:
        async with transport(server.url) as made:
            body = await made.open(get(server.url))
            assert await body.read() == b"Hello"
            go_on.set()
            with pytest.raises(BrokenBodyError):
                await body.read()
            body.close()


@pytest.mark.asyncio
async def test_a_body_without_a_length_ends_when_the_connection_does() -> None:
    with RawServer(always(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHello", CLOSE)) as server:
        assert await pieces(server) == [b"Hello"]


@pytest.mark.asyncio
@pytest.mark.parametrize("stop", [CLOSE, RESET])
@pytest.mark.parametrize("make", [get, post])
async def test_a_connection_closed_before_the_first_byte_is_an_error_of_its_own(
    make: Callable[[str], Request], stop: Stop
) -> None:
    with RawServer(always(stop)) as server, pytest.raises(DroppedError):
        await fetch(server, make(server.url))
    assert len(server.requests) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("make", [get, post])
@pytest.mark.parametrize("half", [b"HTT", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Ty"])
async def test_a_connection_that_is_closed_within_the_head_is_not_one_where_nothing_came(
    make: Callable[[str], Request], half: bytes
) -> None:
    with (
        RawServer(always(half, CLOSE)) as server,
        pytest.raises(ChatConnectionError, match="within the head") as caught,
    ):
        await fetch(server, make(server.url))
    assert not isinstance(caught.value, DroppedError)
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_a_long_message_is_sent_whole_and_without_a_warning() -> None:
    message = b"message=" + b"a" * (2 << 20)
    with RawServer(always(response("Hello"))) as server:
        headers = (("Content-Type", "application/x-www-form-urlencoded"),)
        await fetch(server, Request(method="POST", url=server.url, headers=headers, body=message))
    assert server.requests[0].body == message
    assert server.requests[0].header("Content-Length") == str(len(message))


@pytest.mark.asyncio
@pytest.mark.parametrize("name", [f"{'a' * 64}.test", "a..test"])
async def test_a_name_that_no_host_can_have(name: str) -> None:
    moved = response("", status="307 Temporary Redirect", headers=[("Location", f"http://{name}/")])
    with RawServer(always(moved)) as server:
        for request in (get(server.url), post(server.url), get(f"http://{name}/")):
            with pytest.raises(ChatConnectionError, match="can't be looked up"):
                await fetch(server, request, allow_hosts=[name])


@pytest.mark.asyncio
async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with transport(f"http://127.0.0.1:{port}") as made:
        with pytest.raises(ChatConnectionError) as caught:
            await made.fetch(get(f"http://127.0.0.1:{port}"), LIMIT)
    assert not isinstance(caught.value, DroppedError)
    assert caught.value.retryable
    assert str(caught.value) == f"no connection to 127.0.0.1:{port}: Connection refused"


@pytest.mark.asyncio
async def test_a_proxy_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = f"127.0.0.1:{listener.getsockname()[1]}"
    async with transport("http://site.test", proxy=f"http://{there}") as made:
        with pytest.raises(ChatConnectionError, match=f"no connection to the proxy {there}: "):
            await made.fetch(get("http://site.test/"), LIMIT)


@pytest.mark.asyncio
async def test_a_connection_that_is_never_made_is_a_connect_timeout() -> None:
    """A listener whose queue is full answers nobody."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as waiting:
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with transport(url, timeout=Timeout(connect=0.2)) as made:
            with pytest.raises(ChatTimeoutError) as caught:
                await made.fetch(get(url), LIMIT)
    assert (caught.value.phase, str(caught.value)) == ("connect", "no connection within 0.2 s")


@pytest.mark.asyncio
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses_is_named(scheme: str) -> None:
    refusal = response("", status="407 Proxy Authentication Required", headers=[("Proxy-Authenticate", "Basic")])
    with RawServer(always(refusal)) as proxy:
        async with transport(f"{scheme}://site.test", proxy=proxy.url) as made:
            with pytest.raises(ChatConnectionError, match="the proxy refuses"):
                await made.fetch(get(f"{scheme}://site.test/"), LIMIT)


@pytest.mark.asyncio
async def test_what_is_not_http_is_a_protocol_error() -> None:
    with RawServer(always(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", CLOSE)) as server, pytest.raises(ProtocolError):
        await fetch(server)


@pytest.mark.asyncio
@pytest.mark.parametrize("steps", [[HANG], [stream_head(), chunk("Hel"), HANG]])
async def test_silence_is_an_idle_timeout(steps: Answer) -> None:
    with RawServer(lambda _: steps) as server:
        with pytest.raises(ChatTimeoutError) as caught:
            await fetch(server, timeout=Timeout(idle=0.1))
        assert (caught.value.phase, str(caught.value)) == ("idle", "nothing came for 0.1 s")


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other"])
async def test_a_redirect_that_would_lose_the_message_names_its_target(status: str) -> None:
    moved = response("", status=status, headers=[("Location", "https://www.site.test/wp-admin/admin-ajax.php")])
    with RawServer(always(moved)) as server:
        with pytest.raises(ProtocolError, match=r"https://www\.site\.test/wp-admin/admin-ajax\.php"):
            await fetch(server, post(server.url))
        assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_a_redirect_to_the_login_is_a_wall() -> None:
    moved = response("", status="302 Found", headers=[("Location", "/wp-login.php?redirect_to=x")])
    with RawServer(always(moved)) as server, pytest.raises(ChallengeError, match="requires a login"):
        await fetch(server, post(server.url))


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Permanent Redirect"])
async def test_a_redirect_that_keeps_the_message_is_followed(status: str) -> None:
    moved = response("", status=status, headers=[("Location", "/there")])

    def answer(request: RawRequest) -> Answer:
        return [response(request.body) if request.path == "/there" else moved]

    with RawServer(answer) as server:
        assert await fetch(server, post(server.url)) == b"message=Hello"


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_redirects_without_an_end_are_left(method: str) -> None:
    moved = response("", status="307 Temporary Redirect", headers=[("Location", "/again")])
    with RawServer(always(moved)) as server:
        with pytest.raises(ProtocolError, match="more than 10 redirects"):
            await fetch(server, get(server.url) if method == "GET" else post(server.url))
        assert len(server.requests) <= 11


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("target", ["mailto:a@b", "javascript:alert(1)", "http://[::1/", "http://127.0.0.1:99999/"])
async def test_a_redirect_to_an_invalid_address_is_an_error(target: str, method: str) -> None:
    moved = response("", status="307 Temporary Redirect", headers=[("Location", target)])
    with RawServer(always(moved)) as server, pytest.raises(ProtocolError) as caught:
        await fetch(server, get(server.url) if method == "GET" else post(server.url))
    assert "not an http or https address" in str(caught.value)


@pytest.mark.asyncio
async def test_a_body_with_a_wrong_content_encoding_is_not_an_interruption() -> None:
    plain = response("Hello", headers=[("Content-Encoding", "gzip")])
    with RawServer(always(plain)) as server, pytest.raises(ProtocolError, match="can't be decoded"):
        await fetch(server)


@pytest.mark.asyncio
async def test_a_page_has_the_address_where_redirects_ended() -> None:
    moved = response("", status="301 Moved Permanently", headers=[("Location", "/en/")])
    with RawServer(lambda request: [response("Hello") if request.path == "/en/" else moved]) as server:
        async with transport(server.url) as made:
            head, _ = await made.fetch(get(server.url), LIMIT)
        assert head.url == f"{server.url}/en/"


@pytest.mark.asyncio
async def test_cookies_of_the_site_and_of_the_user_are_sent_with_every_request() -> None:
    first = response("", headers=[("Set-Cookie", "visitor=v1; path=/")])
    with RawServer(always(first)) as server:
        async with transport(server.url, cookies={"cf_clearance": "a=b.c"}) as made:
            await made.fetch(get(server.url), LIMIT)
            await made.fetch(post(server.url), LIMIT)
        assert server.requests[0].header("Cookie") == "cf_clearance=a=b.c"
        sent = server.requests[1].header("Cookie") or ""
        assert sorted(sent.split("; ")) == ["cf_clearance=a=b.c", "visitor=v1"]


@pytest.mark.parametrize(
    ("cookie", "sent"),
    [
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("a=1; expires=Thu, 01-Jan-1970 00:00:01 GMT", None),
        ("a=1; Expires=Wed, 01 Jan 2020 00:00:00 GMT", None),
        ("a=1; Max-Age=0", None),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=600", "a=1"),
        ("a=1; Expires=never", "a=1"),
        ("a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "a=1"),
        ('a="q,x"', 'a="q,x"'),
        ('a="q x"; Path=/', 'a="q x"'),
        ("a=b=c==", "a=b=c=="),
    ],
)
@pytest.mark.asyncio
async def test_a_cookie_comes_back_as_it_was_sent_or_not_at_all(cookie: str, sent: str | None) -> None:
    with RawServer(always(response("", headers=[("Set-Cookie", cookie)]))) as server:
        async with transport(server.url) as made:
            await made.fetch(get(server.url), LIMIT)
            await made.fetch(post(server.url), LIMIT)
        assert server.requests[1].header("Cookie") == sent


@pytest.mark.asyncio
async def test_the_users_headers_win() -> None:
    with RawServer(always(response(""))) as server:
        await fetch(server, headers={"user-agent": "mine", "X-Extra": "1"})
        request = server.requests[0]
    assert [value for name, value in request.headers if name.lower() == "user-agent"] == ["mine"]
    assert request.header("X-Extra") == "1"


@pytest.mark.asyncio
async def test_every_request_goes_through_the_proxy() -> None:
    with RawServer(always(response("by proxy"))) as proxy:
        async with transport("http://site.test", proxy=proxy.url) as made:
            for request in (get("http://site.test"), post("http://site.test/wp-admin/admin-ajax.php")):
                _, body = await made.fetch(request, LIMIT)
                assert body == b"by proxy"
        assert [request.target for request in proxy.requests] == [
            "http://site.test/",
            "http://site.test/wp-admin/admin-ajax.php",
        ]


@pytest.mark.parametrize("proxy", ["socks5://h:1", "http://", "http://h:99999", "h:1", ""])
def test_a_proxy_that_can_not_be_used_is_refused_at_once(proxy: str) -> None:
    with pytest.raises(ValueError, match="only http and https proxies"):
        Transport("http://h", proxy=proxy, cookies=None, headers=None, timeout=Timeout(), session=None)


@pytest.mark.asyncio
async def test_a_session_of_ones_own_is_used_and_stays_open() -> None:
    with RawServer(always(response(gzip.compress(b"Hello"), headers=[("Content-Encoding", "gzip")]))) as server:
        async with aiohttp.ClientSession(headers={"X-Mine": "1"}, raise_for_status=True) as session:
            assert await fetch(server, session=session, cookies={"a": "1"}) == b"Hello"
            assert not session.closed
            assert not list(session.cookie_jar)
        assert server.requests[0].header("X-Mine") == "1"
        assert server.requests[0].header("Cookie") == "a=1"


def test_a_client_stays_in_its_event_loop() -> None:
    with RawServer(always(response("Hello"))) as server:
        made = Transport(server.url, proxy=None, cookies=None, headers=None, timeout=Timeout(), session=None)

        async def first() -> None:
            await made.fetch(get(server.url), LIMIT)
            await made.close()

        asyncio.run(first())
        with pytest.raises(RuntimeError, match="event loop"):
            asyncio.run(first())


@pytest.mark.asyncio
async def test_letting_go_of_a_body_closes_its_connection_at_once() -> None:
    with RawServer(always(stream_head() + chunk("Hel"), HANG)) as server:
        async with transport(server.url) as made:
            body = await made.open(get(server.url))
            assert await body.read() == b"Hel"
            body.close()
            assert await asyncio.to_thread(server.hung_up.wait, 10)


@pytest.mark.asyncio
async def test_a_connection_whose_body_was_read_is_used_again() -> None:
    with RawServer(always(stream_head() + chunk("Hel") + LAST_CHUNK)) as server:
        async with transport(server.url) as made:
            for _ in range(3):
                await made.fetch(get(server.url), LIMIT)
        assert server.connections == 1


@pytest.mark.parametrize(
    "limits", [{"connect": 0.0}, {"idle": -1.0}, {"total": float("nan")}, {"connect": float("inf")}, {"total": True}]
)
def test_an_invalid_time_limit_is_refused_at_once(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(limits))}: a time limit is a number of seconds above 0"):
        Timeout(**limits)


def test_a_time_limit_that_is_not_a_number_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="total: a time limit is a number of seconds above 0, or None; not '5'"):
        Timeout(total="5")  # type: ignore[arg-type]


def test_an_invalid_size_limit_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"^event: a size limit is a number of bytes above 0, not 0"):
        Limits(event=0)
