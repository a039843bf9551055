"""
Streams: how late each chunk comes, how many there are in a second, and what open streams cost.

The server runs in a process of its own; the client sees every HTTP chunk.  Rounds are interleaved.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from statistics import median

from benchmarks._clients import percentile, server, spread, usage, watchers
from benchmarks._server import CASES, PIECES

from chatgptfree_mock.replay.chunking import CHUNK_WORDS

ROUNDS = 5
BURSTS = 20


def main() -> None:
    with server("benchmarks._server") as port:
        asyncio.run(_lateness(port))
        asyncio.run(_bursts(port))
        asyncio.run(_paced(port))
        asyncio.run(_chunkings(port))
    with server("benchmarks._server") as port:
        asyncio.run(_open(port))


async def _late(port: int, handler: str, case: str, streams: int) -> list[float]:
    """Return how late each chunk was, in milliseconds."""
    dues = [due for due, _ in PIECES[case]]
    async with watchers(port, streams) as made:
        seen = await asyncio.gather(*(watcher.ask(f"/{handler}/{case}") for watcher in made))
    chunks = [answer.chunks() for answer in seen]
    assert all(len(each) == len(dues) for each in chunks)
    return [(at - due) * 1000 for each in chunks for (at, _), due in zip(each, dues, strict=True)]


async def _lateness(port: int) -> None:
    print(f"\nlateness of each of {len(PIECES['recorded'])} recorded chunks, ms; median of {ROUNDS} rounds [range]")
    for streams in (1, 50):
        late: dict[str, list[list[float]]] = defaultdict(list)
        for _ in range(ROUNDS):
            for handler in ("ours", "written"):
                late[handler].append(await _late(port, handler, "recorded", streams))
        for handler, name in (("ours", "mock"), ("written", "bare aiohttp handler")):
            halves = [percentile(each, 50) for each in late[handler]]
            worst = [percentile(each, 99) for each in late[handler]]
            print(f"  {streams:3} streams  {name:24} p50 {spread(halves)}   p99 {spread(worst)}")


async def _bursts(port: int) -> None:
    events = len(PIECES["burst"])
    print(f"\nevents/s, 50 concurrent streams of {events} events without pauses; median of {BURSTS} rounds [range]")
    rates: dict[str, list[float]] = defaultdict(list)
    async with watchers(port, 50) as made:
        loop = asyncio.get_running_loop()
        for _ in range(BURSTS):
            for handler in ("ours", "written"):
                start = loop.time()
                seen = await asyncio.gather(*(watcher.ask(f"/{handler}/burst?words=pace=instant") for watcher in made))
                rates[handler].append(50 * events / (loop.time() - start))
                assert all(len(answer.chunks()) == events for answer in seen)
    for handler, name in (("ours", "mock"), ("written", "bare, one write per event")):
        print(f"  {name:28} {spread(rates[handler], '9,.0f')}   every HTTP chunk seen")
    print(f"  mock / bare                  {median(rates['ours']) / median(rates['written']):9.1f} times")


async def _paced(port: int) -> None:
    print("\n500 streams of 100 chunks, one each 20 ms; median of 3 rounds [range]")
    late: dict[str, list[list[float]]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    for _ in range(3):
        for handler in ("ours", "timed"):
            before = await asyncio.to_thread(usage, port)
            late[handler].append(await _late(port, handler, "paced", 500))
            cpu[handler].append((await asyncio.to_thread(usage, port))["cpu"] - before["cpu"])
    for handler, name in (("ours", "mock"), ("timed", "bare call_at handler")):
        halves = [percentile(each, 50) for each in late[handler]]
        worst = [percentile(each, 99) for each in late[handler]]
        print(f"  {name:24} p50 {spread(halves)} ms   p99 {spread(worst)} ms   CPU {spread(cpu[handler])} s")
    print(f"  mock / bare              CPU {median(cpu['ours']) / median(cpu['timed']):.2f} times")


async def _chunkings(port: int) -> None:
    size = len(CASES["burst"].body)
    print(f"\nreplay of a stream of {size // 1000} kB without pauses, 8 connections; median of {ROUNDS} rounds [range]")
    words = [
        word.replace("at:N[,N…]", "at:9000").replace("every:N", "every:1400").replace("SEED", "7")
        for word in CHUNK_WORDS
    ]
    rates: dict[str, list[float]] = defaultdict(list)
    counts: dict[str, int] = {}
    async with watchers(port, 8) as made:
        loop = asyncio.get_running_loop()
        for _ in range(ROUNDS):
            for word in words:
                start = loop.time()
                seen = await asyncio.gather(
                    *(watcher.ask(f"/ours/burst?words=pace=instant%20chunks={word}") for watcher in made)
                )
                rates[word].append(8 * size / 1e6 / (loop.time() - start))
                counts[word] = len(seen[0].chunks())
    for word in words:
        print(f"  {word:14} {counts[word]:6} chunks   {spread(rates[word], '8.1f')} MB/s")


async def _open(port: int) -> None:
    before = await asyncio.to_thread(usage, port)
    async with watchers(port, 2000) as made:
        for watcher in made:
            watcher.send("/ours/endless?words=fault=stall@100%25")
        await asyncio.gather(*(watcher.begun for watcher in made))
        after = await asyncio.to_thread(usage, port)
    idle, full = before["rss"] / 2**20, after["rss"] / 2**20
    print(f"\nresident memory: {idle:.0f} MiB idle, {full:.0f} MiB with 2,000 open streams")


if __name__ == "__main__":
    main()
