"""Asking over real sockets with asyncio: streams, conversations, many callers at once, leaving early."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from typing import Any

import pytest
from tests.support.many_cases import for_each
from tests.support.no_certificates import NO_CERTIFICATES
from tests.support.raw_server import CLOSE, HANG, Answer, RawRequest, RawServer
from tests.support.raw_site import (
    AJAX_PATH,
    CACHED,
    EXPIRED_403,
    NONCES,
    aipkit_config,
    aipkit_element,
    aipkit_events,
    aipkit_page,
    buffered,
    chunk,
    delta,
    document,
    response,
    site,
    stream_head,
    streamed,
    wpaicg_page,
)

from chatgptfree import (
    ChatClient,
    ChatConnectionError,
    ChatTimeoutError,
    InterruptedStreamError,
    Limits,
    NonceError,
    NoNonceFound,
    RefusedError,
    Timeout,
    TooLargeError,
    UnknownModelError,
)
from chatgptfree.aio import real_time

HALF = stream_head() + chunk(delta("Hel"))


@pytest.mark.asyncio
async def test_a_stream_comes_piece_by_piece_and_leaves_its_reply() -> None:
    with site(streamed("Hel", "lo 👋")) as server:
        async with ChatClient(server.url) as chat:
            stream = chat.stream("Hello")
            assert [delta.text async for delta in stream] == ["Hel", "lo 👋"]
    assert (stream.reply.text, stream.reply.finish, stream.reply.bot) == ("Hello 👋", "stop", "0")


@pytest.mark.asyncio
async def test_a_piece_comes_out_before_the_next_one_is_sent() -> None:
    go_on = threading.Event()
    with site([HALF, go_on, chunk(delta("lo") + "data: [DONE]\n\n") + b"0\r\n\r\n"]) as server:
        async with ChatClient(server.url) as chat:
            stream = chat.stream("Hello")
            assert (await anext(stream)).text == "Hel"
            go_on.set()
            assert [delta.text async for delta in stream] == ["lo"]


@pytest.mark.asyncio
async def test_a_reply_is_not_there_before_its_end() -> None:
    with site(streamed("Hello")) as server:
        async with ChatClient(server.url) as chat, chat.stream("Hello") as stream:
            with pytest.raises(RuntimeError, match="read to its end"):
                _ = stream.reply


@pytest.mark.asyncio
async def test_the_page_is_read_once_for_many_calls() -> None:
    with site(buffered("Hi!")) as server:
        async with ChatClient(server.url) as chat:
            for _ in range(3):
                assert (await chat.ask("Hello")).text == "Hi!"
        assert (server.count("GET"), server.count("POST")) == (1, 3)


@pytest.mark.asyncio
async def test_many_callers_at_the_start_fetch_one_page() -> None:
    with site(buffered("Hi!")) as server:
        async with ChatClient(server.url) as chat:
            replies = await asyncio.gather(*(chat.ask("Hello") for _ in range(10)))
        assert {reply.text for reply in replies} == {"Hi!"}
        assert server.count("GET") == 1


def refusing(*good: str) -> RawServer:
    """Return a site that takes only the nonces *good*, and whose page has the next one of `NONCES` each time."""
    nonces = iter(NONCES)

    def answer(request: RawRequest) -> Answer:
        if request.path != AJAX_PATH:
            return [wpaicg_page(next(nonces, NONCES[-1]))]
        return [buffered("Hi!") if request.fields["_wpnonce"] in good else EXPIRED_403]

    return RawServer(answer)


@pytest.mark.asyncio
async def test_many_callers_with_a_refused_nonce_renew_it_once() -> None:
    with refusing(NONCES[1]) as server:
        async with ChatClient(server.url) as chat:
            replies = await asyncio.gather(*(chat.ask("Hello") for _ in range(10)))
        assert {reply.text for reply in replies} == {"Hi!"}
        assert server.count("GET") == 2
        assert server.count("POST") <= 20


@pytest.mark.asyncio
async def test_a_site_that_refuses_for_ever_is_not_stormed() -> None:
    with refusing() as server:
        async with ChatClient(server.url) as chat:
            outcomes = await asyncio.gather(*(chat.ask("Hello") for _ in range(10)), return_exceptions=True)
        assert all(isinstance(outcome, NonceError) for outcome in outcomes)
        assert server.count("GET") <= 4
        assert server.count("POST") <= 20


@pytest.mark.asyncio
async def test_a_failed_refresh_is_shared_by_all_waiting_calls() -> None:
    down = response("<h1>down</h1>", status="404 Not Found")
    with site(b"", pages=[down]) as server:
        async with ChatClient(server.url) as chat:
            outcomes = await asyncio.gather(*(chat.ask("Hello") for _ in range(10)), return_exceptions=True)
        assert len({id(outcome) for outcome in outcomes}) == 10
        assert {str(outcome) for outcome in outcomes} == {"no page there (status 404)"}
        assert server.count("GET") == 1


@pytest.mark.asyncio
async def test_a_caller_that_leaves_does_not_take_the_others_with_it() -> None:
    go_on = threading.Event()
    with site(buffered("Hi!"), pages=[[go_on, wpaicg_page()]]) as server:
        async with ChatClient(server.url) as chat:
            first, second = asyncio.create_task(chat.ask("Hello")), asyncio.create_task(chat.ask("Hello"))
            await asyncio.to_thread(server.asked.wait, 10)
            first.cancel()
            go_on.set()
            assert (await second).text == "Hi!"
            with pytest.raises(asyncio.CancelledError):
                await first


@pytest.mark.asyncio
async def test_a_break_closes_the_connection_at_once() -> None:
    with site([HALF, HANG]) as server:
        async with ChatClient(server.url) as chat:
            async for piece in chat.stream("Hello"):
                assert piece.text == "Hel"
                break
            assert await asyncio.to_thread(server.hung_up.wait, 10)


@pytest.mark.asyncio
async def test_a_cancelled_call_closes_the_connection_at_once() -> None:
    with site([HALF, HANG]) as server:
        async with ChatClient(server.url) as chat:
            stream = chat.stream("Hello")
            await anext(stream)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await asyncio.to_thread(server.hung_up.wait, 10)
            assert [piece async for piece in stream] == []


@pytest.mark.asyncio
async def test_a_stream_of_a_closed_client_is_interrupted() -> None:
    with site([HALF, HANG]) as server:
        chat = ChatClient(server.url)
        stream = chat.stream("Hello")
        await anext(stream)
        await chat.close()
        with pytest.raises(InterruptedStreamError, match="closed") as caught:
            await anext(stream)
        assert caught.value.partial == "Hel"


@pytest.mark.asyncio
@pytest.mark.parametrize("used", [True, False])
async def test_a_closed_client_reports_that_and_opens_nothing(used: bool) -> None:
    with site(buffered("Hello")) as server:
        async with ChatClient(server.url) as chat:
            if used:
                await chat.ask("Hello")
        count = len(server.requests)
        with pytest.raises(RuntimeError, match="the client is closed"):
            await chat.ask("Hello")
        assert len(server.requests) == count


LEAVING = """
import asyncio, os, signal, sys
from chatgptfree import ChatClient

async def main():
    async with ChatClient(sys.argv[1]) as chat:
        async for piece in chat.stream("Hello"):
            print(piece.text, flush=True)
            if sys.argv[2] == "break":
                break
            if sys.argv[2] == "interrupt":
                os.kill(os.getpid(), signal.SIGINT)
            if sys.argv[2] == "raise":
                raise SystemExit(7)

asyncio.run(main())
"""


@pytest.mark.parametrize(("way", "code"), [("break", 0), ("interrupt", -2), ("raise", 7)])
def test_leaving_early_prints_nothing(way: str, code: int) -> None:
    with site([HALF, HANG]) as server:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", LEAVING, server.url, way],
            env={**os.environ, **NO_CERTIFICATES},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert server.hung_up.wait(10)
    assert ended.stdout == "Hel\n"
    assert ended.returncode == code
    noise = ended.stderr.split("Traceback", 1)[0] if way == "interrupt" else ended.stderr
    assert noise == ""


@pytest.mark.asyncio
async def test_the_whole_call_has_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = real_time.now
    with site([HALF, HANG]) as server:
        async with ChatClient(server.url, timeout=Timeout(total=60)) as chat, chat.stream("Hello") as stream:
            await anext(stream)
            monkeypatch.setattr(real_time, "now", lambda: now() + 60)
            with pytest.raises(ChatTimeoutError) as caught:
                await anext(stream)
    assert (caught.value.phase, caught.value.partial) == ("total", "Hel")
    assert str(caught.value) == "the whole call took more than 60 s"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("limits", "pages", "ajax"),
    [
        (Limits(page=1000), [response("x" * 2000)], [b""]),
        (Limits(reply=1000), [wpaicg_page()], [buffered("x" * 2000)]),
        (Limits(event=1000), [wpaicg_page()], [streamed("x" * 2000)]),
    ],
    ids=["page", "reply", "event"],
)
async def test_what_is_too_large_is_refused(limits: Limits, pages: list[bytes], ajax: list[bytes]) -> None:
    with site(*ajax, pages=pages) as server:
        async with ChatClient(server.url, limits=limits) as chat:
            with pytest.raises(TooLargeError):
                await chat.ask("Hello")


@pytest.mark.asyncio
async def test_a_kept_connection_that_broke_is_replaced_silently() -> None:
    with site([buffered("Hi!"), CLOSE], pages=[[wpaicg_page(), CLOSE]]) as server:
        async with ChatClient(server.url) as chat:
            for _ in range(3):
                assert (await chat.ask("Hello")).text == "Hi!"


@pytest.mark.asyncio
async def test_a_connection_that_always_breaks_is_tried_twice() -> None:
    with site([CLOSE]) as server:
        async with ChatClient(server.url) as chat:
            with pytest.raises(ChatConnectionError):
                await chat.ask("Hello")
        assert server.count("POST") == 2


@pytest.mark.asyncio
async def test_bots_are_chosen_by_id_and_by_name() -> None:
    page = response(
        document(
            aipkit_element(aipkit_config(bot_id=25865, headerName="GPT-4o mini")),
            aipkit_element(aipkit_config(bot_id=25871, headerName="gpt-5-nano")),
        )
    )
    with site(CACHED, aipkit_events("Hi!"), pages=[page]) as server:
        async with ChatClient(server.url) as chat:
            assert [bot.id for bot in await chat.bots()] == ["25865", "25871"]
            assert (await chat.ask("Hello", bot="gpt-5-nano")).bot == "25871"
            with pytest.raises(UnknownModelError, match="there is 25865"):
                await chat.ask("Hello", bot="o9")


@pytest.mark.asyncio
async def test_a_conversation_keeps_its_ids_and_two_share_none() -> None:
    def answer(request: RawRequest) -> Answer:
        if request.path != AJAX_PATH:
            return [aipkit_page()]
        return [CACHED if request.method == "POST" else aipkit_events("Hi!")]

    with RawServer(answer) as server:
        async with ChatClient(server.url) as chat:
            talk, other = chat.conversation(), chat.conversation()
            for turn in (talk, talk, other):
                await turn.ask("Hello")
        streams = [request.fields for request in server.requests if "cache_key" in request.fields]
    assert len({fields["session_id"] for fields in streams}) == 1
    first, second, third = (fields["conversation_uuid"] for fields in streams)
    assert first == second != third
    assert [message.content for message in talk.history] == ["Hello", "Hi!"] * 2


@pytest.mark.asyncio
async def test_a_wordpress_in_a_folder_is_asked_in_its_folder() -> None:
    def answer(request: RawRequest) -> Answer:
        return [buffered("Hi!")] if request.method == "POST" else [wpaicg_page()]

    with RawServer(answer) as server:
        async with ChatClient(f"{server.url}/blog/") as chat:
            await chat.ask("Hello")
        assert [request.target for request in server.requests] == ["/blog/", "/blog/wp-admin/admin-ajax.php"]


@pytest.mark.asyncio
async def test_nothing_is_sent_for_an_empty_message() -> None:
    with site(b"") as server:
        async with ChatClient(server.url) as chat:
            with pytest.raises(RefusedError):
                await chat.ask(" ")
        assert server.requests == []


@pytest.mark.asyncio
async def test_two_clients_share_nothing() -> None:
    with refusing(NONCES[0]) as one, refusing(NONCES[1]) as other:
        async with ChatClient(one.url) as first, ChatClient(other.url) as second:
            await asyncio.gather(first.ask("Hello"), second.ask("Hello"))
        assert (one.count("GET"), other.count("GET")) == (1, 2)


@for_each(
    "url",
    [
        *("", "chatgptfree.ai", "ftp://h", "http://", "http://h:99999", "http://[x"),
        # aiohttp would drop the first and encode the others.
        *("http://u:p\n@h/", "http://a b/", "http://a\tb/", " http://h/", "http://h/ ", "http://h/\x7f"),
    ],
)
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="not an http or https address"):
        ChatClient(url)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"headers": {"X": 5}}, "headers: the value of 'X' is not a text: 5"),
        ({"headers": {5: "x"}}, "headers: the name 5 is not a text"),
        ({"cookies": {"X": None}}, "cookies: the value of 'X' is not a text: None"),
    ],
)
def test_a_header_or_cookie_that_is_not_a_text_is_named(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(TypeError, match=f"^{complaint}$"):
        ChatClient("http://h/", **given)


@pytest.mark.asyncio
async def test_a_page_without_a_chat_is_the_error_of_old() -> None:
    with site(b"", pages=[response(document(title="Parked"))]) as server:
        async with ChatClient(server.url) as chat:
            with pytest.raises(NoNonceFound, match=r"^No nonce found, because there is no chat on the page$") as caught:
                await chat.ask("Hello")
    assert "Parked" in caught.value.excerpt


@pytest.mark.asyncio
async def test_looking_at_the_page_has_a_limit_too() -> None:
    with site(b"", pages=[[HANG]]) as server:
        async with ChatClient(server.url, timeout=Timeout(total=0.2)) as chat:
            with pytest.raises(ChatTimeoutError) as caught:
                await chat.bots()
    assert caught.value.phase == "total"


@pytest.mark.parametrize(
    ("turns", "kind"),
    [
        ([{"role": "robot", "content": "Hello"}], ValueError),
        ([{"role": "user", "content": None}], TypeError),
        (["Hello"], TypeError),
        ([{"content": "Hello"}], ValueError),
    ],
    ids=["no such role", "no text", "no turn", "no role"],
)
def test_what_is_not_a_message_is_refused_at_once(turns: list[dict[str, str]], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        ChatClient("http://127.0.0.1:1").stream(turns)


@pytest.mark.parametrize("message", [None, 3, b"Hello", {"role": "user", "content": "Hello"}], ids=repr)
def test_what_is_neither_text_nor_turns_is_refused(message: Any) -> None:
    with pytest.raises(TypeError, match=r"^a message is a text or a list of turns, not "):
        ChatClient("http://127.0.0.1:1").stream(message)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"timeout": 5}, r"timeout is a Timeout, such as .*, not 5"),
        ({"limits": 1000}, r"limits is a Limits, such as .*, not 1000"),
        ({"bot": 25865}, r"bot is the id or the name of a bot as text, not 25865"),
        ({"url": None}, r"url is an http or https address as text, not None"),
        ({"proxy": b"x"}, r"proxy is an http or https address as text, not b'x'"),
        ({"headers": "X: 5"}, r"headers maps names to values, such as {'name': 'value'}; not 'X: 5'"),
        ({"cookies": [("a", "b")]}, r"cookies maps names to values, such as {'name': 'value'}; not \[\('a', 'b'\)\]"),
        ({"allow_hosts": None}, r"allow_hosts is a list of hosts, such as \['chat.example'\], not None"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_an_argument_of_a_wrong_type_is_refused_at_once(arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(TypeError, match=expected):
        ChatClient(**{"url": "http://127.0.0.1:1", **arguments})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"bot": " "}, "bot is empty; give the id or the name of a bot, or leave it out"),
        (
            {"proxy": "http://h:1/path"},
            "the address of a proxy ends with its port; leave out what follows in 'http://h:1/",
        ),
        (
            {"proxy": "http://u:p@h:1?q"},
            "the address of a proxy ends with its port; leave out what follows in 'http://h:1",
        ),
    ],
    ids=str,
)
def test_an_argument_that_cannot_act_is_refused_at_once(arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}"):
        ChatClient("http://127.0.0.1:1", **arguments)


def test_the_bot_of_a_call_is_reported_at_once_too() -> None:
    with pytest.raises(TypeError, match="as text, not 25865"):
        ChatClient("http://127.0.0.1:1").stream("Hello", bot=25865)  # type: ignore[arg-type]
