"""
Run a client that is a Python callable, without a process per scenario.

`module:function` takes the URL and the message and returns the answer: a string, an iterable of strings, a coroutine or
an async iterator.  An exception is an error, its own time-outs included; an exception of a programming mistake is a
crash.  `SystemExit` and `os._exit` give their exit code.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import inspect
import io
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn, TypeVar

from chatgptfree_mock.crashtest.command import Deadline, room
from chatgptfree_mock.crashtest.verdict import Observed
from chatgptfree_mock.errors import SettingsError

Client = Callable[..., Any]
_REALLY_EXIT: Final = os._exit
_OWN_PROCESS: Final = os.getpid()
"""The id of this process: in a child that a client forks, `os._exit` ends the child."""
_CALL: Final = "call of a client under test"
T = TypeVar("T")

_BUGS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    NotImplementedError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""Exceptions of programming mistakes; a client that raises one has crashed."""
_NO_PIECES = (bytes, bytearray, memoryview, Mapping, AbstractSet)
"""Iterable types that are not text in pieces."""


def load(name: str) -> Client:
    """
    Import ``module:function``, also from the current folder.

    Raises:
        SettingsError: there is no such module or function.
    """
    module_name, colon, function = name.partition(":")
    if not (module_name and colon and function):
        raise SettingsError(f"`{name}` is not `module:function`")
    _make_exits_results()
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as exc:
        raise SettingsError(f"can't import `{module_name}`: {_words(exc)}") from exc
    client = getattr(module, function, None)
    if not callable(client):
        raise SettingsError(f"`{module_name}` has no function `{function}`")
    try:
        inspect.signature(client).bind("url", "message")
    except (TypeError, ValueError) as exc:
        raise SettingsError(f"`{name}` can't be called with a URL and a message: {exc}") from exc
    return client  # type: ignore[no-any-return]  # what it returns is looked at when it is called


def _make_exits_results() -> None:
    """Let `os._exit` in a client's call end that call, and not the crash test with the client's exit code."""
    os._exit = _exit_call_or_process


def _exit_call_or_process(status: int) -> NoReturn:
    if os.getpid() == _OWN_PROCESS and threading.current_thread().name == _CALL:
        raise SystemExit(status)
    _REALLY_EXIT(status)


class _StoppedError(BaseException):
    """The call is stopped: it returned too much, or its time is over."""


class CallThread(threading.Thread):
    """
    A thread with one call, which `stop` ends where Python can.

    CPython's `PyThreadState_SetAsyncExc` raises an exception in the thread's next Python instruction.  A call that
    waits in a system call, or catches every `BaseException`, continues, but no longer has a server to ask.
    """

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__(daemon=True, name=_CALL)
        self._work = call
        self._lock = threading.Lock()
        self._ended = False
        self.stopped = False
        """Whether `stop` was called before the call ended."""

    def run(self) -> None:
        """Make the call, unless `stop` ends it first."""
        # The exception may come as late as in the last instruction of `_drive`.
        with suppress(_StoppedError):
            self._drive()

    def _drive(self) -> None:
        try:
            self._work()
        finally:
            with self._lock:
                self._ended = True

    def stop(self) -> None:
        """Raise `_StoppedError` in the call, unless it has ended."""
        with self._lock:
            if not self._ended and self.ident is not None:
                self.stopped = True
                _StopAgain.install()
                identity = ctypes.c_ulong(self.ident)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(_StoppedError))

    def stop_in_next_line(self, frame: FrameType | None) -> None:
        """Raise `_StoppedError` in this thread, which runs *frame*, unless the call has ended by then."""
        while frame is not None:
            frame.f_trace = self._raise_stop
            frame = frame.f_back
        sys.settrace(self._raise_stop)

    def _raise_stop(self, frame: FrameType, event: str, arg: object) -> None:
        if not self._ended:
            raise _StoppedError


class _StopAgain:
    """
    An unraisable hook for stopped calls, which leaves everything else to *otherwise*.

    A stop inside a destructor, where Python drops exceptions, is repeated.  `stop` cannot do that, since its exception
    would be raised, and dropped, in the hook; a trace function raises it in the next line of the call. A
    ResourceWarning about a socket that a stopped call left open is dropped, since stopping caused it.
    """

    def __init__(self, otherwise: Callable[[sys.UnraisableHookArgs], object]) -> None:
        self._otherwise = otherwise

    @classmethod
    def install(cls) -> None:
        """Install the hook in front of the present one, unless it is installed already."""
        if not isinstance(sys.unraisablehook, cls):
            sys.unraisablehook = cls(sys.unraisablehook)

    def __call__(self, unraisable: sys.UnraisableHookArgs, /) -> None:
        thread, here = threading.current_thread(), inspect.currentframe()
        if not isinstance(thread, CallThread) or not thread.stopped:
            self._otherwise(unraisable)
        elif unraisable.exc_type is _StoppedError:
            thread.stop_in_next_line(here and here.f_back)
        elif unraisable.exc_type is not ResourceWarning:
            self._otherwise(unraisable)


@dataclass(slots=True)
class _Run:
    """A running call: its results so far, and how it ended."""

    room: int
    """The number of characters of its answer that are kept."""
    pieces: list[str] = field(default_factory=list)
    status: int = 0
    stderr: str = ""
    kind: str | None = None
    partial: str = ""
    too_much: bool = False
    over: bool = False
    """Whether it was stopped because its time was over."""
    cancel: Callable[[], object] | None = None
    """Cancels the coroutine, from any thread; None if the call is not a coroutine."""

    def drive(self, call: Callable[[], Any], seconds: float | None) -> None:
        try:
            answer = call()
            if inspect.isawaitable(answer) or isinstance(answer, AsyncIterator):
                asyncio.run(self._limited(answer, seconds))
            else:
                self._take(answer)
        except _StoppedError:
            return
        except asyncio.CancelledError as exc:
            if not self.over:
                self._failed(exc)
        except SystemExit as exc:
            self.status, self.stderr = _exit(exc.code)
        except BaseException as exc:  # noqa: BLE001 - whatever the client raises is the result
            self._failed(exc)

    def text(self) -> str:
        """Return the answer, or the partial text of the error."""
        return "".join(self.pieces) or self.partial

    async def _limited(self, answer: Any, seconds: float | None) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        self.cancel = None if task is None else partial(loop.call_soon_threadsafe, task.cancel)
        async with asyncio.timeout(seconds) as limit:
            try:
                await self._collect(answer)
            finally:
                self.over = limit.expired()

    async def _collect(self, answer: Any) -> None:
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, AsyncIterator):
            async for piece in answer:
                self._take(piece)
        else:
            self._take(answer)

    def _take(self, answer: object) -> None:
        if self.over:
            raise _StoppedError
        if isinstance(answer, str):
            self._keep(answer)
        elif isinstance(answer, Iterable) and not isinstance(answer, _NO_PIECES):
            for piece in answer:
                self._take(piece)
        elif answer is not None:
            raise TypeError(f"the client returned {type(answer).__name__}, not text")

    def _keep(self, piece: str) -> None:
        self.pieces.append(piece[: self.room])
        self.too_much = len(piece) > self.room
        self.room -= len(piece)
        if self.too_much:
            raise _StoppedError

    def _failed(self, error: BaseException) -> None:
        """Read the attributes of the error; this runs the client's own code, so it is part of the call."""
        self.status, self.kind = 1, _attribute(error, "kind")
        crashed = isinstance(error, _BUGS) and self.kind is None
        self.stderr = "".join(traceback.format_exception(error)) if crashed else _words(error)
        self.partial = _attribute(error, "partial") or ""


class _Nowhere(io.TextIOWrapper):
    """A file that discards what is written, and that a client cannot close."""

    def close(self) -> None:
        """Do nothing: the next client prints here, too."""


@contextmanager
def quiet() -> Iterator[Callable[[], None]]:
    """
    Discard what clients called in this process print to stdout.

    They may close it as well, and put something else in its place or in that of stderr: the function that this yields
    puts both back.
    """
    with (
        open(os.devnull, "wb") as nowhere,
        redirect_stderr(sys.stderr) as stderr,
        redirect_stdout(_Nowhere(nowhere, encoding="utf-8")) as stdout,
    ):

        def put_back() -> None:
            sys.stdout, sys.stderr = stdout, stderr

        yield put_back


def run(
    client: Client,
    url: str,
    message: str,
    *,
    seconds: float,
    bot: str | None = None,
    expected_bytes: int = 0,
    deadline: Deadline | None = None,
) -> Observed:
    """
    Call *client* for at most *seconds* and return the result.

    One that has not ended by then gets an exception in its next step; a wait in a system call is left to its thread.

    *deadline* returns, whenever it is asked, until when the call may last; by default *seconds* from the start.

    A client with a parameter `bot` gets the requested bot, None for any; one with `timeout` half of *seconds*. It is
    stopped when it returns more than the limit `command.room` for *expected_bytes*.
    """
    call = _Run(room=room(expected_bytes))
    more = {name: value for name, value in (("bot", bot), ("timeout", seconds / 2)) if takes(client, name)}
    work = partial(client, url, message, **more)
    thread = CallThread(partial(call.drive, work, seconds if deadline is None else None))
    thread.start()
    if deadline is None:
        thread.join(seconds + 1)
    else:
        _join(thread, deadline)
    timed_out = thread.is_alive() or call.over
    call.over = timed_out
    if timed_out:
        _end(thread, call)
    text = call.text()
    return Observed(
        status=1 if timed_out else call.status,
        stdout=_LONE.sub(_LOST, text),
        stderr=_LONE.sub(_LOST, call.stderr),
        kind=call.kind and _LONE.sub(_LOST, call.kind),
        timed_out=timed_out,
        seconds=seconds,
        too_much_output=call.too_much,
        binary=_LONE.search(text) is not None,
    )


def _end(thread: CallThread, call: _Run) -> None:
    """
    End a call whose time is over.

    A coroutine is cancelled first, since an exception that is raised in its event loop's own code would be lost.
    """
    if call.cancel is not None:
        with suppress(RuntimeError):  # the loop is closed: the call ends by itself
            call.cancel()
        thread.join(_LEAVING)
    thread.stop()


def _join(thread: threading.Thread, deadline: Deadline) -> None:
    """Wait for the end of *thread*, but not beyond the *deadline*, which may move."""
    while thread.is_alive() and (left := deadline() - time.monotonic()) > 0:
        thread.join(min(left, _LOOK))


_LEAVING: Final = 1.0
"""Seconds that a cancelled coroutine gets to end; without an `await` it does not notice."""
_LOOK: Final = 0.05
"""Seconds between two checks of a deadline."""
_LONE = re.compile("[\ud800-\udfff]")
_LOST = "\ufffd"


def takes(client: Client, name: str) -> bool:
    """Return whether *client* has a parameter *name*."""
    return name in inspect.signature(client).parameters


def _exit(code: object) -> tuple[int, str]:
    """Return the exit code and the last words of a program that raises ``SystemExit(code)``."""
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF, ""  # a system keeps eight bits of an exit code
    return 1, _safe(lambda: str(code), "SystemExit")


def _attribute(error: BaseException, name: str) -> str | None:
    """Return the attribute *name* of *error* if it is a text."""
    value = _safe(lambda: getattr(error, name, None), None)
    return value if isinstance(value, str) else None


def _words(error: BaseException) -> str:
    return _safe(lambda: f"{type(error).__name__}: {error}", type(error).__name__)


def _safe(look: Callable[[], T], otherwise: T) -> T:
    """Return what *look* does, or *otherwise* if code of the client's own, such as `__str__`, raises anything."""
    try:
        return look()
    except BaseException:  # noqa: BLE001 - a client may raise even SystemExit there
        return otherwise
