"""
The console at ``/__mock__/``: sites, journal, releases and scenarios of a running server, for people.

Three static files that ask the control API; nothing comes from outside, and what was on the wire is shown as text only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

HOME = "/__mock__/"
_FILES = {
    "": ("console.html", "text/html"),
    "console.css": ("console.css", "text/css"),
    "console.js": ("console.js", "text/javascript"),
}
_RULES = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[web.RouteDef]:
    """Return the routes of the console."""
    files = [web.get(HOME + name, _serve(file, kind)) for name, (file, kind) in _FILES.items()]
    return [web.get(HOME.rstrip("/"), _add_slash), *files]


def _serve(file: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(_request: web.Request) -> web.Response:
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        return web.Response(text=text, content_type=kind, headers=_RULES)

    return serve


async def _add_slash(_request: web.Request) -> web.Response:
    raise web.HTTPMovedPermanently(HOME)
