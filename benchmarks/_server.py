"""
A server in a process of its own: ours beside bare aiohttp, sending the same chunks at the same times.

``python -m benchmarks._server`` prints its port.  ``/ours/<case>`` performs, ``/written/<case>`` awaits one
``StreamResponse.write`` per chunk, ``/timed/<case>`` writes ready-made frames from ``loop.call_at``; ``/usage`` tells
the seconds of CPU and the resident bytes of this process.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import chunk_frame
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.files import load, recorded_file
from chatgptfree_mock.tape.model import Headers, Response
from chatgptfree_mock.wire.sender import send, sent_response

HEADERS: Headers = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))


def stream(events: int, pause_ms: int) -> Response:
    """Return a stream of chat-completion chunks of about 230 bytes."""
    pad = "x" * 120
    event = [
        f'data: {{"id":"c-{n:05}","choices":[{{"index":0,"delta":{{"content":" word"}}}}],"pad":"{pad}"}}\n\n'
        for n in range(events)
    ]
    chunks = tuple((number * pause_ms, len(text)) for number, text in enumerate(event))
    return Response(headers=HEADERS, body="".join(event).encode(), chunks=chunks)


def cases() -> dict[str, Response]:
    """Return what is sent, by name."""
    return {
        "recorded": load(recorded_file("1.8.93", "msg_ok_s")).interactions[0].response,
        "burst": stream(200, 0),
        "paced": stream(100, 20),
        "endless": stream(1, 0),
    }


def pieces(response: Response) -> list[tuple[float, bytes]]:
    """Return each chunk and when it is due, in seconds."""
    found, at = [], 0
    for ms, size in response.chunks:
        found.append((ms / 1000, response.body[at : at + size]))
        at += size
    return found


CASES = cases()
PIECES = {name: pieces(response) for name, response in CASES.items()}
CLOCK = SystemClock()


@lru_cache
def delivery(words: str) -> Delivery:
    """Read the words once, as a server does."""
    return Delivery.from_words(words)


async def ours(request: web.Request) -> web.StreamResponse:
    response = CASES[request.match_info["case"]]
    schedule = build_schedule(response, delivery(request.query.get("words", "")))
    return sent_response(await send(request, schedule, CLOCK))


async def written(request: web.Request) -> web.StreamResponse:
    """Send as everybody does."""
    start = CLOCK.monotonic()
    response = web.StreamResponse(headers=dict(HEADERS[:1]))
    await response.prepare(request)
    for due, data in PIECES[request.match_info["case"]]:
        if (pause := start + due - CLOCK.monotonic()) > 0:
            await asyncio.sleep(pause)
        await response.write(data)
    await response.write_eof()
    return response


async def timed(request: web.Request) -> web.StreamResponse:
    """Send with nothing between the loop's timer and the transport."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    response = web.StreamResponse(headers=dict(HEADERS[:1]))
    await response.prepare(request)
    transport, done = request.transport, loop.create_future()
    assert transport is not None
    left = iter([(due, chunk_frame(data)) for due, data in PIECES[request.match_info["case"]]])

    def send(frame: bytes) -> None:
        transport.write(frame)
        arrange()

    def arrange() -> None:
        if following := next(left, None):
            loop.call_at(start + following[0], send, following[1])
        else:
            done.set_result(None)

    arrange()
    await done
    await response.write_eof()
    return response


def resident() -> int:
    """Return the resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def usage(_request: web.Request) -> web.Response:
    return web.Response(text=json.dumps({"cpu": time.process_time(), "rss": resident()}))


async def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    app = web.Application()
    app.add_routes([web.get(f"/{call.__name__}/{{case}}", call) for call in (ours, written, timed)])
    app.router.add_get("/usage", usage)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
