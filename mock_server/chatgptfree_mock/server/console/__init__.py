"""
The console at ``/__mock__/``: sites, journal, releases and scenarios of a running server, for people.

Static files that use the control API, one script per topic.  They load nothing from other servers, and show recorded
content as text only. The files contain no token: the console reads it from the fragment of its address and keeps it in
memory, since pages that the mock serves share its storage and cookies.  The headers keep those pages from reaching the
console as a frame, an opener, a referrer or an entry of the tab's history.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from pathlib import Path

from aiohttp import web

HOME = "/__mock__/"
_FOLDER = Path(__file__).parent
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_NONCE = "{nonce}"
"""The placeholder for the nonce of the page's scripts and styles (CSP Level 3, 2.3.1)."""
_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'nonce-{_NONCE}'",
        f"style-src 'nonce-{_NONCE}'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
_RULES = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def address(url: str, token: str) -> str:
    """Return the address of the console of the server at *url*, with its *token*."""
    return f"{url}{HOME}#token={token}"


def routes() -> tuple[web.RouteDef, ...]:
    """Return the routes of the console."""
    names = "|".join(map(re.escape, _files()))
    return web.get(HOME.rstrip("/"), _add_slash), web.get(f"{HOME}{{name:{names}}}", _serve)


@cache
def _files() -> dict[str, tuple[str, str]]:
    """Return text and media type of each file by its name below the console; the page's name is empty."""
    found = {"": ((_FOLDER / "console.html").read_text(encoding="utf-8"), "text/html")}
    for file in sorted(_FOLDER.iterdir()):
        if file.suffix in _KINDS:
            found[file.name] = file.read_text(encoding="utf-8"), _KINDS[file.suffix]
    return found


async def _serve(request: web.Request) -> web.Response:
    text, kind = _files()[request.match_info["name"]]
    nonce = secrets.token_urlsafe(16)
    rules = {**_RULES, "Content-Security-Policy": _POLICY.replace(_NONCE, nonce)}
    return web.Response(text=text.replace(_NONCE, nonce), content_type=kind, headers=rules)


async def _add_slash(_request: web.Request) -> web.Response:
    raise web.HTTPMovedPermanently(HOME)
