"""Clients that cost little and see every HTTP chunk: what came when, taken off the socket and read afterwards."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from statistics import median, quantiles


class Watcher(asyncio.Protocol):
    """One connection; `ask` returns what came, piece by piece, with the loop's time."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.pieces: list[tuple[float, bytes]] = []
        self.begun: asyncio.Future[None] = self.loop.create_future()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pieces.append((self.loop.time(), data))
        if not self.begun.done():
            self.begun.set_result(None)
        if data.endswith(b"0\r\n\r\n") and not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def send(self, target: str) -> None:
        self.pieces, self.done = [], self.loop.create_future()
        self.asked = self.loop.time()
        self.transport.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    async def ask(self, target: str) -> Seen:
        self.send(target)
        await self.done
        return Seen(self.asked, self.pieces)


@dataclass
class Seen:
    """One answer: its bytes and their times."""

    asked: float
    pieces: list[tuple[float, bytes]]

    def chunks(self) -> list[tuple[float, int]]:
        """Return the HTTP chunks: when each was whole, in seconds since it was asked, and its size."""
        data = b"".join(piece for _, piece in self.pieces)
        ends = []
        total = 0
        for at, piece in self.pieces:
            total += len(piece)
            ends.append((total, at - self.asked))
        found, at, when = [], data.index(b"\r\n\r\n") + 4, 0
        while size := int(data[at : (line := data.index(b"\r\n", at))], 16):
            at = line + 2 + size + 2
            while ends[when][0] < at:
                when += 1
            found.append((ends[when][1], size))
        return found


@asynccontextmanager
async def watchers(port: int, count: int) -> AsyncIterator[list[Watcher]]:
    """Open so many connections."""
    loop = asyncio.get_running_loop()
    made = [(await loop.create_connection(Watcher, "127.0.0.1", port))[1] for _ in range(count)]
    try:
        yield made
    finally:
        for watcher in made:
            watcher.transport.abort()
        await asyncio.sleep(0.05)


@contextmanager
def server(module: str, *arguments: str) -> Iterator[int]:
    """Run a benchmark's server and give its port."""
    with process(module, *arguments) as (port, _):
        yield port


@contextmanager
def process(module: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """Run a benchmark's server and give its port and its process id."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield int(running.stdout.readline()), running.pid
        finally:
            running.terminate()


def usage(port: int) -> dict[str, float]:
    """Return the CPU seconds and resident bytes of the server."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/usage") as answer:
        times: dict[str, float] = json.load(answer)
        return times


def percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def spread(values: list[float], form: str = "8.2f") -> str:
    """Return the median and the range."""
    low, high = (f"{value:{form.lstrip('0123456789')}}" for value in (min(values), max(values)))
    return f"{median(values):{form}} [{low}-{high}]"
