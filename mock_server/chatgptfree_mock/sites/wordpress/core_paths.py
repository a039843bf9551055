"""
Paths of WordPress that clients of the chat don't use: login, feeds, REST, robots and the like.

Status, type and Location are as recorded (`1.8.93/x_wpjson`, `x_robots`, `x_feed`, `x_login`, `x_admin`, `x_xmlrpc_*`,
`x_wpcron`, `x_comments_post`, `x_favicon`, `x_sitemap`, `x_oembed`); the contents of bodies are made up.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, ClassVar, Final
from urllib.parse import quote

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import SiteReply, reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.core import HTML, JSON, Core, api_link
from chatgptfree_mock.sites.wordpress.front.block_pages import nginx_error
from chatgptfree_mock.sites.wordpress.settings import WordPressSettings
from chatgptfree_mock.tape.model import Headers, Response

LOGO: Final = "/wp-includes/images/w-logo-blue-white-bg.png"
_EDITED: Final = "Fri, 27 Nov 2026 02:41:14 GMT"
_EMBEDDING: Final = re.compile(r"/aipkit/v1/chatbots/\d+/embed-config/?")
_ADMIN: Final = re.compile(r"/wp-admin/(?!admin-ajax\.php)(?:[\w-]+\.php)?")
_REST_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link"),
    ("Access-Control-Allow-Headers", "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type"),
)
_HELLO: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse>\n  <params>\n    <param>\n      <value>\n'
    "      <string>Hello!</string>\n      </value>\n    </param>\n  </params>\n</methodResponse>\n"
)


class CorePaths:
    """
    Answers requests to the paths of WordPress itself.

    *embeds*: whether its plugin has the REST route for embedding a chat elsewhere.
    """

    def __init__(self, settings: WordPressSettings, core: Core, *, embeds: bool) -> None:
        self._settings, self._core, self._embeds = settings, core, embeds

    def answer(self, request: SiteRequest, path: str) -> SiteReply | None:
        """Answer *request* if its *path*, or its `rest_route`, is one of WordPress' own."""
        handler = self._HANDLERS.get(path.rstrip("/") or "/")
        if handler is not None:
            return SiteReply(response=handler(self, request), why=(f"{path} of WordPress itself",))
        if path == "/wp-admin":
            moved = nginx_error(301)
            headers = (*moved.headers, ("Location", f"{request.base_url}/wp-admin/"), ("Connection", "keep-alive"))
            return SiteReply(response=replace(moved, headers=headers), why=("a folder, so a slash is added",))
        if _ADMIN.fullmatch(path):
            return SiteReply(response=self._to_login(request, path), why=("the admin area is behind the login",))
        route = _rest_route(request, path)
        return None if route is None else self._rest(request, route)

    def _robots(self, request: SiteRequest) -> Response:
        rules = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
        body = f"{rules}\nSitemap: {request.base_url}/wp-sitemap.xml\n"
        return _response(body, "text/plain; charset=utf-8", api_link(request.base_url))

    def _feed(self, request: SiteRequest) -> Response:
        title, base = escape(self._settings.title), escape(request.base_url)
        channel = f"<title>{title}</title>\n\t<link>{base}</link>\n\t<description></description>"
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0">\n<channel>\n\t{channel}\n</channel>\n</rss>\n'
        )
        tag = hashlib.md5(_EDITED.encode(), usedforsecurity=False).hexdigest()
        kept = (("Last-Modified", _EDITED), ("ETag", f'"{tag}"'))
        return _response(body, "application/rss+xml; charset=UTF-8", (*kept, *api_link(request.base_url)))

    def _sitemap(self, request: SiteRequest) -> Response:
        parts = ("posts-post-1", "posts-page-1", "taxonomies-category-1", "users-1")
        listed = "".join(
            f"<sitemap><loc>{escape(request.base_url)}/wp-sitemap-{part}.xml</loc></sitemap>" for part in parts
        )
        schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{schema}">{listed}</sitemapindex>\n'
        return _response(body, "application/xml; charset=UTF-8")

    def _login(self, request: SiteRequest) -> Response:
        title = escape(self._settings.title)
        form = '<form name="loginform" id="loginform" method="post"><input name="log"><input name="pwd"></form>'
        head = f"<!DOCTYPE html><html><head><title>Log In &lsaquo; {title}</title></head>"
        body = f'{head}<body class="login">{form}</body></html>\n'
        cookie = ("Set-Cookie", "wordpress_test_cookie=WP%20Cookie%20check; path=/")
        return _response(body, HTML, (*self._core.not_to_keep, cookie, *self._core.frame[1:]))

    def _nothing(self, request: SiteRequest) -> Response:
        del request
        return _response("", HTML, self._core.not_to_keep)

    def _comment(self, request: SiteRequest) -> Response:
        if request.method == "POST":
            return self._nothing(request)
        return _response("", "text/plain", (("Allow", "POST"),), status=405)

    def _xmlrpc(self, request: SiteRequest) -> Response:
        if request.method == "POST":
            return _response(_HELLO, "text/xml; charset=UTF-8")
        words = "XML-RPC server accepts POST requests only."
        return _response(words, "text/plain;charset=UTF-8", (("Allow", "POST"),), status=405)

    def _favicon(self, request: SiteRequest) -> Response:
        moved = (("X-Redirect-By", "WordPress"), ("Location", request.base_url + LOGO))
        return _response("", HTML, (*api_link(request.base_url), *moved), status=302)

    def _to_login(self, request: SiteRequest, path: str) -> Response:
        query = f"?{request.query}" if request.query else ""
        back = quote(f"{request.base_url}{path}{query}", safe="")
        there = f"{request.base_url}/wp-login.php?redirect_to={back}&reauth=1"
        moved = (("X-Redirect-By", "WordPress"), ("Location", there))
        return _response("", HTML, (*self._core.not_to_keep, *moved), status=302)

    def _rest(self, request: SiteRequest, route: str) -> SiteReply:
        """Answer a REST route; the plugin has only the one for embedding, which requires the Pro edition."""
        if self._embeds and _EMBEDDING.fullmatch(route):
            words = "External chatbot embeds require an active Pro plan."
            return _rest_error(request, 403, "rest_aipkit_embed_requires_pro", words)
        if route in ("", "/"):
            index = {"name": self._settings.title, "url": request.base_url, "namespaces": ["oembed/1.0", "wp/v2"]}
            return _rest_answer(request, index, ("Allow", "GET"))
        if route.rstrip("/") == "/wp/v2/pages":
            listed = [{"id": page} for page in {self._settings.chat_page_id, self._settings.front_page_id}]
            counted = (("X-WP-Total", str(len(listed))), ("X-WP-TotalPages", "1"), ("Allow", "GET"))
            return _rest_answer(request, listed, *counted)
        if route.rstrip("/") == "/oembed/1.0/embed":
            return _rest_error(request, 404, "oembed_invalid_url", "Not Found", ("Allow", "GET"))
        return _rest_error(request, 404, "rest_no_route", "No route was found matching the URL and request method.")

    _HANDLERS: ClassVar[Mapping[str, Callable[[CorePaths, SiteRequest], Response]]] = {
        "/robots.txt": _robots,
        "/feed": _feed,
        "/wp-sitemap.xml": _sitemap,
        "/wp-login.php": _login,
        "/wp-cron.php": _nothing,
        "/wp-comments-post.php": _comment,
        "/xmlrpc.php": _xmlrpc,
        "/favicon.ico": _favicon,
    }


def _rest_route(request: SiteRequest, path: str) -> str | None:
    """Return the requested REST route, from the path or from the field `rest_route` of the front page."""
    if path == "/wp-json" or path.startswith("/wp-json/"):
        return path.removeprefix("/wp-json")
    return (
        forms.scalar(forms.read(request).get, "rest_route") if path in ("/", "/index.php") and request.query else None
    )


def _rest_answer(request: SiteRequest, value: object, *more: tuple[str, str], status: int = 200) -> SiteReply:
    body = php.json_encode(value)
    headers = (("X-Robots-Tag", "noindex"), *api_link(request.base_url), *_REST_HEADERS, *more, ("Vary", "Origin"))
    return SiteReply(response=_response(body, JSON, headers, status=status), why=("a REST route",))


def _rest_error(request: SiteRequest, status: int, code: str, words: str, *more: tuple[str, str]) -> SiteReply:
    value: dict[str, Any] = {"code": code, "message": words, "data": {"status": status}}
    reply = _rest_answer(request, value, *more, status=status)
    reply.why = (code,)
    return reply


def _response(body: str, kind: str, more: Headers = (), *, status: int = 200) -> Response:
    return Response(status=status, reason=reason(status), headers=(("Content-Type", kind), *more), body=body.encode())
