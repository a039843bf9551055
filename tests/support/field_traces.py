"""What a client meets on a scenario's site, the same for each way to get there, so that the ways can be compared."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.server.mounted_site import MountedSite

ASK = "action=wpaicg_chat_shortcode_message&message=Hello&bot_id=0&_wpnonce="
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def trace(url: str, mounted: MountedSite, settle: Callable[[], None]) -> list[Any]:
    """
    Fetch the page, ask twice, and return what came, how it was cut, and what the delivery of the next answer is.

    *settle* waits until no answer is under way.
    """
    path = urlsplit(url).path.removesuffix("/")
    asked = ASK + mounted.site.nonce()
    got = [
        _exchange(url, "GET", f"{path}/", ""),
        *(_exchange(url, "POST", f"{path}/wp-admin/admin-ajax.php", asked) for _ in range(2)),
    ]
    settle()
    sent = [[exchange.end, [size for _, size in exchange.chunks]] for exchange in mounted.journal]
    site_request = SiteRequest(
        method="POST", path="/wp-admin/admin-ajax.php", headers=tuple(FORM.items()), body=asked.encode()
    )
    return [got, sent, str(mounted.site.answer(site_request).delivery)]


def _exchange(url: str, method: str, path: str, body: str) -> list[Any]:
    parts = urlsplit(url)
    with closing(HTTPConnection(str(parts.hostname), parts.port, timeout=300)) as connection:
        connection.request(method, path, body or None, FORM if body else {})
        response = connection.getresponse()
        try:
            size = len(response.read())
        except (HTTPException, OSError) as exc:
            return [response.status, response.reason, response.headers["X-Own"], type(exc).__name__]
        return [response.status, response.reason, response.headers["X-Own"], size]
