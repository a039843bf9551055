"""The addresses on a page: complete, over http or https, and that of the site's ``admin-ajax.php``."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.core.protocol.nesting import is_too_deep
from chatgptfree.core.protocol.site import without_user_info

PLUGIN: Final = "/gpt3-ai-content-generator/"
"""The plugin's folder, in the addresses of its assets."""
_AJAX_PATH: Final = "/wp-admin/admin-ajax.php"
_JSON: Final = json.JSONDecoder()
_PARAMS: Final = re.compile(r"\bwpaicgParams\s*=\s*(?=\{)")
_REST: Final = re.compile(r"/(?:wp-json|(?:index\.php)?\?rest_route=)")


class AjaxAddress(NamedTuple):
    """Where the chats of a page are asked whose element names no address."""

    url: str
    unusable: str = ""
    """What a script of the page gives as the address, if that is not an http or https address; else empty."""


def base_url(tree: LexborHTMLParser, url: str) -> str:
    """Return the base URL of the page at *url*: that of its `<base>`, else *url*."""
    node = tree.css_first("head > base[href]")
    return (web_url(url, node.attributes.get("href") or "") or url) if node is not None else url


def web_url(base: str, address: str) -> str:
    """Return *address*, which may be relative, as a complete http(s) address; empty if it is not one."""
    address = address.strip()
    if not address:
        return ""
    try:
        parts = urlsplit(urljoin(base, address))
        host, came_by = parts.hostname, urlsplit(base)
        _ = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    # A page that came by https never sends plain http to its own host; a browser would not either.
    if parts.scheme == "http" and came_by.scheme == "https" and host == came_by.hostname and parts.port is None:
        parts = parts._replace(scheme="https")
    return without_user_info(urlunsplit(parts))


def site_ajax_address(tree: LexborHTMLParser, head: ResponseHead, base: str) -> AjaxAddress:
    """Return the site's own ajax address, for chats whose element names none."""
    unusable = ""
    for script in tree.css("script"):
        named = _text_of(_params(script.text()), "ajax_url").strip()
        if address := web_url(base, named):
            return AjaxAddress(address)
        unusable = unusable or named
    for address in _wordpress_roots(tree, head, base):
        return AjaxAddress(address.rstrip("/") + _AJAX_PATH, unusable)
    parts = urlsplit(head.url)
    default = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + _AJAX_PATH, "", ""))
    return AjaxAddress(default, unusable)


def _text_of(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _params(script: str) -> dict[str, Any]:
    """Return the JSON object that *script* assigns to the plugin's variable, however it is declared."""
    for assignment in _PARAMS.finditer(script):
        try:
            value, end = _JSON.raw_decode(script, assignment.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and not is_too_deep(script[assignment.end() : end]):
            return value
    return {}


def _wordpress_roots(tree: LexborHTMLParser, head: ResponseHead, base: str) -> list[str]:
    """Return the addresses of the WordPress itself, as its REST link and its plugin's assets give them."""
    link = tree.css_first("link[rel='https://api.w.org/'][href]")
    candidates = [link.attributes.get("href") or "" if link is not None else ""]
    candidates += [
        part.strip().partition(">")[0].lstrip("<")
        for key, value in head.headers
        if key.lower() == "link"
        for part in value.split(",")
        if "https://api.w.org/" in part
    ]
    roots = [web_url(base, address[: rest.start()] + "/") for address in candidates if (rest := _REST.search(address))]
    for node in tree.css(f"script[src*='{PLUGIN}'], link[href*='{PLUGIN}']"):
        address = node.attributes.get("src") or node.attributes.get("href") or ""
        root = web_url(base, address.partition("/wp-content/")[0] + "/") if "/wp-content/" in address else ""
        # A CDN that delivers the assets must not get requests for the site.
        if root and urlsplit(root).hostname == urlsplit(head.url).hostname:
            roots.append(root)
    return [root for root in roots if root]
