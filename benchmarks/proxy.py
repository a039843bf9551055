"""
The recording proxy: time to the first byte, how late each chunk comes, and how late while Chinese text is redacted.

Each beside a direct request.
Site, proxy and client are three processes; requests are interleaved, each over a connection of its own.
"""

from __future__ import annotations

import asyncio

from benchmarks._beats import BEATS, PERIOD, lateness
from benchmarks._clients import Seen, percentile, server, watchers
from benchmarks._server import PIECES

ROUNDS = 150
STREAMS = 5


def main() -> None:
    with server("benchmarks._server") as site, server("benchmarks._recorder", f"http://127.0.0.1:{site}") as proxy:
        asyncio.run(_first_byte(site, proxy))
        asyncio.run(_chunks(site, proxy))
    with server("benchmarks._beats") as site, server("benchmarks._recorder", f"http://127.0.0.1:{site}") as proxy:
        asyncio.run(_jitter(site, proxy))


async def _ask(port: int, target: str) -> Seen:
    async with watchers(port, 1) as (watcher,):
        return await watcher.ask(target)


async def _first_byte(site: int, proxy: int) -> None:
    times: dict[str, list[float]] = {"direct": [], "through the proxy": []}
    for _ in range(ROUNDS):
        for found, port in zip(times.values(), (site, proxy), strict=True):
            seen = await _ask(port, "/ours/endless")
            found.append((seen.pieces[0][0] - seen.asked) * 1000)
    print(f"\ntime to the first byte, ms; {ROUNDS} requests each")
    for name, found in times.items():
        print(f"  {name:18} p50 {percentile(found, 50):6.2f}   p99 {percentile(found, 99):6.2f}")


async def _chunks(site: int, proxy: int) -> None:
    dues = [due for due, _ in PIECES["recorded"]]
    print(f"\nlateness of each of {len(dues)} recorded chunks, {STREAMS} streams at once, ms")
    for name, port in (("direct", site), ("through the proxy", proxy)):
        seen = await asyncio.gather(*(_ask(port, "/ours/recorded") for _ in range(STREAMS)))
        late = [(at - due) * 1000 for each in seen for (at, _), due in zip(each.chunks(), dues, strict=True)]
        print(f"  {name:18} p50 {percentile(late, 50):6.2f}   p99 {percentile(late, 99):6.2f}")


async def _jitter(site: int, proxy: int) -> None:
    print(f"\nlateness of each of {BEATS} chunks, one every {PERIOD * 1000:.0f} ms, while 2 MB of Chinese end, ms")
    for name, port in (("direct", site), ("being recorded and redacted", proxy)):
        beats = asyncio.create_task(_ask(port, "/beats"))
        await asyncio.sleep(BEATS * PERIOD / 8)
        await _ask(port, f"/chinese?{name[0]}")
        late = [late * 1000 for late in lateness((await beats).pieces)]
        print(f"  {name:28} p50 {percentile(late, 50):6.2f}   p99 {percentile(late, 99):6.2f}")


if __name__ == "__main__":
    main()
