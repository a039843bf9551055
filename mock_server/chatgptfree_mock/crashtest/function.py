"""
Run a client as a Python callable, without a process per scenario.

`module:function` takes the URL and the message and returns the answer: a string, an iterable of strings, a coroutine
or an async iterator.  What it raises is an error, its own time-outs included; an exception that only a bug raises is a
crash.  `SystemExit` is the exit code that it holds.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
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


@dataclass(slots=True)
class _Run:
    """A call under way: the pieces so far, and how it ended."""

    pieces: list[str] = field(default_factory=list)
    error: BaseException | None = None
    over: bool = False
    """It was stopped because its time was over."""

    def drive(self, call: Callable[[], Any], seconds: float) -> None:
        try:
            answer = call()
            if inspect.isawaitable(answer) or isinstance(answer, AsyncIterator):
                asyncio.run(self._limited(answer, seconds))
            else:
                self._take(answer)
        except BaseException as exc:  # noqa: BLE001 - whatever the client raises is the result
            self.error = exc

    async def _limited(self, answer: Any, seconds: float) -> None:
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
    more = {name: value for name, value in (("bot", bot), ("timeout", seconds / 2)) if takes(client, name)}
    thread = threading.Thread(target=call.drive, args=(partial(client, url, message, **more), seconds), daemon=True)
    thread.start()
    thread.join(seconds + 1)
    error = call.error
    text, kind = "".join(call.pieces), None
    status, stderr = 0, ""
    timed_out = thread.is_alive() or call.over
    if timed_out:
        status = 1
    elif isinstance(error, SystemExit):
        status, stderr = _exit(error.code)
    elif error is not None:
        status, kind = 1, _attribute(error, "kind")
        crashed = isinstance(error, _BUGS) and kind is None
        stderr = "".join(traceback.format_exception(error)) if crashed else _words(error)
        text = text or _attribute(error, "partial") or ""
    return Observed(
        status=status,
        stdout=_LONE.sub(_LOST, text),
        stderr=_LONE.sub(_LOST, stderr),
        kind=kind,
        timed_out=timed_out,
        seconds=seconds,
        binary=_LONE.search(text) is not None,
    )


_LONE = re.compile("[\ud800-\udfff]")
_LOST = "\ufffd"


def takes(client: Client, name: str) -> bool:
    """Return whether *client* has a parameter *name*."""
    return name in inspect.signature(client).parameters


def _exit(code: object) -> tuple[int, str]:
    """Return the exit code and the last words of a program that raises ``SystemExit(code)``."""
    if code is None or isinstance(code, int):
        return code or 0, ""
    return 1, str(code)


def _attribute(error: BaseException, name: str) -> str | None:
    """Return a text that *error* carries, if it does; whatever goes wrong in looking is the client's affair."""
    try:
        value = getattr(error, name, None)
    except Exception:  # noqa: BLE001 - a property of the client's own
        return None
    return value if isinstance(value, str) else None


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - a __str__ of the client's own
        return type(error).__name__
