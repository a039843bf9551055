"""
Run a client that is a Python callable, without a process per scenario.

`module:function` takes the URL and the message and returns the answer: a string, an iterable of strings, a coroutine or
an async iterator.  An exception is an error, its own time-outs included; an exception of a programming mistake is a
crash.  `SystemExit` and `os._exit` give their exit code.
"""

from __future__ import annotations

import asyncio
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
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from chatgptfree_mock.crashtest.call_thread import CallStoppedError, CallThread, make_exits_results
from chatgptfree_mock.crashtest.command import Deadline, room
from chatgptfree_mock.crashtest.observed import Observed
from chatgptfree_mock.errors import SettingsError

Client = Callable[..., Any]
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
_NOT_DELTAS = (bytes, bytearray, memoryview, Mapping, AbstractSet)
"""Iterable types that are not the deltas of a text."""


def load(name: str) -> Client:
    """
    Import ``module:function``, also from the current folder.

    Raises:
        SettingsError: there is no such module or function.
    """
    module_name, colon, function = name.partition(":")
    if not (module_name and colon and function):
        raise SettingsError(f"`{name}` is not `module:function`")
    make_exits_results()
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
        given = {word: None for word in ("bot", "timeout") if takes(client, word)}
        inspect.signature(client).bind("url", "message", **given)
    except (TypeError, ValueError) as exc:
        raise SettingsError(f"`{name}` can't be called with a URL and a message: {exc}") from exc
    return client  # type: ignore[no-any-return]  # what it returns is looked at when it is called


class _RunningCall(msgspec.Struct):
    """A running call: its results so far, and how it ended."""

    room: int
    """The number of characters of its answer that are kept."""
    deltas: list[str] = msgspec.field(default_factory=list)
    status: int = 0
    stderr: str = ""
    kind: str | None = None
    partial: str = ""
    too_much: bool = False
    over: bool = False
    """Whether it was stopped because its time was over."""
    cancel: Callable[[], object] | None = None
    """Cancels the coroutine, from any thread; None if the call is not a coroutine."""

    def drive(self, call: Callable[[], Any]) -> None:
        try:
            answer = call()
            if inspect.isawaitable(answer) or isinstance(answer, AsyncIterator):
                asyncio.run(self._collect(answer))
            else:
                self._take(answer)
        except CallStoppedError:
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
        return "".join(self.deltas) or self.partial

    async def _collect(self, answer: Any) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        self.cancel = None if task is None else partial(loop.call_soon_threadsafe, task.cancel)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, AsyncIterator):
            async for delta in answer:
                self._take(delta)
        else:
            self._take(answer)

    def _take(self, answer: object) -> None:
        if self.over:
            raise CallStoppedError
        if isinstance(answer, str):
            self._keep(answer)
        elif isinstance(answer, Iterable) and not isinstance(answer, _NOT_DELTAS):
            for delta in answer:
                self._take(delta)
        elif answer is not None:
            raise TypeError(f"the client returned {type(answer).__name__}, not text")

    def _keep(self, delta: str) -> None:
        self.deltas.append(delta[: self.room])
        self.too_much = len(delta) > self.room
        self.room -= len(delta)
        if self.too_much:
            raise CallStoppedError

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
    call = _RunningCall(room=room(expected_bytes))
    more = {name: value for name, value in (("bot", bot), ("timeout", seconds / 2)) if takes(client, name)}
    work = partial(client, url, message, **more)
    thread = CallThread(partial(call.drive, work))
    end = time.monotonic() + seconds
    thread.start()
    _join(thread, deadline or (lambda: end))
    call.over = timed_out = thread.is_alive()
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


def _end(thread: CallThread, call: _RunningCall) -> None:
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
    """Return whether *client* has a parameter *name* that can be given by its name."""
    found = inspect.signature(client).parameters.get(name)
    return found is not None and found.kind in (found.POSITIONAL_OR_KEYWORD, found.KEYWORD_ONLY)


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
