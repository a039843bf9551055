"""Headers, cookies and user info go to the site that the user gave, over real sockets; a message goes nowhere else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from click.testing import CliRunner
from tests.support.many_cases import for_each
from tests.support.raw_server import CLOSE, RawRequest, RawServer
from tests.support.raw_site import (
    AJAX_PATH,
    CACHED,
    aipkit_events,
    aipkit_page,
    buffered,
    document,
    response,
    wpaicg_element,
    wpaicg_page,
)

import chatgptfree
from chatgptfree import ChatClient, PageError, ProtocolError, Reply
from chatgptfree.cli import commands
from chatgptfree.provider import ChatgptFree

HEADERS = {"Authorization": "Bearer SECRET", "X-Api-Key": "SECRET", "Cookie": "own=SECRET"}
COOKIES = {"sid": "SECRET"}
PARAMS = '<script>var wpaicgParams = {"ajax_url":"%s"};</script>'


def sends(server: RawServer) -> list[str]:
    """Return for each request what it carried of the user's."""
    return [" ".join(sorted(name for name, value in r.headers if "SECRET" in value)) for r in server.requests]


def moves(to: str, status: str = "302 Found") -> bytes:
    return response("", status=status, headers=[("Location", to)])


@contextmanager
def two(page: Any, ajax: Any = None) -> Iterator[tuple[RawServer, RawServer, str]]:
    """Run the user's site, whose page and answers are made from the origin of the other one, and that other one."""

    def other_answer(request: RawRequest) -> list[bytes]:
        return [buffered("Hi!") if request.method == "POST" else wpaicg_page()]

    with RawServer(other_answer) as other:
        there = f"http://localhost:{other.port}"

        def answer(request: RawRequest) -> list[bytes]:
            made = ajax if request.path.endswith(AJAX_PATH) else page
            return [made(there) if callable(made) else made]

        with RawServer(answer) as own:
            yield own, other, there


async def ask(url: str, **arguments: Any) -> Reply:
    async with ChatClient(url, headers=HEADERS, cookies=COOKIES, **arguments) as chat:
        return await chat.ask("Hello")


@pytest.mark.asyncio
async def test_a_page_that_moved_is_followed_without_what_is_the_users() -> None:
    with two(moves) as (own, other, there):
        reply = await ask(own.url)
    assert reply.text == "Hi!"
    assert sends(own) == ["Authorization Cookie X-Api-Key"]
    assert sends(other) == ["", ""]
    assert [(warning.code, there in warning.detail) for warning in reply.warnings] == [("other-site", True)]


@pytest.mark.asyncio
async def test_nor_does_user_info_follow() -> None:
    with two(moves) as (own, other, _):
        async with ChatClient(own.url.replace("http://", "http://ann:pw@")) as chat:
            await chat.ask("Hello")
    assert own.requests[0].header("Authorization") == "Basic YW5uOnB3"
    assert [request.header("Authorization") for request in other.requests] == [None, None]


@pytest.mark.asyncio
async def test_user_info_is_sent_with_every_request_to_the_site() -> None:
    def answer(request: RawRequest) -> list[bytes]:
        if not request.path.endswith(AJAX_PATH):
            return [aipkit_page()]
        return [CACHED if request.method == "POST" else aipkit_events("Hi!")]

    with RawServer(answer) as server:
        async with ChatClient(server.url.replace("http://", "http://ann:pw@") + "/chat/") as chat:
            page = await chat.page()
            assert (await chat.ask("Hello")).text == "Hi!"
    assert {request.header("Authorization") for request in server.requests} == {"Basic YW5uOnB3"}
    assert "ann" not in page.url
    assert len(server.requests) == 3


@pytest.mark.asyncio
async def test_user_info_beside_a_header_with_credentials_is_refused() -> None:
    with pytest.raises(ValueError, match="both the address and the header"):
        ChatClient("http://ann:pw@a.test", headers={"authorization": "Bearer x"})


@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Permanent Redirect"])
@pytest.mark.asyncio
async def test_a_message_is_not_taken_to_another_site(status: str) -> None:
    with two(wpaicg_page(), lambda there: moves(there + "/x", status)) as (own, other, there):
        with pytest.raises(ProtocolError, match=f"on another site, {there}; .*'localhost'"):
            await ask(own.url)
        assert other.requests == []
        reply = await ask(own.url, allow_hosts=["localhost"])
    assert (reply.text, reply.warnings) == ("Hi!", ())
    assert sends(other) == [""]


@pytest.mark.asyncio
async def test_nor_is_the_request_for_an_answer() -> None:
    def ajax(there: str) -> bytes:
        return CACHED if len(own.requests) % 3 == 2 else moves(there + "/x")

    with two(aipkit_page(), ajax) as (own, other, there):
        with pytest.raises(ProtocolError, match=f"on another site, {there}"):
            await ask(own.url)
        assert other.requests == []


@pytest.mark.asyncio
async def test_an_ajax_address_on_another_site_is_an_error() -> None:
    def page(there: str) -> bytes:
        return response(document(PARAMS % (there + AJAX_PATH), wpaicg_element()))

    with two(page) as (own, other, there):
        with pytest.raises(PageError, match=f"on another site, {there}; .*'localhost'"):
            await ask(own.url)
        assert other.requests == []
        assert (await ask(own.url, allow_hosts=["localhost"])).text == "Hi!"
        assert sends(other) == [""]
        async for piece in ChatgptFree.create_async_generator(
            "", [{"role": "user", "content": "Hello"}], url=own.url, allow_hosts=["localhost"]
        ):
            assert piece == "Hi!"
        refused = CliRunner().invoke(commands, ["ask", "--url", own.url, "Hello"])
        assert isinstance(refused.exception, PageError)
        allowed = CliRunner().invoke(commands, ["ask", "--url", own.url, "--allow-host", "localhost", "Hello"])
        assert (allowed.exit_code, allowed.stdout) == (0, "Hi!")


@pytest.mark.asyncio
async def test_a_nonce_is_not_asked_for_on_another_site() -> None:
    def page(there: str) -> bytes:
        return aipkit_page("", ajax_url=there + AJAX_PATH)

    with two(page) as (own, other, _), pytest.raises(chatgptfree.NoNonceFound):
        await ask(own.url)
    assert other.requests == []


@pytest.mark.asyncio
async def test_another_port_is_sent_cookies_and_nothing_else() -> None:
    with RawServer(lambda request: [buffered("Hi!") if request.method == "POST" else wpaicg_page()]) as other:
        with RawServer(lambda _: [moves(other.url)]) as own:
            reply = await ask(own.url)
        assert [request.header("Cookie") for request in other.requests] == ["sid=SECRET"] * 2
        assert [request.header("X-Api-Key") for request in other.requests] == [None] * 2
    assert [warning.code for warning in reply.warnings] == ["other-site"]


class OneHost(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.asyncio
async def test_www_is_the_same_site() -> None:
    def answer(request: RawRequest) -> list[bytes]:
        if request.method == "POST":
            return [buffered("Hi!")]
        host = request.header("Host") or ""
        return [wpaicg_page() if host.startswith("www.") else moves(f"http://www.{host}/")]

    with RawServer(answer) as server:
        connector = aiohttp.TCPConnector(resolver=OneHost())
        async with aiohttp.ClientSession(connector=connector) as session:
            reply = await ask(f"http://a.test:{server.port}", session=session)
    assert (reply.text, reply.warnings) == ("Hi!", ())
    assert sends(server) == ["Authorization Cookie X-Api-Key"] * 3


@pytest.mark.asyncio
async def test_what_a_session_adds_for_every_site_is_kept_back_too() -> None:
    with two(moves) as (own, other, _):
        async with (
            aiohttp.ClientSession(
                headers={"X-Session": "SECRET", "Authorization": "SECRET"}, cookies={"everywhere": "SECRET"}
            ) as session,
            ChatClient(own.url, cookies=COOKIES, session=session) as chat,
        ):
            await chat.ask("Hello")
    assert sends(own) == ["Authorization Cookie X-Session"]
    assert sends(other) == ["", ""]


@pytest.mark.asyncio
async def test_a_session_sends_a_request_once_and_keeps_its_middlewares() -> None:
    """aiohttp would send a GET again by itself; its cache key works once."""
    seen = []

    async def middleware(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        seen.append(request.method)
        return await handler(request)

    def answer(request: RawRequest) -> list[Any]:
        if not request.path.endswith(AJAX_PATH):
            return [aipkit_page()]
        return [CACHED] if request.method == "POST" else [b"HTTP/1.1 200 OK\r\n", CLOSE]

    with RawServer(answer) as server:
        async with aiohttp.ClientSession(middlewares=[middleware]) as session:
            with pytest.raises(chatgptfree.ChatConnectionError, match="within the head"):
                await ChatClient(server.url, session=session).ask("Hello")
    assert [request.method for request in server.requests] == ["GET", "POST", "GET"] == seen


@pytest.mark.asyncio
async def test_cookies_go_to_every_path_of_the_site() -> None:
    with RawServer(lambda request: [buffered("Hi!") if request.method == "POST" else wpaicg_page()]) as server:
        async with ChatClient(server.url + "/blog/chat", cookies=COOKIES) as chat:
            await chat.ask("Hello")
    assert [request.header("Cookie") for request in server.requests] == ["sid=SECRET"] * 2


def test_a_cookie_that_can_not_be_one_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="'a b' can't be the name of a cookie"):
        ChatClient("http://a.test", cookies={"a b": "1"})


@for_each(
    ("argument", "given", "message"),
    [
        ("cookies", {"a": "b\r\nX: y"}, "cookies: the value of 'a' has a character that no cookie can have"),
        ("cookies", {"a": "b; Path=/"}, "cookies: the value of 'a' has a character"),
        ("cookies", {"a": "\ud83d"}, "cookies: the value of 'a' has a character"),
        ("headers", {"X": "a\r\nb"}, "headers: the value of 'X' has a character that no header can have"),
        ("headers", {"X": "\ud83d"}, "headers: the value of 'X' has a character"),
        ("headers", {"X y": "1"}, "headers: 'X y' can't be the name of a header"),
        ("headers", {"Content-Length": "3"}, "headers: 'Content-Length' is set by the client for each request"),
        ("headers", {"transfer-encoding": "chunked"}, "headers: 'transfer-encoding' is set by the client"),
        ("allow_hosts", ["*"], "allow_hosts: '\\*' is not a host"),
        ("allow_hosts", ["*.a.test"], "allow_hosts: '\\*.a.test' is not a host"),
    ],
)
def test_what_can_not_be_sent_is_refused_at_once(argument: str, given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        ChatClient("http://a.test", **{argument: given})
