"""
A server in a process of its own: the mock, or bare aiohttp handlers that return the same bytes.

``python -m benchmarks._answers mock`` prints its port; so does ``… bare URL``, after it has fetched from the mock at
*URL* what its handlers return.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

import aiohttp
from aiohttp import web

from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite

AJAX: Final = "/wp-admin/admin-ajax.php"
PAGE: Final = "/chat/"
SETTINGS: Final = site_from(
    {"plugin": "1.8.93", "bots": [{"stream": False}], "page_kilobytes": 100, "front": {"compression": []}}
)


def fields() -> dict[str, str]:
    """Return the form that asks for an answer; its nonce is good for every site with the same salt."""
    nonce = AipowerSite(SETTINGS, now=time.time, random=Random()).nonce()
    return {"_wpnonce": nonce, "action": "wpaicg_chat_shortcode_message", "message": "Hello", "bot_id": "0"}


async def mock() -> None:
    async with MockSite(settings=SETTINGS, delivery="pace=instant") as site:
        print(site.url.rpartition(":")[2], flush=True)
        await asyncio.Event().wait()


async def bare(url: str) -> None:
    app = web.Application()
    async with aiohttp.ClientSession() as session:
        async with session.post(url + AJAX, data=fields()) as answer:
            app.router.add_post(AJAX, handler(await answer.read(), answer.headers["Content-Type"]))
        async with session.get(url + PAGE) as page:
            app.router.add_get(PAGE, handler(await page.read(), page.headers["Content-Type"]))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def handler(body: bytes, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return ready bytes, as little as a handler can do."""

    async def serve(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, headers={"Content-Type": kind})

    return serve


if __name__ == "__main__":
    asyncio.run(mock() if sys.argv[1] == "mock" else bare(sys.argv[2]))
