"""Clients as Python functions of every sort."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from chatgptfree_mock.crashtest import function
from chatgptfree_mock.crashtest.verdict import Observed
from chatgptfree_mock.errors import SettingsError


class OwnError(Exception):
    kind = "nonce"
    partial = "Hel"


def plain(url: str, message: str) -> str:
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


def run(client: function.Client, seconds: float = 30) -> Observed:
    return function.run(client, "u", "m", seconds=seconds)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        pytest.param(plain, (0, "m u", None, False), id="a string"),
        pytest.param(pieces, (1, "m", "nonce", False), id="pieces, then an error with a kind"),
        pytest.param(coroutine, (0, "m", None, False), id="a coroutine"),
        pytest.param(stream, (0, "ab", None, False), id="an async iterator"),
        pytest.param(plain_error, (1, "Hel", "nonce", False), id="an error that carries the partial text"),
    ],
)
def test_what_a_function_gives_is_taken(client: function.Client, expected: tuple[object, ...]) -> None:
    seen = run(client)
    assert (seen.status, seen.stdout, seen.kind, seen.timed_out) == expected


@pytest.mark.parametrize("client", [pytest.param(endless, id="async"), pytest.param(blocked, id="blocking")])
def test_a_function_that_never_returns_hangs(client: function.Client) -> None:
    assert run(client, seconds=0.2).timed_out


@pytest.mark.parametrize(
    "client", [pytest.param(buggy, id="a KeyError"), pytest.param(no_text, id="an int for a text")]
)
def test_a_bug_is_a_crash(client: function.Client) -> None:
    assert "Traceback" in run(client).stderr


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        pytest.param("json", "no `module:function`", id="no colon"),
        pytest.param("no_such_module_at_all:ask", "can't import", id="no module"),
        pytest.param("json:ask", "has no function `ask`", id="no function"),
    ],
)
def test_a_name_that_means_nothing_is_refused(name: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        function.load(name)
