"""Starting: `MockSite` up and down beside a bare aiohttp `AppRunner`, and what importing the client costs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median, quantiles

from aiohttp import web

from chatgptfree_mock.serving import MockSite

ROUNDS = 200
IMPORTS = 15
LABELS = {
    "aiohttp": ("pass", "import aiohttp"),
    "chatgptfree": ("pass", "import chatgptfree"),
    "chatgptfree's client, after aiohttp": ("import aiohttp", "import chatgptfree; chatgptfree.ChatClient"),
    "the pytest plugin, after pytest": ("import pytest", "import chatgptfree_mock.pytest_plugin"),
    "chatgptfree_mock.cli": ("pass", "import chatgptfree_mock.cli"),
}
"""What is imported before, and what is measured; each name that chatgptfree exports is loaded when it is asked for."""


def main() -> None:
    print(f"up and down, {ROUNDS} rounds each in turn:")
    bare, ours = asyncio.run(_up_and_down())
    _row("bare AppRunner", bare)
    _row("MockSite", ours)
    print(f"  difference of the medians: {median(ours) - median(bare):.2f} ms (at most 1 ms)")
    print(f"CPU of an import in a fresh interpreter, {IMPORTS} rounds each in turn:")
    times: dict[str, list[float]] = {label: [] for label in LABELS}
    for _ in range(IMPORTS):
        for label, (before, statement) in LABELS.items():
            times[label].append(_run(before, statement))
    for label, found in times.items():
        _row(label, found)
    print("  to reach: chatgptfree at most 15 ms above aiohttp")


async def _up_and_down() -> tuple[list[float], list[float]]:
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(ROUNDS):
        bare.append(await _timed(_bare))
        ours.append(await _timed(_ours))
    return bare, ours


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) * 1000


async def _hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def _bare() -> None:
    app = web.Application()
    app.router.add_get("/", _hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await runner.cleanup()


async def _ours() -> None:
    async with MockSite():
        pass


def _run(before: str, statement: str) -> float:
    """Return the milliseconds of CPU that *statement* costs after what was imported *before*."""
    probe = f"import time; {before}; start = time.process_time(); {statement}; print(time.process_time() - start)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1000


def _row(name: str, times: list[float]) -> None:
    low, _, high = quantiles(times, n=4)
    print(f"  {name:<46} {median(times):7.2f} ms   (quartiles {low:.2f} to {high:.2f})")
