"""End time limits of clients in a crash test by an event, instead of waiting for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.support import right_client

from chatgptfree.aio import real_time
from chatgptfree_mock.crashtest import command, function
from chatgptfree_mock.crashtest.recording.replay import Disturbance, Replay
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer


def end_limits(monkeypatch: pytest.MonkeyPatch, is_over: Callable[[str], bool]) -> None:
    """
    Let the time limit of each client be over as soon as *is_over* returns True for its address, or its command.

    *is_over* is asked again and again while the client runs.  Limits end by themselves as well.
    """
    run_command, run_function = command.run, function.run

    def ended(where: str, seconds: float, deadline: command.Deadline | None) -> command.Deadline:
        end = time.monotonic() + seconds
        return lambda: 0.0 if is_over(where) else end if deadline is None else deadline()

    def run_a_command(words: Sequence[str], *, seconds: float, deadline: Any = None, **more: Any) -> Any:
        return run_command(words, seconds=seconds, deadline=ended(" ".join(words), seconds, deadline), **more)

    def run_a_function(
        client: function.Client, url: str, message: str, *, seconds: float, deadline: Any = None, **more: Any
    ) -> Any:
        limit = ended(url, seconds, deadline)
        return run_function(client, url, message, seconds=seconds, deadline=limit, **more)

    monkeypatch.setattr(command, "run", run_a_command)
    monkeypatch.setattr(function, "run", run_a_function)


def end_limits_of_reads(monkeypatch: pytest.MonkeyPatch, is_over: Callable[[], bool]) -> None:
    """Let the reference client's limits of connecting and reading be over as soon as *is_over* returns True."""
    until = real_time.until
    monkeypatch.setattr(real_time, "until", lambda deadline: _Limit(until(deadline), is_over))


class _Limit:
    """A limit of `asyncio.timeout`, or an event that ends it earlier."""

    def __init__(self, limit: Any, is_over: Callable[[], bool]) -> None:
        self._limit, self._is_over = limit, is_over
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._look()

    async def __aexit__(self, *error: object) -> bool | None:
        self._next_look.cancel()
        ended: bool | None = await self._limit.__aexit__(*error)
        return ended

    def _look(self) -> None:
        if self._is_over():
            self._limit.reschedule(self._loop.time())
        self._next_look = self._loop.call_later(0.01, self._look)


def open_stalls(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Replay | None]:
    """Return a function that finds the run at an address, of a crash test from a recording, if its answer stalls."""
    runs: list[Replay] = []
    open_run, close_run = ReplayServer.open, ReplayServer.close

    def opened(server: ReplayServer, disturbed: Disturbance) -> Replay:
        replay = open_run(server, disturbed)
        if any(fault.name == "stall" and fault.value is None for fault in disturbed.answer.delivery.faults):
            runs.append(replay)
        return replay

    def closed(server: ReplayServer, replay: Replay) -> None:
        # Its port may be that of the next run.
        runs[:] = [run for run in runs if run is not replay]
        close_run(server, replay)

    def find(url: str) -> Replay | None:
        return next((run for run in [*runs] if urlsplit(run.url).netloc == urlsplit(url).netloc), None)

    monkeypatch.setattr(ReplayServer, "open", opened)
    monkeypatch.setattr(ReplayServer, "close", closed)
    return find


def short_patience_at_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clients of `right_client` give up soon where the answer never goes on, and there alone."""
    stalled_at, patience = open_stalls(monkeypatch), right_client.patience
    monkeypatch.setattr(
        right_client, "patience", lambda url: right_client.SHORT_PATIENCE if stalled_at(url) else patience(url)
    )
