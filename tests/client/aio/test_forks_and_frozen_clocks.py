"""A client in a forked process, and one in a test that stops the clocks."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import freezegun
import pytest
import time_machine
from tests.support.forked import in_a_fork
from tests.support.raw_server import HANG, Answer
from tests.support.raw_site import DONE, LAST_CHUNK, STOP, buffered, chunk, delta, site, stream_head, streamed

from chatgptfree import ChatClient, ChatTimeoutError, Timeout, blocking
from chatgptfree.aio.real_time import now, until
from chatgptfree.core.session import conversation

HALF = stream_head() + chunk(delta("Hel"))
UNCLOSED = stream_head() + chunk(delta("Hello") + STOP + DONE)


def test_a_client_works_on_in_a_forked_process_and_in_its_parent() -> None:
    with site(buffered("Hi!")) as server, blocking.ChatClient(server.url) as chat:
        talk = chat.conversation()
        talk.ask("One")
        assert in_a_fork(lambda: chat.ask("Two").text) == "'Hi!'"
        assert in_a_fork(lambda: (talk.ask("Two").text, len(talk.history))) == "('Hi!', 4)"
        assert in_a_fork(lambda: in_a_fork(lambda: chat.ask("Two").text)) == repr("'Hi!'")
        assert talk.ask("Three").text == "Hi!"
        assert len(talk.history) == 4
        assert server.count("GET") == 1
        assert len({request.connection for request in server.requests}) > 2


def test_nothing_of_the_parent_is_closed_by_a_forked_process() -> None:
    """The processes share an epoll instance; taking a socket out of it there would leave the parent waiting."""
    go_on = threading.Event()
    answer: Answer = [HALF, go_on, chunk(delta("lo") + STOP + DONE) + LAST_CHUNK]
    with site(answer) as server, blocking.ChatClient(server.url) as chat:
        stream = chat.stream("Hello")
        assert next(stream).text == "Hel"

        def close_all() -> str:
            chat.close()
            stream.close()
            gc.collect()
            return "closed"

        assert in_a_fork(close_all) == "'closed'"
        go_on.set()
        assert [piece.text for piece in stream] == ["lo"]


def test_an_answer_stays_with_the_process_that_asked() -> None:
    with site([HALF, HANG]) as server, blocking.ChatClient(server.url) as chat:
        stream = chat.stream("Hello")
        next(stream)
        assert in_a_fork(lambda: next(stream)).startswith("RuntimeError: the answer belongs to the process")
        stream.close()


def test_a_closed_client_stays_closed() -> None:
    with site(buffered("Hi!")) as server:
        with blocking.ChatClient(server.url) as chat:
            chat.ask("Hello")
        assert in_a_fork(lambda: chat.ask("Hello")) == "RuntimeError: the client is closed"


def test_a_forked_process_ends() -> None:
    """Also one that runs what was registered for its end, as workers of gunicorn and multiprocessing do."""
    with site(buffered("Hi!")) as server:
        program = (
            "import multiprocessing, os, sys; from chatgptfree.blocking import ChatClient\n"
            "chat = ChatClient(sys.argv[1]); chat.ask('x')\n"
            "pid = os.fork()\n"
            "if pid: print('parent', os.waitpid(pid, 0)[1], chat.ask('x').text)\n"
            "else: print('child', chat.ask('x').text, flush=True)\n"
        )
        done = subprocess.run(
            # From 3.12 on Python warns of any fork of a process with threads, which is what this is about.
            [
                sys.executable,
                "-W",
                "default",
                "-W",
                "ignore:This process:DeprecationWarning",
                "-c",
                program,
                server.url,
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
    assert done.stdout.splitlines() == ["child Hi!", "parent 0 Hi!"]
    assert done.stderr == ""


def test_multiprocessing_s_fork() -> None:
    with site(buffered("Hi!")) as server, blocking.ChatClient(server.url) as chat:
        chat.ask("Hello")
        with multiprocessing.get_context("fork").Pool(1) as pool:
            assert pool.apply_async(_asks, (server.url,)).get(60) == "Hi!"


def _asks(url: str) -> str:
    with blocking.ChatClient(url) as chat:
        return chat.ask("Hello").text


FREEZERS = [
    pytest.param(lambda: freezegun.freeze_time("2030-01-01"), id="freezegun"),
    pytest.param(lambda: freezegun.freeze_time("2030-01-01", real_asyncio=True), id="freezegun, real asyncio"),
    pytest.param(lambda: time_machine.travel("2030-01-01", tick=False), id="time-machine"),
]
ENDINGS = [
    pytest.param([streamed("Hello")], {}, "Hello", id="an answer"),
    pytest.param([UNCLOSED, HANG], {}, "Hello", id="an answer whose connection stays open"),
    pytest.param([HALF, HANG], {"idle": 0.1}, "idle", id="silence"),
    pytest.param([HANG], {"idle": 0.1, "connect": 0.2}, "idle", id="no head"),
    pytest.param([HALF, HANG], {"total": 0.1}, "total", id="a total limit"),
]


@pytest.fixture
def soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment only for what may follow the end mark."""
    monkeypatch.setattr(conversation, "AFTER_THE_END", 0.05)


@pytest.mark.usefixtures("soon_over")
@pytest.mark.parametrize("freeze", FREEZERS)
@pytest.mark.parametrize(("steps", "limits", "expected"), ENDINGS)
def test_a_blocking_client_ends_while_time_is_frozen(
    freeze: Callable[[], Any], steps: list[Any], limits: dict[str, float], expected: str
) -> None:
    with site(steps) as server, freeze(), blocking.ChatClient(server.url, timeout=Timeout(**limits)) as chat:
        try:
            got = chat.ask("Hello").text
        except ChatTimeoutError as error:
            got = error.phase
    assert got == expected


@pytest.mark.usefixtures("soon_over")
@pytest.mark.parametrize("freeze", FREEZERS)
@pytest.mark.parametrize(("steps", "limits", "expected"), ENDINGS)
def test_an_async_client_ends_in_a_loop_whose_time_is_frozen(
    freeze: Callable[[], Any], steps: list[Any], limits: dict[str, float], expected: str
) -> None:
    async def ask(url: str) -> str:
        async with ChatClient(url, timeout=Timeout(**limits)) as chat:
            try:
                return (await chat.ask("Hello")).text
            except ChatTimeoutError as error:
                return error.phase

    with site(steps) as server, freeze():
        assert asyncio.run(ask(server.url)) == expected


def test_a_client_that_was_made_before_continues() -> None:
    with site(streamed("Hello")) as server, blocking.ChatClient(server.url) as chat:
        assert chat.ask("Hello").text == "Hello"
        with freezegun.freeze_time("2030-01-01"):
            assert chat.ask("Hello").text == "Hello"
        assert chat.ask("Hello").text == "Hello"


@pytest.mark.parametrize("freeze", FREEZERS)
def test_the_clock_continues(freeze: Callable[[], Any]) -> None:
    async def wait() -> None:
        async with until(now() + 0.01):
            await asyncio.Event().wait()

    with freeze():
        before = now()
        with pytest.raises(TimeoutError):
            asyncio.run(wait())
        assert before + 0.01 <= now() < before + 3600
