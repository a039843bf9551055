"""The client without async: in threads, inside a running loop, abandoned, interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.raw_server import CLOSE, HANG
from tests.support.raw_site import buffered, chunk, delta, site, stream_head, streamed

import chatgptfree
from chatgptfree import ChatConnectionError, InterruptedStreamError, RefusedError
from chatgptfree.blocking import ChatClient

HALF = stream_head() + chunk(delta("Hel"))


def test_the_same_methods_without_async() -> None:
    with site(streamed("Hel", "lo")) as server, ChatClient(server.url) as chat:
        stream = chat.stream("Hello")
        assert [piece.text for piece in stream] == ["Hel", "lo"]
        assert stream.reply.text == chat.ask("Hello").text == "Hello"
        assert [bot.id for bot in chat.bots()] == ["0"]
        assert chat.page().chats[0].bot.id == "0"
        talk = chat.conversation()
        assert talk.ask("Hello").text == "Hello"
        assert [piece.text for piece in talk.stream("And now?")] == ["Hel", "lo"]
        assert len(talk.history) == 4


def test_the_signatures_are_those_of_the_asyncio_client() -> None:
    for name, method in inspect.getmembers(chatgptfree.ChatClient, inspect.isfunction):
        if not name.startswith("_"):
            assert (
                inspect.signature(getattr(ChatClient, name)).parameters.keys()
                == inspect.signature(method).parameters.keys()
            ), name
    parameters = dict(inspect.signature(chatgptfree.ChatClient).parameters)
    del parameters["session"]  # it belongs to another loop
    assert inspect.signature(ChatClient).parameters == parameters


@pytest.mark.asyncio
async def test_it_works_inside_a_running_loop() -> None:
    with site(buffered("Hi!")) as server, ChatClient(server.url) as chat:
        assert chat.ask("Hello").text == "Hi!"
        await asyncio.sleep(0)


def test_several_threads_share_one_client() -> None:
    with site(buffered("Hi!")) as server, ChatClient(server.url) as chat, ThreadPoolExecutor(5) as threads:
        assert {reply.text for reply in threads.map(chat.ask, ["Hello"] * 10)} == {"Hi!"}
        assert server.count("GET") == 1


def test_errors_come_through_as_they_are() -> None:
    with site([HALF, CLOSE]) as server, ChatClient(server.url) as chat:
        with pytest.raises(InterruptedStreamError) as caught:
            chat.ask("Hello")
        assert caught.value.partial == "Hel"
        with pytest.raises(RefusedError):
            chat.ask("")


def test_a_break_closes_the_connection() -> None:
    with site([HALF, HANG]) as server, ChatClient(server.url) as chat:
        for piece in chat.stream("Hello"):
            assert piece.text == "Hel"
            break
        assert server.hung_up.wait(10)


def test_a_forgotten_client_is_closed() -> None:
    with site([HALF, HANG]) as server:
        stream = ChatClient(server.url).stream("Hello")
        assert next(stream).text == "Hel"
        thread = next(thread for thread in threading.enumerate() if thread.name == "chatgptfree")
        del stream
        gc.collect()
        assert server.hung_up.wait(10)
        thread.join(10)
        assert not thread.is_alive()


def test_closing_twice_is_harmless() -> None:
    with site(buffered("Hi!")) as server:
        chat = ChatClient(server.url)
        chat.ask("Hello")
        chat.close()
        chat.close()


def test_a_closed_client_reports_that_and_its_streams_may_be_closed() -> None:
    with site([HALF, HANG]) as server:
        chat = ChatClient(server.url)
        with chat.stream("Hello") as stream:
            next(stream)
            chat.close()
            with pytest.raises(RuntimeError, match="the client is closed"):
                next(stream)
        with pytest.raises(RuntimeError, match="the client is closed"):
            chat.ask("Hello")


def test_nobody_waits_for_ever_for_a_client_that_is_closed() -> None:
    """Not even for a connection that is never made: a listener whose queue is full answers nobody."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as waiting:
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        chat = ChatClient(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with ThreadPoolExecutor(3) as threads:
            asked = [threads.submit(chat.ask, "Hello") for _ in range(3)]
            time.sleep(0.2)
            chat.close()
            for future in asked:
                with pytest.raises(ChatConnectionError, match="closed"):
                    future.result(10)


ABANDONED = """
import sys
from chatgptfree.blocking import ChatClient

chat = ChatClient(sys.argv[1])
stream = chat.stream("Hello")
print(next(stream).text)
"""


def test_a_program_that_just_ends_prints_nothing() -> None:
    with site([HALF, HANG]) as server:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", ABANDONED, server.url],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert server.hung_up.wait(10)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("Hel\n", "", 0)
