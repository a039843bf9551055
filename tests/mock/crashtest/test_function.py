"""Clients as Python functions of every sort."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chatgptfree_mock.crashtest import command, function
from chatgptfree_mock.crashtest.call_thread import CallThread
from chatgptfree_mock.crashtest.observed import Observed
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict, judge
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.scenario.expectation import Expect


class OwnError(Exception):
    kind = "nonce"
    partial = "Hel"


def whole_answer(url: str, message: str) -> str:
    return f"{message} {url}"


def pieces(url: str, message: str) -> Iterator[str]:
    yield message
    raise OwnError


async def coroutine(url: str, message: str) -> str:
    await asyncio.sleep(0)
    return message


async def stream(url: str, message: str) -> AsyncIterator[str]:
    yield "a"
    yield "b"


async def endless(url: str, message: str) -> str:
    await asyncio.Event().wait()
    return "never"


def blocked(url: str, message: str) -> str:
    threading.Event().wait()
    return "never"


def buggy(url: str, message: str) -> str:
    answer: dict[str, str] = {}
    return answer["data"]


def no_text(url: str, message: str) -> Any:
    return 5


def plain_error(url: str, message: str) -> str:
    raise OwnError


def own_timeout(url: str, message: str) -> str:
    raise TimeoutError("my own limit of 2 s ran out")


async def own_async_timeout(url: str, message: str) -> str:
    async with asyncio.timeout(0):
        await asyncio.Event().wait()
    return "never"


def half_a_character(url: str, message: str) -> str:
    return "half \ud83d"


def error_with_half_a_character(url: str, message: str) -> str:
    raise OSError("half \ud83d")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError

    @property
    def kind(self) -> str:
        raise RuntimeError


def unprintable(url: str, message: str) -> str:
    raise UnprintableError


class HostileError(Exception):
    def __str__(self) -> str:
        raise SystemExit(9)

    @property
    def kind(self) -> str:
        raise KeyboardInterrupt


def hostile(url: str, message: str) -> str:
    raise HostileError


class HalfKindError(Exception):
    kind = "half \ud83d"


def half_a_kind(url: str, message: str) -> str:
    raise HalfKindError


def gone_with_a_hostile_word(url: str, message: str) -> str:
    raise SystemExit(HostileError())


def without_end(url: str, message: str) -> Iterator[str]:
    while True:
        yield "x" * 100_000


async def without_end_async(url: str, message: str) -> AsyncIterator[str]:
    while True:
        yield "x" * 100_000
        await asyncio.sleep(0)


def gone(url: str, message: str) -> str:
    sys.exit(0)


def gone_with_a_word(url: str, message: str) -> str:
    sys.exit("no answer")


def run(client: function.Client, seconds: float = 30) -> Observed:
    return function.run(client, "u", "m", seconds=seconds)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        pytest.param(whole_answer, (0, "m u", None, False), id="a string"),
        pytest.param(pieces, (1, "m", "nonce", False), id="pieces, then an error with a kind"),
        pytest.param(coroutine, (0, "m", None, False), id="a coroutine"),
        pytest.param(stream, (0, "ab", None, False), id="an async iterator"),
        pytest.param(plain_error, (1, "Hel", "nonce", False), id="an error that carries the partial text"),
    ],
)
def test_what_a_function_gives_is_taken(client: function.Client, expected: tuple[object, ...]) -> None:
    seen = run(client)
    assert (seen.status, seen.stdout, seen.kind, seen.timed_out) == expected


@pytest.mark.parametrize(
    "client", [pytest.param(own_timeout, id="blocking"), pytest.param(own_async_timeout, id="async")]
)
def test_a_time_out_of_the_clients_own_is_an_error_and_not_a_hang(client: function.Client) -> None:
    seen = run(client)
    assert (seen.timed_out, seen.status) == (False, 1)
    assert judge(Expect(error="timeout"), seen).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    "client",
    [
        half_a_character,
        error_with_half_a_character,
        half_a_kind,
        unprintable,
        hostile,
        gone_with_a_word,
        gone_with_a_hostile_word,
    ],
    ids=lambda one: one.__name__,
)
def test_whatever_a_function_gives_can_be_written_to_a_file(client: function.Client) -> None:
    seen = run(client)
    msgspec.json.encode([seen.stdout, seen.stderr, seen.kind])


def test_half_a_character_is_not_an_answer() -> None:
    assert judge(Expect(text="half \ufffd"), run(half_a_character)).verdict is Verdict.WRONG


def test_an_exit_is_its_exit_code() -> None:
    assert run(gone).status == 0
    assert (run(gone_with_a_word).status, run(gone_with_a_word).stderr) == (1, "no answer")


@pytest.mark.parametrize(
    ("code", "status"),
    [pytest.param(-1, 255, id="-1"), pytest.param(256, 0, id="256"), pytest.param(None, 0, id="None")],
)
def test_an_exit_code_is_what_a_process_would_have(code: int | None, status: int) -> None:
    def client(url: str, message: str) -> str:
        raise SystemExit(code)

    assert run(client).status == status


def test_a_client_that_leaves_the_process_ends_its_call_alone(tmp_path: Path) -> None:
    (tmp_path / "leaving_client.py").write_text(
        "import os\n\ndef ask(url, message):\n    os._exit(0)\n", encoding="utf-8"
    )
    script = (
        "from chatgptfree_mock.crashtest.function import load, run\n"
        "seen = run(load('leaving_client:ask'), 'url', 'message', seconds=60)\n"
        "print(seen.status, repr(seen.stdout), seen.timed_out)\n"
        "import os; print('left', flush=True); os._exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("0 '' False\nleft\n", 7)


@pytest.mark.parametrize(
    "answer", [b"Hello", bytearray(b"Hello"), {"Hello": 1}, {"Hello"}, [b"Hello"]], ids=lambda one: type(one).__name__
)
def test_what_is_not_text_is_not_an_answer(answer: object) -> None:
    seen = run(lambda url, message: answer)
    assert (seen.stdout, seen.status) == ("", 1)
    assert "not text" in seen.stderr


@pytest.mark.parametrize("client", [without_end, without_end_async], ids=lambda one: one.__name__)
def test_an_answer_without_end_is_stopped(client: function.Client) -> None:
    seen = run(client)
    assert (seen.too_much_output, seen.timed_out, len(seen.stdout)) == (True, False, command.room(0))


def test_a_call_whose_time_is_over_takes_no_more() -> None:
    stopped, go_on = threading.Event(), threading.Event()

    def late(url: str, message: str) -> Iterator[str]:
        try:
            go_on.wait()
            while True:
                yield ""
        finally:
            stopped.set()

    assert run(late, seconds=0.01).timed_out
    go_on.set()
    assert stopped.wait(300)


@pytest.mark.parametrize("handled", [(), (Exception,)], ids=["bare", "a client that catches every Exception"])
def test_a_call_whose_time_is_over_does_not_spin_on(handled: tuple[type[Exception], ...]) -> None:
    begun, ended = threading.Event(), threading.Event()

    def spinning(url: str, message: str) -> str:
        try:
            while True:
                with contextlib.suppress(*handled):
                    begun.set()
        finally:
            ended.set()

    def deadline() -> float:
        begun.wait()  # only then is its time over
        return 0.0

    assert function.run(spinning, "http://x", "Hi", seconds=1, deadline=deadline).timed_out
    assert ended.wait(300)


_TRACED = """
import sys, threading
from chatgptfree_mock.crashtest import function

def trace(*_): return trace

def waiting(url, message):
    begun.set()
    threading.Event().wait()

def spinning(url, message):
    threads.append(threading.current_thread())
    begun.set()
    while True: pass

def deadline():
    begun.wait()
    begun.clear()
    return 0.0

begun, threads = threading.Event(), []
threading.settrace(trace), sys.settrace(trace)
for client in (waiting, spinning):
    assert function.run(client, "http://x", "Hi", seconds=1, deadline=deadline).timed_out
threads[0].join(300)
assert not threads[0].is_alive()
"""


def test_a_call_is_stopped_while_a_debugger_or_coverage_traces_the_process() -> None:
    # CPython 3.11 loops in each traced thread while an exception is pending in one that waits.
    done = subprocess.run([sys.executable, "-c", _TRACED], capture_output=True, text=True, check=False, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_coroutine_whose_time_is_over_does_not_spin_on() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def spinning(url: str, message: str) -> str:
        try:
            while True:
                begun.set()
                await asyncio.sleep(0)
        finally:
            ended.set()

    def deadline() -> float:
        begun.wait()
        return 0.0

    assert function.run(spinning, "http://x", "Hi", seconds=1, deadline=deadline).timed_out
    assert ended.wait(300)


def test_a_coroutine_that_never_awaits_does_not_spin_on() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def spinning(url: str, message: str) -> str:
        try:
            while True:
                begun.set()
        finally:
            ended.set()

    def deadline() -> float:
        begun.wait()
        return 0.0

    assert function.run(spinning, "http://x", "Hi", seconds=1, deadline=deadline).timed_out
    assert ended.wait(300)


def test_a_stop_within_a_destructor_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python drops what a destructor raises: the call is stopped in its next step, without a warning."""
    dropped: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)
    begun, ended = threading.Event(), threading.Event()

    class Handle:
        def __del__(self) -> None:
            while True:
                begun.set()

    def closing(url: str, message: str) -> str:
        try:
            handle = Handle()
            del handle
            while True:
                pass
        finally:
            ended.set()

    def deadline() -> float:
        begun.wait()
        return 0.0

    assert function.run(closing, "http://x", "Hi", seconds=1, deadline=deadline).timed_out
    assert ended.wait(300)
    assert dropped == []


def test_what_other_destructors_raise_is_reported_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[type[BaseException] | None] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: dropped.append(unraisable.exc_type))

    class Handle:
        def __init__(self, error: type[Exception]) -> None:
            self._error = error

        def __del__(self) -> None:
            raise self._error

    def closing(url: str, message: str) -> str:
        for error in (OSError, ResourceWarning):
            handle = Handle(error)
            del handle
        return "Hello"

    def stop_a_call() -> None:
        begun, ended = threading.Event(), threading.Event()

        def stopped(url: str, message: str) -> str:
            try:
                while True:
                    begun.set()
            finally:
                closing(url, message)
                ended.set()

        def deadline() -> float:
            begun.wait()
            return 0.0

        assert function.run(stopped, "http://x", "Hi", seconds=1, deadline=deadline).timed_out
        assert ended.wait(300)

    assert run(closing).stdout == "Hello"
    assert dropped == [OSError, ResourceWarning]
    stop_a_call()
    stop_a_call()  # the hook is there once
    assert dropped == [OSError, ResourceWarning, OSError, OSError]
    assert run(closing).stdout == "Hello"
    assert dropped[-2:] == [OSError, ResourceWarning]


def test_an_exception_never_comes_behind_the_end_of_a_call(capfd: pytest.CaptureFixture[str]) -> None:
    # Threads that end just now, each with an exception on its way.
    for _ in range(200):
        thread = CallThread(lambda: None)
        thread.start()
        thread.stop()
        thread.join()
    assert capfd.readouterr().err == ""


def test_a_call_that_is_stopped_before_it_begins_is_not_made() -> None:
    called: list[str] = []
    thread = CallThread(lambda: called.append("called"))
    thread.stop()
    thread.start()
    thread.join()
    assert (called, thread.stopped) == ([], True)


def test_a_call_is_known_as_stopped_before_the_thread_that_stops_it_has_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_thread, "start_new_thread", lambda *_args: 0)
    called: list[str] = []
    thread = CallThread(lambda: called.append("called"))
    tracer = sys.gettrace()
    sys.settrace(lambda *_args: None)
    try:
        thread.stop()
    finally:
        sys.settrace(tracer)
    thread.run()
    assert (called, thread.stopped) == ([], True)


@pytest.mark.parametrize("client", [pytest.param(endless, id="async"), pytest.param(blocked, id="blocking")])
def test_a_function_that_never_returns_hangs(client: function.Client) -> None:
    assert run(client, seconds=0.2).timed_out


def test_a_blocking_call_gets_no_second_more_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    called = threading.Event()

    def client(url: str, message: str) -> str:
        called.set()
        return blocked(url, message)

    # By this clock the limit ends once the client is called.
    monkeypatch.setattr(function, "time", SimpleNamespace(monotonic=lambda: 3600.0 * called.is_set()))
    assert run(client, seconds=3600).timed_out


@pytest.mark.parametrize(
    "client", [pytest.param(buggy, id="a KeyError"), pytest.param(no_text, id="an int for a text")]
)
def test_a_bug_is_a_crash(client: function.Client) -> None:
    assert "Traceback" in run(client).stderr


def needs_both(url: str, message: str, timeout: float, *, bot: str | None) -> str:
    return f"{timeout} {bot}"


def by_place_only(url: str, message: str, timeout: float = 7, /) -> str:
    return f"{timeout}"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param("needs_both", "1800.0 None", id="a time-out and a bot without defaults"),
        pytest.param("by_place_only", "7", id="a parameter that has no name for callers"),
    ],
)
def test_a_function_is_given_what_it_has_parameters_for(name: str, answer: str) -> None:
    client = function.load(f"{__name__}:{name}")
    assert run(client, seconds=3600).stdout == answer


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        pytest.param("json", "is not `module:function`", id="no colon"),
        pytest.param(":ask", "is not `module:function`", id="an empty module"),
        pytest.param("no_such_module_at_all:ask", "can't import", id="no module"),
        pytest.param("json:ask", "has no function `ask`", id="no function"),
        pytest.param("os:getpid", "can't be called with a URL and a message", id="a function of something else"),
        pytest.param("broken_module:ask", "can't import `broken_module`: SyntaxError", id="a module that is broken"),
        pytest.param("leaving_module:ask", "can't import `leaving_module`: SystemExit", id="a module that exits"),
    ],
)
def test_a_name_that_means_nothing_is_refused(
    name: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_module.py").write_text("def ask(:\n", encoding="utf-8")
    (tmp_path / "leaving_module.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SettingsError, match=complaint):
        function.load(name)
