"""A mock site whose pages also load minified scripts of other makes, as a theme's and a tracker's are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

FOLDER = "/wp-content/plugins/third-party/"
_NOT_FORWARDED = {"connection", "content-length", "transfer-encoding", "keep-alive"}


@asynccontextmanager
async def site_with_scripts(behind: str, scripts: Mapping[str, str], head: str = "") -> AsyncIterator[str]:
    """
    Serve the site at *behind* with *head* and *scripts* (source by file name) in each page; yield its URL.

    The scripts are loaded in their order, at the end of the page's head.
    """
    tags = head + "".join(f'<script src="{FOLDER}{name}"></script>' for name in scripts)

    async def script(request: web.Request) -> web.Response:
        source = scripts[request.match_info["name"]]
        return web.Response(text=source, content_type="text/javascript", charset="utf-8")

    async def forward(request: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
        body = await request.read()
        async with session.request(request.method, behind + request.raw_path, headers=headers, data=body) as got:
            kept = [(name, value) for name, value in got.headers.items() if name.lower() not in _NOT_FORWARDED]
            if got.content_type == "text/html":
                page = (await got.text()).replace("</head>", tags + "</head>", 1)
                response = web.Response(status=got.status, body=page.encode())
                response.headers.extend(kept)
                return response
            streamed = web.StreamResponse(status=got.status)
            streamed.headers.extend(kept)
            await streamed.prepare(request)
            async for chunk in got.content.iter_any():
                await streamed.write(chunk)
            await streamed.write_eof()
            return streamed

    app = web.Application()
    app.router.add_get(FOLDER + "{name}", script)
    app.router.add_route("*", "/{path:.*}", forward)
    async with ClientSession(auto_decompress=True) as session:
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
