"""A server that performs one answer again and again, and keeps what it sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from chatgptfree_mock.clock import Clock, SystemClock
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.wire.sender import SendResult, send, sent_response


@dataclass(kw_only=True)
class Stage:
    """A running server."""

    url: str
    sent: asyncio.Queue[SendResult] = field(default_factory=asyncio.Queue)
    asked: asyncio.Queue[web.BaseRequest] = field(default_factory=asyncio.Queue)


@asynccontextmanager
async def stage(
    response: Response, delivery: Delivery | str = AS_RECORDED, *, clock: Clock | None = None
) -> AsyncIterator[Stage]:
    """Serve *response* on a free port of the loopback."""
    wanted = Delivery.from_words(delivery) if isinstance(delivery, str) else delivery
    schedule = build_schedule(response, wanted)
    running = Stage(url="")

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        running.asked.put_nowait(request)
        sent = await send(request, schedule, clock or SystemClock())
        running.sent.put_nowait(sent)
        return sent_response(sent)

    async with serving(answer) as running.url:
        yield running


@asynccontextmanager
async def serving(handler: web.RequestHandler | object) -> AsyncIterator[str]:
    """Run *handler* under aiohttp's low-level server and give its URL."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.01)  # type: ignore[arg-type]  # any async callable will do
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield site.name
    finally:
        await runner.cleanup()
