"""
The pages of the site: rendered once with placeholders for what varies between requests, then only filled in.

A page depends on settings, release, path and base URL; the request adds the nonces, the visitor's address and the
random numbers of widgets.  So a page of 100 KB costs one join, or nothing if it was the same a moment ago.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, TypeVar

from chatgptfree_mock.sites.aipower.pages import filler
from chatgptfree_mock.sites.aipower.pages.aipkit_chats import AipkitChats
from chatgptfree_mock.sites.aipower.pages.chats import Chats, PageContext
from chatgptfree_mock.sites.aipower.pages.page_headers import home_id, wordpress_of
from chatgptfree_mock.sites.aipower.pages.placeholders import mark, split
from chatgptfree_mock.sites.aipower.pages.templates import Templates, require_library, shipped_templates, verbatim
from chatgptfree_mock.sites.aipower.pages.wpaicg_chats import WpaicgChats
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.wordpress import php

DECOYS: Final[Mapping[str, str]] = {
    "img": "wpaicg-img-nonce",
    "old_chat": "wpaicg-chatbox-2023",
    "template": "quiet-chat-card",
    "like": "post-like",
    "share": "post-share",
    "comment": "comment-guard",
    "wp_rest": "wp_rest",
    "tracking": "page-builder-tracking",
    "newsletter": "newsletter-subscribe",
    "token_usage": "aipkit_token_usage",
    "semantic_search": "aipkit_semantic_search",
}
"""Other nonces on the page, by the WordPress action that each is made for; the chat accepts none of them."""

_KEPT: Final = 16
_NOWHERE: Final = "/404/"
_Filled = dict[str, bytes]
K = TypeVar("K")
V = TypeVar("V")


def page_id(settings: SiteSettings, path: str) -> int | None:
    """Return the WordPress post id of the page at *path*, or None if there is none."""
    pages = {"/": home_id(settings)} if settings.page_on_front else _both_pages(settings)
    return pages.get(path)


def _both_pages(settings: SiteSettings) -> dict[str, int]:
    return {"/": settings.front_page_id, "/chat/": settings.chat_page_id}


class Pages:
    """The pages of one site on one release, kept between requests."""

    def __init__(self, settings: SiteSettings, release: PluginRelease, templates: Templates | None = None) -> None:
        self._settings, self._release = settings, release
        require_library()  # a site that lacks it ends at its start, not at its first page
        self._own_templates = templates
        self._compiled: dict[tuple[str, str], list[bytes | str]] = {}
        self._decoys: dict[str, _Filled] = {}
        self._ready: dict[tuple[str, ...], bytes] = {}

    def body(
        self,
        *,
        path: str,
        base_url: str,
        nonce: str,
        decoy_nonce: Callable[[str], str],
        remote: str,
        random: Random,
        requested: str = "",
    ) -> bytes:
        """
        Render the page at *path* in UTF-8; a path without a page is WordPress' own "not found" page.

        *nonce* is the chat's and is written unescaped; *decoy_nonce* makes the other nonces from the names of their
        actions.  *requested*: the path as it was sent, which WordPress prints unchanged into the widget of the "not
        found" page.
        """
        # One "not found" page serves all unknown paths; the path is filled in, if a widget prints it.
        requested, path = requested or path, path if page_id(self._settings, path) is not None else _NOWHERE
        pieces = self._parts_of(path, base_url)
        # All nonces change at the same tick, so comparing one is enough.
        tick = decoy_nonce(DECOYS["img"])
        address = f"{base_url}/{requested.strip('/')}".rstrip("/") if "address" in pieces else ""
        key = (path, base_url, nonce, tick, remote, address)
        ready = self._ready.get(key)
        if ready is not None:
            return ready
        values = self._decoy_values(tick, decoy_nonce)
        values["nonce"] = nonce.encode()
        values["address"] = php.esc_html(address).encode("utf-8", "surrogateescape")
        values["remote"] = re.sub(r"[^0-9A-Za-z.:]", "", remote).encode()
        widgets = {piece for piece in pieces if isinstance(piece, str) and piece.startswith("widget")}
        values.update({name: b"%d" % random.randint(100_000, 999_999) for name in sorted(widgets)})
        body = b"".join([piece if isinstance(piece, bytes) else values[piece] for piece in pieces])
        if not widgets:
            _keep(self._ready, key, body)
        return body

    def _templates(self) -> Templates:
        return shipped_templates() if self._own_templates is None else self._own_templates

    def check(self) -> None:
        """
        Render every page once, so that a mistake in a user's template is found before anything is served.

        Raises:
            SettingsError: a template uses an undefined value.
        """
        for path in ("/", "/chat/", _NOWHERE):
            self._parts_of(path, "http://127.0.0.1")

    def _decoy_values(self, tick: str, decoy_nonce: Callable[[str], str]) -> _Filled:
        known = self._decoys.get(tick)
        if known is None:
            known = {f"decoy_{name}": decoy_nonce(action).encode() for name, action in DECOYS.items()}
            _keep(self._decoys, tick, known)
        return dict(known)

    def _parts_of(self, path: str, base_url: str) -> list[bytes | str]:
        key = (path, base_url)
        known = self._compiled.get(key)
        if known is None:
            known = split(self._compile(path, base_url))
            _keep(self._compiled, key, known)
        return known

    def _compile(self, path: str, base_url: str) -> str:
        values = self._values(path, base_url)
        bare = self._padded_page(values, 0)
        missing = self._settings.page_kilobytes * 1000 - len(bare.encode())
        return bare if missing <= 0 else self._padded_page(values, missing)

    def _padded_page(self, values: Mapping[str, Any], weight: int) -> str:
        return self._templates().render(
            "page.html.j2",
            **values,
            styles=verbatim(filler.styles(weight * 6 // 10)) if weight else "",
            sections=filler.sections(weight * 3 // 10),
            comments=filler.comments(weight // 10 // 220),
        )

    def _values(self, path: str, base_url: str) -> dict[str, Any]:
        """Return what the page's template prints, but for the filler that brings it to its size."""
        settings, post_id = self._settings, page_id(self._settings, path)
        chats = _chats_of(
            PageContext(
                settings=settings,
                release=self._release,
                templates=self._templates(),
                path=path,
                post_id=post_id,
                base_url=base_url,
            )
        )
        return {
            "title": settings.title,
            "subtitle": {"/": "", "/chat/": "Chat"}.get(path, "Page not found"),
            "heading": {"/": "Chat with an AI, free", "/chat/": "Chat"}.get(path, "That page can’t be found."),
            "lead": "Ask anything. No account, no queue." if post_id else "Nothing was found at this address.",
            "wordpress": wordpress_of(settings, self._release),
            "base_url": base_url,
            "escaped_base": verbatim(php.json_encode(base_url)[1:-1]),
            "path": path,
            "shortlink": "/" if path == "/" else f"/?p={post_id}",
            "post_id": post_id,
            "body_class": _body_class(settings, path, post_id),
            "decoys": settings.decoys,
            "decoy": {name: mark(f"decoy_{name}") for name in DECOYS},
            "smiley_settings": verbatim(
                php.json_encode({"base": f"{base_url}/wp-includes/images/smileys/", "ext": ".png"})
            ),
            "content": chats.content(),
            "footer": chats.footer(),
            "plugin_head": chats.head() if settings.chat else "",
            "plugin_foot": chats.foot() if settings.chat else "",
        }


def _keep(known: dict[K, V], key: K, value: V) -> None:
    """Cache *value*, and clear a full cache first: clients choose hosts and addresses, so there is no end of them."""
    if len(known) >= _KEPT:
        known.clear()
    known[key] = value


def _body_class(settings: SiteSettings, path: str, post_id: int | None) -> str:
    if post_id is None:
        return "error404 wp-embed-responsive"
    home = "home " if path == "/" else ""
    visitor = " logged-in admin-bar" if settings.logged_in else ""
    return f"{home}page-template-default page page-id-{post_id}{visitor} wp-embed-responsive"


def _chats_of(context: PageContext) -> Chats:
    traits = context.release.traits
    return WpaicgChats(context, traits) if isinstance(traits, WpaicgTraits) else AipkitChats(context, traits)
