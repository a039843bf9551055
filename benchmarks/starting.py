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


def main() -> None:
    print(f"up and down, {ROUNDS} rounds each in turn:")
    bare, ours = asyncio.run(_up_and_down())
    _row("bare AppRunner", bare)
    _row("MockSite", ours)
    print(f"  difference of the medians: {median(ours) - median(bare):.2f} ms (at most 1 ms)")
    print(f"import in a fresh interpreter, {IMPORTS} rounds each in turn:")
    packages = ("aiohttp", "chatgptfree", "chatgptfree; chatgptfree.ChatClient")
    times: dict[str, list[float]] = {package: [] for package in packages}
    for _ in range(IMPORTS):
        for package in packages:
            times[package].append(_import(package))
    for package in packages:
        _row(package, times[package])
    more = median(times[packages[2]]) - median(times["aiohttp"])
    print(f"  chatgptfree with its client above aiohttp: {more:.1f} ms (at most 15 ms)")


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


def _import(package: str) -> float:
    probe = f"import time; start = time.perf_counter(); import {package}; print(time.perf_counter() - start)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1000


def _row(name: str, times: list[float]) -> None:
    low, _, high = quantiles(times, n=4)
    print(f"  {name:<38} {median(times):7.2f} ms   (quartiles {low:.2f} to {high:.2f})")
