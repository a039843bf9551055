"""
Run a client as a Python callable, without a process per scenario.

`module:function` takes the URL and the message and returns the answer: a string, an iterable of strings, a coroutine
or an async iterator.  What it raises is an error; an exception that only a bug raises is a crash.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from chatgptfree_mock.crashtest.verdict import Observed
from chatgptfree_mock.errors import SettingsError

Client = Callable[..., Any]

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
"""What a program raises by mistake; a client that lets them out has crashed."""


def load(name: str) -> Client:
    """
    Import ``module:function``, also from the current folder.

    Raises:
        SettingsError: there is no such module or function.
    """
    module_name, colon, function = name.partition(":")
    if not colon or not function:
        raise SettingsError(f"`{name}` is no `module:function`")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except ImportError as exc:
        raise SettingsError(f"can't import `{module_name}`: {exc}") from exc
    client = getattr(module, function, None)
    if not callable(client):
        raise SettingsError(f"`{module_name}` has no function `{function}`")
    return client  # type: ignore[no-any-return]  # what it returns is looked at when it is called


@dataclass(slots=True)
class _Run:
    """A call under way: the pieces so far, and how it ended."""

    pieces: list[str] = field(default_factory=list)
    error: BaseException | None = None

    def drive(self, call: Callable[[], Any], seconds: float) -> None:
        try:
            answer = call()
            if inspect.isawaitable(answer) or isinstance(answer, AsyncIterator):
                asyncio.run(asyncio.wait_for(self._collect(answer), seconds))
            else:
                self._take(answer)
        except BaseException as exc:  # noqa: BLE001 - whatever the client raises is the result
            self.error = exc

    async def _collect(self, answer: Any) -> None:
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, AsyncIterator):
            async for piece in answer:
                self._take(piece)
        else:
            self._take(answer)

    def _take(self, answer: object) -> None:
        if isinstance(answer, str):
            self.pieces.append(answer)
        elif isinstance(answer, Iterable):
            for piece in answer:
                self._take(piece)
        elif answer is not None:
            raise TypeError(f"the client returned {type(answer).__name__}, not text")


def run(client: Client, url: str, message: str, *, seconds: float, bot: str | None = None) -> Observed:
    """
    Call *client* for at most *seconds* and return what it did; a blocking one that hangs is left to its thread.

    A client with a parameter `bot` is told which one is wanted, None for any; one with `timeout` half of *seconds*.
    """
    call = _Run()
    more = {name: value for name, value in (("bot", bot), ("timeout", seconds / 2)) if name in _parameters(client)}
    thread = threading.Thread(target=call.drive, args=(partial(client, url, message, **more), seconds), daemon=True)
    thread.start()
    thread.join(seconds + 1)
    error = call.error
    if thread.is_alive() or (isinstance(error, TimeoutError) and not hasattr(error, "kind")):
        return Observed(status=1, stdout=_text(call), timed_out=True)
    if error is None:
        return Observed(status=0, stdout=_text(call))
    kind = getattr(error, "kind", None)
    crashed = isinstance(error, _BUGS) and not isinstance(kind, str)
    return Observed(
        status=1,
        stdout=_text(call) or _partial(error),
        stderr="".join(traceback.format_exception(error)) if crashed else f"{type(error).__name__}: {error}",
        kind=kind if isinstance(kind, str) else None,
    )


def _parameters(client: Client) -> frozenset[str]:
    return frozenset(inspect.signature(client).parameters)


def _text(call: _Run) -> str:
    return "".join(call.pieces)


def _partial(error: BaseException) -> str:
    partial = getattr(error, "partial", "")
    return partial if isinstance(partial, str) else ""
