"""Serving: requests a second under wrk with 50 connections, beside bare handlers that return the same bytes."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from chatgptfree_mock.serving import MockSite

ROUNDS = 5
SECONDS = 2
CONNECTIONS = 50
AJAX = "/wp-admin/admin-ajax.php"
SETTINGS = {"plugin": "1.8.93", "bots": [{"stream": False}], "page_kilobytes": 100, "front": {"compression": []}}

Measure = Callable[[str], Awaitable[float]]


def main() -> None:
    if shutil.which("wrk") is None:
        print("wrk is not installed", file=sys.stderr)
        return
    asyncio.run(_main())


async def _main() -> None:
    async with MockSite(settings=SETTINGS, delivery="pace=instant") as site, aiohttp.ClientSession() as session:
        fields = {"_wpnonce": site.nonce, "action": "wpaicg_chat_shortcode_message", "message": "Hello", "bot_id": "0"}
        form = urlencode(fields)
        async with session.post(site.url + AJAX, data=fields) as response:
            answer, answer_kind = await response.read(), response.headers["Content-Type"]
        async with session.get(site.url + "/chat/") as response:
            page, page_kind = await response.read(), response.headers["Content-Type"]
        bare = await _bare({"/answer": (answer, answer_kind), "/page": (page, page_kind)})
        try:
            await _compare("buffered JSON answer", site.url + AJAX, f"{bare.addresses[0][1]}/answer", form)
            await _compare(f"page of {len(page) // 1024} KB", site.url + "/chat/", f"{bare.addresses[0][1]}/page", None)
        finally:
            await bare.cleanup()


async def _bare(answers: dict[str, tuple[bytes, str]]) -> web.AppRunner:
    def serve(body: bytes, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(body=body, headers={"Content-Type": kind})

        return handler

    app = web.Application()
    for path, (body, kind) in answers.items():
        app.router.add_route("*", path, serve(body, kind))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _compare(what: str, ours: str, bare: str, form: str | None) -> None:
    rates: dict[str, list[float]] = {"bare handler": [], "ours": []}
    for _ in range(ROUNDS):
        rates["bare handler"].append(await _rate(f"http://127.0.0.1:{bare}", form))
        rates["ours"].append(await _rate(ours, form))
    print(f"{what}, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s in turn:")
    for name, found in rates.items():
        print(f"  {name:<14} {median(found):8.0f} requests/s   ({min(found):.0f} to {max(found):.0f})")
    print(f"  ours / bare: {median(rates['ours']) / median(rates['bare handler']):.2f} (at least 0.5)")


async def _rate(url: str, form: str | None) -> float:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = "{form}"\n'
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
            if form
            else ""
        )
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), url]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        told = (await process.communicate())[0].decode()
    if "Non-2xx" in told:
        raise RuntimeError(f"not what was to be measured: {told}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0])
